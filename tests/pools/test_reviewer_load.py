"""A week asks about as many swaps and rises as the policy allows, those of most money first."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.answers import AnswerKind, Direction, RememberedAnswer
from pipeline.domain.calendar import Week
from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import TierName
from pipeline.domain.observation import CARRIED_CHANGE
from pipeline.domain.run import PriorState
from pipeline.pools.changes.reviewer_load import questions_within
from pipeline.pools.select import select
from pipeline.pools.tier_selection import select_tier, select_tiers
from tests.pools.factories import BEFORE, One, at, digest_of, inputs, policy, tier
from tests.pools.test_invariants import check_limits, two_weeks
from tests.pools.worlds import policies, worlds

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy
    from pipeline.pools.selection_input import Selection, SelectionInput

TIERS = {name: tier(lambda_usd=price) for name, price in (("a", 0.05), ("b", 0.1), ("c", 0.02))}
OLD = (at("x", 0.60, 0.002), at("y", 0.50, 0.003), at("z", 0.45, 0.004))
BETTER = at("w", 0.56, 0.002)


def week(most: int | None, **changes: object) -> SelectionInput:
    """Three tiers that hold the same members, each with a better one at hand."""
    rules = policy(TIERS, review_questions=most, **changes)
    pool = select(inputs(OLD, policy=policy(TIERS), week=BEFORE)).pool
    return inputs((*OLD, BETTER), policy=rules, published=pool, published_sha256=digest_of(pool))


def asked(selection: Selection) -> list[str]:
    return sorted(one.tier for one in selection.changes if one.variant == BETTER.id)


def carried(selection: Selection) -> list[str]:
    return [one.subject for one in selection.findings if one.kind == CARRIED_CHANGE]


@pytest.mark.parametrize(
    ("most", "tiers"), [(None, ["a", "b", "c"]), (3, ["a", "b", "c"]), (2, ["a", "b"]), (1, ["b"])]
)
def test_the_questions_of_most_money_are_asked_and_the_rest_is_counted(
    most: int | None, tiers: list[str]
) -> None:
    found = select(week(most))
    assert asked(found) == tiers
    assert carried(found) == [f"{name}/{BETTER.id}" for name in "abc" if name not in tiers]
    assert all(len(pool.members) == 3 for pool in found.pool.tiers.values())


def test_a_stated_volume_decides_what_is_at_stake() -> None:
    found = select(week(1, volume={"a": 10, "b": 10, "c": 1_000_000}))
    assert asked(found) == ["c"]
    (line, _) = (one for one in found.findings if one.kind == CARRIED_CHANGE)
    assert "a month): carried to a later week, since the policy asks about 1 a week at most." in line.message
    reports = {one.variant: one for one in found.tiers["a"].standings}
    assert reports[BETTER.id].rule == "carried"


def test_what_is_carried_is_asked_once_the_others_are_answered() -> None:
    first = week(1)
    pool = select(first).pool
    later = dataclasses.replace(
        first, week=Week("2026-W34"), published=pool, published_sha256=digest_of(pool)
    )
    assert asked(select(later)) == ["a"]


def test_an_answer_given_in_the_week_counts_as_asked() -> None:
    no = RememberedAnswer(
        key="1a2b3c4d",
        tier=TierName("b"),
        variant=BETTER.id,
        direction=Direction.ENTER,
        kind=AnswerKind.NEVER,
        until=None,
        against=None,
        evidence={},
        reviewer="R. Viewer",
        note="Unproven.",
        answered_on=date(2026, 8, 15),
        folder="2026-W33",
        decision_sha256=sha256_hex(b"answers"),
    )
    made = week(2)
    now = select(dataclasses.replace(made, memory=PriorState(answers=(no,))))
    assert asked(now) == ["a"]
    earlier = dataclasses.replace(no, folder="2026-W32")
    assert asked(select(dataclasses.replace(made, memory=PriorState(answers=(earlier,))))) == ["a", "c"]


def test_who_fills_a_vacancy_is_no_question() -> None:
    short = week(1)
    pool = select(inputs(OLD[:2], policy=policy(TIERS), week=BEFORE)).pool
    found = select(dataclasses.replace(short, published=pool, published_sha256=digest_of(pool)))
    assert asked(found) == ["a", "b", "c"]
    assert carried(found) == []


def test_a_member_that_passes_another_is_a_question_too() -> None:
    first, second = at("x", 0.50, 0.003), at("y", 0.60, 0.003)
    pool = select(inputs((first, second), policy=policy(TIERS), week=BEFORE)).pool
    before = {name: [one.variant for one in found.members] for name, found in pool.tiers.items()}
    swapped = (at("y", 0.50, 0.003), at("x", 0.60, 0.003))
    made = inputs(
        swapped,
        policy=policy(TIERS, review_questions=1),
        published=pool,
        published_sha256=digest_of(pool),
    )
    found = select(made)
    after = {name: [one.variant for one in each.members] for name, each in found.pool.tiers.items()}
    assert [name for name in TIERS if after[name] != before[name]] == ["b"]
    assert carried(found) == ["a/x@high", "c/x@high"]
    assert any("would pass y@high" in one.message for one in found.findings)


def test_one_tier_alone_is_selected_as_among_all() -> None:
    made = week(1)
    for name, choice in select_tiers(made).items():
        assert select_tier(made, name).places == choice.places


def test_what_is_carried_and_happens_all_the_same_is_not_carried_for_ever() -> None:
    made = week(1)
    free = select_tiers(week(None))
    beyond = questions_within(made, free)
    assert len(beyond) == 2
    assert questions_within(dataclasses.replace(made, carried=beyond), free) == ()


@settings(max_examples=20)
@given(before=worlds, world=worlds, rules=policies, most=st.integers(1, 2))
def test_no_week_asks_more_and_every_pool_keeps_its_limits(
    before: tuple[One, ...], world: tuple[One, ...], rules: Policy, most: int
) -> None:
    made, free = two_weeks(before, world, rules)
    made = dataclasses.replace(made, policy=rules.model_copy(update={"review_questions": most}))
    choices = select_tiers(made)
    left = tuple(one for choice in choices.values() for one in choice.carried)
    assert questions_within(dataclasses.replace(made, carried=left), choices) == ()
    swaps = sum(len(choice.swapped) for choice in choices.values())
    assert swaps <= most
    for pool in select(made).pool.tiers.values():
        check_limits(pool)
    if not left:
        assert select(made).pool.tiers == free.pool.tiers
