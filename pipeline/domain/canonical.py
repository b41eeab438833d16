"""One value, one byte string: what is digested, signed and compared.

The form is RFC 8785 (JSON Canonicalization Scheme) restricted to strings, integers within 2**53,
booleans, null, arrays and objects with ASCII keys. Floats are refused: two machines may print
them differently, so numbers with a fraction are decimal strings.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING

from pipeline.domain.names import Sha256

if TYPE_CHECKING:
    from pydantic import JsonValue

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
