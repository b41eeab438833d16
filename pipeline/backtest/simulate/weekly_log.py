"""Logs a simulation week by week: who held each tier, what changed and why, what it turned out to lose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.backtest.evaluate import score_once, scorecard_of, simulate_holdings
from pipeline.backtest.metrics import regret, stability
from pipeline.backtest.metrics.scorecard import SOON, Scorecard
from pipeline.backtest.simulate.simulate import simulate_scored
from pipeline.domain.pool import Change, Pool, lineup
from pipeline.domain.run import LastScore, PastWeek
from pipeline.domain.score import Cost, Score, Scoreboard
from pipeline.pools.select import select_with_reasons

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.backtest.history import History
    from pipeline.backtest.history_adapter import ScoredWeek
    from pipeline.backtest.simulate.universe import Holdings
    from pipeline.domain.policy import Policy
    from pipeline.pools.selection_input import SelectionInput

AGES = (1, 2, 4, 8, 13, 26, 52)
"""Ages of a pool, in weeks, at which the worth of a refresh is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """What a policy reached, and how."""

    card: Scorecard
    worth: Mapping[str, dict[str, float | None]]
    """By tier: what a refresh is worth, by the age of the pool in weeks; Elo points."""
    worth_answers: Mapping[str, dict[str, float | None]]
    """The same in answers per 100 requests."""
    turns: Mapping[str, tuple[PastWeek, ...]]
    """By tier, one a week; empty where nobody asked."""


def evaluate_weekly(
    history: History,
    policy: Policy,
    *,
    horizon: int,
    draws: bool = False,
    weeks: Sequence[ScoredWeek] | None = None,
) -> BacktestResult:
    """Judge a policy, and measure what its refreshes were worth.

    Args:
        history: Weeks in order.
        policy: The rules.
        horizon: Weeks after a pick at which it is judged.
        draws: Draw and explain as a proposal does, to measure what that costs.
        weeks: The same weeks scored before (`evaluate.score_once`).

    Raises:
        UsageError: A tier believes a board that a history does not hold.
    """
    scored = score_once(history, policy) if weeks is None else weeks
    courses = simulate_holdings(scored, policy, simulate_scored(scored, policy, draws=draws))
    return _result(history, policy, courses, horizon=horizon)


def evaluate_with_log(
    history: History, policy: Policy, *, horizon: int, weeks: Sequence[ScoredWeek] | None = None
) -> BacktestResult:
    """Judge a policy and keep what every week did, and why.

    Args:
        history: Weeks in order.
        policy: The rules.
        horizon: Weeks after a pick at which it is judged.
        weeks: The same weeks scored before (`evaluate.score_once`).

    Raises:
        UsageError: A tier believes a board that a history does not hold.
    """
    teller, scored = _WeeklyLog(), score_once(history, policy) if weeks is None else weeks
    courses = simulate_holdings(scored, policy, simulate_scored(scored, policy, choose=teller))
    turns = {name: _week_results(name, holdings, teller.changes) for name, holdings in courses.items()}
    return replace(_result(history, policy, courses, horizon=horizon), turns=turns)


def worth_of_refresh(holdings: Holdings) -> dict[str, float | None]:
    """How far the best of a tier had moved ahead of a first pick of some age, in Elo points, by weeks.

    It is `regret_with_launches` at each age: what a pool loses while nobody approves the next one.
    """
    return {str(age): regret.regret_with_launches(holdings, age) for age in AGES}


def worth_in_answers(holdings: Holdings) -> dict[str, float | None]:
    """The same in value: answers per 100 requests, at the tier's own price of an answer."""
    return {str(age): regret.value_regret_with_launches(holdings, age) for age in AGES}


def _result(
    history: History, policy: Policy, courses: Mapping[str, Holdings], *, horizon: int
) -> BacktestResult:
    return BacktestResult(
        card=scorecard_of(history, policy, courses, horizon=horizon),
        worth={name: worth_of_refresh(holdings) for name, holdings in courses.items()},
        worth_answers={name: worth_in_answers(holdings) for name, holdings in courses.items()},
        turns={},
    )


class _WeeklyLog:
    """Chooses as a rehearsal does and keeps why; remembers the numbers behind the pool in force."""

    def __init__(self) -> None:
        self.changes: list[tuple[Change, ...]] = []
        self._in_force: Mapping[str, Scoreboard] = {}

    def __call__(self, inputs: SelectionInput) -> Pool:
        last = {
            name: _last_score(score)
            for board in self._in_force.values()
            for name, score in board.scores.items()
        }
        pool, changes = select_with_reasons(replace(inputs, memory=replace(inputs.memory, last_scores=last)))
        if lineup(pool) != lineup(inputs.published):
            self._in_force = inputs.scoreboards
        self.changes.append(changes)
        return pool


def _last_score(score: Score) -> LastScore:
    price = score.cost.price if isinstance(score.cost, Cost) else None
    return LastScore(
        values={board.metric: (board.scale, board.published) for board in score.boards},
        input_microusd_per_mtok=price.input_microusd_per_mtok if price else None,
        output_microusd_per_mtok=price.output_microusd_per_mtok if price else None,
    )


def _week_results(
    tier: str, holdings: Holdings, changes: Sequence[tuple[Change, ...]]
) -> tuple[PastWeek, ...]:
    first = regret.first_losses(holdings, SOON)
    bands = regret.band_losses(holdings, SOON)
    moved = stability.turnover(holdings)
    return tuple(
        PastWeek(
            week=offer.table.week,
            day=offer.table.day,
            held=holdings.lineups[place],
            changes=tuple(
                change for change in changes[place] if change.tier == tier and _entered_or_left(change)
            ),
            loss_first=first[place],
            loss_bands=bands[place],
            turnover=moved[place],
        )
        for place, offer in enumerate(holdings.offers)
    )


def _entered_or_left(change: Change) -> bool:
    return change.rank_before is None or change.rank_after is None
