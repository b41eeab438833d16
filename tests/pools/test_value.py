"""E, V and QPD are one choice; the hull says what the next answer costs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import VariantId
from pipeline.pools.worth.value import Point, answers_per_usd, expected_usd, upper_hull, value_at

costs = st.integers(1, 5000).map(lambda n: n / 100_000)
qualities = st.integers(1, 99).map(lambda n: n / 100)
lambdas = st.sampled_from([0.004, 0.05, 0.5])
points = st.lists(st.tuples(costs, qualities), min_size=1, max_size=30).map(
    lambda rows: [
        Point(variant=VariantId(f"m{n:02}"), usd_per_task=usd, quality=quality)
        for n, (usd, quality) in enumerate(rows)
    ]
)


def point(name: str, usd: float, quality: float) -> Point:
    return Point(variant=VariantId(name), usd_per_task=usd, quality=quality)


@given(one=st.tuples(costs, qualities), other=st.tuples(costs, qualities), worth=lambdas)
def test_expected_cost_value_and_answers_per_dollar_choose_the_same(
    one: tuple[float, float], other: tuple[float, float], worth: float
) -> None:
    lead = value_at(*one, worth) - value_at(*other, worth)
    if abs(lead) > 1e-12:
        assert (lead > 0) == (expected_usd(*one, worth) < expected_usd(*other, worth))
        assert (lead > 0) == (answers_per_usd(*one, worth) > answers_per_usd(*other, worth))


def test_the_numbers_of_a_worked_example() -> None:
    assert expected_usd(0.01, 0.6, 0.05) == pytest.approx(0.03)
    assert value_at(0.01, 0.6, 0.05) == pytest.approx(0.40)
    assert value_at(0.01, 0.6, 0.05) == pytest.approx(1 - expected_usd(0.01, 0.6, 0.05) / 0.05)
    assert answers_per_usd(0.01, 0.6, 0.05) == pytest.approx(1 / 0.03)


@pytest.mark.parametrize("usd", [0.0, -0.01])
def test_a_free_variant_has_no_answers_per_dollar(usd: float) -> None:
    with pytest.raises(ValueError, match="cost must be above zero"):
        answers_per_usd(usd, 0.5, 0.05)


def test_no_variants_have_no_hull() -> None:
    assert upper_hull([]) == ()


def test_the_hull_leaves_out_what_is_below_it_and_prices_each_step() -> None:
    hull = upper_hull(
        [
            point("a", 1, 0.2),
            point("b", 2, 0.5),
            point("below", 3, 0.52),
            point("c", 4, 0.6),
            point("worse", 5, 0.4),
        ]
    )
    assert [vertex.point.variant for vertex in hull] == ["a", "b", "c"]
    steps = [vertex.next_answer_usd for vertex in hull]
    assert steps[0] is None
    assert steps[1:] == [pytest.approx(1 / 0.3), pytest.approx(2 / 0.1)]


@given(world=points)
def test_the_next_answer_gets_dearer_along_the_hull(world: list[Point]) -> None:
    steps = [vertex.next_answer_usd for vertex in upper_hull(world)]
    prices = [usd for usd in steps[1:] if usd is not None]
    assert len(prices) == len(steps) - 1
    assert all(low < high for low, high in pairwise(prices))


@given(world=points, worth=lambdas)
def test_the_best_value_is_the_vertex_where_the_next_answer_costs_more_than_lambda(
    world: list[Point], worth: float
) -> None:
    hull = upper_hull(world)
    taken = [v for v in hull if v.next_answer_usd is None or v.next_answer_usd < worth][-1]
    best = max(value_at(one.usd_per_task, one.quality, worth) for one in world)
    assert value_at(taken.point.usd_per_task, taken.point.quality, worth) == pytest.approx(best, abs=1e-9)
