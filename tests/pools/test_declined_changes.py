"""What a person answered stays out of the pool until its day comes or its evidence moves (method 7.6)."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.answers import AnswerKind, Direction, RememberedAnswer, VariantEvidence
from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.observation import ANSWERED
from pipeline.domain.policy import MemoryPolicy, Policy
from pipeline.domain.run import PriorState
from pipeline.pools.select import select
from pipeline.pools.tier_selection import select_tier
from tests.pools.factories import NOW, TIER, One, after, at, inputs, members, policy, published, score
from tests.pools.test_invariants import check_limits, follow, two_weeks
from tests.pools.worlds import policies, worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.domain.pool import Change
    from pipeline.pools.selection_input import Selection

WAYS: Mapping[Direction, Callable[[Change], bool]] = {
    Direction.ENTER: lambda change: change.rank_before is None,
    Direction.LEAVE: lambda change: change.rank_after is None,
    Direction.RISE: lambda change: (change.rank_after or 9) < (change.rank_before or 0),
}
IN_FORCE = (at("a", 0.60, 0.002), at("b", 0.50, 0.003), at("c", 0.45, 0.004))
BETTER = at("d", 0.56, 0.002)
SECOND = at("e", 0.54, 0.002)


def answer(
    direction: Direction,
    about: One,
    *,
    against: One | None = None,
    until: date | None = None,
    price: float = 0.05,
) -> RememberedAnswer:
    """An answer given on the figures of these variants."""
    known = [about, *([against] if against else [])]
    return RememberedAnswer(
        key="1a2b3c4d",
        tier=TierName(TIER),
        variant=about.id,
        direction=direction,
        kind=AnswerKind.HOLD if until else AnswerKind.NEVER,
        until=until,
        against=against.id if against else None,
        evidence={
            one.id: VariantEvidence(quality=_quality(one), usd_per_task=one.usd, price_of_answer=price)
            for one in known
        },
        reviewer="R. Viewer",
        note="Too new",
        answered_on=date(2026, 8, 8),
        folder="2026-W32",
        decision_sha256=sha256_hex(b"answers"),
    )


def _quality(one: One) -> float:
    return round(score(one, 150.0).quality, 4)


def week(*ones: One, answers: tuple[RememberedAnswer, ...] = (), **changes: object) -> Selection:
    return after(published(*IN_FORCE), ones, memory=PriorState(answers=answers), **changes)


def test_a_swap_that_was_answered_is_not_proposed_and_the_next_best_may_be() -> None:
    assert "d" in members(week(*IN_FORCE, BETTER, SECOND))
    no = answer(Direction.ENTER, BETTER, against=IN_FORCE[2])
    assert members(week(*IN_FORCE, BETTER, answers=(no,))) == ["a", "b", "c"]
    assert "e" in members(week(*IN_FORCE, BETTER, SECOND, answers=(no,)))


def test_a_member_that_is_kept_leaves_for_nobody() -> None:
    kept = tuple(answer(Direction.LEAVE, one) for one in IN_FORCE)
    assert members(week(*IN_FORCE, BETTER, SECOND, answers=kept)) == ["a", "b", "c"]


def test_a_vacancy_stays_empty_rather_than_be_filled_by_whom_a_person_refused() -> None:
    short = published(*IN_FORCE[:2])
    assert "d" in members(after(short, (*IN_FORCE[:2], BETTER)))
    no = PriorState(answers=(answer(Direction.ENTER, BETTER),))
    found = after(short, (*IN_FORCE[:2], BETTER), memory=no)
    assert members(found) == ["a", "b"]
    assert {"short-tier", ANSWERED} <= {one.kind for one in found.findings}


def test_a_member_that_is_not_to_rise_stays_behind_and_the_bands_do_not_care() -> None:
    first, second = at("a", 0.50, 0.003), at("b", 0.60, 0.003)
    risen = after(published(first, second), (first, second))
    kept = PriorState(answers=(answer(Direction.RISE, second, against=first),))
    held = after(published(first, second), (first, second), memory=kept)
    assert members(risen)[:2] == ["b", "a"]
    assert members(held)[:2] == ["a", "b"]
    assert held.pool.tiers[TIER].bands == risen.pool.tiers[TIER].bands


@pytest.mark.parametrize(
    ("about", "against", "asked"),
    [
        pytest.param(at("d", 0.56, 0.002), at("c", 0.45, 0.004), False, id="nothing moved"),
        pytest.param(at("d", 0.575, 0.002), at("c", 0.45, 0.004), False, id="it gained less than the margin"),
        pytest.param(at("d", 0.585, 0.002), at("c", 0.45, 0.004), True, id="it gained more"),
        pytest.param(at("d", 0.56, 0.002), at("c", 0.425, 0.004), True, id="whom it replaces lost more"),
        pytest.param(at("d", 0.52, 0.002), at("c", 0.41, 0.004), False, id="both lost the same"),
        pytest.param(at("d", 0.56, 0.0015), at("c", 0.45, 0.004), False, id="it costs a little less"),
        pytest.param(at("d", 0.56, 0.0008), at("c", 0.45, 0.004), True, id="it costs far less"),
        pytest.param(at("d", 0.56, 0.0008), at("c", 0.45, 0.0028), False, id="both cost far less"),
        pytest.param(at("d", 0.545, 0.0025), at("c", 0.45, 0.004), False, id="it became worse"),
    ],
)
def test_it_is_asked_again_where_the_evidence_moves_past_the_margin(
    about: One, against: One, *, asked: bool
) -> None:
    no = answer(Direction.ENTER, BETTER, against=IN_FORCE[2])
    world = (*IN_FORCE[:2], against, about)
    found = week(*world, answers=(no,))
    assert ("d" in members(found)) is asked
    assert any(one.kind == ANSWERED for one in found.findings) is not asked
    assert "d" in members(week(*world)), "the rules would propose it"


def test_the_policy_states_the_margin() -> None:
    no = answer(Direction.ENTER, BETTER, against=IN_FORCE[2])
    world = (*IN_FORCE, at("d", 0.575, 0.002))
    closer = policy(memory=MemoryPolicy(gain_per_100=1.0))
    assert "d" not in members(week(*world, answers=(no,)))
    assert "d" in members(week(*world, answers=(no,), policy=closer))


@pytest.mark.parametrize(("days", "asked"), [(1, False), (0, True), (-1, True)])
def test_a_hold_ends_on_its_day(days: int, *, asked: bool) -> None:
    until = NOW.date() + timedelta(days=days)
    held = answer(Direction.ENTER, BETTER, against=IN_FORCE[2], until=until)
    assert ("d" in members(week(*IN_FORCE, BETTER, answers=(held,)))) is asked


def test_a_kept_member_is_asked_about_again_where_it_became_worse() -> None:
    kept = (answer(Direction.LEAVE, IN_FORCE[2]),)
    worse = at("c", 0.42, 0.004)
    assert members(week(*IN_FORCE, BETTER, answers=kept))[2] == "c"
    assert "c" not in members(week(*IN_FORCE[:2], worse, BETTER, answers=kept))


def test_one_line_says_who_answered_and_when_it_is_asked_again() -> None:
    held = answer(Direction.ENTER, BETTER, against=IN_FORCE[2], until=date(2027, 1, 31))
    found = week(*IN_FORCE, BETTER, answers=(held,))
    (line,) = (one for one in found.findings if one.kind == ANSWERED)
    assert line.subject == f"{TIER}/{BETTER.id}"
    assert line.message == (
        "d@high does not enter: R. Viewer held it until 2027-01-31 on 2026-08-08 (2026-W32): Too new. Asked "
        "again on 2027-01-31, or once it is worth 2.0 answers per 100 more than then against c@high."
    )
    standings = {one.variant: one for one in found.tiers[TIER].standings}
    assert standings[BETTER.id].rule == "answered"


def test_the_same_rejected_change_is_proposed_in_none_of_ten_weeks() -> None:
    no = answer(Direction.ENTER, BETTER, against=IN_FORCE[2])
    found = week(*IN_FORCE, BETTER, answers=(no,))
    made = inputs((*IN_FORCE, BETTER), memory=PriorState(answers=(no,)))
    asked = 0
    for _ in range(10):
        made = follow(made, found)
        found = select(made)
        asked += sum(one.variant == BETTER.id for one in found.changes)
    assert asked == 0
    free = select(dataclasses.replace(made, memory=PriorState()))
    assert any(one.variant == BETTER.id for one in free.changes), "without the answer it would be asked"


@settings(max_examples=15)
@given(before=worlds, world=worlds, rules=policies, draw=st.data())
def test_any_subset_of_answers_leaves_a_valid_pool_without_what_was_held(
    before: tuple[One, ...], world: tuple[One, ...], rules: Policy, draw: st.DataObject
) -> None:
    made, selection = two_weeks(before, world, rules)
    known = {one.id: one for one in (*before, *world)}
    asked = [
        (direction, change.tier, VariantId(change.variant))
        for change in selection.changes
        for direction, concerns in WAYS.items()
        if concerns(change)
    ]
    held = draw.draw(st.lists(st.sampled_from(asked), unique=True)) if asked else []
    answers = tuple(
        dataclasses.replace(
            answer(direction, known[variant], price=rules.tiers[tier].lambda_usd), tier=TierName(tier)
        )
        for direction, tier, variant in held
    )
    made = dataclasses.replace(made, memory=PriorState(answers=answers))
    for name, tier in select(made).pool.tiers.items():
        check_limits(tier)
        inside = {one.variant for one in tier.members}
        entrants = {variant for way, there, variant in held if (way, there) == (Direction.ENTER, name)}
        stayers = {variant for way, there, variant in held if (way, there) == (Direction.LEAVE, name)}
        gone = {one.id for one in select_tier(made, TierName(name)).field.incumbents.values() if one.cause}
        assert not inside & entrants
        assert stayers - gone <= inside
