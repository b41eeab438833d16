"""Measures how steady and how thrifty the pools of past weeks were, one small function a measure.

The measures speak of what is listed and could be bought, never of a rule's own opinion, so that any
policy can be judged by them. `None` stands for a measure that nothing could be counted for.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.backtest.simulate.universe import Holdings, VariantStanding, WeekUniverse, mean

if TYPE_CHECKING:
    from collections.abc import Sequence


def dominated(holdings: Holdings) -> float | None:
    """Share of picks for which a model that is not dearer and clearly better was listed that week.

    Clearly: the lower end of its 95 % interval lies above the pick's upper end.
    """
    return mean(
        _beaten(offer.standings[model], offer)
        for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True)
        for model in lineup
        if model in offer.standings
    )


def outsider_dominated(holdings: Holdings) -> float | None:
    """Share of picks dominated by an outsider that could take the seat.

    It costs no more per task, its 95 % interval of quality lies above the pick's, and the tier would take it:
    floor, ceiling, no other member of its family, no vendor beyond half of the places, and no vendor the less
    where there are two. A stand-in of another vendor is dominated by design, by whoever may not join it.
    """
    return mean(
        any(_could_replace(offer, lineup, pick, outsider, holdings.k) for outsider in offer.universe)
        for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True)
        for pick in lineup
        if pick in offer.references
    )


def usd_per_1000_tasks(holdings: Holdings) -> float | None:
    """Median over the weeks of what a thousand tasks cost with the first pick, in dollars."""
    costs = [
        1000 * offer.references[lineup[0]].usd
        for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True)
        if lineup and lineup[0] in offer.references
    ]
    return statistics.median(costs) if costs else None


def churn(holdings: Holdings) -> float | None:
    """Share of the k places that change hands in a calendar week."""
    weeks = holdings.offers[-1].table.number - holdings.offers[0].table.number
    return sum(turnover(holdings)) / weeks if weeks else None


def turnover(holdings: Holdings) -> tuple[float, ...]:
    """Share of the k places that changed hands at each table; nothing at the first."""
    return (
        0.0,
        *(len(set(before) - set(after)) / holdings.k for before, after in pairwise(holdings.lineups)),
    )


def back_within(holdings: Holdings, weeks: int = 8) -> float | None:
    """Share of those who left that are back in the pool within some calendar weeks."""
    return mean(
        any(model in holdings.lineups[back] for back in _until(holdings.offers, place, weeks))
        for place, (before, after) in enumerate(pairwise(holdings.lineups), start=1)
        for model in set(before) - set(after)
    )


def filled(holdings: Holdings) -> float | None:
    """Share of the k places that are taken."""
    return mean(len(lineup) / holdings.k for lineup in holdings.lineups)


def median_price(holdings: Holdings) -> float | None:
    """Median blended list price of the members, dollars per million tokens."""
    prices = [
        offer.standings[model].usd
        for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True)
        for model in lineup
        if model in offer.standings
    ]
    return statistics.median(prices) if prices else None


def _until(offers: Sequence[WeekUniverse], place: int, weeks: int) -> range:
    """The places of the tables after one, up to some calendar weeks later."""
    last = offers[place].table.number + weeks
    return range(place + 1, bisect_right(offers, last, key=lambda one: one.table.number))


def _beaten(pick: VariantStanding, offer: WeekUniverse) -> bool:
    usd, high = pick.usd, pick.row.ends[1]
    return any(other.usd <= usd and other.row.ends[0] > high for other in offer.standings.values())


def _could_replace(offer: WeekUniverse, lineup: tuple[str, ...], pick: str, outsider: str, k: int) -> bool:
    ours, theirs = offer.references[pick], offer.references[outsider]
    if outsider in lineup or outsider not in offer.standings or theirs.usd > ours.usd:
        return False
    if theirs.theta - theirs.half <= ours.theta + ours.half:
        return False
    rest = [offer.references[model] for model in lineup if model != pick and model in offer.references]
    vendors = [one.vendor for one in rest]
    return (
        all(one.family != theirs.family for one in rest)
        and vendors.count(theirs.vendor) < math.ceil(k / 2)
        and len({*vendors, theirs.vendor}) >= min(2, len({*vendors, ours.vendor}))
    )
