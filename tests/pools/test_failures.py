"""Failures that happened to others, where they concern choosing; one test a row of the table."""

from __future__ import annotations

import dataclasses

from pipeline.domain.ids import VariantId
from pipeline.domain.pool import lineup
from pipeline.domain.run import LastScore, PriorState
from pipeline.pools.select import select
from tests.pools.factories import (
    TIER,
    One,
    after,
    digest_of,
    inputs,
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


def test_a_release_does_not_inherit_the_best_of_its_efforts() -> None:
    """Row: highest of several variants taken. Each effort keeps its own score and its own price."""
    high = One(name="m", effort="high", elo=140.0, usd=0.05, family="m")
    low = One(name="m", effort="low", elo=80.0, usd=0.004, family="m")
    pool = select(inputs([high, low])).pool
    member = pool.tiers[TIER].members[0]
    assert (member.variant, member.usd_per_task, member.quality) == ("m@low", "0.004000", "0.4006")


def test_an_unknown_flagship_is_ineligible_not_conservative() -> None:
    """Row: new flagship falls to a default below an old cheap model."""
    board = scoreboard([C], unscored=("flagship@high",))
    known = {C.id: variant(C), VariantId("flagship@high"): variant(One(name="flagship"))}
    selection = select(inputs([C], scoreboards={"general": board}, variants=known))
    told = {one.variant: (one.verdict, one.rule, one.quality) for one in selection.tiers[TIER].standings}
    assert told["flagship@high"] == ("excluded", "no_score", None)


def test_two_identical_runs_give_the_same_plan() -> None:
    """Row: an unapproved price becomes the baseline and the second run passes.

    The proposal of the first run was not approved: the published pool and the memory are as they
    were, and the second run says the same.
    """
    pool = published(A, B, C)
    cut = One(name="new", elo=150.0, usd=0.001)
    memory = PriorState(
        last_scores={
            cut.id: LastScore(values={}, input_microusd_per_mtok=9_000_000, output_microusd_per_mtok=1)
        }
    )
    first, second = (after(pool, [A, B, C, cut], memory=memory) for _ in range(2))
    assert first == second
    assert first.changes != ()


def test_a_tripled_output_price_is_seen_although_the_input_price_is_the_same() -> None:
    """Row: only the input price checked; output tripled unseen."""
    member = dataclasses.replace(B, listed=(1_000_000, 9_000_000))
    before = LastScore(values={}, input_microusd_per_mtok=1_000_000, output_microusd_per_mtok=3_000_000)
    selection = after(published(A, B), [A, member], memory=PriorState(last_scores={B.id: before}))
    found = [one.message for one in selection.findings if one.kind == "price-moved"]
    assert found == ["A member's output price $3.00 -> $9.00 per Mtok (+200%)."]


def test_a_price_that_a_partial_page_lost_does_not_remove_a_member() -> None:
    """Row: partial pagination looks like "not published" and nulls a price."""
    selection = after(published(A, B, C), [A, dataclasses.replace(B, unpriced="price_unknown"), C])
    assert members(selection) == ["a", "b", "c"]
    assert selection.missing == (B.id,)


def test_a_plan_says_which_version_and_policy_it_was_made_for() -> None:
    """Row: a plan computed under an old configuration is applied later."""
    pool = published(A, B, C)
    found = after(pool, [A, B, C]).pool
    assert found.base is not None
    assert (found.base.version, found.base.sha256) == (pool.version, digest_of(pool))
    assert found.policy_sha256 == inputs([A]).policy_sha256


def test_a_zero_price_never_wins_a_place() -> None:
    """Row: 0 means "not measured"."""
    free = One(name="free", elo=150.0, unpriced="price_zero")
    claimed = One(name="claimed", elo=150.0, usd=0.0001, listed=(0, 0))
    assert sorted(members(select(inputs([A, B, C, free, claimed])))) == ["a", "b", "c"]


def test_a_fast_cheap_variant_below_the_floor_is_not_promoted() -> None:
    """Row: fast cheap models promoted, users complained of shallow answers."""
    shallow = One(name="shallow", elo=-10.0, usd=0.00001)
    selection = select(inputs([A, B, C, shallow], policy=policy({TIER: tier(lambda_usd=0.004)})))
    assert "shallow" not in members(selection)


def test_a_truncated_board_empties_no_pool() -> None:
    """Incident 2: 10 of 350 rows, valid, daily: the frugal pool was empty on 77 % of days."""
    pool = published(A, B, C)
    known = {one.id: variant(one) for one in (A, B, C)}
    few = [One(name="odd", elo=60.0, usd=0.004)]
    selection = after(pool, few, variants={**known, few[0].id: variant(few[0])})
    assert lineup(selection.pool) == lineup(pool)


def test_a_shift_of_the_whole_board_changes_nothing() -> None:
    """Incident 7: a recalibration moved every score by 59.9; reference and floor move along."""
    pool = published(A, B, C)
    moved = [dataclasses.replace(one, elo=one.elo + 59.9) for one in (A, B, C)]
    selection = after(pool, moved, scoreboards={"general": scoreboard(moved, reference_elo=150.0 + 59.9)})
    assert selection.changes == ()
