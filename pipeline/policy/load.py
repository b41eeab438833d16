"""Read data/policy/tiers.toml, or say which key is wrong, where, and what was expected."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline.domain.document import sha256_hex
from pipeline.domain.policy import Lateness, Policy
from pipeline.errors import UsageError
from pipeline.policy.completeness import missing_parts
from pipeline.policy.upgrade import CURRENT
from pipeline.toml_fields import explain_error
from pipeline.toml_file import broken_at, dotted_key, line_of, parse_toml, read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import Sha256
    from pipeline.toml_file import KeyPath

_DOTTED = re.compile(r"[a-z_]+(?:\.[\w-]+)*")
_QUOTED = re.compile(r"'([^']*)'")


def load_policy(path: Path) -> tuple[Policy, Sha256]:
    """Read the policy file; the digest is that of the file's bytes.

    Raises:
        UsageError: The file is missing, is not TOML, or a key is missing, unknown or not of its form.
    """
    body, text, document = read_toml(path)
    return _policy(path, text, document), sha256_hex(body)


def check_policy(path: Path, text: str) -> None:
    """See that a text would be read as the policy at a path.

    Raises:
        UsageError: It is not TOML, or a key is missing, unknown or not of its form.
    """
    _policy(path, text, parse_toml(path, text))


def _policy(path: Path, text: str, document: dict[str, object]) -> Policy:
    _check_format(path, document)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        policy = Policy.model_validate_json(json.dumps(document, default=_moment))
    except ValidationError as error:
        raise _broken_key(path, text, document, error) from None
    except RecursionError:
        raise broken_at(path, None, "tables are nested too deeply", "at most three levels") from None
    for part in missing_parts(policy):
        raise broken_at(
            path, line_of(text, part.path), f"{dotted_key(part.path)} {part.found}", part.expected
        )
    return policy


def _check_format(path: Path, document: dict[str, object]) -> None:
    """Refuse a file of another form as a whole, before a single key of it is found wrong."""
    check_format_is_known(path, document)
    number = document.get("format")
    if isinstance(number, int) and 0 < number < CURRENT:
        raise UsageError(
            f"{path} is of format {number}; this version reads format {CURRENT}",
            hint="`modelpool policy upgrade` rewrites it and shows the difference.",
        )


def check_format_is_known(path: Path, document: dict[str, object]) -> None:
    """Refuse a file of a later form than this version knows.

    Raises:
        UsageError: It is of one.
    """
    number = document.get("format")
    if isinstance(number, int) and number > CURRENT:
        raise UsageError(
            f"{path}: this file is of format {number}, newer than this modelpool reads ({CURRENT})",
            hint=f"Use the modelpool that wrote it, or take the file before it: `git log -p -- {path}`.",
        )


def _moment(value: object) -> dict[str, str]:
    """Stand in for a TOML date, which no key takes; an object fits neither text nor number."""
    return {"date": str(value)}


def _broken_key(path: Path, text: str, document: dict[str, object], error: ValidationError) -> UsageError:
    problems = error.errors(include_url=False)
    first = problems[0]
    key: KeyPath = first["loc"] or _mentioned(first["msg"], document)
    more = f" ({len(problems) - 1} more after this one)" if len(problems) > 1 else ""
    found, expected = explain_error(Policy, key, first)
    return broken_at(path, line_of(text, key), found, f"{expected}{more}")


def _mentioned(message: str, document: dict[str, object]) -> KeyPath:
    """Find the key that a rule over several keys speaks of."""
    for word in _DOTTED.findall(message):
        parts = tuple(word.split("."))
        if parts[0] in document:
            return parts
    quoted = _QUOTED.search(message)
    return () if quoted is None else _holder(document, quoted[1])


def _holder(value: object, sought: str) -> KeyPath:
    """Find the first key whose value is this text; () where none is."""
    if not isinstance(value, dict):
        return ()
    for key, inner in value.items():
        below = (key,) if inner == sought else _holder(inner, sought)
        if below:
            return below if inner == sought else (key, *below)
    return ()


def load_lateness(path: Path) -> Lateness | None:
    """Read what a late approval costs; None where the workspace holds no such file.

    Raises:
        UsageError: The file is not TOML, or a key is missing, unknown or not of its form.
    """
    if not path.exists():
        return None
    _, text, document = read_toml(path)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        return Lateness.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = first["loc"]
        found = f"{dotted_key(key)}: {first['msg']}" if key else first["msg"].removeprefix("Value error, ")
        raise broken_at(path, line_of(text, key), found, "ages and one list as long for each tier") from None
    except RecursionError:
        raise broken_at(path, None, "tables are nested too deeply", "at most one level") from None
