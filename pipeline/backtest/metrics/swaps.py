"""Measures swaps: which made no difference, which were wrong, and how long a new best model waits."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.backtest.simulate.universe import Holdings, VariantStanding, WeekUniverse, mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.backtest.metrics.reference_values import ReferenceValues


def noise_swaps(holdings: Holdings) -> float | None:
    """Share of voluntary swaps whose difference in V is inside its measurement interval at every band.

    The interval is that of q alone: the error of the cost is the same next week, so it cannot turn back.
    Where the two models are on unlike boards, what the boards disagree by is part of it (method section 7.3).
    """
    return mean(
        all(
            abs(offer.references[into].value(price) - offer.references[out].value(price))
            <= _joint(offer.references[out], offer.references[into])
            for price in offer.worth.prices.values()
        )
        for offer, out, into in swaps(holdings)
    )


def noise_swaps_elo(holdings: Holdings) -> float | None:
    """Share of voluntary swaps whose two models were inside their joint 95 % interval on the rating board."""
    return mean(_tied(offer.standings[out], offer.standings[into]) for offer, out, into in swaps(holdings))


def wrong_entrants(holdings: Holdings, horizon: int) -> float | None:
    """Share of those who entered by a swap whose V at b = 1 is below the leaver's `horizon` weeks later."""
    found = []
    for offer, out, into in swaps(holdings):
        later = holdings.after(offer, horizon)
        if later is not None and {out, into} <= later.references.keys():
            price = offer.worth.lambda_usd
            found.append(later.references[into].value(price) < later.references[out].value(price))
    return mean(found)


def swaps(holdings: Holdings) -> Iterator[tuple[WeekUniverse, str, str]]:
    """Yield every voluntary swap: its week, who left and who came.

    Voluntary: who left could still be bought and is not below the tier's floor. Of several in one week the
    best that left is paired with the best that came, by V at b = 1.
    """
    for offer, (before, after) in zip(holdings.offers[1:], pairwise(holdings.lineups), strict=True):
        able = offer.standings.keys() & offer.universe
        left = _by_value(offer, (set(before) - set(after)) & able)
        came = _by_value(offer, set(after) - set(before))
        yield from ((offer, out, into) for out, into in zip(left, came, strict=False))


def _by_value(offer: WeekUniverse, models: set[str]) -> list[str]:
    known = (model for model in models if model in offer.standings)
    return sorted(known, key=lambda model: (-offer.references[model].value(offer.worth.lambda_usd), model))


def _joint(one: ReferenceValues, other: ReferenceValues) -> float:
    """Half of the 95 % interval of the difference of two qualities."""
    if one.boards == other.boards:
        return math.hypot(one.half * one.slope, other.half * other.slope)
    return math.hypot(one.half_with_model * one.slope, other.half_with_model * other.slope)


def _tied(one: VariantStanding, other: VariantStanding) -> bool:
    return abs(one.row.score - other.row.score) <= math.hypot(one.row.half_width, other.row.half_width)


def weeks_to_adopt(holdings: Holdings) -> float | None:
    """Mean calendar weeks from the day a model first is the best one on offer to its place in the pool.

    Only models that became the best after the first week count; one that is never adopted counts
    the weeks until the history ends, so that never adopting cannot look quick.
    """
    waits = [_wait(holdings, place, model) for place, model in _new_bests(holdings.offers)]
    return statistics.fmean(waits) if waits else None


def _new_bests(offers: Sequence[WeekUniverse]) -> Iterator[tuple[int, str]]:
    """Every model that becomes the best for the first time, and the place of that week."""
    seen: set[str] = set()
    for place, offer in enumerate(offers):
        if not offer.standings:
            continue
        best = min(
            offer.standings.values(), key=lambda standing: (-standing.row.score, standing.usd, standing.model)
        )
        if seen and best.model not in seen:
            yield place, best.model
        seen.add(best.model)


def _wait(holdings: Holdings, place: int, model: str) -> int:
    later = zip(holdings.offers[place:], holdings.lineups[place:], strict=True)
    held = (offer.table.number for offer, lineup in later if model in lineup)
    return next(held, holdings.offers[-1].table.number) - holdings.offers[place].table.number
