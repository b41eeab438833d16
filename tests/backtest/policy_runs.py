"""Runs a policy over a history in one call, for tests that look at nothing in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.backtest.history_adapter import ScoredWeek, judgeable_tiers, score_weeks
from pipeline.backtest.simulate.simulate import Lineups, lineups_of, simulate_scored
from pipeline.backtest.simulate.weekly_log import evaluate_weekly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.backtest.history import History, WeekTable
    from pipeline.backtest.metrics.scorecard import Scorecard
    from pipeline.domain.policy import Policy


def simulate(tables: Sequence[WeekTable], policy: Policy, *, draws: bool = False) -> Lineups:
    """Choose the pools of every week, each on top of the one before."""
    weeks = score_weeks(tables, judgeable_tiers(policy))
    return lineups_of(simulate_scored(weeks, policy, draws=draws), policy)


def evaluate_policy(
    history: History,
    policy: Policy,
    *,
    horizon: int,
    draws: bool = False,
    weeks: Sequence[ScoredWeek] | None = None,
) -> Scorecard:
    """Measure what a policy would have held."""
    return evaluate_weekly(history, policy, horizon=horizon, draws=draws, weeks=weeks).card
