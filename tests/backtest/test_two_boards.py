"""What looking at both boards is worth, on the weeks that have both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.backtest.judge import judge, judge_naive
from pipeline.backtest.reader import read_history
from tests.backtest.toys import caps

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.backtest.scorecard import Scorecard

HORIZON = 4
POINT_IN_ELO = 5
"""What an index point is worth where both boards' losses are added up."""


def lost(card: Scorecard) -> float:
    arena, index = card.boards["arena"], card.boards["artificial_analysis"]
    return sum(
        (arena[tier]["regret_first"] or 0) + POINT_IN_ELO * (index[tier]["regret_first"] or 0)
        for tier in arena
    )


def test_the_first_pick_loses_less_on_both_boards_than_the_mean_percentile_rank(history: Path) -> None:
    past = read_history(history / "two_board_weekly.csv.gz")
    (naive,) = judge_naive(past, caps(), ("percentile-rank",), horizon=HORIZON)
    assert 0 < lost(judge(past, caps(), horizon=HORIZON)) < lost(naive)


def test_an_index_that_is_believed_to_be_rough_is_followed_too_late(history: Path) -> None:
    past = read_history(history / "two_board_weekly.csv.gz")
    policy = caps()
    rough = policy.model_copy(
        update={"quality": policy.quality.model_copy(update={"assumed_index_error": 1.0})}
    )
    assert lost(judge(past, policy, horizon=HORIZON)) < lost(judge(past, rough, horizon=HORIZON))
