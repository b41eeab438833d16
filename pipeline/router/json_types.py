r"""Reads JSON values by type; anything else is refused with its place.

The patterns are ASCII on purpose: `\d` would also accept other scripts' digits, and a name with
a look-alike letter would be another model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from pipeline.router.strict_json import refuse, shown

T = TypeVar("T")
Reader = Callable[[object, str], T]

_LARGEST_EXACT_INTEGER = 2**53
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_LONGEST_PROSE = 2000
_MOST_NAMES = 64


def matching(pattern: str, what: str) -> Reader[str]:
    """Make a reader of text that matches `pattern` as a whole."""
    compiled = re.compile(pattern)

    def read(value: object, where: str) -> str:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            refuse(where, f"should be {what}, is {shown(value)}")
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
        refuse(where, f"should be one line of text, is {shown(value)}")
    return value


def count(value: object, where: str) -> int:
    """Read an integer from 0 to 2**53."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_EXACT_INTEGER:
        refuse(where, f"should be a non-negative integer, is {shown(value)}")
    return value


def integer(value: object, where: str) -> int:
    """Read an integer from -2**53 to 2**53."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_EXACT_INTEGER:
        refuse(where, f"should be an integer, is {shown(value)}")
    return value


def decimal(value: object, where: str) -> Decimal:
    """Read a number with a fraction, written as text, e.g. `0.0123`."""
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
        refuse(where, f"should be a decimal number as text, is {shown(value)}")
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
        refuse(where, f"should be true or false, is {shown(value)}")
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
        refuse(where, f"should be an array, is {shown(value)}")
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
        refuse(where, f"should be an object, is {shown(value)}")
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
