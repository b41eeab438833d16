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


def noise_swaps(course: Holdings) -> float | None:
    """Share of voluntary swaps whose difference in V is inside its measurement interval at every band.

    The interval is that of q alone: the error of the cost is the same next week, so it cannot turn back.
    Where the two models are on unlike boards, what the boards disagree by is part of it (method section 7.3).
    """
    return mean(
        all(
            abs(fair.marks[into].value(price) - fair.marks[out].value(price))
            <= _joint(fair.marks[out], fair.marks[into])
            for price in fair.worth.prices.values()
        )
        for fair, out, into in swaps(course)
    )


def noise_swaps_elo(course: Holdings) -> float | None:
    """Share of voluntary swaps whose two models were inside their joint 95 % interval on the rating board."""
    return mean(_tied(fair.stands[out], fair.stands[into]) for fair, out, into in swaps(course))


def wrong_entrants(course: Holdings, horizon: int) -> float | None:
    """Share of those who entered by a swap whose V at b = 1 is below the leaver's `horizon` weeks later."""
    found = []
    for fair, out, into in swaps(course):
        later = course.after(fair, horizon)
        if later is not None and {out, into} <= later.marks.keys():
            price = fair.worth.lambda_usd
            found.append(later.marks[into].value(price) < later.marks[out].value(price))
    return mean(found)


def swaps(course: Holdings) -> Iterator[tuple[WeekUniverse, str, str]]:
    """Yield every voluntary swap: its week, who left and who came.

    Voluntary: who left could still be bought and is not below the tier's floor. Of several in one week the
    best that left is paired with the best that came, by V at b = 1.
    """
    for fair, (before, after) in zip(course.fairs[1:], pairwise(course.lineups), strict=True):
        able = fair.stands.keys() & fair.universe
        left = _by_value(fair, (set(before) - set(after)) & able)
        came = _by_value(fair, set(after) - set(before))
        yield from ((fair, out, into) for out, into in zip(left, came, strict=False))


def _by_value(fair: WeekUniverse, models: set[str]) -> list[str]:
    known = (model for model in models if model in fair.stands)
    return sorted(known, key=lambda model: (-fair.marks[model].value(fair.worth.lambda_usd), model))


def _joint(one: ReferenceValues, other: ReferenceValues) -> float:
    """Half of the 95 % interval of the difference of two qualities."""
    if one.boards == other.boards:
        return math.hypot(one.half * one.slope, other.half * other.slope)
    return math.hypot(one.half_with_model * one.slope, other.half_with_model * other.slope)


def _tied(one: VariantStanding, other: VariantStanding) -> bool:
    return abs(one.row.score - other.row.score) <= math.hypot(one.row.half_width, other.row.half_width)


def weeks_to_adopt(course: Holdings) -> float | None:
    """Mean calendar weeks from the day a model first is the best one on offer to its place in the pool.

    Only models that became the best after the first week count; one that is never adopted counts
    the weeks until the history ends, so that never adopting cannot look quick.
    """
    waits = [_wait(course, place, model) for place, model in _crowned(course.fairs)]
    return statistics.fmean(waits) if waits else None


def _crowned(fairs: Sequence[WeekUniverse]) -> Iterator[tuple[int, str]]:
    """Every model that becomes the best for the first time, and the place of that week."""
    seen: set[str] = set()
    for place, fair in enumerate(fairs):
        if not fair.stands:
            continue
        best = min(fair.stands.values(), key=lambda stand: (-stand.row.score, stand.usd, stand.model))
        if seen and best.model not in seen:
            yield place, best.model
        seen.add(best.model)


def _wait(course: Holdings, place: int, model: str) -> int:
    later = zip(course.fairs[place:], course.lineups[place:], strict=True)
    held = (fair.table.number for fair, lineup in later if model in lineup)
    return next(held, course.fairs[-1].table.number) - course.fairs[place].table.number
