"""What becomes of published members: carried, questioned, gone at once, tolerated."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from pipeline.domain.crosswalk import Profile
from pipeline.domain.observation import Severity
from pipeline.domain.pool import Cause
from pipeline.domain.run import PriorState
from tests.pools.factories import (
    TIER,
    One,
    after,
    members,
    policy,
    published,
    scoreboard,
    tier,
    variant,
)

A = One(name="a", elo=210.0, usd=0.010)
B = One(name="b", elo=130.0, usd=0.006)
C = One(name="c", elo=100.0, usd=0.005)
SPARE = One(name="spare", elo=95.0, usd=0.0055)
POOL = published(A, B, C)
KNOWN = {one.id: variant(one) for one in (A, B, C, SPARE)}


def kinds(selection: object) -> list[str]:
    return [one.kind for one in selection.findings]  # type: ignore[attr-defined] # reason: a Selection


@pytest.mark.parametrize("gone", [A, B, C])
def test_a_missing_incumbent_keeps_its_place_and_its_published_line(gone: One) -> None:
    left = [one for one in (A, B, C, SPARE) if one is not gone]
    selection = after(POOL, left, variants=KNOWN)
    assert selection.changes == ()
    assert selection.missing == (gone.id,)
    before = next(one for one in POOL.tiers[TIER].members if one.variant == gone.id)
    kept = next(one for one in selection.pool.tiers[TIER].members if one.variant == gone.id)
    assert kept == before.model_copy(update={"stale": True})
    assert [one.stale for one in selection.pool.tiers[TIER].members].count(True) == 1
    assert [(one.kind, one.severity) for one in selection.findings] == [("incumbent-carried", Severity.NOTE)]


@pytest.mark.parametrize(
    "fails",
    [
        {"unpriced": "price_unknown"},
        {"unpriced": "price_zero"},
        {"unpriced": "price_conflict"},
        {"confirmed": False},
    ],
)
def test_an_incumbent_whose_numbers_are_gone_is_missing_too(fails: dict[str, object]) -> None:
    b = dataclasses.replace(B, **fails)  # type: ignore[arg-type] # reason: names of One
    selection = after(POOL, [A, b, C, SPARE])
    assert members(selection) == ["a", "b", "c"]
    assert selection.missing == (B.id,)
    assert selection.pool.tiers[TIER].members[1].usd_per_task == "0.006000"


def test_a_whole_board_that_is_missing_drops_nobody() -> None:
    selection = after(POOL, [], variants=KNOWN, scoreboards={})
    assert members(selection) == ["a", "b", "c"]
    assert selection.missing == (A.id, B.id, C.id)


def test_missing_for_longer_becomes_a_question_and_the_last_place() -> None:
    memory = PriorState(missing_runs={A.id: 1})
    selection = after(POOL, [B, C, SPARE], variants=KNOWN, memory=memory)
    assert members(selection) == ["b", "c", "a"]
    asked = next(one for one in selection.findings if one.kind == "incumbent-missing")
    assert asked.severity is Severity.WARN
    assert "Missing for 2 runs in a row; carried for 1" in asked.message
    assert next(one.cause for one in selection.changes if one.variant == A.id) is Cause.MISSING


def test_a_question_is_never_answered_by_dropping() -> None:
    memory = PriorState(missing_runs={A.id: 40})
    strong = One(name="strong", elo=200.0, usd=0.001)
    selection = after(POOL, [B, C, strong], variants={**KNOWN, strong.id: variant(strong)}, memory=memory)
    assert "a" in members(selection)


def test_a_missing_incumbent_whose_price_passed_the_ceiling_leaves() -> None:
    """Its quality is missing in this evidence; another evidence still knows what it costs."""
    dear = dataclasses.replace(B, usd=0.02)
    boards = {"general": scoreboard([A, C, SPARE]), "coding": scoreboard([dear])}
    selection = after(POOL, [A, C, SPARE], variants=KNOWN, scoreboards=boards)
    gone = next(one for one in selection.changes if one.variant == B.id)
    assert (gone.rank_after, gone.cause) == (None, Cause.PRICE)
    assert "$0.02 per task, above $0.015" in gone.reason
    assert selection.missing == (B.id,)


def test_a_missing_incumbent_leaves_when_the_policy_lowers_the_ceiling_below_its_published_cost() -> None:
    low = policy({TIER: tier(ceiling_usd_per_task=0.0058)})
    selection = after(POOL, [C, SPARE], variants=KNOWN, policy=low)
    assert {one.variant: one.cause for one in selection.changes if one.rank_after is None} == {
        A.id: Cause.CONSTRAINT,
        B.id: Cause.CONSTRAINT,
    }


@pytest.mark.parametrize("seen", [True, False])
def test_a_retiring_incumbent_leaves_at_once(*, seen: bool) -> None:
    known = {**KNOWN, B.id: variant(B, retires_on=date(2026, 9, 1))}
    world = [A, B, C, SPARE] if seen else [A, C, SPARE]
    selection = after(POOL, world, variants=known)
    gone = next(one for one in selection.changes if one.variant == B.id)
    assert (gone.rank_after, gone.cause) == (None, Cause.RETIRING)
    assert gone.reason == (
        "Leaves ahead of its end: It retires on 2026-09-01, in 17 days; the tier asks for more than 60. "
        "Its successor is spare@high."
    )
    assert sorted(members(selection)) == ["a", "c", "spare"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"policy": policy({TIER: tier(vendors_denied=("vendor-of-b",))})},
            "denies vendor-of-b",
            id="vendor",
        ),
        pytest.param(
            {"variants": {**KNOWN, B.id: variant(B, litellm=None, openrouter=None)}}, "no route", id="route"
        ),
        pytest.param(
            {"variants": {name: one for name, one in KNOWN.items() if name != B.id}},
            "crosswalk no longer",
            id="crosswalk",
        ),
        pytest.param(
            {
                "profiles": {B.id: Profile(variant=B.id, context_tokens=1000)},
                "policy": policy({TIER: tier(min_context_tokens=2000)}),
            },
            "1000 tokens",
            id="context",
        ),
    ],
)
def test_an_incumbent_that_breaks_a_constraint_leaves_at_once(changes: dict[str, object], words: str) -> None:
    selection = after(POOL, [A, B, C, SPARE], **changes)
    gone = next(one for one in selection.changes if one.variant == B.id)
    assert (gone.rank_after, gone.cause) == (None, Cause.CONSTRAINT)
    assert words in gone.reason


def test_a_catalogue_that_was_not_read_does_not_make_a_member_unable() -> None:
    """Last week's line says 200,000 tokens; this week nobody says anything."""
    silent = {name: dataclasses.replace(one, context_tokens=None) for name, one in KNOWN.items()}
    needs = policy({TIER: tier(min_context_tokens=100_000)})
    selection = after(POOL, [A, B, C, SPARE], variants=silent, policy=needs)
    assert selection.changes == ()
    assert selection.pool.tiers[TIER].members[0].context_tokens == 200_000


def test_a_price_above_the_ceiling_is_a_hard_fail() -> None:
    selection = after(POOL, [dataclasses.replace(A, usd=0.016), B, C, SPARE])
    gone = next(one for one in selection.changes if one.variant == A.id)
    assert (gone.rank_after, gone.cause) == (None, Cause.PRICE)
    assert (gone.usd_per_task_before, gone.usd_per_task_after) == ("0.010000", None)


@pytest.mark.parametrize(
    ("floor", "stays"),
    [pytest.param(46.0, True, id="inside its error"), pytest.param(44.0, False, id="beyond")],
)
def test_an_incumbent_below_the_floor_leaves_only_beyond_its_own_error(floor: float, *, stays: bool) -> None:
    """The reference is 150, C has 100 +- 5."""
    rules = policy({TIER: tier(floor_elo_below_reference=floor)})
    selection = after(POOL, [A, B, C], policy=rules)
    assert ("c" in members(selection)) is stays
    assert ("below-floor" in kinds(selection)) is stays
    if not stays:
        assert next(one.cause for one in selection.changes if one.variant == C.id) is Cause.SCORE


def test_an_outsider_below_the_floor_has_no_such_tolerance() -> None:
    rules = policy({TIER: tier(floor_elo_below_reference=46.0)})
    selection = after(published(A, B), [A, B, C], policy=rules)
    assert members(selection) == ["a", "b"]


def test_a_smaller_tier_lets_the_last_place_go() -> None:
    selection = after(POOL, [A, B, C], policy=policy({TIER: tier(k=2)}))
    assert members(selection) == ["a", "b"]
    assert "The tier has 2 places now" in selection.changes[0].reason


def test_a_re_judged_family_keeps_its_higher_ranked_member() -> None:
    known = {**KNOWN, B.id: variant(B, family="a")}
    selection = after(POOL, [A, B, C, SPARE], variants=known)
    gone = next(one for one in selection.changes if one.variant == B.id)
    assert gone.cause is Cause.CONSTRAINT
    assert "higher ranked member is of the same family, a." in gone.reason


def test_a_re_judged_vendor_keeps_its_higher_ranked_members() -> None:
    known = {name: dataclasses.replace(one, vendor="v") for name, one in KNOWN.items() if name != SPARE.id}
    selection = after(POOL, [A, B, C, SPARE], variants={**known, SPARE.id: KNOWN[SPARE.id]})
    assert sorted(members(selection)) == ["a", "b", "spare"]


def test_a_tier_the_policy_dropped_is_told() -> None:
    rules = policy({"other": tier()})
    selection = after(POOL, [A, B, C], policy=rules)
    assert "tier-dropped" in kinds(selection)
    dropped = [one for one in selection.changes if one.tier == TIER]
    assert {one.cause for one in dropped} == {Cause.REMOVED}
    assert len(dropped) == 3
    assert selection.large
    said = next(one.message for one in selection.findings if one.kind == "tier-dropped")
    assert (
        said
        == f"tier {TIER} is removed: its requests will get no route. Its members: a@high, b@high, c@high."
    )


def test_a_tier_of_the_same_name_is_not_removed() -> None:
    selection = after(POOL, [A, B, C])
    assert "tier-dropped" not in kinds(selection)
    assert not selection.large


def test_who_comes_back_into_the_data_is_no_longer_stale() -> None:
    carried = after(POOL, [A, C, SPARE], variants=KNOWN).pool
    back = after(carried, [A, B, C, SPARE])
    assert back.changes == ()
    assert not any(one.stale for one in back.pool.tiers[TIER].members)
