"""Measures what a pick lost, judged on a later table: differences within one table only."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pipeline.backtest.simulate.universe import Holdings, WeekUniverse, mean

if TYPE_CHECKING:
    from pipeline.backtest.history import HistoryRow

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
