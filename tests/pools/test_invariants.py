"""What holds in every world: size, family, vendor, eligibility, determinism, and rest."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.calendar import monday, week_of
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Pool, Purpose, TierPool, lineup
from pipeline.domain.score import NoPrice
from pipeline.pools.changes.diff import apply, diff
from pipeline.pools.changes.incumbents import Status
from pipeline.pools.select import select, select_fast
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.worth.candidate import beats, difference_half_width
from pipeline.pools.worth.concentration import vendor_cap
from pipeline.pools.worth.worth import worth
from tests.pools.factories import BEFORE, WEEK, One, bytes_of, digest_of, inputs, variant
from tests.pools.worlds import policies, worlds

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy
    from pipeline.pools.selection_input import Selection, SelectionInput

World = tuple["One", ...]
quick = settings(max_examples=40, deadline=None)


def first_week(world: World, rules: Policy) -> SelectionInput:
    return inputs(world, policy=rules, week=BEFORE)


def next_week(pool: Pool, before: World, world: World, rules: Policy) -> SelectionInput:
    known = {one.id: variant(one) for one in (*before, *world)}
    return inputs(world, policy=rules, variants=known, published=pool, published_sha256=digest_of(pool))


def two_weeks(before: World, world: World, rules: Policy) -> tuple[SelectionInput, Selection]:
    pool = select_fast(first_week(before, rules))
    second = next_week(pool, before, world, rules)
    return second, select(second)


def follow(made: SelectionInput, selection: Selection) -> SelectionInput:
    """The week after, with the same data."""
    week = week_of(datetime.combine(monday(made.week), time(), UTC) + timedelta(weeks=1))
    return dataclasses.replace(
        made, week=week, published=selection.pool, published_sha256=digest_of(selection.pool)
    )


def fillable(rows: dict[VariantId, tuple[str, str]], k: int) -> int:
    """How many places these variants can fill at most; families lie within vendors."""
    families: dict[str, set[str]] = {}
    for vendor, family in rows.values():
        families.setdefault(vendor, set()).add(family)
    return min(k, sum(min(vendor_cap(k), len(found)) for found in families.values()))


def check_limits(tier: TierPool) -> None:
    assert len(tier.members) <= tier.k
    assert len({member.family for member in tier.members}) == len(tier.members)
    vendors = [member.vendor for member in tier.members]
    assert all(vendors.count(vendor) <= vendor_cap(tier.k) for vendor in vendors)
    assert [member.rank for member in tier.members] == list(range(1, len(vendors) + 1))
    ids = [member.variant for member in tier.members]
    assert all(sorted(band) == sorted(ids) for band in tier.bands.values())


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_a_pool_never_breaks_its_limits(before: World, world: World, rules: Policy) -> None:
    _, selection = two_weeks(before, world, rules)
    for tier in selection.pool.tiers.values():
        check_limits(tier)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_a_pool_is_full_when_enough_variants_are_eligible(before: World, world: World, rules: Policy) -> None:
    made, selection = two_weeks(before, world, rules)
    for name, tier in selection.pool.tiers.items():
        field = select_tier(made, TierName(name)).field
        able = {one.id: (one.slot.vendor, one.slot.family) for one in field.eligible}
        held = {VariantId(one.variant): (one.vendor, one.family) for one in tier.members}
        assert len(tier.members) == fillable(able | held, tier.k)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_every_member_is_eligible_or_an_incumbent_kept_with_a_finding(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    told = {(finding.kind, finding.subject) for finding in selection.findings}
    for name, tier in selection.pool.tiers.items():
        field = select_tier(made, TierName(name)).field
        eligible = {one.id for one in field.eligible}
        for member in tier.members:
            subject = f"{name}/{member.variant}"
            kept = {("incumbent-carried", subject), ("incumbent-missing", subject), ("below-floor", subject)}
            assert member.variant in eligible or told & kept
            assert member.stale == (member.variant not in field.candidates)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_nobody_stands_before_one_that_beats_it_neither_in_the_tier_nor_in_a_band(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    for name, tier in selection.pool.tiers.items():
        field = select_tier(made, TierName(name)).field
        orders = {band: (multiplier, tier.bands[band]) for band, multiplier in rules.bands.items()}
        orders["rank"] = (1.0, tuple(one.variant for one in tier.members))
        for multiplier, order in orders.values():
            present = field.present(map(VariantId, order))
            for ahead, behind in combinations(present, 2):
                assert not beats(behind, ahead, multiplier, rules.change.swap_intervals)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_the_first_of_those_in_the_data_is_the_best_value_or_not_told_apart_from_it(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    for name, tier in selection.pool.tiers.items():
        field = select_tier(made, TierName(name)).field
        present = field.present(VariantId(one.variant) for one in tier.members)
        if present:
            best = max(present, key=lambda one: one.value)
            apart = difference_half_width(best, present[0])
            assert best.value - present[0].value <= rules.change.swap_intervals * apart


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_a_first_pool_stands_in_the_order_of_value(before: World, world: World, rules: Policy) -> None:
    del before
    made = first_week(world, rules)
    for name, tier in select_fast(made).tiers.items():
        field = select_tier(made, TierName(name)).field
        values = [one.value for one in field.present(VariantId(m.variant) for m in tier.members)]
        assert values == sorted(values, reverse=True)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_every_member_serves_something_and_every_purpose_has_its_server(
    before: World, world: World, rules: Policy
) -> None:
    _, selection = two_weeks(before, world, rules)
    for tier in selection.pool.tiers.values():
        serving = {purpose: one for one in tier.members for purpose in one.serves}
        assert all(one.serves for one in tier.members)
        if not tier.members:
            continue
        first = tier.members[0]
        assert serving[Purpose.DEFAULT] == first
        assert serving[Purpose.SIMPLE].variant == tier.bands["simple"][0]
        assert serving[Purpose.COMPLEX].variant == tier.bands["complex"][0]
        others = [one for one in tier.members if one.vendor != first.vendor]
        assert serving.get(Purpose.STAND_IN) == next(iter(others), None)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_at_most_one_member_that_could_stay_leaves_in_a_run(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    for name, choice in ((one, select_tier(made, TierName(one))) for one in selection.pool.tiers):
        stays = {one.id for one in choice.field.incumbents.values() if one.status is not Status.GONE}
        left = {one.variant for one in selection.changes if one.tier == name and one.rank_after is None}
        assert len(stays & left) <= 1
        assert tuple(sorted(stays & left)) == tuple(sorted(set(choice.swapped) & left))


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_the_same_data_settle_within_a_few_weeks_and_no_swap_lowers_worth(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    for _ in range(12):
        following = follow(made, selection)
        again = select(following)
        for name in again.pool.tiers:
            choice = select_tier(following, TierName(name))
            for step in choice.steps:
                if step.leaver is not None:
                    worths = [
                        worth(rules.worth, choice.field.present(who)) for who in (step.before, step.after)
                    ]
                    assert worths[1] > worths[0]
        if not again.changes:
            break
        made, selection = following, again
    else:
        pytest.fail("twelve runs on the same data did not settle")
    assert lineup(again.pool) == lineup(selection.pool)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_a_second_run_of_the_same_week_swaps_nobody(before: World, world: World, rules: Policy) -> None:
    made, selection = two_weeks(before, world, rules)
    again = dataclasses.replace(follow(made, selection), week=made.week)
    for name in rules.tiers:
        assert select_tier(again, TierName(name)).swapped == ()


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_who_left_lately_comes_back_by_a_vacancy_only(before: World, world: World, rules: Policy) -> None:
    made, _ = two_weeks(before, world, rules)
    left = {(TierName(name), one.id): WEEK for name in rules.tiers for one in world}
    memory = dataclasses.replace(made.memory, left_pool=left)
    for name in rules.tiers:
        steps = select_tier(dataclasses.replace(made, memory=memory), TierName(name)).steps
        assert [step for step in steps if step.leaver is not None] == []


@quick
@given(before=worlds, world=worlds, rules=policies, seed=st.integers(0, 99))
def test_the_order_of_mappings_does_not_matter(before: World, world: World, rules: Policy, seed: int) -> None:
    made, selection = two_weeks(before, world, rules)
    shuffled = [*world]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret, a permutation
    board = made.scoreboards["general"]
    mixed = dataclasses.replace(
        made,
        variants=dict(reversed([*made.variants.items()])),
        scoreboards={
            "general": dataclasses.replace(board, scores={one.id: board.scores[one.id] for one in shuffled})
        },
        policy=rules.model_copy(update={"tiers": dict(reversed([*rules.tiers.items()]))}),
    )
    other = select(mixed)
    assert bytes_of(other.pool) == bytes_of(selection.pool)
    assert (other.changes, other.findings) == (selection.changes, selection.findings)
    assert dict(other.tiers) == dict(selection.tiers)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_the_changes_rebuild_the_line_up_and_each_has_a_reason(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    old = lineup(made.published)
    new = {tier: places for tier, places in lineup(selection.pool).items() if places}
    assert apply(old, selection.changes) == new
    assert len(diff(old, lineup(selection.pool))) == len(selection.changes)
    assert all(one.reason.endswith(".") for one in selection.changes)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_a_rehearsal_chooses_the_same_line_up(before: World, world: World, rules: Policy) -> None:
    made, selection = two_weeks(before, world, rules)
    assert lineup(select_fast(made)) == lineup(selection.pool)


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_a_variant_without_a_price_never_enters(before: World, world: World, rules: Policy) -> None:
    made, selection = two_weeks(before, world, rules)
    scores = made.scoreboards["general"].scores
    unpriced = {name for name, score in scores.items() if isinstance(score.cost, NoPrice)}
    assert not [one for one in selection.changes if one.rank_before is None and one.variant in unpriced]


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_what_has_a_standing_is_everything_the_evidence_names(
    before: World, world: World, rules: Policy
) -> None:
    made, selection = two_weeks(before, world, rules)
    for name, report in selection.tiers.items():
        standings = [standing.variant for standing in report.standings]
        held = set(lineup(selection.pool).get(TierName(name), ()))
        published = {line.variant for line in made.lines(TierName(name))}
        named = set(made.scoreboards["general"].scores)
        assert len(standings) == len(set(standings))
        assert named | held <= set(standings) <= named | held | published
        members = {one.variant for one in report.standings if one.verdict == "member"}
        assert members == held
        assert all(one.rule for one in report.standings if one.verdict == "excluded")


@quick
@given(before=worlds, world=worlds, rules=policies)
def test_the_steps_tell_exactly_who_enters_and_for_whom(before: World, world: World, rules: Policy) -> None:
    made, _ = two_weeks(before, world, rules)
    for name in rules.tiers:
        choice = select_tier(made, TierName(name))
        held = {one.id for one in choice.field.incumbents.values() if one.status is not Status.GONE}
        places = set(choice.places)
        assert [step.entrant for step in choice.steps if step.entrant in held] == []
        assert {step.entrant for step in choice.steps} == places - held
        leavers = [step.leaver for step in choice.steps if step.leaver]
        assert len(leavers) == len(set(leavers))
        assert set(leavers) == held - places
