"""The draws: the same on every machine, fair where it can be computed by hand, and never deciding."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.domain.names import TierName, VariantId
from pipeline.domain.week import Week
from pipeline.pools.draw import DrawStats, draw
from pipeline.pools.select import select
from pipeline.pools.tier_selection import select_tier
from tests.pools.factories import TIER, One, brief, bytes_of, members, policy, scoreboard, tier
from tests.pools.worlds import worlds

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = TierName(TIER)
TWINS = [One(name=f"m{n}", elo=100.0, usd=0.005) for n in range(4)]


def odds(world: list[One], **changes: object) -> dict[str, DrawStats]:
    made = brief(world, policy=policy({TIER: tier(**changes)}, draws=2000))
    return {name.split("@")[0]: one for name, one in draw(made, select_tier(made, NAME).field).items()}


def test_nothing_to_draw_from_draws_nothing() -> None:
    assert odds([]) == {}


def test_four_equals_share_three_places_alike() -> None:
    found = odds(TWINS, floor_elo_below_reference=2000.0, ceiling_usd_per_task=None)
    assert [one.inclusion for one in found.values()] == pytest.approx([0.75] * 4, abs=0.04)
    assert sum(one.inclusion for one in found.values()) == pytest.approx(3.0)
    assert {(one.rank_low, one.rank_high) for one in found.values()} == {(1, 4)}


def test_the_share_above_the_floor_bounds_the_inclusion() -> None:
    """Alone, exactly at the floor: in every second draw it is below."""
    found = odds([One(name="x", elo=100.0, usd=0.001)], floor_elo_below_reference=50.0)
    assert found["x"].inclusion == pytest.approx(0.5, abs=0.04)


def test_the_ceiling_is_judged_per_draw_too() -> None:
    found = odds([One(name="x", elo=120.0, usd=0.015)], floor_elo_below_reference=2000.0)
    assert found["x"].inclusion == pytest.approx(0.5, abs=0.04)


def test_a_variant_just_above_the_ceiling_is_drawn_and_one_without_route_is_not() -> None:
    made = brief([One(name="x", elo=120.0, usd=0.016)])
    assert 0.1 < draw(made, select_tier(made, NAME).field)[VariantId("x@high")].inclusion < 0.6
    nowhere = dataclasses.replace(made, variants={})
    assert draw(nowhere, select_tier(nowhere, NAME).field) == {}


def test_who_is_never_eligible_has_no_rank() -> None:
    found = odds([One(name="x", elo=-900.0, usd=0.001), *TWINS])
    assert (found["x"].inclusion, found["x"].rank_low, found["x"].rank_high) == (0.0, 0, 0)


def test_the_rank_range_counts_only_draws_in_which_a_variant_is_eligible() -> None:
    """Five at the floor, each eligible in half of the draws; the dear one is behind all who are."""
    four = [One(name=f"m{n}", elo=100.0, usd=0.0001) for n in range(4)]
    found = odds(
        [One(name="dear", elo=100.0, usd=0.012), *four],
        floor_elo_below_reference=50.0,
        ceiling_usd_per_task=None,
    )
    assert (found["dear"].rank_low, found["dear"].rank_high) == (1, 5)


def test_the_interval_of_utility_has_the_width_of_its_inputs() -> None:
    """With q near one half, U moves by lambda / 4 per logit; here sigma is 20.16 Elo."""
    one = One(name="x", elo=150.0, usd=1e-9)
    found = odds([one], floor_elo_below_reference=2000.0)["x"]
    half = (found.utility_high - found.utility_low) / 2
    assert half == pytest.approx(0.05 / 4 * 1.96 * 20.16 / 173.7, rel=0.1)
    assert (found.utility_high + found.utility_low) / 2 == pytest.approx(0.025, abs=0.0005)


def test_the_clearly_best_has_the_first_rank_alone() -> None:
    found = odds([One(name="top", elo=500.0, usd=0.0001), *TWINS])
    assert (found["top"].rank_low, found["top"].rank_high) == (1, 1)


def test_another_tier_and_another_order_do_not_change_a_number() -> None:
    one = brief(TWINS, policy=policy({TIER: tier()}))
    other = brief(list(reversed(TWINS)), policy=policy({"aaa": tier(k=2), TIER: tier()}))
    assert draw(one, select_tier(one, NAME).field) == draw(other, select_tier(other, NAME).field)


@pytest.mark.parametrize("change", [{"week": Week("2026-W34")}, {"policy": policy(seed=8)}])
def test_another_week_or_seed_draws_anew(change: dict[str, object]) -> None:
    one = brief(TWINS)
    other = dataclasses.replace(one, **change)  # type: ignore[arg-type] # reason: names of Brief
    assert draw(one, select_tier(one, NAME).field) != draw(other, select_tier(other, NAME).field)


@settings(max_examples=20, deadline=None)
@given(world=worlds)
def test_the_same_brief_gives_the_same_bytes(world: tuple[One, ...]) -> None:
    assert bytes_of(select(brief(world)).pool) == bytes_of(select(brief(world)).pool)


@settings(max_examples=20, deadline=None)
@given(world=worlds)
def test_odds_are_shares_and_ranges_are_in_order(world: tuple[One, ...]) -> None:
    made = brief(world)
    found = draw(made, select_tier(made, NAME).field)
    assert sum(one.inclusion for one in found.values()) <= 3 + 1e-9
    for one in found.values():
        assert 0 <= one.inclusion <= 1
        assert one.utility_low <= one.utility_high
        assert 0 <= one.rank_low <= one.rank_high <= len(found)


@given(
    utility=arrays(np.float64, (7, 5), elements=st.floats(-1e3, 1e3)),
    able=arrays(np.bool_, (7, 5)),
    k=st.integers(1, 5),
)
def test_ranks_are_those_of_sorting_every_draw_by_hand(
    utility: NDArray[np.float64], able: NDArray[np.bool_], k: int
) -> None:
    """Equal U: by id. Values are spread so that none but equal ones are nearly equal."""
    utility = np.round(utility, 3) + 0.0
    ranks: list[list[int]] = [[] for _ in range(5)]
    for draw_of, may in zip(utility.tolist(), able.tolist(), strict=True):
        order = sorted(
            (place for place in range(5) if may[place]), key=lambda place: (-draw_of[place], place)
        )
        for rank, place in enumerate(order, start=1):
            ranks[place].append(rank)
    shares, best, worst = _places(utility, able, k)
    assert shares == pytest.approx([sum(rank <= k for rank in row) / 7 for row in ranks])
    assert best == [min(row, default=0) for row in ranks]
    assert worst == [max(row, default=0) for row in ranks]


def test_draws_decide_nothing() -> None:
    world = [*TWINS, One(name="top", elo=130.0, usd=0.01)]
    chosen = {tuple(members(select(brief(world, policy=policy(seed=seed))))) for seed in range(5)}
    assert len(chosen) == 1


def test_known_draws_keep_their_bytes() -> None:
    """Golden: the generator, its seed and the order of draws are part of the pool's format."""
    made = brief(TWINS[:2], scoreboards={"general": scoreboard(TWINS[:2])}, policy=policy({TIER: tier(k=1)}))
    pool = select(made).pool.tiers[TIER].members[0]
    found = (pool.inclusion_probability, pool.utility_low, pool.utility_high, pool.rank_low, pool.rank_high)
    assert found == ("0.480", "0.006849", "0.020750", 1, 2)
