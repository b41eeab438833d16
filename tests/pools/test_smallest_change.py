"""The smallest change: found by trying, and what is returned did pass."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.pools.eligibility.rule_relaxations import smallest_change


@given(st.integers(1, 400))
def test_where_more_is_better_it_is_the_threshold(threshold: int) -> None:
    assert smallest_change(lambda amount: amount >= threshold, (0, 1, 10, 100, 400)) == threshold


@given(st.integers(10, 999))
def test_it_goes_down_as_well_as_up(threshold: int) -> None:
    assert smallest_change(lambda amount: amount <= threshold, (1000, 500, 100, 10)) == threshold


def test_it_is_none_where_nothing_passes() -> None:
    assert smallest_change(lambda _: False, (0, 1, 10)) is None


def test_no_change_is_not_tried() -> None:
    assert smallest_change(lambda amount: amount == 0, (0, 1, 10)) is None
