"""How steady and how thrifty the pools of past weeks were: each measure is one small function.

The measures speak of what is listed and could be bought, never of a rule's own opinion, so that any
policy can be judged by them. `None` stands for a measure that nothing could be counted for.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.backtest.course import mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.backtest.course import Course
    from pipeline.backtest.market import Fair, Stand


def dominated(course: Course) -> float | None:
    """Share of picks for which a model that is not dearer and clearly better was listed that week.

    Clearly: the lower end of its 95 % interval lies above the pick's upper end.
    """
    return mean(
        _beaten(fair.stands[model], fair)
        for fair, lineup in zip(course.fairs, course.lineups, strict=True)
        for model in lineup
        if model in fair.stands
    )


def churn(course: Course) -> float | None:
    """Share of the k places that change hands in a calendar week."""
    weeks = course.fairs[-1].table.number - course.fairs[0].table.number
    return sum(turnover(course)) / weeks if weeks else None


def turnover(course: Course) -> tuple[float, ...]:
    """Share of the k places that changed hands at each table; nothing at the first."""
    return (0.0, *(len(set(before) - set(after)) / course.k for before, after in pairwise(course.lineups)))


def noise_swaps(course: Course) -> float | None:
    """Share of voluntary replacements whose two models were inside their joint 95 % interval.

    Voluntary: who left could have been kept. Who left and who came are paired best with best.
    """
    return mean(
        abs(out.row.score - into.row.score) ** 2 <= out.row.half_width**2 + into.row.half_width**2
        for out, into in _replacements(course)
    )


def back_within(course: Course, weeks: int = 8) -> float | None:
    """Share of those who left that are back in the pool within some calendar weeks."""
    return mean(
        any(model in course.lineups[back] for back in _until(course.fairs, place, weeks))
        for place, (before, after) in enumerate(pairwise(course.lineups), start=1)
        for model in set(before) - set(after)
    )


def filled(course: Course) -> float | None:
    """Share of the k places that are taken."""
    return mean(len(lineup) / course.k for lineup in course.lineups)


def median_price(course: Course) -> float | None:
    """Median blended list price of the members, dollars per million tokens."""
    prices = [
        fair.stands[model].usd
        for fair, lineup in zip(course.fairs, course.lineups, strict=True)
        for model in lineup
        if model in fair.stands
    ]
    return statistics.median(prices) if prices else None


def _until(fairs: Sequence[Fair], place: int, weeks: int) -> range:
    """The places of the tables after one, up to some calendar weeks later."""
    last = fairs[place].table.number + weeks
    return range(place + 1, bisect_right(fairs, last, key=lambda one: one.table.number))


def _beaten(pick: Stand, fair: Fair) -> bool:
    usd, high = pick.usd, pick.row.ends[1]
    return any(other.usd <= usd and other.row.ends[0] > high for other in fair.stands.values())


def _replacements(course: Course) -> Iterator[tuple[Stand, Stand]]:
    for fair, (before, after) in zip(course.fairs[1:], pairwise(course.lineups), strict=True):
        out, into = set(before) - set(after), set(after) - set(before)
        left, came = (
            sorted((fair.stands[m] for m in models if m in fair.stands), key=_by_score)
            for models in (out, into)
        )
        yield from zip(left, came, strict=False)


def _by_score(stand: Stand) -> tuple[float, str]:
    return -stand.row.score, stand.model
