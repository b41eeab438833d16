"""Sections 5 to 7 of the method, each number by hand once: floor, joint, value, dominance, inclusion."""

from __future__ import annotations

import dataclasses
from statistics import NormalDist

import pytest
from pipeline.pools.runner import clearly_better, joint

from pipeline.domain.names import TierName, VariantId
from pipeline.pools.draw import draw
from pipeline.pools.floor import floor_of, floor_probability
from pipeline.pools.scale import probability_above, to_elo, to_logits, win_probability
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.value import Point, upper_hull
from tests.pools.factories import LOGITS, TIER, One, brief, policy, scoreboard, tier

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


def test_worked_example_of_joint_value_and_dominance() -> None:
    """Half-widths of 3 and 4 Elo make a joint of 5; 10 Elo are two joints, so a at the same cost dominates b.

    A weight of 50 per decade: 120 - 50 log10(.01) = 220.
    """
    runners = select_tier(brief([A, B]), TierName(TIER)).field.runners
    one, other = runners[A.id], runners[B.id]
    assert (one.half_width, other.half_width) == pytest.approx((3.0, 4.0))
    assert joint(one, other) == pytest.approx(5.0)
    assert other.pressure == pytest.approx(2.0)
    assert (other.rival, other.dominated) == (A.id, True)
    assert one.pressure == pytest.approx(-2.0)
    assert not one.dominated
    assert clearly_better(one, other, 1.9)
    assert not clearly_better(one, other, 2.1)
    assert one.key == pytest.approx(220.0)


def test_worked_example_of_what_the_next_dollar_buys() -> None:
    """From ($.001, .40) to ($.005, .48): MQD = .08 / .004 = 20 answers a dollar, $.05 for the next one."""
    steps = upper_hull(
        Point(variant=VariantId(name), usd_per_task=usd, quality=q)
        for name, usd, q in (("a", 0.001, 0.40), ("b", 0.005, 0.48))
    )
    assert [step.next_answer_usd for step in steps] == [None, pytest.approx(0.05)]


def test_worked_example_of_inclusion() -> None:
    """One place and a floor one sigma below: pi = Phi(1) = .841, within the error of 2,000 draws."""
    made = brief([One(name="x", elo=150.0, usd=0.001)], policy=policy({TIER: tier(k=1)}, draws=2000))
    name = VariantId("x@high")
    score = made.scoreboards["general"].scores[name]
    below = to_elo(score.sigma)
    made = dataclasses.replace(
        made,
        policy=policy(
            {TIER: tier(k=1, floor_elo_below_reference=below, ceiling_usd_per_task=None)}, draws=2000
        ),
        scoreboards={
            "general": dataclasses.replace(made.scoreboards["general"], reference_theta=score.theta)
        },
    )
    found = draw(made, select_tier(made, TierName(TIER)).field)[name]
    assert found.inclusion == pytest.approx(NormalDist().cdf(1.0), abs=0.025)
