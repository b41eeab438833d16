"""A member with an announced end has a successor in the proposal while it still answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import Profile
from pipeline.domain.observation import Severity
from pipeline.domain.pool import Cause
from tests.pools.factories import NOW, TIER, One, after, members, policy, published, tier, variant, why

if TYPE_CHECKING:
    from pipeline.pools.selection_input import Selection

A = One(name="a", elo=210.0, usd=0.010)
B = One(name="b", elo=130.0, usd=0.006)
C = One(name="c", elo=100.0, usd=0.005)
SPARE = One(name="spare", elo=95.0, usd=0.0055)
LATER = One(name="later", elo=99.0, usd=0.0048)
POOL = published(A, B, C)
TODAY = NOW.date()


def _ending(*ends: tuple[One, date], world: tuple[One, ...] = (A, B, C, SPARE)) -> Selection:
    known = {one.id: variant(one) for one in (A, B, C, SPARE, LATER)}
    known |= {one.id: variant(one, retires_on=day) for one, day in ends}
    return after(POOL, world, variants=known)


def _changes(selection: Selection) -> dict[str, tuple[int | None, int | None, Cause]]:
    return {
        one.variant.split("@")[0]: (one.rank_before, one.rank_after, one.cause) for one in selection.changes
    }


@pytest.mark.parametrize(
    ("days", "leaves", "cause"),
    [
        (61, False, None),
        (60, True, Cause.RETIRING),
        (1, True, Cause.RETIRING),
        (0, True, Cause.RETIRED),
        (-1, True, Cause.RETIRED),
    ],
)
def test_the_tier_s_days_count_from_the_day_of_the_run(days: int, *, leaves: bool, cause: Cause) -> None:
    selection = _ending((B, TODAY + timedelta(days=days)))
    changes = _changes(selection)
    assert ("b" in changes) == leaves
    if leaves:
        assert changes["b"] == (2, None, cause)
        assert changes["spare"][::2] == (None, cause)


def test_both_sides_of_the_change_name_the_other_and_the_day() -> None:
    selection = _ending((B, date(2026, 10, 1)))
    assert why(selection, "b").startswith("Leaves ahead of its end: It retires on 2026-10-01, in 47 days;")
    assert why(selection, "b").endswith("Its successor is spare@high.")
    assert "It succeeds b@high, which retires on 2026-10-01." in why(selection, "spare")


def test_two_that_end_have_two_successors_the_best_ranked_first() -> None:
    selection = _ending((A, date(2026, 10, 1)), (C, date(2026, 9, 1)), world=(A, B, C, SPARE, LATER))
    told = [why(selection, name) for name in ("a", "c")]
    successors = [text.rpartition(" ")[2].removesuffix("@high.") for text in told]
    assert sorted(successors) == ["later", "spare"]
    for gone, heir in zip(("a", "c"), successors, strict=True):
        assert f"It succeeds {gone}@high" in why(selection, heir)


def test_who_ends_without_a_successor_is_a_warning() -> None:
    selection = _ending((B, date(2026, 10, 1)), world=(A, B, C))
    assert members(selection) == ["a", "c"]
    assert "It has no successor" in why(selection, "b")
    found = {one.kind: one for one in selection.findings}
    assert found["incumbent-ends"].severity is Severity.WARN
    assert found["incumbent-ends"].subject == f"{TIER}/b@high"


def test_who_ends_with_a_successor_is_a_note() -> None:
    selection = _ending((B, date(2026, 10, 1)))
    assert [(one.kind, one.severity) for one in selection.findings] == [("incumbent-ends", Severity.NOTE)]


def test_an_end_that_only_the_catalogue_knows_counts_as_well() -> None:
    known = {one.id: variant(one) for one in (A, B, C, SPARE)}
    ends = {B.id: Profile(variant=B.id, retires_on=TODAY + timedelta(days=60))}
    selection = after(POOL, (A, B, C, SPARE), variants=known, profiles=ends)
    assert _changes(selection)["b"] == (2, None, Cause.RETIRING)


def test_a_member_that_breaks_another_rule_has_no_successor() -> None:
    """Its place is filled like any vacancy: nothing ended."""
    denied = policy({TIER: tier(vendors_denied=("vendor-of-b",))})
    selection = after(POOL, (A, B, C, SPARE), policy=denied)
    assert _changes(selection)["b"] == (2, None, Cause.CONSTRAINT)
    assert _changes(selection)["spare"][::2] == (None, Cause.VACANCY)
    assert "succeeds" not in why(selection, "spare")
