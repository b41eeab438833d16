"""Writes the price table of the installed genai-prices package as the bytes of a capture.

Only a fetch imports this: the package brings an HTTP client and all of its prices, which takes longer to
load than any command that asks about the record.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from genai_prices.data import providers
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from pipeline.domain.document import canonical_json

if TYPE_CHECKING:
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
    return canonical_json(
        {
            "format": 1,
            "package": "genai-prices",
            "version": version,
            "dated": newest_day(now).isoformat(),
            "prices": rows,
        }
    )


def newest_day(now: datetime) -> date:
    """Return the newest day up to `now` from which a price of the table holds: it was released since."""
    days = (
        conditional.constraint.start_date
        for provider in providers
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for conditional in model.prices
        if isinstance(conditional.constraint, StartDateConstraint)
    )
    return max((day for day in days if day <= now.date()), default=now.date())


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
    stated = _stated_prices(price)
    if stated["usd_per_input_mtok"] is None and stated["usd_per_output_mtok"] is None:
        return None
    notes = [PEAK] if peak else []
    if "steps" in stated:
        notes.append(BASE_TIER)
    line: Line = {"provider": provider, "model": model.id, "note": "; ".join(notes), **stated}
    if coming := _later_prices(model, now):
        line["later"] = coming
    return line


def _stated_prices(price: ModelPrice) -> Line:
    """Write input, output and cache-read prices, with those of larger prompts below `steps`."""
    line: Line = {f"usd_per_{field}": _text(_base(getattr(price, field))) for field in _FIELDS}
    sizes = {
        tier.start
        for field in _FIELDS
        if isinstance(value := getattr(price, field), TieredPrices)
        for tier in value.tiers
    }
    if sizes:
        line["steps"] = [
            {
                "from_tokens": size,
                **{f"usd_per_{field}": _text(_price_at(getattr(price, field), size)) for field in _FIELDS},
            }
            for size in sorted(sizes)
        ]
    return line


def _later_prices(model: ModelInfo, now: datetime) -> list[JsonValue]:
    """Return the prices that begin on a day after `now`, each with its day."""
    conditional = [] if isinstance(model.prices, ModelPrice) else model.prices
    days = {
        one.constraint.start_date
        for one in conditional
        if isinstance(one.constraint, StartDateConstraint) and one.constraint.start_date > now.date()
    }
    found: list[JsonValue] = []
    for day in sorted(days):
        then = datetime.combine(day, time(12), tzinfo=UTC)
        found.append({"on": day.isoformat(), **_stated_prices(prices_in_force(model, then)[0])})
    return found


def _price_at(price: Decimal | TieredPrices | None, size: int) -> Decimal | None:
    if not isinstance(price, TieredPrices):
        return price
    return next((tier.price for tier in reversed(price.tiers) if tier.start <= size), price.base)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
