"""Takes one field from a row, with the type it must have and nothing else.

A number is a JSON number: `true`, `"1e3"` and an empty string are not. NaN and infinity are refused
by `json_body.read_json`, but `1e999` overflows to infinity inside a valid JSON text, so it is refused here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

Row: TypeAlias = Mapping[str, object]

_SHOWN = 60
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class FieldError(Exception):
    """A field is missing, or holds a value that it must not hold."""

    def __init__(self, field: str, found: str) -> None:
        """Keep the field's name and what was found in it, in words."""
        super().__init__(f"`{field}` {found}")


def value_text(value: object) -> str:
    """Write a value of a source for a person: ASCII, one line, at most 60 characters.

    Only scalars are written out; a list or an object is named by its type, so that its size does not matter.
    """
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, str):
        value = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _SHOWN:
        return f"an integer of {value.bit_length()} bits"
    return "null" if value is None else ascii(value)


def take_field(row: Row, field: str) -> object:
    """Return a field that must be there, whatever it holds.

    Raises:
        FieldError: The field is missing.
    """
    try:
        return row[field]
    except KeyError:
        raise FieldError(field, "is missing") from None


def text(row: Row, field: str) -> str:
    """Return a string that is not blank.

    Raises:
        FieldError: The field is missing, not a string, or blank.
    """
    value = take_field(row, field)
    if type(value) is not str or not value.strip():
        raise FieldError(field, f"should be text, is {value_text(value)}")
    return value


def optional_text(row: Row, field: str) -> str | None:
    """Return a string, or None where the source says null or leaves it empty.

    Raises:
        FieldError: The field is missing, or neither null nor a string.
    """
    value = take_field(row, field)
    if value is None or value == "":
        return None
    if type(value) is not str:
        raise FieldError(field, f"should be text, is {value_text(value)}")
    return value


def number(row: Row, field: str) -> float:
    """Return a finite number.

    Raises:
        FieldError: The field is missing or not a finite JSON number.
    """
    value = take_field(row, field)
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and abs(value) < 2**53:
        return float(value)
    raise FieldError(field, f"should be a number, is {value_text(value)}")


def optional_number(row: Row, field: str) -> float | None:
    """Return a finite number, or None where the source says null.

    Raises:
        FieldError: The field is missing or neither null nor a finite JSON number.
    """
    return None if take_field(row, field) is None else number(row, field)


def whole_number(row: Row, field: str) -> int:
    """Return a whole number; `2740.0` is one.

    Raises:
        FieldError: The field is missing, not a number, or has a fraction.
    """
    value = number(row, field)
    if not value.is_integer():
        raise FieldError(field, f"should be a whole number, is {value_text(value)}")
    return int(value)


def part(row: Row, field: str) -> Row:
    """Return an object inside the row.

    Raises:
        FieldError: The field is missing or not an object.
    """
    value = take_field(row, field)
    if not isinstance(value, dict):
        raise FieldError(field, f"should be an object, is {value_text(value)}")
    return value


def optional_part(row: Row, field: str) -> Row | None:
    """Return an object inside the row, or None where the source says null.

    Raises:
        FieldError: The field is missing or neither null nor an object.
    """
    return None if take_field(row, field) is None else part(row, field)


def optional_day(row: Row, field: str) -> date | None:
    """Return a day written as 2026-08-13, or None where the source says null.

    Raises:
        FieldError: The field is missing, or is neither null nor a day that exists.
    """
    value = take_field(row, field)
    if value is None:
        return None
    try:
        if type(value) is str and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise FieldError(field, f"should be a day like 2026-08-13, is {value_text(value)}")


_NO_END = date(2060, 1, 1)
"""Sources write 2098-12-31 and the like where no end is planned."""


def end_day(row: Row, field: str) -> date | None:
    """Return the day something ends, or None where the source says nothing, or a day that nobody plans for.

    Raises:
        FieldError: The field is there and neither null nor a day that exists.
    """
    day = optional_day(row, field) if field in row else None
    return None if day is None or day >= _NO_END else day


_MOST_TOKENS = 10**9


def token_count(row: Row, field: str) -> int | None:
    """Return a limit in tokens, or None where the source says null or zero.

    Raises:
        FieldError: The field is missing, not a whole number, or beyond belief.
    """
    if take_field(row, field) is None:
        return None
    tokens = whole_number(row, field)
    if not 0 <= tokens <= _MOST_TOKENS:
        raise FieldError(field, f"is {tokens}")
    return tokens or None


def flag(row: Row, field: str) -> bool | None:
    """Return true or false, or None where the source says nothing.

    Raises:
        FieldError: The field holds anything else.
    """
    value = row.get(field)
    if value is None or isinstance(value, bool):
        return value
    raise FieldError(field, f"should be true or false, is {value_text(value)}")


def words(value: object, field: str) -> set[str]:
    """Return a list of plain words as a set.

    Raises:
        FieldError: It is not a list of different plain words.
    """
    if not isinstance(value, list):
        raise FieldError(field, f"should be a list of words, is {value_text(value)}")
    plain = {word for word in value if isinstance(word, str) and is_plain(word)}
    if len(plain) != len(value):
        raise FieldError(field, f"should be a list of words, is {value_text(value)}")
    return plain


_PLAIN = re.compile(r"[A-Za-z0-9 ._:/()\[\]+,'&~@-]{1,120}")
"""Every name, id, organisation and licence in all stored captures fits (longest name: 72 characters)."""


def is_plain(name: str) -> bool:
    """Return whether a name holds only plain ASCII and at most 120 characters."""
    return _PLAIN.fullmatch(name) is not None


def plain_or_none(value: object) -> str | None:
    """Return a side note such as a licence when it is plain text, else None."""
    return value.strip() if isinstance(value, str) and value.strip() and is_plain(value) else None


def confusable_keys(keys: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Find keys whose names differ only in case, in width or in blanks around them.

    Args:
        keys: Pairs of key and name; keys are distinct.

    Returns:
        For every such key, the name of another one that looks the same: the first one, or for the first the
        second.
    """
    alike: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, name in keys:
        alike[unicodedata.normalize("NFKC", name).casefold().strip()].append((key, name))
    found: dict[str, str] = {}
    for group in alike.values():
        if len(group) > 1:
            first, second = sorted(group)[:2]
            found |= {key: second[1] if key == first[0] else first[1] for key, _ in group}
    return found
