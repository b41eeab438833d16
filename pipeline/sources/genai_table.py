"""The table inside the installed package genai-prices, written out as the bytes of a capture.

Only what we read: provider, model and the list prices in force on a day. Where the price depends on the hour,
the peak price is taken; where it depends on the size of the request, the base tier; a note says so. Special
offers of the table (batch, priority) are left out: they are not the list price.
"""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from genai_prices.data import providers
from genai_prices.types import ModelInfo, ModelPrice, TieredPrices, TimeOfDateConstraint

from pipeline.domain.canonical import canonical_json

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import JsonValue

Line: TypeAlias = "dict[str, JsonValue]"

PEAK = "peak hours"
BASE_TIER = "base tier"

_FIELDS = ("input_mtok", "output_mtok", "cache_read_mtok")


def table(version: str, now: datetime) -> bytes:
    """Write the prices in force at `now`: the same bytes for the same package and day.

    Args:
        version: Of the package, as installed.
        now: A moment with time zone; only its day in UTC counts, since hours are peak hours.
    """
    lines: dict[tuple[str, str, str], Line] = {}
    for provider in providers:
        for model in provider.models:
            line = _line(provider.id, model, now)
            if line is not None:
                lines[provider.id, model.id, str(line)] = line
    rows: list[JsonValue] = [lines[key] for key in sorted(lines)]
    return canonical_json({"format": 1, "package": "genai-prices", "version": version, "prices": rows})


def prices_in_force(model: ModelInfo, now: datetime) -> tuple[ModelPrice, bool]:
    """Return the prices of a day, and whether they are those of its peak hours.

    The table is read last to first, as the package reads it: prices bound to hours are candidates until the
    first one that holds all day, which is the last candidate.
    """
    if isinstance(model.prices, ModelPrice):
        return model.prices, False
    today = now.astimezone(UTC)
    candidates: list[ModelPrice] = []
    by_hour = False
    for conditional in reversed(model.prices):
        constraint = conditional.constraint
        if isinstance(constraint, TimeOfDateConstraint):
            candidates.append(conditional.prices)
            by_hour = True
        elif constraint is None or constraint.active(today):
            candidates.append(conditional.prices)
            break
    if not candidates:
        return (model.prices[0].prices if model.prices else ModelPrice()), False
    return max(candidates, key=_dearness), by_hour


def _dearness(price: ModelPrice) -> tuple[Decimal, Decimal]:
    source, target = _base(price.output_mtok), _base(price.input_mtok)
    return source or Decimal(0), target or Decimal(0)


def _base(price: Decimal | TieredPrices | None) -> Decimal | None:
    return price.base if isinstance(price, TieredPrices) else price


def _line(provider: str, model: ModelInfo, now: datetime) -> Line | None:
    price, peak = prices_in_force(model, now)
    stated = {field: getattr(price, field) for field in _FIELDS}
    if stated["input_mtok"] is None and stated["output_mtok"] is None:
        return None
    notes = [PEAK] if peak else []
    if any(isinstance(value, TieredPrices) for value in stated.values()):
        notes.append(BASE_TIER)
    line: Line = {"provider": provider, "model": model.id, "note": "; ".join(notes)}
    for field, value in stated.items():
        amount = _base(value)
        line[f"usd_per_{field}"] = None if amount is None else f"{amount:f}"
    return line
