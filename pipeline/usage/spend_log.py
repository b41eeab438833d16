"""Reads one line of LiteLLM's spend logs: what it cost and who answered, never what was said."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from pipeline.usage.fields import decimal_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_CHARACTERS: Final = 12
_LONGEST_ID: Final = 200


def is_spend_log(value: Mapping[str, object]) -> bool:
    """Tell a line of spend logs from the documented form."""
    return "request_id" in value and "startTime" in value


def fields_of_spend_log(value: Mapping[str, object], variants: Mapping[str, str]) -> dict[str, object]:
    """Return the fields of a record.

    The workload is what `spend_logs_metadata.workload` declares, else the key's alias, else its digest.

    Args:
        value: One line.
        variants: Our variant by deployment id, for ids that do not end in `|<variant>`.

    Raises:
        ValueError: The request failed, came from a cache, or names no member or workload.
    """
    if value.get("status") not in {None, "", "success"}:
        raise ValueError(f"the request ended as {str(value['status'])[:40]!r}")
    if str(value.get("cache_hit")).lower() == "true":
        raise ValueError("answered from a cache: no variant ran")
    metadata = _object(value.get("metadata"))
    declared = _object(metadata.get("spend_logs_metadata"))
    return {
        "request": _identity(value["request_id"]),
        "workload": _workload(value, metadata, declared),
        "session": value.get("session_id") or None,
        "time": moment_of(value["startTime"], naive_is_utc=True),
        "variant": _variant(value.get("model_id"), variants),
        "tokens_in": value.get("prompt_tokens"),
        "tokens_out": value.get("completion_tokens"),
        "usd": decimal_of(value.get("spend")),
        "pair": _identity(declared.get("pair")),
        "tools": declared.get("tools"),
        "chars": declared.get("chars"),
    }


def _identity(value: object) -> object:
    """Return a request's id, or its digest where it is too long for a name: LiteLLM's of `/v1/responses`."""
    if isinstance(value, str) and len(value) > _LONGEST_ID:
        return f"sha256-{hashlib.sha256(value.encode()).hexdigest()}"
    return value


def _workload(
    value: Mapping[str, object], metadata: Mapping[str, object], declared: Mapping[str, object]
) -> object:
    if named := declared.get("workload") or metadata.get("user_api_key_alias"):
        return named
    if key := value.get("api_key"):
        return f"key-{hashlib.sha256(str(key).encode()).hexdigest()[:_KEY_CHARACTERS]}"
    raise ValueError("neither a workload, nor a key's alias, nor a key is named")


def _variant(deployment: object, variants: Mapping[str, str]) -> str:
    """Read who answered from the deployment's id: `<group>|<rank>|<variant>`, or a published member's."""
    name = str(deployment or "")
    if name.count("|") == 2:  # noqa: PLR2004 - the form above
        return name.rpartition("|")[2]
    if name not in variants:
        raise ValueError(f"the deployment {name[:80]!r} is no member of a published pool")
    return variants[name]


def _object(value: object) -> Mapping[str, object]:
    """Read an object that a database may have exported as text; anything else is empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
