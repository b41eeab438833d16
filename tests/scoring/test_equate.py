"""An index is put on the Arena's scale by matching mean and SD, and one wild name cannot turn the line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.ids import AA_INTELLIGENCE, MetricName, arena_metric
from pipeline.scoring.quality.boards import board_of, board_table, by_scale
from pipeline.scoring.quality.equate import (
    LOGITS_PER_ELO,
    Anchor,
    arena_on_logits,
    assumed_tau,
    fit_index,
    index_in_logits,
    index_on_logits,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import Fit
    from tests.scoring.conftest import Make

ARENA = arena_metric("text", "overall")

ZERO = Anchor(variants=(), rating=1300.0)


def points(logit: float) -> float:
    """Index points whose logit is given."""
    return 100 / (1 + math.exp(-logit))


def table(measures: Sequence[Measure], metric: MetricName) -> pd.DataFrame:
    (rows,) = by_scale(measures, metric).values()
    return board_table(rows)


def fit(measures: Sequence[Measure], policy: Policy) -> Fit:
    (rows,) = by_scale(measures, ARENA).values()
    arena = arena_on_logits(board_of(rows), ZERO)
    index = index_in_logits(table(measures, AA_INTELLIGENCE), policy.quality)
    return fit_index(AA_INTELLIGENCE, arena, index, policy.quality)


def pairs(make: Make, rows: Sequence[tuple[float, float]], *, half_width: float = 4.0) -> list[Measure]:
    """Variants with a theta on the Arena (logits above 1300 points) and a logit on the index."""
    measures = []
    for number, (theta, logit) in enumerate(rows):
        name = f"m{number:03}"
        measures.append(make.arena(name, 1300 + theta / LOGITS_PER_ELO, half_width=half_width))
        measures.append(make.index(name, points(logit)))
    return measures


def noisy(seed: int, count: int, noise: float) -> list[tuple[float, float]]:
    """Both boards see one quality, each with an own error of SD `noise`; the true slope is 1."""
    draw = np.random.default_rng(seed)
    quality = draw.normal(0, 0.8, count)
    return list(
        zip(
            (quality + draw.normal(0, noise, count)).tolist(),
            (quality + draw.normal(0, noise, count)).tolist(),
            strict=True,
        )
    )


def test_worked_example_of_an_exact_line(make: Make, policy: Policy) -> None:
    """Ratings made as .2 + .5 * logit give back A = .2, B = .5, R2 = 1 and tau at its floor.

    The floor is 8 * 2.302585 / 400 = .0460517 logits.
    """
    line = fit(make.twin_boards(20), policy)
    assert (line.n, line.merged) == (20, True)
    assert line.intercept == pytest.approx(0.2)
    assert line.slope == pytest.approx(0.5)
    assert line.r2 == pytest.approx(1.0)
    assert line.tau == pytest.approx(0.0460517, abs=1e-7)


def test_worked_example_of_an_index_value_in_logits(make: Make, policy: Policy) -> None:
    """For x = 80: logit = ln 4 = 1.386294, p (1-p) = .16.

    With B = .5 and A = .2, theta = .893147 and se = .5 * .01 / .16 = .03125.
    """
    index = index_in_logits(table([make.index("a", 80)], AA_INTELLIGENCE), policy.quality)
    placed = index_on_logits(index, fit(make.twin_boards(20), policy))
    assert index["logit"].tolist() == pytest.approx([1.386294361])
    assert placed["theta"].tolist() == pytest.approx([0.893147181])
    assert placed["se"].tolist() == pytest.approx([0.03125])


def test_worked_example_of_tau(make: Make, policy: Policy) -> None:
    """Eight models at logit -1 and eight at +1, each Arena theta .3 above or below its logit.

    The line has slope sqrt(1.09): mean theta^2 is 1 + .09. So the distances from it are
    |1.3 - 1.044031| = .255969 and |.7 - 1.044031| = .344031. Arena se = .0117487
    (4 points / 1.96), index p = .2689414, p (1-p) = .1966119, se = 1.044031 * .01 / .1966119 =
    .0531011, v = .0029578. Q = 8 (.0655201 + .1183573) / .0029578 = 497.342,
    C = 16 * 2 / .0029578 = 10818.9, tau^2 = (497.342 - 14) / 10818.9 = .0446757.
    """
    rows = [(sign * 1.0 + shift, sign * 1.0) for sign in (-1, 1) for shift in (-0.3, 0.3)] * 4
    line = fit(pairs(make, rows), policy)
    assert line.n == 16
    assert line.slope == pytest.approx(1.044031, abs=1e-6)
    assert line.r2 == pytest.approx(1 / 1.09)
    assert line.tau**2 == pytest.approx(0.0446757, rel=2e-4)


def test_mean_and_spread_of_both_boards_are_the_same_after_equating(make: Make, policy: Policy) -> None:
    rows = noisy(1, 60, 0.2)
    line = fit(pairs(make, rows), policy)
    placed = line.intercept + line.slope * np.array([logit for _, logit in rows])
    theta = np.array([theta for theta, _ in rows])
    assert line.n == 60
    assert placed.mean() == pytest.approx(theta.mean())
    assert placed.std() == pytest.approx(theta.std())


@pytest.mark.parametrize("tau", [0.1, 0.15, 0.25])
def test_tau_finds_the_error_that_each_source_has_of_its_own(make: Make, policy: Policy, tau: float) -> None:
    line = fit(pairs(make, noisy(7, 400, tau)), policy)
    assert line.tau == pytest.approx(tau, rel=0.12)


def test_boards_that_agree_have_the_floor_as_tau(make: Make, policy: Policy) -> None:
    line = fit(pairs(make, noisy(7, 400, 0.01), half_width=40), policy)
    assert line.tau == 8.0 * LOGITS_PER_ELO


@given(theta=st.floats(-12, 12), logit=st.floats(-6, 6))
@settings(max_examples=40, deadline=None)
def test_one_wild_row_does_not_turn_the_line(make: Make, policy: Policy, theta: float, logit: float) -> None:
    rows = noisy(3, 40, 0.15)
    clean = fit(pairs(make, rows), policy)
    spoilt = fit(pairs(make, [*rows, (theta, logit)]), policy)
    assert spoilt.slope == pytest.approx(clean.slope, rel=0.2)
    assert spoilt.intercept == pytest.approx(clean.intercept, abs=0.1)


def test_a_wild_row_is_not_counted(make: Make, policy: Policy) -> None:
    rows = noisy(3, 40, 0.15)
    assert fit(pairs(make, [*rows, (-8.0, 3.0)]), policy) == fit(pairs(make, rows), policy)


def test_a_small_disagreement_is_no_outlier_however_well_the_others_agree(make: Make, policy: Policy) -> None:
    """An exact line and one row 24 points off: less than 3 times sqrt(2) times the floor of 8."""
    rows = [(0.1 * n, 0.1 * n) for n in range(-10, 11)]
    assert fit(pairs(make, [*rows, (0.138, 0.0)]), policy).n == 22
    assert fit(pairs(make, [*rows, (0.25, 0.0)]), policy).n == 21


@given(scale=st.floats(0.2, 3), shift=st.floats(-2, 2))
@settings(max_examples=25, deadline=None)
def test_a_stretched_or_shifted_index_gives_the_same_thetas(
    make: Make, policy: Policy, scale: float, shift: float
) -> None:
    rows = noisy(5, 30, 0.2)
    plain = fit(pairs(make, rows), policy)
    moved = fit(pairs(make, [(theta, scale * logit + shift) for theta, logit in rows]), policy)
    assert moved.slope * scale == pytest.approx(plain.slope)
    assert moved.intercept + moved.slope * shift == pytest.approx(plain.intercept)
    assert moved.r2 == pytest.approx(plain.r2)


def test_few_shared_variants_do_not_merge_and_tau_is_assumed(make: Make, policy: Policy) -> None:
    line = fit(make.twin_boards(14), policy)
    assert (line.n, line.merged) == (14, False)
    assert line.slope == pytest.approx(0.5)
    assert line.tau == pytest.approx(25 * 2.302585 / 400)


def test_the_assumed_tau_is_not_below_the_floor_of_the_policy(policy: Policy) -> None:
    """40 * 2.302585 / 400 = .2302585."""
    quality = policy.quality.model_copy(update={"tau_floor_elo": 40.0})
    assert assumed_tau(quality) == pytest.approx(0.2302585)


def test_a_poor_fit_does_not_merge(make: Make, policy: Policy) -> None:
    line = fit(pairs(make, noisy(2, 60, 0.9)), policy)
    assert line.r2 < 0.5
    assert not line.merged


def test_boards_that_contradict_each_other_do_not_merge_however_high_r2(make: Make, policy: Policy) -> None:
    """Within the range of the trimming, for a mirrored board has no outlier: all rows disagree."""
    line = fit(pairs(make, [(0.1 * n, -0.1 * n) for n in range(-10, 11)]), policy)
    assert line.r2 == pytest.approx(1.0)
    assert not line.merged


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(0.0, 0.1 * n) for n in range(20)], id="arena"),
        pytest.param([(0.1 * n, 0.0) for n in range(20)], id="index"),
        pytest.param([(0.1, 0.1), (0.2, 0.2)], id="two rows"),
        pytest.param([(0.0, 0.0)] * 18 + [(1.0, 0.0), (0.0, 1.0)], id="most rows equal"),
    ],
)
def test_a_board_that_tells_none_apart_gives_no_wrong_line(
    make: Make, policy: Policy, rows: list[tuple[float, float]]
) -> None:
    line = fit(pairs(make, rows), policy)
    assert not line.merged
    assert all(math.isfinite(number) for number in (line.slope, line.intercept, line.r2, line.tau))
    index = index_in_logits(table([make.index("a", 80)], AA_INTELLIGENCE), policy.quality)
    assert len(index_on_logits(index, line)) == (1 if line.slope else 0)


@pytest.mark.parametrize("value", [0.0, 100.0, -3.0, 140.0, 1e-9, 100 - 1e-9])
def test_a_value_at_the_end_of_the_scale_has_no_logit(make: Make, policy: Policy, value: float) -> None:
    rows = table([make.index("a", value), make.index("b", 50)], AA_INTELLIGENCE)
    assert index_in_logits(rows, policy.quality)["variant"].tolist() == ["b"]
