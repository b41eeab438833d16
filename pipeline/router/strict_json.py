r"""Parses bytes from a disk or a network as JSON and reads their values by type: bounded, canonical.

Python's `json` accepts NaN, duplicate keys and any depth. Here one value has one byte string
(RFC 8785 restricted to strings, integers within 2**53, booleans, null, arrays and objects), so
that bytes which parse to the same pool are the same bytes.

The patterns are ASCII on purpose: `\d` would also accept other scripts' digits, and a name with
a look-alike letter would be another model.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from reprlib import repr as shortened
from typing import TYPE_CHECKING, NoReturn, TypeVar

from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path


HINT = (
    "Keep serving the last good pool. Run `modelpool verify` where the pool is published; if it "
    "passes there, copy data/pools again, else restore the file with `git checkout -- data/pools`."
)

_LARGEST_EXACT_INTEGER = 2**53
_DEEPEST = 16
# Strings are matched whole, also unfinished ones, so that the scan is linear in the body.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.?[^"\\]*)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)
_LONGEST_SHOWN = 80


def refuse(where: str, found: str) -> NoReturn:
    """Raise the refusal of a place in a file.

    Raises:
        RefusedError: Always.
    """
    raise RefusedError(f"{where}: {found}", hint=HINT)


def show_value(value: object) -> str:
    """Write a value of unknown size and content for a message: short, no control characters."""
    return shortened(value)[:_LONGEST_SHOWN]


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes; a link is followed, a pipe is not waited for.

    Raises:
        RefusedError: No such file, not a regular file, unreadable or larger.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            body = file.read(limit + 1) if regular else b""
    except (OSError, ValueError) as error:
        refuse(str(path), f"cannot be read ({getattr(error, 'strerror', None) or error})")
    if not regular:
        refuse(str(path), "is not a regular file")
    if len(body) > limit:
        refuse(str(path), f"is larger than {limit} bytes")
    return body


def parse_canonical(body: bytes, where: str) -> dict[str, object]:
    """Parse an object in canonical form followed by one newline.

    Raises:
        RefusedError: Not JSON, too deep, a float, NaN, an integer beyond 2**53, a repeated key,
            or bytes that differ from what the value is written as.
    """
    _bound_depth(body, where)
    try:
        value: object = json.loads(
            body, parse_float=_no_float, parse_constant=_no_float, parse_int=_read_integer
        )
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    except ValueError as error:
        refuse(where, f"is not canonical JSON ({str(error)[:120]})")
    if again != body:
        refuse(where, "is not in canonical form: sorted keys, no spaces, no repeated key, one final newline")
    if not isinstance(value, dict):
        refuse(where, f"should be an object, is {show_value(value)}")
    return value


def _bound_depth(body: bytes, where: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(body):
        first = match[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > _DEEPEST:
            refuse(where, f"is nested deeper than {_DEEPEST} levels")


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"a float or non-number: {text[:40]}")


def _read_integer(text: str) -> int:
    if len(text) > len(str(-_LARGEST_EXACT_INTEGER)) or abs(int(text)) > _LARGEST_EXACT_INTEGER:
        raise ValueError(f"an integer beyond 2**53: {text[:40]}")
    return int(text)


T = TypeVar("T")
Reader = Callable[[object, str], T]

_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_LONGEST_PROSE = 2000
_MOST_NAMES = 64


def matching(pattern: str, what: str) -> Reader[str]:
    """Make a reader of text that matches `pattern` as a whole."""
    compiled = re.compile(pattern)

    def read(value: object, where: str) -> str:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            refuse(where, f"should be {what}, is {show_value(value)}")
        return value

    return read


name = matching(r"[!-~]([ -~]{0,198}[!-~])?", "a name of 1 to 200 printable ASCII characters")
NO_REFERENCE = r"(?i:(?!.*(?:os\.environ|\$\{)))"
"""Start of a pattern: nowhere a reference to the environment, in any letter case."""
route = matching(rf"{NO_REFERENCE}[!-~]{{1,200}}", "a model id without spaces")
slug = matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "a short name of letters, digits, `.`, `_` and `-`")
digest = matching(r"[0-9a-f]{64}", "64 lower-case hex digits")
week = matching(r"[0-9]{4}-W[0-9]{2}", "an ISO week like 2026-W33")
moment = matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a moment in UTC")
_like_a_day = matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day like 2026-08-15")
environment_name = matching(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "the name of an environment variable")


def free_text(value: object, where: str) -> str:
    """Read free text of at most 2,000 characters without control characters."""
    if (
        not isinstance(value, str)
        or len(value) > _LONGEST_PROSE
        or any(ord(sign) < ord(" ") for sign in value)
    ):
        refuse(where, f"should be one line of text, is {show_value(value)}")
    return value


def count(value: object, where: str) -> int:
    """Read an integer from 0 to 2**53."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_EXACT_INTEGER:
        refuse(where, f"should be a non-negative integer, is {show_value(value)}")
    return value


def integer(value: object, where: str) -> int:
    """Read an integer from -2**53 to 2**53."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_EXACT_INTEGER:
        refuse(where, f"should be an integer, is {show_value(value)}")
    return value


def decimal(value: object, where: str) -> Decimal:
    """Read a number with a fraction, written as text, e.g. `0.0123`."""
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
        refuse(where, f"should be a decimal number as text, is {show_value(value)}")
    return Decimal(value)


def amount(value: object, where: str) -> Decimal:
    """Read a decimal that is not negative."""
    number = decimal(value, where)
    if number < 0:
        refuse(where, f"should not be negative, is {number}")
    return number


def share(value: object, where: str) -> Decimal:
    """Read a decimal from 0 to 1."""
    number = decimal(value, where)
    if not 0 <= number <= 1:
        refuse(where, f"should be from 0 to 1, is {number}")
    return number


def flag(value: object, where: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        refuse(where, f"should be true or false, is {show_value(value)}")
    return value


def day(value: object, where: str) -> date:
    """Read a day that exists, e.g. `2026-08-15`."""
    text = _like_a_day(value, where)
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(where, f"{text} is no day of the calendar")


def sequence(value: object, where: str) -> Sequence[object]:
    """Read an array; its elements are not read yet."""
    if not isinstance(value, list | tuple):
        refuse(where, f"should be an array, is {show_value(value)}")
    return value


def names(value: object, where: str) -> tuple[str, ...]:
    """Read an array of at most 64 names."""
    items = sequence(value, where)
    if len(items) > _MOST_NAMES:
        refuse(where, f"holds {len(items)} names; at most {_MOST_NAMES} are read")
    return tuple(name(item, f"{where}[{index}]") for index, item in enumerate(items))


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Read an object; its fields are not read yet."""
    if not isinstance(value, Mapping):
        refuse(where, f"should be an object, is {show_value(value)}")
    return value


def take_field(fields: Mapping[str, object], key: str, read: Reader[T], where: str) -> T:
    """Read a field that must be there."""
    if key not in fields:
        refuse(where, f"has no field `{key}`")
    return read(fields[key], f"{where}.{key}")


def optional_value(fields: Mapping[str, object], key: str, read: Reader[T], where: str) -> T | None:
    """Read a field that must be there and may be null."""
    if key in fields and fields[key] is None:
        return None
    return take_field(fields, key, read, where)
