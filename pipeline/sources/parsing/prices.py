"""Converts dollars as sources write them to micro-dollars per million tokens, without a float in between."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import PriceStep
from pipeline.sources.parsing.fields import FieldError, Row, number, take_field, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    if take_field(row, field) is None:
        return None
    return _checked(Decimal(repr(number(row, field))) * MTOK / tokens, field)


def from_text(row: Row, field: str, *, tokens: int) -> int | None:
    """Read dollars per `tokens` tokens from a decimal string; null is unknown.

    Raises:
        FieldError: Not a decimal string, negative, or above the cap.
    """
    value = take_field(row, field)
    if value is None:
        return None
    if type(value) is not str or not value.isascii() or not _DECIMAL.fullmatch(value):
        raise FieldError(field, f"should be a decimal number as text, is {value_text(value)}")
    return _from_decimal(value, field, tokens)


@functools.lru_cache(maxsize=4096)
def _from_decimal(value: str, field: str, tokens: int) -> int:
    """Read a decimal; a catalogue has some hundred prices, each for many models."""
    return _checked(Decimal(value) * MTOK / tokens, field)


def _checked(usd_per_mtok: Decimal, field: str) -> int:
    if not 0 <= usd_per_mtok <= DEAREST_USD_PER_MTOK:
        raise FieldError(
            field, f"is {usd_per_mtok:f} dollars per million tokens, outside 0 to {DEAREST_USD_PER_MTOK}"
        )
    return microusd(usd_per_mtok)


PEAK: Final = "peak hours"
"""What a note says of a price that holds at some hours only: it counts for every hour."""


def schedule_price(base: PriceStep, others: Iterable[PriceStep]) -> tuple[PriceStep, tuple[PriceStep, ...]]:
    """Reduce the prices of hours and sizes to the dearest hour of each size.

    Args:
        base: At any hour and from the first token on.
        others: Each from so many tokens on, at some hours or all; of one size the dearest axis counts.

    Returns:
        The prices of small prompts, and the steps above it, the smallest size first. An hour's price that
        states no size holds for small prompts; a step is never cheaper than what is below it.
    """
    by_size: dict[int, PriceStep] = {0: replace(base, from_tokens=0)}
    for one in others:
        by_size[one.from_tokens] = _dearest(one, by_size.get(one.from_tokens, one))
    steps: list[PriceStep] = []
    for size in sorted(by_size):
        steps.append(_dearest(by_size[size], steps[-1]) if steps else by_size[size])
    first, *rest = steps
    return first, tuple(rest)


def _dearest(one: PriceStep, other: PriceStep) -> PriceStep:
    """Take the dearer of two on each axis, at the size of the first."""
    known = None not in {one.cached, other.cached}
    return PriceStep(
        from_tokens=one.from_tokens,
        input=max(one.input, other.input),
        output=max(one.output, other.output),
        cached=max(one.cached or 0, other.cached or 0) if known else None,
    )
