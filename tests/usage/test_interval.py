"""The interval of a loss keeps its level where few pairs differ, and says how many pairs a margin needs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.usage.interval import Tally, Z, design_effect, interval, pairs_needed, tally


def test_the_interval_is_that_of_a_published_worked_example() -> None:
    # Fagerland, Lydersen, Laake, Statistics in Medicine 33 (2014): airway hyper-responsiveness, 21 children.
    low, high = interval(Tally(pairs=21, better_only=7, cheaper_only=1))
    assert (round(low, 3), round(high, 3)) == (0.026, 0.517)


def test_pairs_that_all_agree_still_leave_a_doubt() -> None:
    _, high = interval(tally([0] * 43))
    assert high == pytest.approx(Z**2 / (43 + Z**2))


def test_without_pairs_nothing_is_known() -> None:
    assert interval(tally([])) == (-1.0, 1.0)


@pytest.mark.parametrize(("points", "pairs"), [(10, 43), (5, 172), (2, 1076)])
def test_a_margin_needs_so_many_pairs_at_the_usual_disagreement(points: int, pairs: int) -> None:
    exact = Z**2 * 0.112 / (points / 100) ** 2
    assert round(exact) == pairs
    assert pairs_needed(points / 100, 0.112) in {pairs, pairs + 1}, "rounded up, never down"


@pytest.mark.parametrize(("sessions", "pairs"), [(40, 10), (100, 10)])
def test_a_loss_at_the_margin_is_not_called_smaller_because_sessions_lose_alike(
    sessions: int, pairs: int
) -> None:
    draws = random.Random(4)  # noqa: S311 - a simulation
    plain = corrected = 0
    for _ in range(400):
        found = []
        for _ in range(sessions):
            loss = 0.5 if draws.random() < 0.2 else 0.0
            drawn = [draws.random() for _ in range(pairs)]
            found.append([1 if one < loss + 0.05 else -1 if one < loss + 0.1 else 0 for one in drawn])
        counted = tally(one for each in found for one in each)
        plain += interval(counted)[1] < 0.1
        corrected += interval(counted.worth(design_effect(found)))[1] < 0.1
    assert corrected <= 20
    assert plain > 20, "sessions that lose alike are what is tested"


def test_pairs_of_one_session_are_worth_one_and_those_of_as_many_sessions_all() -> None:
    assert design_effect([[1, 0, 1, 0]]) == 4.0
    assert design_effect([[1], [0], [1], [0]]) == 1.0
    assert design_effect([[0, 0], [0, 0]]) > 1.0


@given(better=st.integers(0, 40), cheaper=st.integers(0, 40), agreeing=st.integers(0, 200))
def test_the_interval_holds_the_estimate_and_turns_with_the_roles(
    better: int, cheaper: int, agreeing: int
) -> None:
    pairs = better + cheaper + agreeing
    found = Tally(pairs=pairs, better_only=better, cheaper_only=cheaper)
    low, high = interval(found)
    assert -1 <= low <= found.loss <= high <= 1
    turned = interval(Tally(pairs=pairs, better_only=cheaper, cheaper_only=better))
    assert (-turned[1], -turned[0]) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("margin", "pairs"), [(0.1, 60), (0.05, 200)])
def test_a_loss_at_the_margin_is_called_smaller_in_at_most_one_of_twenty(margin: float, pairs: int) -> None:
    draws = random.Random(3)  # noqa: S311 - a simulation
    passed = 0
    for _ in range(1000):
        found = tally(1 if draws.random() < margin else 0 for _ in range(pairs))
        passed += interval(found)[1] < margin
    assert passed <= 50
