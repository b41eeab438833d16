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


def dominated(course: Holdings) -> float | None:
    """Share of picks for which a model that is not dearer and clearly better was listed that week.

    Clearly: the lower end of its 95 % interval lies above the pick's upper end.
    """
    return mean(
        _beaten(fair.stands[model], fair)
        for fair, lineup in zip(course.fairs, course.lineups, strict=True)
        for model in lineup
        if model in fair.stands
    )


def outsider_dominated(course: Holdings) -> float | None:
    """Share of picks dominated by an outsider that could take the seat.

    It costs no more per task, its 95 % interval of quality lies above the pick's, and the tier would take it:
    floor, ceiling, no other member of its family, no vendor beyond half of the places, and no vendor the less
    where there are two. A stand-in of another vendor is dominated by design, by whoever may not join it.
    """
    return mean(
        any(_could_replace(fair, lineup, pick, outsider, course.k) for outsider in fair.universe)
        for fair, lineup in zip(course.fairs, course.lineups, strict=True)
        for pick in lineup
        if pick in fair.marks
    )


def usd_per_1000_tasks(course: Holdings) -> float | None:
    """Median over the weeks of what a thousand tasks cost with the first pick, in dollars."""
    costs = [
        1000 * fair.marks[lineup[0]].usd
        for fair, lineup in zip(course.fairs, course.lineups, strict=True)
        if lineup and lineup[0] in fair.marks
    ]
    return statistics.median(costs) if costs else None


def churn(course: Holdings) -> float | None:
    """Share of the k places that change hands in a calendar week."""
    weeks = course.fairs[-1].table.number - course.fairs[0].table.number
    return sum(turnover(course)) / weeks if weeks else None


def turnover(course: Holdings) -> tuple[float, ...]:
    """Share of the k places that changed hands at each table; nothing at the first."""
    return (0.0, *(len(set(before) - set(after)) / course.k for before, after in pairwise(course.lineups)))


def back_within(course: Holdings, weeks: int = 8) -> float | None:
    """Share of those who left that are back in the pool within some calendar weeks."""
    return mean(
        any(model in course.lineups[back] for back in _until(course.fairs, place, weeks))
        for place, (before, after) in enumerate(pairwise(course.lineups), start=1)
        for model in set(before) - set(after)
    )


def filled(course: Holdings) -> float | None:
    """Share of the k places that are taken."""
    return mean(len(lineup) / course.k for lineup in course.lineups)


def median_price(course: Holdings) -> float | None:
    """Median blended list price of the members, dollars per million tokens."""
    prices = [
        fair.stands[model].usd
        for fair, lineup in zip(course.fairs, course.lineups, strict=True)
        for model in lineup
        if model in fair.stands
    ]
    return statistics.median(prices) if prices else None


def _until(fairs: Sequence[WeekUniverse], place: int, weeks: int) -> range:
    """The places of the tables after one, up to some calendar weeks later."""
    last = fairs[place].table.number + weeks
    return range(place + 1, bisect_right(fairs, last, key=lambda one: one.table.number))


def _beaten(pick: VariantStanding, fair: WeekUniverse) -> bool:
    usd, high = pick.usd, pick.row.ends[1]
    return any(other.usd <= usd and other.row.ends[0] > high for other in fair.stands.values())


def _could_replace(fair: WeekUniverse, lineup: tuple[str, ...], pick: str, outsider: str, k: int) -> bool:
    ours, theirs = fair.marks[pick], fair.marks[outsider]
    if outsider in lineup or outsider not in fair.stands or theirs.usd > ours.usd:
        return False
    if theirs.theta - theirs.half <= ours.theta + ours.half:
        return False
    rest = [fair.marks[model] for model in lineup if model != pick and model in fair.marks]
    vendors = [one.vendor for one in rest]
    return (
        all(one.family != theirs.family for one in rest)
        and vendors.count(theirs.vendor) < math.ceil(k / 2)
        and len({*vendors, theirs.vendor}) >= min(2, len({*vendors, ours.vendor}))
    )
