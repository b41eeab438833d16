"""Measures how steady and how thrifty past pools were, and what their swaps were worth."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.backtest.simulate.universe import Holdings, VariantStanding, WeekUniverse, mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.backtest.metrics.reference_values import ReferenceValues


def dominated_share(holdings: Holdings) -> float | None:
    """Share of picks for which a model that is not dearer and clearly better was listed that week.

    Clearly: the lower end of its 95 % interval lies above the pick's upper end.
    """
    return mean(
        _is_beaten(offer.standings[model], offer)
        for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True)
        for model in lineup
        if model in offer.standings
    )


def outsider_dominated_share(holdings: Holdings) -> float | None:
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
        any(model in holdings.lineups[back] for back in _weeks_after(holdings.offers, place, weeks))
        for place, (before, after) in enumerate(pairwise(holdings.lineups), start=1)
        for model in set(before) - set(after)
    )


def filled_share(holdings: Holdings) -> float | None:
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


def _weeks_after(offers: Sequence[WeekUniverse], place: int, weeks: int) -> range:
    """The places of the tables after one, up to some calendar weeks later."""
    last = offers[place].table.number + weeks
    return range(place + 1, bisect_right(offers, last, key=lambda one: one.table.number))


def _is_beaten(pick: VariantStanding, offer: WeekUniverse) -> bool:
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


def noise_swaps(holdings: Holdings) -> float | None:
    """Share of voluntary swaps whose difference in V is inside its measurement interval at every band.

    The interval is that of q alone: the error of the cost is the same next week, so it cannot turn back.
    Where the two models are on unlike boards, what the boards disagree by is part of it (method section 7.3).
    """
    return mean(
        all(
            abs(offer.references[into].value(price) - offer.references[out].value(price))
            <= _joint_half_width(offer.references[out], offer.references[into])
            for price in offer.worth.prices.values()
        )
        for offer, out, into in swaps(holdings)
    )


def noise_swaps_elo(holdings: Holdings) -> float | None:
    """Share of voluntary swaps whose two models were inside their joint 95 % interval on the rating board."""
    return mean(_overlap(offer.standings[out], offer.standings[into]) for offer, out, into in swaps(holdings))


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


def _joint_half_width(one: ReferenceValues, other: ReferenceValues) -> float:
    """Half of the 95 % interval of the difference of two qualities."""
    if one.boards == other.boards:
        return math.hypot(one.half * one.slope, other.half * other.slope)
    return math.hypot(one.half_with_model * one.slope, other.half_with_model * other.slope)


def _overlap(one: VariantStanding, other: VariantStanding) -> bool:
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
