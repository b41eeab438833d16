"""What looking at both boards is worth, on the weeks that have both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.backtest.evaluate import evaluate_baseline
from pipeline.backtest.history import read_history
from pipeline.flow.backtests.backtest import attach_names
from pipeline.workspace import Workspace
from tests.backtest.policy_runs import evaluate_policy
from tests.backtest.toys import ROOT, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.backtest.metrics.scorecard import Scorecard

HORIZON = 4
BEHIND = 1.0
"""Answers per 100 requests; measured: 0.7 in one cell of six (frugal, by the index), elsewhere none."""


def values(card: Scorecard, name: str) -> dict[tuple[str, str], float]:
    return {
        (board, tier): value
        for board, tiers in card.boards.items()
        for tier, measures in tiers.items()
        if (value := measures[name]) is not None
    }


def test_by_each_board_alone_the_first_pick_is_worth_what_three_places_by_percentile_rank_hold(
    history: Path,
) -> None:
    past = attach_names(read_history(history / "two_board_weekly.csv.gz"), Workspace(ROOT))
    (naive,) = evaluate_baseline(past, shipped(), ("percentile-rank",), horizon=HORIZON)
    ours = values(evaluate_policy(past, shipped(), horizon=HORIZON), "value_first")
    theirs, first = values(naive, "value_best_held"), values(naive, "value_first")
    assert len(ours) == len(theirs) == 6
    assert [place for place in ours if ours[place] < theirs[place] - BEHIND] == []
    assert all(ours[place] > first[place] for place in ours), "and more than its first one"
