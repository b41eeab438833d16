"""The draws: the same on every machine, fair where it can be computed by hand, and never deciding."""

from __future__ import annotations

import dataclasses
import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.domain.calendar import Week
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Purpose
from pipeline.domain.score import Cost
from pipeline.pools.select import select
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.worth.monte_carlo import DrawStats, _closeness, _ranks, draw_stats
from tests.pools.factories import TIER, One, at, bytes_of, inputs, members, policy, scoreboard, tier
from tests.pools.worlds import worlds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.pools.selection_input import SelectionInput

NAME = TierName(TIER)
TWINS = [One(name=f"m{n}", elo=100.0, usd=0.005) for n in range(4)]


def drawn(world: list[One], **changes: object) -> dict[str, DrawStats]:
    made = inputs(world, policy=policy({TIER: tier(**changes)}, draws=2000))
    return {name.split("@")[0]: one for name, one in draw_stats(made, select_tier(made, NAME)).items()}


def test_nothing_to_draw_from_draws_nothing() -> None:
    assert drawn([]) == {}


def test_a_variant_just_above_the_ceiling_is_drawn_and_one_without_route_is_not() -> None:
    made = inputs([One(name="x", elo=120.0, usd=0.016)])
    assert VariantId("x@high") in draw_stats(made, select_tier(made, NAME))
    nowhere = dataclasses.replace(made, variants={})
    assert draw_stats(nowhere, select_tier(nowhere, NAME)) == {}


def test_who_is_never_eligible_has_no_rank() -> None:
    found = drawn([One(name="x", elo=-900.0, usd=0.001), *TWINS])
    assert (found["x"].rank_low, found["x"].rank_high) == (0, 0)


def test_the_rank_range_counts_only_draws_in_which_a_variant_is_eligible() -> None:
    """Five at the floor, each eligible in half of the draws; the dear one is behind all who are."""
    four = [One(name=f"m{n}", elo=100.0, usd=0.0001) for n in range(4)]
    found = drawn(
        [One(name="dear", elo=100.0, usd=0.012), *four],
        floor_elo_below_reference=50.0,
        ceiling_usd_per_task=None,
    )
    assert (found["dear"].rank_low, found["dear"].rank_high) == (1, 5)


def test_the_clearly_best_has_the_first_rank_alone() -> None:
    found = drawn([One(name="top", elo=500.0, usd=0.0001), *TWINS])
    assert (found["top"].rank_low, found["top"].rank_high) == (1, 1)


def test_another_tier_and_another_order_do_not_change_a_number() -> None:
    one = inputs(TWINS, policy=policy({TIER: tier()}))
    other = inputs(list(reversed(TWINS)), policy=policy({"aaa": tier(k=2), TIER: tier()}))
    assert draw_stats(one, select_tier(one, NAME)) == draw_stats(other, select_tier(other, NAME))


@pytest.mark.parametrize("change", [{"week": Week("2026-W34")}, {"policy": policy(seed=8)}])
def test_another_week_or_seed_draws_anew(change: dict[str, object]) -> None:
    one = inputs(TWINS)
    other = dataclasses.replace(one, **change)  # type: ignore[arg-type] # reason: names of Brief
    assert draw_stats(one, select_tier(one, NAME)) != draw_stats(other, select_tier(other, NAME))


@settings(max_examples=20, deadline=None)
@given(world=worlds)
def test_the_same_brief_gives_the_same_bytes(world: tuple[One, ...]) -> None:
    assert bytes_of(select(inputs(world)).pool) == bytes_of(select(inputs(world)).pool)


@settings(max_examples=20, deadline=None)
@given(world=worlds)
def test_the_draws_give_shares_and_ranges_are_in_order(world: tuple[One, ...]) -> None:
    made = inputs(world)
    found = draw_stats(made, select_tier(made, NAME))
    for one in found.values():
        assert 0 <= one.p_close <= 1
        assert 0 <= one.rank_low <= one.rank_high <= len(found)


@given(
    expected=arrays(np.float64, (7, 5), elements=st.floats(1e-3, 1e3)),
    able=arrays(np.bool_, (7, 5)),
)
def test_ranks_are_those_of_sorting_every_draw_by_hand(
    expected: NDArray[np.float64], able: NDArray[np.bool_]
) -> None:
    """Equal E: by id. Values are spread so that none but equal ones are nearly equal."""
    expected = np.round(expected, 3)
    ranks: list[list[int]] = [[] for _ in range(5)]
    for draw_of, may in zip(expected.tolist(), able.tolist(), strict=True):
        order = sorted((place for place in range(5) if may[place]), key=lambda place: (draw_of[place], place))
        for rank, place in enumerate(order, start=1):
            ranks[place].append(rank)
    best, worst = _ranks(expected, able)
    assert best == [min(row, default=0) for row in ranks]
    assert worst == [max(row, default=0) for row in ranks]


EXPECTED = np.array(
    [[1.00, 1.04, 1.06, 2.00], [1.00, 1.00, 1.00, 1.04], [3.0, 2.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0]]
)
EVERYBODY = np.ones((4, 4), dtype=np.bool_)


def test_worked_example_of_p_close() -> None:
    """Four draws of four variants by hand: at most 1.05 times the first, the second, the fourth best."""
    assert _closeness(EXPECTED, EVERYBODY, 1) == [0.75, 0.5, 0.5, 0.5]
    assert _closeness(EXPECTED, EVERYBODY, 2) == [0.75, 0.75, 0.75, 0.5]
    assert _closeness(EXPECTED, EVERYBODY, 4) == [1.0, 1.0, 1.0, 1.0]


def test_only_eligible_ones_set_the_mark_and_where_fewer_than_k_are_all_count() -> None:
    """Without the first variant the best is 1.04, 1.00, 1.00 and 2.00; with one eligible of two all count."""
    able = EVERYBODY.copy()
    able[:, 0] = False
    assert _closeness(EXPECTED, able, 1)[1:] == [0.75, 0.75, 0.5]
    able[:, 1:3] = False
    assert _closeness(EXPECTED, able, 2) == [1.0, 1.0, 1.0, 1.0]
    assert _closeness(EXPECTED, able, 5) == [1.0, 1.0, 1.0, 1.0]


def test_worked_example_of_p_close_of_two() -> None:
    """One place, costs known: E = $.001 + (1 - q) $.05, and P(E_b <= 1.05 E_a) of two normal q."""
    a, b = at("a", 0.50, 0.001, tau=10.0), at("b", 0.45, 0.001, tau=10.0)
    made = exact_costs(inputs([a, b], policy=policy({TIER: tier(k=1)}, draws=2000)))
    found = draw_stats(made, select_tier(made, NAME))
    rows = made.scoreboards["general"].scores
    mean = rows[a.id].quality, rows[b.id].quality
    sd = [rows[one.id].sigma * q * (1 - q) for one, q in zip((a, b), mean, strict=True)]
    gap = 1.05 * (0.001 + 0.05 * (1 - mean[0])) - (0.001 + 0.05 * (1 - mean[1]))
    spread = math.hypot(1.05 * 0.05 * sd[0], 0.05 * sd[1])
    assert found[b.id].p_close == pytest.approx(NormalDist().cdf(gap / spread), abs=0.03)


def exact_costs(made: SelectionInput) -> SelectionInput:
    """The same week with every cost known to a part in a million."""
    board = made.scoreboards["general"]
    scores = {}
    for name, row in board.scores.items():
        assert isinstance(row.cost, Cost)
        scores[name] = dataclasses.replace(row, cost=dataclasses.replace(row.cost, log_sd=1e-6))
    return dataclasses.replace(made, scoreboards={"general": dataclasses.replace(board, scores=scores)})


def sure(name: str, quality: float, usd: float, vendor: str) -> One:
    """A variant whose quality is known to a hundredth of an answer per 100."""
    return at(name, quality, usd, half=0.0001, tau=0.001, vendor=vendor)


def test_a_stand_in_is_compared_with_other_vendors_than_the_default_s() -> None:
    """Two of the default's vendor are far better than the stand-in, which is the best of all others."""
    world = [
        sure("first", 0.55, 0.001, "north"),
        sure("second", 0.54, 0.001, "north"),
        sure("third", 0.53, 0.001, "north"),
        sure("stand", 0.45, 0.001, "south"),
        sure("other", 0.35, 0.001, "west"),
    ]
    made = exact_costs(inputs(world, policy=policy({TIER: tier(k=2)}, draws=100)))
    choice = select_tier(made, NAME)
    assert [one.split("@")[0] for one in choice.places] == ["first", "stand"]
    found = draw_stats(made, choice)
    assert (found[world[0].id].p_close, found[world[3].id].p_close) == (1.0, 1.0)
    assert found[world[4].id].p_close == 0.0


def test_who_serves_a_band_is_close_or_not_at_that_band_s_price() -> None:
    """The cheap one is worth it on simple requests only: at the tier's own price three others are better."""
    able = sure("able", 0.60, 0.0050, "north")
    plain = [sure(f"plain{n}", 0.56 - n / 100, 0.0050, "south") for n in range(3)]
    cheap = sure("cheap", 0.40, 0.0002, "north")
    made = exact_costs(inputs([able, *plain, cheap], policy=policy({TIER: tier(k=3)}, draws=100)))
    choice = select_tier(made, NAME)
    assert choice.serves[cheap.id] == (Purpose.SIMPLE,)
    assert draw_stats(made, choice)[cheap.id].p_close == 1.0
    spare = dataclasses.replace(choice, bands={**choice.bands, "simple": choice.places})
    assert spare.serves[cheap.id] == (Purpose.SPARE,)
    assert draw_stats(made, spare)[cheap.id].p_close == 0.0


def test_draws_decide_nothing() -> None:
    world = [*TWINS, One(name="top", elo=130.0, usd=0.01)]
    chosen = {tuple(members(select(inputs(world, policy=policy(seed=seed))))) for seed in range(5)}
    assert len(chosen) == 1


def test_known_draws_keep_their_bytes() -> None:
    """Golden: the generator, its seed and the order of draws are part of the pool's format."""
    made = inputs(TWINS[:2], scoreboards={"general": scoreboard(TWINS[:2])}, policy=policy({TIER: tier(k=1)}))
    pool = select(made).pool.tiers[TIER].members[0]
    assert (pool.p_close, pool.rank_low, pool.rank_high) == ("0.620", 1, 2)
