"""A missing board widens what is known; it is never a zero."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import AA_INTELLIGENCE, VariantId
from pipeline.domain.score import BoardScore
from pipeline.scoring.quality.rating import choose_reference, combine, preference

logits = st.floats(-6, 6)
errors = st.floats(0.001, 3)
taus = st.floats(0.046, 0.5)


def board(theta: float, se: float) -> BoardScore:
    return BoardScore(
        metric=AA_INTELLIGENCE, scale="", published=0, theta=theta, se=se, votes=None, confirmed=True
    )


def test_worked_example_of_two_boards() -> None:
    """With tau .3: w = 1/(.16 + .09) = 4 and 1/(.07 + .09) = 6.25.

    theta = (4 * 1 + 6.25 * .5) / 10.25 = .69512, sigma = sqrt(1/10.25) = .31235,
    measured = 1 / sqrt(1/.16 + 1/.07) = 1 / sqrt(6.25 + 14.2857) = .22067.
    """
    both = combine([board(1.0, 0.4), board(0.5, math.sqrt(0.07))], 0.3)
    assert both.theta == pytest.approx(0.69512, abs=5e-6)
    assert both.sigma == pytest.approx(0.31235, abs=5e-6)
    assert both.sigma_measured == pytest.approx(0.22067, abs=5e-6)


def test_worked_example_of_one_board() -> None:
    """.4 and .3 make .5: sigma^2 = se^2 + tau^2."""
    alone = combine([board(1.0, 0.4)], 0.3)
    assert alone.theta == 1.0
    assert alone.sigma == pytest.approx(0.5)
    assert alone.sigma_measured == pytest.approx(0.4)


@given(theta=logits, se=errors, tau=taus)
def test_one_board_alone_is_the_same_sums_to_the_last_bit(theta: float, se: float, tau: float) -> None:
    weight, precision = math.fsum([1 / (se**2 + tau**2)]), math.fsum([1 / se**2])
    alone = combine([board(theta, se)], tau)
    assert alone.theta == math.fsum([weight * theta]) / weight
    assert (alone.sigma, alone.sigma_measured) == (math.sqrt(1 / weight), math.sqrt(1 / precision))


def test_a_large_tau_makes_the_weights_nearly_equal() -> None:
    assert combine([board(0.0, 0.01), board(1.0, 0.1)], 1.0).theta == pytest.approx(0.5, abs=0.005)


@given(first=logits, second=logits, se_first=errors, se_second=errors, tau=taus)
def test_missing_one_board_widens_sigma_and_moves_theta_within_the_boards(
    first: float, second: float, se_first: float, se_second: float, tau: float
) -> None:
    both = combine([board(first, se_first), board(second, se_second)], tau)
    alone = combine([board(first, se_first)], tau)
    assert alone.sigma > both.sigma
    assert alone.sigma_measured > both.sigma_measured
    assert min(first, second) - 1e-9 <= both.theta <= max(first, second) + 1e-9


@given(theta=logits, narrow=errors, wide=errors, tau=taus)
def test_a_narrower_interval_never_widens_sigma(theta: float, narrow: float, wide: float, tau: float) -> None:
    narrow, wide = sorted((narrow, wide))
    assert combine([board(theta, narrow)], tau).sigma <= combine([board(theta, wide)], tau).sigma


def test_the_order_of_boards_does_not_matter() -> None:
    boards = [board(0.1, 0.3), board(0.7, 0.2), board(-0.4, 0.9)]
    assert combine(boards, 0.2) == combine(boards[::-1], 0.2)


def test_the_reference_is_the_mean_of_the_best_with_ties_by_id() -> None:
    thetas = {VariantId(name): theta for name, theta in (("d", 1.0), ("c", 1.0), ("b", 3.0), ("a", 0.5))}
    reference = choose_reference(thetas, 2)
    assert reference.variants == ("b", "c")
    assert reference.theta == 2.0


def test_fewer_confirmed_variants_make_a_smaller_reference_and_none_leaves_the_anchor() -> None:
    assert choose_reference({VariantId("a"): 0.5}, 3).theta == 0.5
    nobody = choose_reference({}, 3)
    assert nobody.variants == ()
    assert nobody.theta == 0.0


def test_worked_example_of_quality() -> None:
    """A theta ln 3 above the reference is odds of 3:1; 1.96 sigma is ln 3 too, so the ends are .5 and .9."""
    quality = preference(math.log(3) + 1, math.log(3) / 1.96, 1.0)
    assert quality.value == pytest.approx(0.75)
    assert quality.low == pytest.approx(0.5)
    assert quality.high == pytest.approx(0.9)


@given(theta=st.floats(-1e6, 1e6), sigma=errors)
def test_quality_is_a_probability_inside_its_interval(theta: float, sigma: float) -> None:
    quality = preference(theta, sigma, 0.0)
    assert 0 <= quality.low <= quality.value <= quality.high <= 1
