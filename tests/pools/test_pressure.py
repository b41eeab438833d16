"""Pressure: by how many joints a variant is beaten by somebody who is not dearer."""

from __future__ import annotations

import math

import pytest

from pipeline.domain.names import TierName
from pipeline.pools.choose import choose
from tests.pools.factories import TIER, One, brief

A = One(name="a", elo=120.0, usd=0.010)
B = One(name="b", elo=110.0, usd=0.006)


def pressure(*world: One) -> dict[str, tuple[object, str | None]]:
    runners = choose(brief(world), TierName(TIER)).field.runners
    return {runner.id: (runner.pressure, runner.rival) for runner in runners.values()}


def test_the_only_variant_is_under_no_pressure() -> None:
    assert pressure(A) == {A.id: (-math.inf, None)}


def test_a_dearer_variant_exerts_no_pressure() -> None:
    found = pressure(A, B)
    assert found[B.id] == (-math.inf, None)
    assert found[A.id] == (pytest.approx(-10 / math.hypot(5, 5)), B.id)


def test_a_variant_of_the_same_cost_exerts_pressure() -> None:
    twin = One(name="twin", elo=125.0, usd=0.010)
    assert pressure(A, twin)[A.id] == (pytest.approx(5 / math.hypot(5, 5)), twin.id)


def test_the_largest_lead_in_joints_counts_not_the_largest_in_elo() -> None:
    vague = One(name="vague", elo=140.0, usd=0.005, ci=40.0)
    sure = One(name="sure", elo=131.0, usd=0.005, ci=1.0)
    assert pressure(A, vague, sure)[A.id] == (pytest.approx(11 / math.hypot(5, 1)), sure.id)


def test_an_ineligible_variant_exerts_no_pressure() -> None:
    better = One(name="better", elo=140.0, usd=0.005, confirmed=False)
    assert pressure(A, better) == {A.id: (-math.inf, None)}
