"""Laws of the whole scoreboard: no order, no common shift and no hole in the data bends a number."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.ids import VariantId
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from pipeline.domain.crosswalk import CatalogueOffer, Measure
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import Scoreboard
    from tests.scoring.conftest import Make


def scored(
    make: Make,
    policy: Policy,
    measures: Sequence[Measure],
    offers: Sequence[CatalogueOffer] = (),
    extra: str = "",
) -> Scoreboard:
    names = {str(measure.variant) for measure in measures} | set(extra.split())
    resolution = make.resolution(*measures, offers=tuple(offers))
    return score("general", resolution, make.crosswalk(*sorted(names)), policy)


def shifted(measure: Measure, elo: float) -> Measure:
    seen = measure.observation
    if not seen.metric.startswith("arena") or seen.low is None or seen.high is None:
        return measure
    moved = replace(seen, value=seen.value + elo, low=seen.low + elo, high=seen.high + elo)
    return replace(measure, observation=moved)


@pytest.mark.parametrize("elo", [59.9, -400.0, 10.0])
def test_a_shift_of_the_whole_arena_changes_no_theta(make: Make, policy: Policy, elo: float) -> None:
    measures = make.twin_boards(20, wiggle=25)
    before = scored(make, policy, measures)
    after = scored(make, policy, [shifted(measure, elo) for measure in measures])
    assert before.anchor_rating is not None
    assert after.anchor_rating == pytest.approx(before.anchor_rating + elo)
    for name, entry in before.scores.items():
        assert after.scores[name].theta == pytest.approx(entry.theta, abs=1e-9)
        assert after.scores[name].quality == pytest.approx(entry.quality, abs=1e-9)


@given(order=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_changes_no_bit(make: Make, policy: Policy, order: Random) -> None:
    measures = [
        *make.twin_boards(20, wiggle=25),
        make.index("m03", 55, scale="aa-4.2"),
        make.arena("m04", 1250),
    ]
    offers = [offer for n in range(20) for offer in make.offers(f"m{n:02}", 1 + n / 7, 3)]
    plain = scored(make, policy, measures, offers, extra="z y")
    mixed_measures, mixed_offers = measures.copy(), offers.copy()
    order.shuffle(mixed_measures)
    order.shuffle(mixed_offers)
    mixed = scored(make, policy, mixed_measures, mixed_offers, extra="y z")
    assert mixed == plain
    assert repr(mixed) == repr(plain)


def test_more_votes_that_narrow_the_interval_narrow_both_sigmas(make: Make, policy: Policy) -> None:
    rest = make.twin_boards(20, wiggle=25)
    wide = scored(make, policy, [*rest, make.arena("x", 1400, half_width=30, votes=100)])
    narrow = scored(make, policy, [*rest, make.arena("x", 1400, half_width=5, votes=4000)])
    one, other = wide.scores[VariantId("x")], narrow.scores[VariantId("x")]
    assert other.sigma < one.sigma
    assert other.sigma_measured < one.sigma_measured


ratings = st.floats(600, 2200)
indices = st.one_of(st.none(), st.sampled_from([0.0, 100.0, 50.0]), st.floats(0.01, 99.99))
widths = st.one_of(st.none(), st.just(0.0), st.floats(0.5, 60))
row = st.tuples(st.one_of(st.none(), ratings), indices, widths, st.one_of(st.none(), st.integers(0, 99999)))


@given(rows=st.lists(row, max_size=25))
@settings(max_examples=60, deadline=None)
def test_no_number_is_ever_missing_infinite_or_negative_where_it_cannot_be(
    make: Make, policy: Policy, rows: list[tuple[float | None, float | None, float | None, int | None]]
) -> None:
    names = [f"v{number:02}" for number in range(len(rows))]
    measures = []
    for name, (rating, points, width, votes) in zip(names, rows, strict=True):
        if rating is not None:
            measures.append(make.arena(name, rating, half_width=width, votes=votes))
        if points is not None:
            measures.append(make.index(name, points))
    board = scored(make, policy, measures, extra=" ".join(names))
    assert board.scores.keys() | board.unscored.keys() == set(names)
    assert not board.scores.keys() & board.unscored.keys()
    for entry in board.scores.values():
        numbers = [entry.theta, entry.sigma, entry.sigma_measured, entry.quality]
        numbers += [value for one in entry.boards for value in astuple(one) if isinstance(value, float)]
        assert all(math.isfinite(number) for number in numbers)
        assert entry.sigma > entry.sigma_measured > 0
        assert 0 <= entry.quality_low <= entry.quality <= entry.quality_high <= 1
    for fit in board.fits:
        assert all(math.isfinite(number) for number in (fit.intercept, fit.slope, fit.r2, fit.tau))
