"""The best quality leads; behind it value, and no flutter."""

from __future__ import annotations

import dataclasses

from pipeline.domain.pool import Cause
from tests.pools.factories import One, after, members, published, why

A = One(name="a", elo=120.0, usd=0.0062)
B = One(name="b", elo=110.0, usd=0.0061)
C = One(name="c", elo=109.0, usd=0.0060)


def test_the_first_place_follows_the_best_quality() -> None:
    pool = published(A, B, C)
    better = dataclasses.replace(B, elo=121.0, usd=0.0101)
    selection = after(pool, [A, better, C])
    assert members(selection) == ["b", "a", "c"]
    assert {one.cause for one in selection.changes} == {Cause.ORDER}
    assert "the best quality of the pool, 121.0 Elo" in why(selection, "b")
    up = next(one for one in selection.changes if one.variant == B.id)
    assert (up.usd_per_task_before, up.usd_per_task_after) == ("0.006200", "0.010100")


def test_places_behind_the_first_keep_their_order_inside_the_interval_of_value() -> None:
    assert after(published(A, B, C), [A, B, C]).changes == ()
    assert after(published(A, C, B), [A, C, B]).changes == ()


def test_a_clear_difference_of_value_changes_the_order() -> None:
    pool = published(A, B, C)
    cut = dataclasses.replace(C, usd=0.0020)
    kept = dataclasses.replace(B, elo=112.0)
    selection = after(pool, [A, kept, dataclasses.replace(cut, elo=108.0)])
    assert members(selection) == ["a", "c", "b"]
    assert {one.cause for one in selection.changes} == {Cause.ORDER}
    assert "by value, U = " in why(selection, "c")
