"""What a model can do, as catalogues write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sources.fields import FieldError, shown, take, whole
from pipeline.sources.names import is_plain

if TYPE_CHECKING:
    from pipeline.sources.fields import Row

_MOST_TOKENS = 10**9


def token_count(row: Row, field: str) -> int | None:
    """Return a limit in tokens, or None where the source says null or zero.

    Raises:
        FieldError: The field is missing, not a whole number, or beyond belief.
    """
    if take(row, field) is None:
        return None
    tokens = whole(row, field)
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
    raise FieldError(field, f"should be true or false, is {shown(value)}")


def words(value: object, field: str) -> set[str]:
    """Return a list of plain words as a set.

    Raises:
        FieldError: It is not a list of different plain words.
    """
    if not isinstance(value, list):
        raise FieldError(field, f"should be a list of words, is {shown(value)}")
    plain = {word for word in value if isinstance(word, str) and is_plain(word)}
    if len(plain) != len(value):
        raise FieldError(field, f"should be a list of words, is {shown(value)}")
    return plain
