"""`usage fit` reaches its targets on public outcomes; `python -m tests.bench.usage_fit` prints them."""

from __future__ import annotations

import random
import statistics

import pytest

from tests.bench.usage_fit import (
    PLANS,
    Outcomes,
    Plan,
    held_out_points,
    plant,
    read_outcomes,
    says_gain,
    session_noise,
)
from tests.conftest import SHARED

SMALL = [plan for plan in PLANS if plan.pairs == 200 and plan.fits == 40]


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """The public outcomes; tests that need them skip where they are absent."""
    folder = SHARED / "usage"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/usage with outcomes beside the project")
    return read_outcomes(folder)


@pytest.fixture
def draws() -> random.Random:
    return random.Random(20261129)  # noqa: S311 - a simulation


def test_200_graded_pairs_gain_three_points_over_mixing(outcomes: Outcomes, draws: random.Random) -> None:
    found = [held_out_points(outcomes, case, draws) for case in outcomes.cases]
    assert len(found) > 50
    assert statistics.fmean(points.fitted for points in found) >= 3.0
    assert statistics.fmean(points.fitted - points.longest_first for points in found) > 2.0


def test_graders_who_err_in_15_of_100_cost_points_but_not_the_gain(
    outcomes: Outcomes, draws: random.Random
) -> None:
    found = [held_out_points(outcomes, case, draws, misgraded=0.15).fitted for case in outcomes.cases[::2]]
    assert statistics.fmean(found) > 1.0


def test_shuffled_outcomes_are_no_better_than_mixing(outcomes: Outcomes, draws: random.Random) -> None:
    said = [says_gain(outcomes, case, draws, shuffled=True) for case in outcomes.cases * 2]
    assert statistics.fmean(said) <= 0.05


@pytest.mark.parametrize("plan", SMALL, ids=lambda plan: plan.name)
def test_planted_gains_are_recovered_and_costly_kinds_are_not_simple(
    plan: Plan, draws: random.Random
) -> None:
    counts = plant(plan, draws)
    assert counts.costly > 20
    assert counts.wrongly_simple <= 0.05 * counts.costly
    assert counts.points / plan.fits >= 0.7 * plan.best_points()


def test_sessions_that_lose_alike_whatever_they_ask_are_no_gain(draws: random.Random) -> None:
    assert statistics.fmean(session_noise(draws) for _ in range(60)) <= 0.05
