"""Measures which swaps made no difference: noise at the time, and wrong in the end."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.backtest.simulate.holdings import mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.backtest.metrics.reference_values import ReferenceValues
    from pipeline.backtest.simulate.holdings import Holdings
    from pipeline.backtest.simulate.universe import VariantStanding, WeekUniverse


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
