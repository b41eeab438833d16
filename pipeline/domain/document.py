"""Defines the base of every document that crosses a boundary: strict, closed, frozen."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints

from pipeline.domain.ids import Sha256


class Document(BaseModel):
    """Unknown fields, coerced types, NaN and infinity are refused; values do not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


DecimalText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
"""A number with a fraction as text, e.g. `0.0123`; documents that are signed hold no floats."""

DigestText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
WeekText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-W[0-9]{2}$")]
DayText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
MomentText = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
]
"""A moment in UTC, to the second."""


_LARGEST_EXACT_INTEGER = 2**53


def canonical_json(value: JsonValue) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        ValueError: The value holds a float, an integer beyond 2**53 or a key outside ASCII.
    """
    if not _is_exact(value):
        _check(value, "$")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sha256_hex(body: bytes) -> Sha256:
    """Return the SHA-256 digest in lower-case hex."""
    return Sha256(hashlib.sha256(body).hexdigest())


def well_formed(text: str) -> str:
    """Write half of a surrogate pair, which has no bytes, as its escape."""
    return text.encode(errors="backslashreplace").decode()


def decimal_text(value: float, places: int) -> str:
    """Write a number with a fixed count of decimals; minus zero becomes zero.

    Raises:
        ValueError: The number is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} has no decimal text")
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _is_exact(value: JsonValue) -> bool:
    """Tell at a glance whether a value has a canonical form; where it may have none, `_check` says why."""
    if isinstance(value, str) or value is None:
        return True
    if isinstance(value, dict):
        return all(map(str.isascii, value)) and all(map(_is_exact, value.values()))
    if isinstance(value, list):
        return all(map(_is_exact, value))
    return isinstance(value, int) and abs(value) <= _LARGEST_EXACT_INTEGER


def _check(value: JsonValue, where: str) -> None:
    if isinstance(value, float):
        raise ValueError(f"{where}: a float ({value!r}) has no canonical form")  # noqa: TRY004 - one error type
    if isinstance(value, int) and abs(value) > _LARGEST_EXACT_INTEGER:
        raise ValueError(f"{where}: {value} is beyond 2**53")
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]")
    if isinstance(value, dict):
        for key, item in value.items():
            if not key.isascii():
                raise ValueError(f"{where}: key {key!r} is outside ASCII")
            _check(item, f"{where}.{key}")
