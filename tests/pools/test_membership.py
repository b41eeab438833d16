"""When members change: vacancies by worth, one swap beyond its interval, nobody back at once.

An answer is worth $.05, so V at b = 1 is q - usd / .05; half-widths of q are .01 unless a test says so.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import Week
from pipeline.domain.ids import AA_INTELLIGENCE, TierName, VariantId
from pipeline.domain.pool import Cause
from pipeline.domain.run import PriorState
from pipeline.pools.changes import membership
from pipeline.pools.changes.membership import StepKind, swap
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.worth.worth import worth
from tests.pools.factories import (
    BEFORE,
    TIER,
    WEEK,
    WORTH,
    One,
    after,
    at,
    candidates,
    change,
    digest_of,
    inputs,
    members,
    policy,
    published,
    tier,
    variant,
)

if TYPE_CHECKING:
    from pipeline.pools.selection_input import SelectionInput

NAME = TierName(TIER)
X = at("x", 0.50, 0.001, vendor="north")
"""The default: V = .48, and the best in both bands."""
Y = at("y", 0.40, 0.001, vendor="south")
"""The stand-in: V = .38."""
Z = at("z", 0.38, 0.001, vendor="west")
"""A spare: V = .36."""
POOL = published(X, Y, Z)


def entering(*new: One, pool: tuple[One, ...] = (X, Y, Z), **changes: object) -> list[str]:
    """Who is in the pool a week later; the order has tests of its own."""
    return sorted(members(after(published(*pool), [*pool, *new], **changes)))


def test_the_same_week_s_data_again_change_nothing() -> None:
    assert after(POOL, [X, Y, Z]).changes == ()


LIMIT = (0.0416 + 0.01 * math.sqrt(0.11**2 + 0.1**2 + 0.01**2)) / 0.11 + 0.02
"""New takes the stand-in's purpose (1/10) and Z's place (1/100): gain .1 (V - .38) + .01 (V - .36), interval
.01 * sqrt(.11^2 + .1^2 + .01^2) = .00149; equal at V = .3917, q = .4117."""


@pytest.mark.parametrize(("quality", "enters"), [(LIMIT - 1e-4, False), (LIMIT + 1e-4, True)])
def test_a_swap_passes_only_beyond_its_measurement_interval(quality: float, *, enters: bool) -> None:
    new = at("new", quality, 0.001, vendor="east")
    assert entering(new) == (["new", "x", "y"] if enters else ["x", "y", "z"])


def test_the_interval_of_a_swap_grows_by_the_policy_s_factor() -> None:
    new = at("new", LIMIT + 1e-4, 0.001, vendor="east")
    assert entering(new, policy=policy(change=change(swap_intervals=1.1))) == ["x", "y", "z"]
    less = at("new", LIMIT - 1e-4, 0.001, vendor="east")
    assert entering(less, policy=policy(change=change(swap_intervals=0.9))) == ["new", "x", "y"]


def test_a_swap_that_adds_less_than_the_policy_asks_is_not_made() -> None:
    new = at("new", LIMIT + 0.001, 0.001, vendor="east")
    assert entering(new, policy=policy(change=change(least_gain_per_100=0.0))) == ["new", "x", "y"]
    assert entering(new, policy=policy(change=change(least_gain_per_100=50.0))) == ["x", "y", "z"]


def test_a_variant_on_other_boards_must_be_better_by_their_disagreement_too() -> None:
    near = at("new", LIMIT + 0.005, 0.001, vendor="east", boards=(AA_INTELLIGENCE,), between=0.03)
    assert entering(near) == ["x", "y", "z"]
    assert entering(dataclasses.replace(near, boards=X.boards)) == ["new", "x", "y"]
    far = at("new", LIMIT + 0.05, 0.001, vendor="east", boards=(AA_INTELLIGENCE,), between=0.03)
    assert entering(far) == ["new", "x", "y"]


def test_one_member_leaves_in_a_run_and_the_next_in_the_next() -> None:
    """Both new ones are clearly better than Y and Z; the better one goes first."""
    one = at("one", 0.44, 0.001, vendor="east")
    two = at("two", 0.46, 0.001, vendor="far")
    first = after(POOL, [X, Y, Z, one, two])
    assert sorted(members(first)) == ["two", "x", "y"]
    second = after(first.pool, [X, Y, Z, one, two], week=Week("2026-W34"))
    assert sorted(members(second)) == ["one", "two", "x"]
    assert [selection.large for selection in (first, second)] == [False, False]


def test_a_second_run_of_the_week_swaps_nobody() -> None:
    new = at("new", 0.45, 0.001, vendor="east")
    today = POOL.model_copy(update={"week": str(WEEK)})
    assert after(today, [X, Y, Z, new]).changes == ()
    assert after(POOL.model_copy(update={"week": str(BEFORE)}), [X, Y, Z, new]).changes != ()


def test_of_swaps_that_pass_the_one_that_adds_most_is_made() -> None:
    """A cheap one adds .25 * .0467 on simple requests, a good stand-in adds .1 * .05."""
    cheap = at("cheap", 0.49, 0.0001, vendor="east")
    good = at("good", 0.43, 0.001, vendor="far")
    assert entering(cheap, good) == ["cheap", "x", "y"]
    found = {name: select_tier(_later(X, Y, Z, new), NAME).steps[0].gain for name, new in _named(cheap, good)}
    assert found["cheap"] > found["good"] > 0


def _named(*ones: One) -> list[tuple[str, One]]:
    return [(one.name, one) for one in ones]


def _later(*world: One) -> SelectionInput:
    return inputs(world, published=POOL, published_sha256=digest_of(POOL))


def test_equal_gains_go_to_the_cheaper_and_then_to_the_first_id() -> None:
    """.45 at $.001 and .46 at $.0015 are the same value; neither is the best in a band."""
    cheap, dear = at("later", 0.45, 0.0010, vendor="east"), at("early", 0.46, 0.0015, vendor="far")
    assert entering(dear, cheap) == ["later", "x", "y"]
    twin = at("again", 0.45, 0.0010, vendor="far")
    assert entering(twin, cheap) == ["again", "x", "y"]


def test_gains_that_differ_by_rounding_alone_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worked out in another order a gain may be larger by a part in 10^15; the cheaper still goes first."""
    cheap, dear = at("later", 0.45, 0.0010, vendor="east"), at("early", 0.46, 0.0015, vendor="far")
    plain = membership.swap_of

    def uneven(*asked: object) -> membership.Swap:
        made = plain(*asked)  # type: ignore[arg-type] # reason: handed on as they are
        return dataclasses.replace(made, gain=made.gain + (3e-16 if made.entrant.id == dear.id else 0.0))

    monkeypatch.setattr(membership, "swap_of", uneven)
    field = select_tier(_later(X, Y, Z, cheap, dear), NAME).field
    step = swap(field, tuple(field.incumbents), ())
    assert step is not None
    assert step.entrant == cheap.id


def test_the_step_says_what_the_swap_adds() -> None:
    new = at("new", 0.45, 0.001, vendor="east")
    (step,) = select_tier(_later(X, Y, Z, new), NAME).steps
    x, y, z, entrant = candidates(X, Y, Z, new)
    assert (step.rule, step.entrant, step.leaver) == (StepKind.SWAP, new.id, Z.id)
    assert step.gain == pytest.approx(worth(WORTH, [x, y, entrant]) - worth(WORTH, [x, y, z]))
    assert step.half_width == pytest.approx(0.01 * math.sqrt(0.11**2 + 0.1**2 + 0.01**2))


D = at("d", 0.50, 0.0050, vendor="north")
"""V = .40."""
OTHER = at("other", 0.40, 0.0050, vendor="south")
TWO = policy({TIER: tier(k=2)})


@pytest.mark.parametrize(("quality", "leaves"), [(0.4440, False), (0.4443, True)])
def test_the_default_leaves_only_for_one_that_beats_it_at_the_tier_s_own_price(
    quality: float, *, leaves: bool
) -> None:
    """The interval of their difference is .01414, so V must pass .4141, q .4441; worth asks for less."""
    new = at("new", quality, 0.0015, vendor="north")
    selection = after(published(D, OTHER, k=2), [D, OTHER, new], policy=TWO)
    assert members(selection) == (["new", "other"] if leaves else ["d", "other"])
    assert selection.large is leaves


def test_the_default_s_protection_alone_keeps_it_there(monkeypatch: pytest.MonkeyPatch) -> None:
    new = at("new", 0.4440, 0.0015, vendor="north")
    pool = published(D, OTHER, k=2)
    monkeypatch.setattr(membership, "beats", lambda *_, **__: True)
    assert members(after(pool, [D, OTHER, new], policy=TWO)) == ["new", "other"]


def test_the_published_default_counts_and_not_the_best_value() -> None:
    """D stands first although OTHER is better inside the interval; OTHER may leave by worth alone."""
    other = at("other", 0.5050, 0.0050, vendor="south")
    new = at("new", 0.4440, 0.0015, vendor="south")
    selection = after(published(D, other, k=2), [D, other, new], policy=TWO)
    assert sorted(members(selection)) == ["d", "new"]


@pytest.mark.parametrize(("left", "enters"), [("2026-W32", False), ("2026-W25", False), ("2026-W24", True)])
def test_nobody_returns_by_a_swap_within_eight_weeks(left: str, *, enters: bool) -> None:
    new = at("new", 0.45, 0.001, vendor="east")
    memory = PriorState(left_pool={(NAME, new.id): Week(left)})
    assert ("new" in entering(new, memory=memory)) is enters


def test_who_left_another_tier_may_enter_this_one() -> None:
    new = at("new", 0.45, 0.001, vendor="east")
    assert "new" in entering(
        new, memory=PriorState(left_pool={(TierName("frugal"), new.id): Week("2026-W32")})
    )


def test_a_cooldown_of_zero_weeks_is_none() -> None:
    new = at("new", 0.45, 0.001, vendor="east")
    memory = PriorState(left_pool={(NAME, new.id): WEEK})
    assert "new" in entering(new, memory=memory, policy=policy(change=change(cooldown_weeks=0)))


NO_WEST = policy({TIER: tier(vendors_denied=("west",))})


def test_a_vacancy_goes_to_whoever_adds_most_worth() -> None:
    """Another of the default's vendor is better value but adds 1/100 of it; a further vendor stands in."""
    alone = published(X, Z, k=2)
    twin = at("twin", 0.49, 0.001, vendor="north")
    stand_in = at("stand", 0.36, 0.001, vendor="east")
    selection = after(
        alone, [X, Z, twin, stand_in], policy=policy({TIER: tier(k=2, vendors_denied=("west",))})
    )
    assert members(selection) == ["x", "stand"]
    third = policy({TIER: tier(k=3, vendors_denied=("west",))})
    steps = select_tier(
        inputs([X, Z, twin, stand_in], policy=third, published=alone, published_sha256=digest_of(alone)), NAME
    ).steps
    assert [(step.rule, step.entrant) for step in steps] == [
        (StepKind.VACANCY, stand_in.id),
        (StepKind.VACANCY, twin.id),
    ]
    assert steps[0].gain == pytest.approx(0.11 * 0.34)
    assert steps[1].gain == pytest.approx(0.01 * 0.47)


def test_a_vacancy_is_told_as_one() -> None:
    new = at("new", 0.37, 0.001, vendor="east")
    selection = after(POOL, [X, Y, Z, new], policy=NO_WEST)
    assert {one.variant: one.cause for one in selection.changes} == {
        Z.id: Cause.CONSTRAINT,
        new.id: Cause.VACANCY,
    }


def test_a_vacancy_takes_who_left_lately_only_where_nobody_else_fits() -> None:
    back = at("back", 0.45, 0.001, vendor="east")
    poor = at("poor", 0.35, 0.001, vendor="far")
    memory = PriorState(left_pool={(NAME, back.id): Week("2026-W32")})
    assert entering(back, poor, memory=memory, policy=NO_WEST) == ["poor", "x", "y"]
    assert entering(back, memory=memory, policy=NO_WEST) == ["back", "x", "y"]


def test_a_vacancy_and_a_swap_may_fall_into_one_run() -> None:
    one = at("one", 0.44, 0.001, vendor="east")
    two = at("two", 0.46, 0.001, vendor="far")
    selection = after(POOL, [X, Y, Z, one, two], policy=NO_WEST)
    assert sorted(members(selection)) == ["one", "two", "x"]
    assert selection.large


def test_a_seat_filled_in_this_run_is_not_swapped() -> None:
    """Alone the allrounder adds most; beside the cheap one the able one of its vendor adds .0176 more."""
    gone = [at("g", 0.50, 0.001, vendor="east"), at("h", 0.50, 0.001, vendor="west")]
    pool = published(*gone, k=2)
    allround = at("allround", 0.45, 0.0025, vendor="north")
    able = at("able", 0.52, 0.0055, vendor="north")
    cheap = at("cheap", 0.36, 0.0002, vendor="south")
    rules = policy({TIER: tier(k=2, vendors_denied=("east", "west"))})
    made = inputs(
        [*gone, allround, able, cheap], policy=rules, published=pool, published_sha256=digest_of(pool)
    )
    choice = select_tier(made, NAME)
    assert choice.places == (allround.id, cheap.id)
    free = swap(choice.field, choice.places, ())
    assert free is not None
    assert (free.leaver, free.entrant) == (allround.id, able.id)
    assert free.gain == pytest.approx(0.0176, abs=5e-5)


def test_a_family_and_a_vendor_count_without_the_leaver() -> None:
    """A sibling takes its own sibling's place and no other; a third of a vendor takes one of its two."""
    sibling = at("new", 0.45, 0.001, vendor="south", family="y")
    assert entering(sibling) == ["new", "x", "z"]
    worse = at("new", 0.39, 0.001, vendor="south", family="y", half=0.0001)
    assert entering(worse) == ["x", "y", "z"]
    two = dataclasses.replace(Z, vendor="north")
    third = at("new", 0.47, 0.001, vendor="north")
    assert entering(third, pool=(X, Y, two)) == ["new", "x", "y"]


def test_the_limits_alone_keep_a_third_of_a_vendor_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Z, which only stands by, would leave for it; the second of its vendor serves complex requests."""
    able = at("able", 0.55, 0.005, vendor="north")
    third = at("new", 0.48, 0.0002, vendor="north")
    pool, rules = published(X, able, Y, Z, k=4), policy({TIER: tier(k=4)})
    world = [X, able, Y, Z, third]
    assert sorted(members(after(pool, world, policy=rules))) == ["able", "x", "y", "z"]
    monkeypatch.setattr(membership, "violated_limit", lambda *_: None)
    assert sorted(members(after(pool, world, policy=rules))) == ["able", "new", "x", "y"]


def test_a_carried_member_is_outside_worth_and_cannot_leave_by_a_swap() -> None:
    """Without X, Y is the default and Z stands in: New's gain is that of their set."""
    new = at("new", 0.45, 0.001, vendor="east")
    known = {one.id: variant(one) for one in (X, Y, Z, new)}
    made = inputs([Y, Z, new], variants=known, published=POOL, published_sha256=digest_of(POOL))
    choice = select_tier(made, NAME)
    (step,) = choice.steps
    y, z, entrant = candidates(Y, Z, new)
    assert choice.places[0] == X.id
    assert step.leaver == Z.id
    assert step.gain == pytest.approx(worth(WORTH, [y, entrant]) - worth(WORTH, [y, z]))


def test_a_price_cut_is_adopted_in_the_same_week() -> None:
    dear = at("dear", 0.45, 0.010, vendor="east")
    assert entering(dear) == ["x", "y", "z"]
    assert "dear" in entering(dataclasses.replace(dear, usd=0.001))


def test_everybody_gone_is_a_first_proposal_without_its_name() -> None:
    away = policy({TIER: tier(vendors_denied=("north", "south", "west"))})
    world = [at(f"new{n}", 0.40 + n / 100, 0.001, vendor=f"v{n}") for n in range(4)]
    selection = after(POOL, [X, Y, Z, *world], policy=away)
    assert members(selection) == ["new3", "new2", "new1"]
    assert {one.cause for one in selection.changes if one.rank_before is None} == {Cause.VACANCY}
    assert selection.large


def test_a_tier_that_nobody_is_left_for_is_large() -> None:
    away = policy({TIER: tier(vendors_denied=("north", "south", "west"))})
    selection = after(POOL, [X, Y, Z], policy=away)
    assert members(selection) == []
    assert (selection.large, selection.tiers[TIER].large) == (True, True)
    told = next(one.message for one in selection.findings if one.kind == "large")
    assert told == "Every member leaves in this run: nobody for x@high, y@high, z@high."


@pytest.mark.parametrize(
    ("denied", "large"), [(("west",), False), (("west", "south"), True), (("north",), True)]
)
def test_two_seats_or_the_default_make_a_tier_large(denied: tuple[str, ...], *, large: bool) -> None:
    world = [at(f"new{n}", 0.33 + n / 100, 0.001, vendor=f"v{n}") for n in range(3)]
    away = policy({TIER: tier(vendors_denied=denied)})
    selection = after(POOL, [X, Y, Z, *world], policy=away)
    assert (selection.large, selection.tiers[TIER].large) == (large, large)
    assert [one.kind for one in selection.findings if one.kind == "large"] == ["large"] * large


def test_the_message_of_a_large_tier_names_who_changes() -> None:
    new = at("new", 0.45, 0.001, vendor="east")
    away = policy({TIER: tier(vendors_denied=("north",))})
    selection = after(POOL, [X, Y, Z, new], policy=away)
    assert next(one.message for one in selection.findings if one.kind == "large") == (
        "The default changes from x@high to new@high; places that change: new@high for x@high."
    )


def test_the_message_of_a_tier_whose_members_only_change_places_says_that_they_stay() -> None:
    selection = after(POOL, [X, at("y", 0.9, 0.001), Z])
    messages = [one.message for one in selection.findings if one.kind == "large"]
    assert messages == ["The default changes from x@high to y@high; the members stay."]


def test_a_first_pool_is_filled_by_what_each_adds_and_is_never_large() -> None:
    """X first; then the cheap one, which serves simple requests and stands in; then the best left."""
    cheap = at("cheap", 0.49, 0.0001, vendor="south")
    choice = select_tier(inputs([X, Y, Z, cheap]), NAME)
    assert (choice.steps[0].rule, choice.steps[0].entrant) == (StepKind.FIRST, cheap.id)
    assert set(choice.places) == {cheap.id, X.id, Y.id}
    assert not choice.large
    assert VariantId("z@high") not in choice.places


def test_who_leaves_in_this_run_does_not_come_back_by_a_swap() -> None:
    """The tier has two places now and W, the third, leaves, although it would add more than the second."""
    w = at("w", 0.47, 0.001, vendor="west")
    rules = policy({TIER: tier(k=2)})
    selection = after(published(X, Y, w), [X, Y, w], policy=rules)
    assert members(selection) == ["x", "y"]
    told = next(one for one in selection.tiers[TIER].standings if one.variant == w.id)
    assert told.detail == "It leaves in this run: The tier has 2 places now, and it held the last ones."
    better = at("w", 0.55, 0.001, vendor="north")
    assert members(after(published(X, Y, better), [X, Y, better], policy=rules)) == ["x", "y"]
