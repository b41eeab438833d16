"""Dollars as sources write them to integer micro-dollars per million tokens, without a float in between."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from pipeline.sources.fields import FieldError, number, shown, take

if TYPE_CHECKING:
    from pipeline.sources.fields import Row

DEAREST_USD_PER_MTOK = 10_000
"""Above every list price seen (600, o1-pro) by a factor of 16; dearer is a unit slip."""

MTOK = 10**6
"""Tokens in a million."""

_MICRO = Decimal(10**6)
_DECIMAL = re.compile(r"-?\d{1,9}(\.\d{1,30})?([eE][-+]?\d{1,2})?")


def microusd(usd_per_mtok: Decimal) -> int:
    """Round dollars per million tokens to whole micro-dollars, half to even."""
    return int((usd_per_mtok * _MICRO).to_integral_value(ROUND_HALF_EVEN))


def from_number(row: Row, field: str, *, tokens: int = MTOK) -> int | None:
    """Read dollars per `tokens` tokens from a JSON number; null is unknown.

    The shortest decimal that reads back as the same float is what the source wrote.

    Raises:
        FieldError: Not a number, negative, or above the cap.
    """
    if take(row, field) is None:
        return None
    return _checked(Decimal(repr(number(row, field))) * MTOK / tokens, field)


def from_text(row: Row, field: str, *, tokens: int) -> int | None:
    """Read dollars per `tokens` tokens from a decimal string; null is unknown.

    Raises:
        FieldError: Not a decimal string, negative, or above the cap.
    """
    value = take(row, field)
    if value is None:
        return None
    if type(value) is not str or not value.isascii() or not _DECIMAL.fullmatch(value):
        raise FieldError(field, f"should be a decimal number as text, is {shown(value)}")
    return _checked(Decimal(value) * MTOK / tokens, field)


def _checked(usd_per_mtok: Decimal, field: str) -> int:
    if not 0 <= usd_per_mtok <= DEAREST_USD_PER_MTOK:
        raise FieldError(
            field, f"is {usd_per_mtok:f} dollars per million tokens, outside 0 to {DEAREST_USD_PER_MTOK}"
        )
    return microusd(usd_per_mtok)
