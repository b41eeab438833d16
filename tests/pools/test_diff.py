"""A diff is enough to rebuild the line-up, and says nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Lineup, Move
from pipeline.pools.changes.diff import apply, diff

places = st.lists(st.sampled_from([VariantId(f"m{n}@high") for n in range(7)]), unique=True, min_size=1)
tiers = st.sampled_from([TierName(name) for name in ("frugal", "balanced", "premium")])
lineups = st.dictionaries(tiers, places.map(tuple), max_size=3)


@given(before=lineups, after=lineups)
def test_a_diff_is_enough_to_rebuild_the_line_up(before: Lineup, after: Lineup) -> None:
    assert apply(before, diff(before, after)) == after


@given(one=lineups)
def test_a_line_up_does_not_differ_from_itself(one: Lineup) -> None:
    assert diff(one, one) == ()


@given(before=lineups, after=lineups)
def test_going_back_is_the_mirror_image(before: Lineup, after: Lineup) -> None:
    there = [(m.tier, m.variant, m.rank_before, m.rank_after) for m in diff(before, after)]
    back = [(m.tier, m.variant, m.rank_after, m.rank_before) for m in diff(after, before)]
    assert there == back


@given(before=lineups, after=lineups)
def test_every_move_is_a_difference(before: Lineup, after: Lineup) -> None:
    assert all(move.rank_before != move.rank_after for move in diff(before, after))


def test_a_tier_without_members_is_no_tier() -> None:
    empty = {TierName("frugal"): ()}
    assert diff({}, empty) == ()
    assert (
        apply(
            {TierName("frugal"): (VariantId("a@high"),)},
            diff({TierName("frugal"): (VariantId("a@high"),)}, empty),
        )
        == {}
    )


def test_moves_of_another_base_are_refused() -> None:
    move = Move(tier="frugal", variant="a@high", rank_before=2, rank_after=1)
    with pytest.raises(ValueError, match="a@high is at rank 1, the move expects 2"):
        apply({TierName("frugal"): (VariantId("a@high"),)}, [move])
