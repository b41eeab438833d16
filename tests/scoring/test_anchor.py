"""The zero of the Arena scale is chosen by rule, and a shift of the whole board changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.scoring.quality.boards import Board, board_of, by_scale
from pipeline.scoring.quality.equate import ASSUMED_HALF_WIDTH_ELO, arena_on_logits, choose_anchor

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.policy import Policy
    from tests.scoring.conftest import Make


def table(*measures: Measure) -> Board:
    (rows,) = by_scale(measures, measures[0].observation.metric).values()
    return board_of(rows)


def test_the_anchors_are_the_variants_with_most_votes_and_their_median_is_the_zero(
    make: Make, policy: Policy
) -> None:
    votes = {"a": 9000, "b": 8000, "c": 7000, "d": 6000, "e": 5000, "f": 4000, "g": 999}
    arena = table(*(make.arena(name, 1000.0 + count / 10, votes=count) for name, count in votes.items()))
    anchor = choose_anchor(arena, policy.quality)
    assert anchor is not None
    assert anchor.variants == ("a", "b", "c", "d", "e")
    assert anchor.rating == 1700.0


def test_no_fresh_variant_fills_up_an_anchor_set_that_is_large_enough(make: Make, policy: Policy) -> None:
    quality = policy.quality.model_copy(update={"anchor_count": 15})
    settled = [make.arena(f"m{n}", 1300) for n in range(6)]
    anchor = choose_anchor(table(*settled, make.arena("new", 1900, votes=999)), quality)
    assert anchor is not None
    assert len(anchor.variants) == 6


def test_equal_votes_are_ordered_by_id(make: Make, policy: Policy) -> None:
    anchor = choose_anchor(table(*(make.arena(name, 1300) for name in "gfedcba")), policy.quality)
    assert anchor is not None
    assert anchor.variants == ("a", "b", "c", "d", "e")


def test_a_handful_of_settled_variants_is_no_anchor_so_the_vote_minimum_is_dropped(
    make: Make, policy: Policy
) -> None:
    votes = {"a": 5000, "b": 5000, "c": 5000, "d": 5000, "e": 300, "f": 200}
    anchor = choose_anchor(
        table(*(make.arena(name, 1300, votes=count) for name, count in votes.items())), policy.quality
    )
    assert anchor is not None
    assert anchor.variants == ("a", "b", "c", "d", "e")


def test_where_votes_are_not_published_every_row_is_an_anchor(make: Make, policy: Policy) -> None:
    rows = [make.arena(f"m{n}", 1300.0 + n, votes=None) for n in range(8)]
    anchor = choose_anchor(table(*rows, make.arena("x", 1900, votes=9000)), policy.quality)
    assert anchor is not None
    assert len(anchor.variants) == 9
    assert anchor.rating == 1304.0


def test_an_empty_board_has_no_zero(policy: Policy) -> None:
    assert choose_anchor(board_of(()), policy.quality) is None


def test_worked_example_of_theta_and_its_standard_error(make: Make, policy: Policy) -> None:
    """400 points above the anchor are ln 10 = 2.302585 logits; +-19.6 points are 10 points of SE.

    10 points are 10 * 2.302585 / 400 = 0.05756463 logits.
    """
    rows = [make.arena(name, 1300) for name in "abcd"]
    board = table(*rows, make.arena("e", 1300), make.arena("f", 1700, half_width=19.6, votes=500))
    anchor = choose_anchor(board, policy.quality)
    assert anchor is not None
    placed = arena_on_logits(board, anchor)
    assert placed.board.variants == ("a", "b", "c", "d", "e", "f")
    assert placed.theta.tolist() == [0, 0, 0, 0, 0, pytest.approx(2.302585093)]
    assert placed.se[5] == pytest.approx(0.05756462732)


@pytest.mark.parametrize("half_width", [None, 0.0], ids=["none", "of no width"])
def test_an_interval_that_was_not_published_is_assumed_wide(
    make: Make, policy: Policy, half_width: float | None
) -> None:
    board = table(*(make.arena(name, 1300, half_width=half_width) for name in "abcde"))
    anchor = choose_anchor(board, policy.quality)
    assert anchor is not None
    expected = ASSUMED_HALF_WIDTH_ELO * 2.302585093 / 400 / 1.96
    assert arena_on_logits(board, anchor).se.tolist() == pytest.approx([expected] * 5)
