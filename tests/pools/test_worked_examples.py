"""Sections 5 to 7 of the method, each number by hand once: floor, interval, value, the next answer."""

from __future__ import annotations

import dataclasses
from statistics import NormalDist

import pytest

from pipeline.domain.ids import VariantId
from pipeline.pools.worth.candidate import beats, difference_half_width
from pipeline.pools.worth.floor import floor_of, floor_probability
from pipeline.pools.worth.value import (
    Point,
    probability_above,
    to_elo,
    to_logits,
    upper_hull,
    win_probability,
)
from tests.pools.factories import LOGITS, One, candidates, scoreboard, tier

A, B = One(name="a", elo=120.0, usd=0.010, ci=3.0), One(name="b", elo=110.0, usd=0.0100, ci=4.0)


def test_worked_example_of_elo_and_logits() -> None:
    """400 Elo are odds of ten to one, ln 10 = 2.3026 logits; 75 Elo below is .4317, preferred in 39.4 %."""
    assert to_logits(400.0) == pytest.approx(2.302585)
    assert to_elo(1.0) == pytest.approx(173.7178)
    assert win_probability(-to_logits(75.0)) == pytest.approx(0.39371, abs=1e-5)


def test_worked_example_of_the_chance_to_be_above_a_floor() -> None:
    """A floor at .40, theta .46 and sigma .05: 1.2 standard errors above, Phi(1.2) = .8849."""
    assert probability_above(0.40, mean=0.46, sigma=0.05) == pytest.approx(0.88493, abs=1e-5)
    assert probability_above(0.40, mean=0.40, sigma=0.05) == pytest.approx(0.5)


def test_worked_example_of_a_tiers_floor() -> None:
    """The floor is 75 Elo below the reference; its chance is Phi(distance / sigma) of the combined score."""
    board = scoreboard([A, B])
    floor = floor_of(tier(floor_elo_below_reference=75.0), board)
    assert floor.theta == pytest.approx(board.reference_theta - 75 * LOGITS)
    score = dataclasses.replace(board.scores[A.id], theta=floor.theta + 0.06, sigma=0.05)
    assert floor_probability(floor, score) == pytest.approx(NormalDist().cdf(1.2))


def test_worked_example_of_the_interval_of_a_difference() -> None:
    """Half-widths of 3 and 4 Elo at q = .457 and .443 are .0043 and .0057; together .0071."""
    one, other = candidates(A, B)
    slopes = [each.quality * (1 - each.quality) * LOGITS for each in (one, other)]
    assert (one.half_width, other.half_width) == pytest.approx((3.0 * slopes[0], 4.0 * slopes[1]))
    assert difference_half_width(one, other) == pytest.approx(0.0071, abs=5e-5)
    assert one.value - other.value == pytest.approx(0.0142, abs=5e-5)
    assert beats(one, other)
    assert beats(one, other, intervals=1.99)
    assert not beats(one, other, intervals=2.02)


def test_worked_example_of_what_the_next_dollar_buys() -> None:
    """From ($.001, .40) to ($.005, .48): MQD = .08 / .004 = 20 answers a dollar, $.05 for the next one."""
    steps = upper_hull(
        Point(variant=VariantId(name), usd_per_task=usd, quality=q)
        for name, usd, q in (("a", 0.001, 0.40), ("b", 0.005, 0.48))
    )
    assert [step.next_answer_usd for step in steps] == [None, pytest.approx(0.05)]
