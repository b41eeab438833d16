"""The order of the members: by value, for the tier and for each band, and no flutter inside the interval."""

from __future__ import annotations

import dataclasses
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.calendar import Week
from pipeline.domain.ids import AA_INTELLIGENCE, MetricName, TierName, VariantId
from pipeline.domain.policy import ConcentrationPolicy
from pipeline.domain.pool import Cause, Purpose
from pipeline.domain.run import PriorState
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.worth import candidate, ranking
from pipeline.pools.worth.candidate import beats, difference_half_width
from pipeline.pools.worth.ranking import band_order, purposes, rank_members
from tests.pools.factories import (
    TIER,
    One,
    after,
    at,
    candidates,
    digest_of,
    field_of,
    inputs,
    members,
    policy,
    published,
    tier,
    variant,
    why,
)

if TYPE_CHECKING:
    import random

    Boards = tuple[MetricName, ...]

A = at("a", 0.50, 0.0050)
"""V = .40."""
B = at("b", 0.40, 0.0005)
"""V = .39."""
C = at("c", 0.35, 0.0005)
"""V = .34."""


@pytest.mark.parametrize(("quality", "first"), [(0.4240, "a"), (0.4243, "b")])
def test_rank_one_is_lost_only_to_one_that_beats_it_by_more_than_their_interval(
    quality: float, first: str
) -> None:
    """Half-widths of .01 each make .01414; V of B must pass .41414."""
    better = dataclasses.replace(at("b", quality, 0.0005))
    selection = after(published(A, B, C), [A, better, C])
    assert members(selection)[0] == first
    assert selection.large is (first == "b")


def test_the_interval_of_a_difference_holds_the_disagreement_of_boards_only_where_they_differ() -> None:
    one, same, other = candidates(
        at("one", 0.50, 0.001, between=0.02),
        at("same", 0.40, 0.001, between=0.03),
        at("other", 0.40, 0.001, between=0.03, boards=(AA_INTELLIGENCE,)),
    )
    assert difference_half_width(one, same) == pytest.approx(0.0002**0.5)
    assert difference_half_width(one, other) == pytest.approx((0.0002 + 0.0004 + 0.0009) ** 0.5)
    assert difference_half_width(other, one) == difference_half_width(one, other)


def test_one_on_other_boards_must_lead_by_their_disagreement_too() -> None:
    better = at("b", 0.43, 0.0005, between=0.03, boards=(AA_INTELLIGENCE,))
    assert members(after(published(A, B, C), [A, better, C]))[0] == "a"
    assert members(after(published(A, B, C), [A, dataclasses.replace(better, boards=A.boards), C]))[0] == "b"


def test_the_disagreement_of_boards_alone_keeps_it_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    better = at("b", 0.43, 0.0005, between=0.03, boards=(AA_INTELLIGENCE,))
    monkeypatch.setattr(
        candidate,
        "difference_half_width",
        lambda one, other: (one.half_width**2 + other.half_width**2) ** 0.5,
    )
    assert members(after(published(A, B, C), [A, better, C]))[0] == "b"


def test_places_keep_their_order_inside_the_interval_whichever_it_is() -> None:
    near = [A, B, at("c", 0.398, 0.0005)]
    for order in permutations(near):
        assert after(published(*order), near).changes == ()


def test_a_clear_difference_changes_the_order_and_says_the_figures() -> None:
    cheaper = at("c", 0.42, 0.0005)
    far = at("b", 0.38, 0.0005)
    selection = after(published(A, B, C), [A, far, cheaper])
    assert members(selection) == ["a", "c", "b"]
    assert {one.cause for one in selection.changes} == {Cause.ORDER}
    assert why(selection, "c") == (
        "Moves to place 2: 33.9 acceptable answers per dollar; a@high before it has 33.3, not told apart "
        "from it, so that their order stays."
    )


def test_a_new_member_rises_before_the_first_that_it_beats_and_no_further() -> None:
    new = at("new", 0.40, 0.0005)
    pool = published(A, at("b", 0.36, 0.0005), C)
    away = policy({TIER: tier(vendors_denied=("vendor-of-c",))})
    assert members(after(pool, [A, at("b", 0.36, 0.0005), C, new], policy=away)) == ["a", "new", "b"]
    near = at("new", 0.365, 0.0005)
    assert members(after(pool, [A, at("b", 0.36, 0.0005), C, near], policy=away)) == ["a", "b", "new"]


def test_who_replaces_the_default_takes_the_first_place() -> None:
    """It beats the default it replaces, and not the second member, which stands behind all the same."""
    first = at("first", 0.410, 0.0005)
    second = at("second", 0.418, 0.0005, half=0.006)
    new = at("new", 0.417, 0.0001, vendor="vendor-of-first", half=0.006)
    rules, pool = policy({TIER: tier(k=2)}), published(first, second, k=2)
    swapped = select_tier(
        inputs([first, second, new], policy=rules, published=pool, published_sha256=digest_of(pool)),
        TierName(TIER),
    )
    assert swapped.places == (new.id, second.id)
    ahead, behind = swapped.field.present(swapped.places)
    assert not beats(ahead, behind)
    assert rank_members(swapped.field, swapped.places, ()) == (second.id, new.id)


def test_who_replaces_another_member_is_appended_and_does_not_inherit_its_place() -> None:
    """New is .014 better than Y, inside the interval of .01414, and takes the place of Z."""
    x, z, y = at("x", 0.50, 0.001), at("z", 0.38, 0.001), at("y", 0.39, 0.001)
    new = at("new", 0.404, 0.001)
    assert members(after(published(x, z, y), [x, z, y, new])) == ["x", "y", "new"]


def test_nobody_stands_before_one_that_beats_it_where_to_beat_is_not_transitive() -> None:
    """New beats A, and B on other boards beats new; B and A are told apart by neither."""
    a = at("a", 0.40, 0.0005, half=0.001, between=0.05)
    b = at("b", 0.42, 0.0005, half=0.001, between=0.001, boards=(AA_INTELLIGENCE,))
    new = at("new", 0.41, 0.0005, half=0.001, between=0.001)
    one, other, third = candidates(a, b, new)
    assert beats(third, one)
    assert beats(other, third)
    assert not beats(other, one)
    pool = published(a, b, C)
    away = policy({TIER: tier(vendors_denied=("vendor-of-c",))})
    assert members(after(pool, [a, b, C, new], policy=away)) == ["b", "new", "a"]


def test_each_band_keeps_an_order_of_its_own() -> None:
    able, cheap = at("able", 0.60, 0.0150), at("cheap", 0.40, 0.0002)
    selection = after(published(able, cheap), [able, cheap])
    bands = selection.pool.tiers[TIER].bands
    assert bands == {
        "simple": (cheap.id, able.id),
        "medium": (cheap.id, able.id),
        "complex": (able.id, cheap.id),
    }


def test_a_band_keeps_its_published_order_inside_the_interval_at_its_own_price() -> None:
    """On simple requests A is .01 better than B, inside the interval of .0141: who stood first stays."""
    a, b = at("a", 0.41, 0.0005), at("b", 0.40, 0.0005)
    pool = published(a, b)
    turned = pool.tiers[TIER].model_copy(update={"bands": {**pool.tiers[TIER].bands, "simple": (b.id, a.id)}})
    pool = pool.model_copy(update={"tiers": {TIER: turned}})
    assert after(pool, [a, b]).pool.tiers[TIER].bands == {
        "simple": (b.id, a.id),
        "medium": (a.id, b.id),
        "complex": (a.id, b.id),
    }
    clear = at("a", 0.415, 0.0005)
    assert after(pool, [clear, b]).pool.tiers[TIER].bands["simple"] == (a.id, b.id)


def test_new_members_enter_a_band_in_the_order_of_that_band() -> None:
    """Both are new and not told apart: the cheap one first for simple requests, the able one elsewhere."""
    able, cheap = at("able", 0.42, 0.0010), at("cheap", 0.407, 0.0006)
    old = [at("old1", 0.50, 0.0050, vendor="east"), at("old2", 0.45, 0.0050, vendor="west")]
    away = policy({TIER: tier(vendors_denied=("east", "west"))})
    bands = after(published(*old), [*old, able, cheap], policy=away).pool.tiers[TIER].bands
    assert bands == {
        "simple": (cheap.id, able.id),
        "medium": (able.id, cheap.id),
        "complex": (able.id, cheap.id),
    }


def test_a_band_that_was_not_published_starts_from_the_order_of_the_tier() -> None:
    near = [at("a", 0.405, 0.0005), at("b", 0.40, 0.0005)]
    pool = published(near[1], near[0])
    bare = pool.model_copy(update={"tiers": {TIER: pool.tiers[TIER].model_copy(update={"bands": {}})}})
    field = field_of(inputs(near, published=bare, published_sha256=digest_of(bare)))
    assert band_order(field, (near[1].id, near[0].id), "medium", 1.0) == (near[1].id, near[0].id)


def test_a_carried_member_keeps_its_place_and_a_questioned_one_goes_last() -> None:
    known = {one.id: variant(one) for one in (A, B, C)}
    for runs, expected in ((0, ["a", "b", "c"]), (1, ["a", "c", "b"])):
        selection = after(
            published(A, B, C), [A, C], variants=known, memory=PriorState(missing_runs={B.id: runs})
        )
        assert members(selection) == expected
        assert all(
            [one.partition("@")[0] for one in band].index("b") == (2 if runs else band.index(B.id))
            for band in selection.pool.tiers[TIER].bands.values()
        )


def test_the_policy_s_share_of_tiers_overrides_even_the_published_first_place() -> None:
    first = at("first", 0.50, 0.001, vendor="north")
    other = at("other", 0.40, 0.001, vendor="south")
    two = {"premium": tier(lambda_usd=0.5), TIER: tier()}
    pool = after(published(first, other), [first, other], policy=policy(two)).pool
    assert [pool.tiers[name].members[0].variant for name in sorted(two)] == [first.id, first.id]
    limits = policy(two, concentration=ConcentrationPolicy(share_of_tiers_led=0.5))
    led = after(pool, [first, other], policy=limits).pool
    assert [led.tiers[name].members[0].variant for name in sorted(two)] == [other.id, first.id]


def test_a_member_that_is_only_carried_does_not_take_the_lead_from_one_that_may_not_have_it() -> None:
    first = at("first", 0.50, 0.001, vendor="north")
    carried = at("carried", 0.45, 0.001, vendor="south")
    other = at("other", 0.40, 0.001, vendor="west")
    two = {"premium": tier(lambda_usd=0.5), TIER: tier()}
    world = [first, carried, other]
    pool = after(published(*world), world, policy=policy(two)).pool
    limits = policy(two, concentration=ConcentrationPolicy(share_of_tiers_led=0.5))
    known = {one.id: variant(one) for one in world}
    led = after(pool, [first, other], variants=known, policy=limits, week=Week("2026-W34")).pool
    assert [one.variant for one in led.tiers[TIER].members] == [other.id, first.id, carried.id]


V = {VariantId(name): vendor for name, vendor in (("a", "north"), ("b", "north"), ("c", "south"))}


def test_purposes_follow_the_orders_that_a_router_is_given() -> None:
    places = tuple(V)
    bands = {"simple": (places[2], *places[:2]), "medium": places, "complex": places}
    assert purposes(places, bands, V) == {
        "a": (Purpose.DEFAULT, Purpose.COMPLEX),
        "b": (Purpose.SPARE,),
        "c": (Purpose.SIMPLE, Purpose.STAND_IN),
    }
    assert purposes((), {}, {}) == {}


def test_where_one_vendor_holds_all_places_nobody_stands_in() -> None:
    places = tuple(V)[:2]
    found = purposes(places, {"simple": places, "complex": places}, V)
    assert found == {"a": (Purpose.DEFAULT, Purpose.SIMPLE, Purpose.COMPLEX), "b": (Purpose.SPARE,)}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(30, 60),
            st.sampled_from([0.0002, 0.001, 0.005]),
            st.sampled_from([0.001, 0.01, 0.03]),
            st.sampled_from([0.0, 0.02, 0.06]),
            st.sampled_from([A.boards, (AA_INTELLIGENCE,)]),
        ),
        min_size=2,
        max_size=4,
    ),
    seed=st.randoms(use_true_random=False),
    multiplier=st.sampled_from([0.3, 1.0, 3.0]),
)
def test_whatever_the_published_order_was_nobody_stands_before_one_that_beats_it(
    rows: list[tuple[int, float, float, float, Boards]], seed: random.Random, multiplier: float
) -> None:
    ones = [
        at(
            f"m{n}",
            q / 100,
            usd,
            half=half,
            between=between,
            boards=(AA_INTELLIGENCE,) if index else (A.boards),
        )
        for n, (q, usd, half, between, index) in enumerate(rows)
    ]
    shuffled: list[One] = [*ones]
    seed.shuffle(shuffled)
    pool = published(*shuffled, k=2 * len(ones))
    rules = policy({TIER: tier(k=2 * len(ones), floor_elo_below_reference=5000.0)})
    field = field_of(inputs(ones, policy=rules, published=pool, published_sha256=digest_of(pool)))
    order = ranking._order_by_value(field, tuple(field.incumbents), tuple(field.incumbents), multiplier)
    found = field.present(order)
    assert sorted(order) == sorted(field.incumbents)
    for place, ahead in enumerate(found):
        assert not [behind.id for behind in found[place + 1 :] if beats(behind, ahead, multiplier)]
    assert ranking._order_by_value(field, order, order, multiplier) == order, "the order found is at rest"
