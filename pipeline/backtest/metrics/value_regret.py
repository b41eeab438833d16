"""Measures the value a pick lost, by the scores and prices of a later table (method section 9).

Answers per 100 requests: 100 x [best V of whom every policy could have had at pick time - V of ours], with
V = q - C / (b lambda). Whom one could have had is fixed by floor, price and confirmed score alone, so no rule
can look good by narrowing its own choice; whoever was held counts too, so no loss is below zero. A pick that
is not listed or priced later cannot be judged.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from pipeline.backtest.simulate.universe import Holdings, WeekUniverse, mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.ids import MetricName

HUNDRED: Final = 100
"""Requests that a loss is stated for."""


def of_first(course: Holdings, horizon: int) -> float | None:
    """Answers per 100 requests that the first pick lost, at the tier's own price of an answer."""
    return _mean(first_losses(course, horizon))


def first_losses(course: Holdings, horizon: int) -> tuple[float | None, ...]:
    """What each week's first pick lost, in answers per 100 requests; None where it cannot be judged."""
    found: list[float | None] = [None] * len(course.fairs)
    for place, fair, later in course.judged(horizon):
        if lineup := course.lineups[place]:
            reach = fair.universe | {*lineup}
            found[place] = _loss(later, reach, lineup[0], fair.worth.lambda_usd)
    return tuple(found)


def of_bands(course: Holdings, horizon: int) -> float | None:
    """Mean over the bands of what the member that serves each lost, at that band's price of an answer."""
    return _mean(band_losses(course, horizon))


def band_losses(course: Holdings, horizon: int) -> tuple[float | None, ...]:
    """What each week's bands lost, in answers per 100 requests; None where one of them cannot be judged."""
    found: list[float | None] = [None] * len(course.fairs)
    for place, fair, later in course.judged(horizon):
        reach, serving = fair.universe | {*course.lineups[place]}, course.serving(place)
        losses = [_loss(later, reach, serving[band], fair.worth.prices[band]) for band in sorted(serving)]
        known = [loss for loss in losses if loss is not None]
        if known and len(known) == len(losses):
            found[place] = statistics.fmean(known)
    return tuple(found)


def of_vendor_down(course: Holdings, horizon: int) -> float | None:
    """What the first member of another vendor lost against the best of other vendors.

    Where nobody of another vendor is held, no request is answered: V is 0. Where nobody of another vendor
    could have been had, there is nothing to judge.
    """
    return _mean(
        _without_vendor(fair, later, course.lineups[place]) for place, fair, later in course.judged(horizon)
    )


def with_launches(course: Holdings, horizon: int) -> float | None:
    """As `of_first`, against everyone who can be had later too, launched since or not."""
    return _mean(
        _loss(later, fair.universe | later.universe | {*lineup}, lineup[0], fair.worth.lambda_usd)
        for place, fair, later in course.judged(horizon)
        if (lineup := course.lineups[place])
    )


def by_board(course: Holdings, horizon: int, board: MetricName) -> dict[str, float | None]:
    """What one board alone says: V of the first pick, the best V of any member, and what the first lost.

    Answers per 100 requests, over the weeks in which the board lists the first pick later.
    """
    firsts, held, losses = list[float](), list[float](), list[float]()
    for place, fair, later in course.judged(horizon):
        lineup = course.lineups[place]
        values = _alone(later, fair.universe | {*lineup}, board, fair.worth.lambda_usd)
        if lineup and lineup[0] in values:
            firsts.append(values[lineup[0]])
            held.append(max(values[model] for model in lineup if model in values))
            losses.append(max(values.values()) - firsts[-1])
    return {
        "value_first": mean(firsts),
        "value_best_held": mean(held),
        "value_regret_first": mean(losses),
    }


def _without_vendor(fair: WeekUniverse, later: WeekUniverse, lineup: tuple[str, ...]) -> float | None:
    marks, price = later.marks, fair.worth.lambda_usd
    first = (fair.marks.get(lineup[0]) or marks.get(lineup[0])) if lineup else None
    if first is None:
        return None
    others = [model for model in lineup if _vendor(model, fair, later) not in {None, first.vendor}]
    reach = {
        model for model in fair.universe | {*others} if model in marks and marks[model].vendor != first.vendor
    }
    if not reach:
        return None
    if not others:
        return max(0.0, *(_value(later, model, price) for model in reach))
    return _loss(later, reach, others[0], price)


def _vendor(model: str, fair: WeekUniverse, later: WeekUniverse) -> str | None:
    mark = fair.marks.get(model) or later.marks.get(model)
    return mark.vendor if mark else None


def _loss(later: WeekUniverse, reach: Iterable[str], ours: str, price: float) -> float | None:
    if ours not in later.marks:
        return None
    best = max(_value(later, model, price) for model in reach if model in later.marks)
    return best - _value(later, ours, price)


def _value(later: WeekUniverse, model: str, price: float) -> float:
    return HUNDRED * later.marks[model].value(price)


def _alone(later: WeekUniverse, reach: Iterable[str], board: MetricName, price: float) -> dict[str, float]:
    """V by one board, in answers per 100 requests, of whom it lists."""
    said = {model: later.marks[model].value_alone(board, price) for model in reach if model in later.marks}
    return {model: HUNDRED * value for model, value in said.items() if value is not None}


def _mean(losses: Iterable[float | None]) -> float | None:
    return mean(loss for loss in losses if loss is not None)
