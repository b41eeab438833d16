"""A variant on one board: what the other would say of it, and how well that is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.domain.ids import AA_INTELLIGENCE, VariantId
from pipeline.flow.record.config import read_config
from pipeline.scoring.quality.equate import LOGITS_PER_ELO, Z95
from pipeline.scoring.quality.expected_boards import fit_ladder
from pipeline.scoring.scoreboard import ScoringOptions, score
from pipeline.workspace import Workspace
from tests.bench import board_targets
from tests.scoring.conftest import ARENA, Make

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import BoardScore, Score, Scoreboard


def scored(
    make: Make, policy: Policy, measures: Sequence[Measure], silent: Collection[str] = ()
) -> Scoreboard:
    crosswalk = make.crosswalk(*sorted({str(measure.variant) for measure in measures}))
    return score("general", make.resolution(*measures), crosswalk, policy, ScoringOptions(silent=silent))


def one_board(make: Make, policy: Policy, *more: Measure) -> tuple[Scoreboard, Score]:
    """Score `new`, which leads the index and is not on the Arena, in a week of 20 that are on both."""
    board = scored(make, policy, [*make.twin_boards(20, wiggle=40), make.index("new@high", 85), *more])
    return board, board.scores[VariantId("new@high")]


def share_of(score: Score) -> float:
    """Say how much of theta the expected board has."""
    assert score.expected is not None
    return (score.theta - score.boards[0].theta) / (score.expected.theta - score.boards[0].theta)


def rungs(make: Make, *, slope: float) -> list[Measure]:
    """Twelve releases that the Arena lists at three efforts, `slope` Elo apart per unit of log tokens."""
    efforts = {"none": 1.0, "low": 2.3, "high": 9.0}
    return [
        make.arena(f"r{release:02}@{effort}", 1250 + 10 * release + slope * math.log(tokens) + release % 3)
        for release in range(12)
        for effort, tokens in efforts.items()
    ]


def test_a_leader_of_one_board_is_shrunk_to_what_the_other_is_expected_to_say(
    make: Make, policy: Policy
) -> None:
    board, new = one_board(make, policy)
    fit, said, expected = board.fits[0], new.boards[0], new.expected
    assert expected is not None
    r = math.sqrt(fit.r2)
    assert (expected.metric, expected.siblings) == (ARENA, ())
    assert expected.theta == pytest.approx(fit.centre + r * (said.theta - fit.centre))
    assert expected.sd == pytest.approx(fit.spread * math.sqrt(1 - fit.r2))
    assert fit.centre < expected.theta < new.theta < said.theta
    share = (new.theta - said.theta) / (expected.theta - said.theta)
    assert share == pytest.approx(0.5, abs=0.1)
    assert new.sigma_between == pytest.approx(share * expected.sd)
    assert new.sigma_measured == pytest.approx((1 - share + share * r) * said.se)


def test_a_variant_below_the_middle_of_one_board_is_not_pushed_further_down(
    make: Make, policy: Policy
) -> None:
    board = scored(make, policy, [*make.twin_boards(20, wiggle=40), make.index("weak", 21)])
    weak = board.scores[VariantId("weak")]
    assert weak.boards[0].theta < weak.theta < board.fits[0].centre


def test_a_sibling_on_the_missing_board_speaks_with_its_own_variance(make: Make, policy: Policy) -> None:
    """At 60 Elo per unit of log tokens the sibling without reasoning says: 60 log(9) more at high."""
    ladder = rungs(make, slope=60)
    _, alone = one_board(make, policy, *ladder)
    board, beside = one_board(make, policy, *ladder, make.arena("new@none", 1290))
    assert alone.expected is not None
    assert beside.expected is not None
    assert (alone.expected.siblings, beside.expected.siblings) == ((), (VariantId("new@none"),))
    assert beside.expected.sd < alone.expected.sd / 3
    assert beside.sigma_between < alone.sigma_between / 3
    assert beside.sigma < alone.sigma
    sibling = board.scores[VariantId("new@none")].boards[0]
    assert alone.expected.se == 0.0
    assert beside.expected.se == pytest.approx(sibling.se, rel=0.05)
    measured = (1 - share_of(beside)) * beside.boards[0].se, share_of(beside) * beside.expected.se
    assert beside.sigma_measured == pytest.approx(math.hypot(*measured), rel=0.05)
    step = beside.expected.theta - sibling.theta
    assert step == pytest.approx(60 * math.log(9.0) * LOGITS_PER_ELO, rel=0.05)


def test_a_release_at_one_effort_teaches_no_ladder(make: Make, policy: Policy) -> None:
    board, _ = one_board(make, policy)
    crosswalk = make.crosswalk(*board.scores)
    listed = [(name, entry.boards[0]) for name, entry in board.scores.items()]
    assert fit_ladder(listed, crosswalk.variants, policy.cost.effort_ladder) is None


def _placed(make: Make, policy: Policy, slope: float) -> list[tuple[VariantId, BoardScore]]:
    board = scored(make, policy, [*make.twin_boards(20), *rungs(make, slope=slope)])
    return [(name, entry.boards[0]) for name, entry in board.scores.items() if "@" in name]


def test_the_ladder_is_the_slope_inside_releases_not_between_them(make: Make, policy: Policy) -> None:
    listed = _placed(make, policy, 25)
    crosswalk = make.crosswalk(*(name for name, _ in listed))
    ladder = fit_ladder(listed, crosswalk.variants, policy.cost.effort_ladder)
    assert ladder is not None
    assert ladder.slope == pytest.approx(25 * LOGITS_PER_ELO)
    assert ladder.sd == pytest.approx(0.0, abs=1e-9)
    few = [pair for pair in listed if pair[0] < "r05"]
    assert fit_ladder(few, crosswalk.variants, policy.cost.effort_ladder) is None


def test_a_score_says_which_boards_speak_and_what_the_missing_one_leaves_open(
    make: Make, policy: Policy
) -> None:
    board, new = one_board(make, policy, make.index("other", 80), make.arena("rated", 1330))
    both, other, rated = (board.scores[VariantId(name)] for name in ("m07", "other", "rated"))
    assert (both.sigma_between, both.speaking) == (0.0, (ARENA, AA_INTELLIGENCE))
    assert (other.speaking, rated.speaking) == ((AA_INTELLIGENCE,), (ARENA,))
    assert min(new.sigma_between, other.sigma_between, rated.sigma_between) > 0


def test_a_variant_on_one_board_is_no_reference_where_boards_are_merged(make: Make, policy: Policy) -> None:
    board, new = one_board(make, policy)
    assert new.confirmed
    assert new.theta > board.reference_theta
    assert new.variant not in board.reference
    assert all(len(board.scores[name].speaking) == 2 for name in board.reference)


def test_boards_that_are_not_merged_expect_nothing_of_each_other(make: Make, policy: Policy) -> None:
    poor = policy.model_copy(update={"quality": policy.quality.model_copy(update={"min_r2": 1.0})})
    board = scored(make, poor, [*make.twin_boards(20, wiggle=40), make.arena("best", 1500)])
    best = board.scores[VariantId("best")]
    assert (best.expected, best.sigma_between, best.theta) == (None, 0.0, best.boards[0].theta)
    assert board.scores[VariantId("m07")].speaking == (ARENA,)
    assert board.reference[0] == "best"


def test_a_board_without_a_voice_is_not_expected_to_have_one(make: Make, policy: Policy) -> None:
    measures = [*make.twin_boards(20, wiggle=40), make.arena("best", 1500)]
    silent = {AA_INTELLIGENCE}
    alone = scored(make, policy, measures, silent).scores[VariantId("best")]
    assert (alone.expected, alone.sigma_between) == (None, 0.0)
    assert alone.theta == alone.boards[0].theta


def test_an_effort_nobody_measured_has_no_place_on_the_ladder(make: Make, policy: Policy) -> None:
    measures = [*make.twin_boards(20, wiggle=40), *rungs(make, slope=60), make.arena("new@none", 1290)]
    board = scored(make, policy, [*measures, make.index("new@unheard", 85)])
    expected = board.scores[VariantId("new@unheard")].expected
    assert expected is not None
    assert expected.siblings == ()


def test_siblings_predict_a_missing_board_on_real_weeks(history: Path) -> None:
    """Loose on purpose: the figures are printed by `python -m tests.bench.board_targets`."""
    rules = read_config(Workspace(board_targets.ROOT))
    *_, week = board_targets.weeks() if (history.parent / "weeks").is_dir() else board_targets.history()
    told = [one for one in board_targets.HeldOut(week, rules.policy).told() if one.has_siblings]

    def rmse(candidate: str) -> float:
        return float(np.sqrt(np.mean([one.error**2 for one in told if one.candidate == candidate])))

    assert rmse("siblings") < 0.6 * rmse("as published")
    ours = [one for one in told if one.candidate == "siblings"]
    assert np.mean([abs(one.error) <= Z95 * one.sd for one in ours]) > 0.9
    assert max(one.sd for one in ours) < min(one.sd for one in told if one.candidate == "as published")


def test_both_boards_share_one_centre_and_spread(make: Make, policy: Policy) -> None:
    board, _ = one_board(make, policy)
    fit = board.fits[0]
    for place in (0, 1):
        thetas = [entry.boards[place].theta for entry in board.scores.values() if len(entry.boards) == 2]
        assert fit.centre == pytest.approx(float(np.mean(thetas)))
        assert fit.spread == pytest.approx(float(np.std(thetas)))
