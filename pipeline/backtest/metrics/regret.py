"""Measures what a pick lost, in points of a board or in answers, judged on a later table.

Differences are taken within one table only.

Answers per 100 requests (method section 9) are 100 x [best V of whom every policy could have had at pick time
- V of ours], with V = q - C / (b lambda). Whom one could have had is fixed by floor, price and confirmed
score alone, so no rule can look good by narrowing its own choice; whoever was held counts too, so no loss is
below zero. A pick that is not listed or priced later cannot be judged.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from pipeline.backtest.simulate.universe import Holdings, WeekUniverse, mean

if TYPE_CHECKING:
    from pipeline.backtest.history import HistoryRow
    from pipeline.domain.ids import MetricName


Value = Callable[["HistoryRow"], float | None]
"""A board's word on a model: Elo points or index points."""


def elo(row: HistoryRow) -> float | None:
    """Elo points."""
    return row.score


def points(row: HistoryRow) -> float | None:
    """Index points of the second board."""
    return row.index


def regret_first(holdings: Holdings, horizon: int, value: Value = elo) -> float | None:
    """Best reachable score minus that of the first pick, `horizon` weeks later, on that later table.

    Reachable is who could be bought (or was held) at pick time and is still listed later.
    """
    return mean(loss for loss in losses(holdings, horizon, value, first=True) if loss is not None)


def regret_pool(holdings: Holdings, horizon: int, value: Value = elo) -> float | None:
    """Mean of the best reachable scores minus the mean of the members', `horizon` weeks later.

    As many best ones as members are still listed: holding the best three costs nothing.
    """
    return mean(loss for loss in losses(holdings, horizon, value, first=False) if loss is not None)


def regret_with_launches(holdings: Holdings, horizon: int) -> float | None:
    """As `regret_first`, against everyone who can be bought later, launched since or not; Elo points."""
    found = []
    for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True):
        later = holdings.after(offer, horizon)
        if later is not None and later.standings and lineup and lineup[0] in later.table.rows:
            ours = later.table.rows[lineup[0]].score
            found.append(max(ours, *(standing.row.score for standing in later.standings.values())) - ours)
    return mean(found)


def losses(holdings: Holdings, horizon: int, value: Value = elo, *, first: bool) -> tuple[float | None, ...]:
    """What each week's first pick, or its members, lost; None for a week that cannot be judged."""
    found: list[float | None] = []
    for offer, lineup in zip(holdings.offers, holdings.lineups, strict=True):
        later, loss = holdings.after(offer, horizon), None
        if later is not None and (ours := _values(lineup[:1] if first else lineup, later, value)):
            reachable = sorted(_values({*offer.standings, *lineup}, later, value), reverse=True)
            loss = statistics.fmean(reachable[: len(ours)]) - statistics.fmean(ours)
        found.append(loss)
    return tuple(found)


def _values(models: Iterable[str], later: WeekUniverse, value: Value) -> list[float]:
    rows = later.table.rows
    found = (value(rows[model]) for model in models if model in rows)
    return [number for number in found if number is not None]


HUNDRED: Final = 100
"""Requests that a loss is stated for."""


def value_regret_first(holdings: Holdings, horizon: int) -> float | None:
    """Answers per 100 requests that the first pick lost, at the tier's own price of an answer."""
    return _mean(first_losses(holdings, horizon))


def first_losses(holdings: Holdings, horizon: int) -> tuple[float | None, ...]:
    """What each week's first pick lost, in answers per 100 requests; None where it cannot be judged."""
    found: list[float | None] = [None] * len(holdings.offers)
    for place, offer, later in holdings.week_pairs(horizon):
        if lineup := holdings.lineups[place]:
            reach = offer.universe | {*lineup}
            found[place] = _loss(later, reach, lineup[0], offer.worth.lambda_usd)
    return tuple(found)


def value_regret_bands(holdings: Holdings, horizon: int) -> float | None:
    """Mean over the bands of what the member that serves each lost, at that band's price of an answer."""
    return _mean(band_losses(holdings, horizon))


def band_losses(holdings: Holdings, horizon: int) -> tuple[float | None, ...]:
    """What each week's bands lost, in answers per 100 requests; None where one of them cannot be judged."""
    found: list[float | None] = [None] * len(holdings.offers)
    for place, offer, later in holdings.week_pairs(horizon):
        reach, serving = offer.universe | {*holdings.lineups[place]}, holdings.serving(place)
        losses = [_loss(later, reach, serving[band], offer.worth.prices[band]) for band in sorted(serving)]
        known = [loss for loss in losses if loss is not None]
        if known and len(known) == len(losses):
            found[place] = statistics.fmean(known)
    return tuple(found)


def value_regret_vendor_down(holdings: Holdings, horizon: int) -> float | None:
    """What the first member of another vendor lost against the best of other vendors.

    Where nobody of another vendor is held, no request is answered: V is 0. Where nobody of another vendor
    could have been had, there is nothing to judge.
    """
    return _mean(
        _without_vendor(offer, later, holdings.lineups[place])
        for place, offer, later in holdings.week_pairs(horizon)
    )


def value_regret_with_launches(holdings: Holdings, horizon: int) -> float | None:
    """As `value_regret_first`, against everyone who can be had later too, launched since or not."""
    return _mean(
        _loss(later, offer.universe | later.universe | {*lineup}, lineup[0], offer.worth.lambda_usd)
        for place, offer, later in holdings.week_pairs(horizon)
        if (lineup := holdings.lineups[place])
    )


def value_by_board(holdings: Holdings, horizon: int, board: MetricName) -> dict[str, float | None]:
    """What one board alone says: V of the first pick, the best V of any member, and what the first lost.

    Answers per 100 requests, over the weeks in which the board lists the first pick later.
    """
    firsts, held, losses = list[float](), list[float](), list[float]()
    for place, offer, later in holdings.week_pairs(horizon):
        lineup = holdings.lineups[place]
        values = _value_by_board(later, offer.universe | {*lineup}, board, offer.worth.lambda_usd)
        if lineup and lineup[0] in values:
            firsts.append(values[lineup[0]])
            held.append(max(values[model] for model in lineup if model in values))
            losses.append(max(values.values()) - firsts[-1])
    return {
        "value_first": mean(firsts),
        "value_best_held": mean(held),
        "value_regret_first": mean(losses),
    }


def _without_vendor(offer: WeekUniverse, later: WeekUniverse, lineup: tuple[str, ...]) -> float | None:
    references, price = later.references, offer.worth.lambda_usd
    first = (offer.references.get(lineup[0]) or references.get(lineup[0])) if lineup else None
    if first is None:
        return None
    others = [model for model in lineup if _vendor(model, offer, later) not in {None, first.vendor}]
    reach = {
        model
        for model in offer.universe | {*others}
        if model in references and references[model].vendor != first.vendor
    }
    if not reach:
        return None
    if not others:
        return max(0.0, *(_value(later, model, price) for model in reach))
    return _loss(later, reach, others[0], price)


def _vendor(model: str, offer: WeekUniverse, later: WeekUniverse) -> str | None:
    reference = offer.references.get(model) or later.references.get(model)
    return reference.vendor if reference else None


def _loss(later: WeekUniverse, reach: Iterable[str], ours: str, price: float) -> float | None:
    if ours not in later.references:
        return None
    best = max(_value(later, model, price) for model in reach if model in later.references)
    return best - _value(later, ours, price)


def _value(later: WeekUniverse, model: str, price: float) -> float:
    return HUNDRED * later.references[model].value(price)


def _value_by_board(
    later: WeekUniverse, reach: Iterable[str], board: MetricName, price: float
) -> dict[str, float]:
    """V by one board, in answers per 100 requests, of whom it lists."""
    values = {
        model: later.references[model].value_alone(board, price)
        for model in reach
        if model in later.references
    }
    return {model: HUNDRED * value for model, value in values.items() if value is not None}


def _mean(losses: Iterable[float | None]) -> float | None:
    return mean(loss for loss in losses if loss is not None)
