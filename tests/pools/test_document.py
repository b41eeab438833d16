"""The pool document: what a router reads, as text without floats."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta, timezone

import pytest

from pipeline.domain.calendar import Week
from pipeline.domain.crosswalk import Profile
from pipeline.domain.document import canonical_json
from pipeline.domain.ids import Sha256, TierName
from pipeline.domain.pool import Base
from pipeline.domain.run import PriorState
from pipeline.pools.select import select, select_fast
from tests.pools.factories import (
    DIGEST,
    NOW,
    TIER,
    One,
    after,
    at,
    digest_of,
    inputs,
    policy,
    published,
    tier,
    variant,
)

A = One(name="a", elo=120.0, usd=0.0123456)
B = One(name="b", elo=110.0, usd=0.006)
C = One(name="c", elo=100.0, usd=0.001)


def test_a_first_pool_has_version_one_and_no_base() -> None:
    pool = select(inputs([A, B, C])).pool
    assert (pool.version, pool.base, pool.policy_sha256) == (1, None, DIGEST)
    assert (pool.week, pool.as_of, pool.expires_on) == ("2026-W33", "2026-08-15T12:00:00Z", "2026-08-29")
    assert pool.attribution == ("Leaderboard data by LMArena (CC-BY-4.0)",)


def test_a_later_pool_names_its_base() -> None:
    first = select(inputs([A, B, C])).pool
    head = Sha256("ab" * 32)
    second = after(first, [A, B, C], audit_head=head).pool
    assert (second.version, second.base) == (2, Base(version=1, sha256=digest_of(first)))
    assert second.audit_head == head


def test_moments_are_written_in_utc() -> None:
    here = datetime(2026, 8, 15, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    pool = select(inputs([A], as_of=here)).pool
    assert (pool.as_of, pool.expires_on) == ("2026-08-14T23:30:00Z", "2026-08-28")


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": NOW.replace(tzinfo=None)},
        {"published": select(inputs([A])).pool},
        {"published_sha256": DIGEST},
    ],
)
def test_an_impossible_brief_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"naive datetime|belong together"):
        dataclasses.replace(inputs([A]), **change)  # type: ignore[arg-type] # reason: names of Brief


def test_numbers_are_text_with_fixed_places() -> None:
    """E is 0.0123456 + (1 - 0.4569) * 0.05 dollars, so a dollar buys 25.32 acceptable answers."""
    lines = select(inputs([A, B, C])).pool.tiers[TIER].members
    member = next(one for one in lines if one.variant == A.id)
    assert (member.usd_per_task, member.quality) == ("0.012346", "0.4569")
    assert (member.acceptable_answers_per_usd, member.floor_probability) == ("25.32", "1.000")
    for figure, places in ((member.usd_per_task_low, 6), (member.usd_per_task_high, 6), (member.p_close, 3)):
        assert figure is not None
        assert len(figure.partition(".")[2]) == places
    assert (member.inclusion_probability, member.fragile) == (None, None)


def test_a_pool_has_a_canonical_form() -> None:
    body = canonical_json(select(inputs([A, B, C])).pool.model_dump(mode="json"))
    assert body.startswith(b'{"as_of":"2026-08-15T12:00:00Z"')


def test_catalogue_facts_reach_the_member() -> None:
    profile = Profile(
        variant=A.id, context_tokens=1_000_000, tools=True, vision=False, retires_on=date(2027, 1, 1)
    )
    member = select(inputs([A], profiles={A.id: profile})).pool.tiers[TIER].members[0]
    facts = (member.context_tokens, member.tools, member.vision, member.retires_on)
    assert facts == (1_000_000, True, False, "2027-01-01")


def test_bands_put_the_cheap_first_for_simple_and_the_able_first_for_complex() -> None:
    able = One(name="able", elo=250.0, usd=0.014)
    cheap = One(name="cheap", elo=120.0, usd=0.0002)
    bands = select(inputs([able, cheap])).pool.tiers[TIER].bands
    assert bands["simple"] == (cheap.id, able.id)
    assert bands["complex"] == (able.id, cheap.id)


def test_the_report_carries_floor_ceiling_lambda_and_hull() -> None:
    report = select(inputs([A, B, C])).tiers[TIER]
    assert (report.floor_quality, report.ceiling_usd_per_task, report.lambda_usd) == (
        "0.2966",
        "0.015000",
        "0.050000",
    )
    assert [point.variant for point in report.hull] == [C.id, B.id, A.id]
    assert report.hull[0].next_answer_usd is None
    assert report.hull[1].next_answer_usd == "0.353320"


def test_candidates_are_told_what_they_would_add_or_take_away() -> None:
    """N as the stand-in adds .1 (.386 - .38) + .01 (.386 - .36) = .00086; its interval is .00149."""
    first, second, third = (
        at(name, quality, 0.001) for name, quality in (("x", 0.50), ("y", 0.40), ("z", 0.38))
    )
    near, worse = at("n", 0.406, 0.001), at("w", 0.33, 0.001)
    assert told(first, second, third, near, worse) == {
        near.id: (
            None,
            (
                "In place of z@high it would add 0.09 answers per 100; a swap must add more than its "
                "measurement interval, 0.15 answers per 100."
            ),
        ),
        worse.id: (None, "In place of z@high the pool would be worth 0.05 answers per 100 less."),
    }


def told(*ones: One, **changes: object) -> dict[str, tuple[str | None, str]]:
    """Why each is not a member of a pool of the first three."""
    selection = after(published(*ones[:3]), ones, **changes)
    standings = selection.tiers[TIER].standings
    return {one.variant: (one.rule, one.detail) for one in standings if one.verdict == "candidate"}


def test_a_candidate_that_only_the_limits_keep_out_is_told_the_limit() -> None:
    """A is carried, so its sibling finds the family taken and nobody of it that could leave."""
    sibling = One(name="s", elo=140.0, usd=0.0015, family="a")
    known = {one.id: variant(one) for one in (A, B, C, sibling)}
    selection = after(published(A, B, C), [B, C, sibling], variants=known)
    (found,) = (one for one in selection.tiers[TIER].standings if one.variant == sibling.id)
    assert found.rule == "family"
    assert found.detail == "The family a already holds the places it may have: a@high."


def test_a_candidate_that_left_lately_is_told_so_only_where_it_would_enter_otherwise() -> None:
    ones = [at(name, quality, 0.001) for name, quality in (("x", 0.50), ("y", 0.40), ("z", 0.38))]
    good, poor = at("good", 0.45, 0.001), at("poor", 0.33, 0.001)
    memory = PriorState(left_pool={(TierName(TIER), one.id): Week("2026-W30") for one in (good, poor)})
    found = told(*ones, good, poor, memory=memory)
    assert found[good.id] == ("cooldown", "It left this pool within the last 8 weeks.")
    assert found[poor.id][0] is None


def test_a_candidate_that_must_wait_for_its_turn_or_for_the_default_is_told_so() -> None:
    ones = [at(name, quality, 0.001) for name, quality in (("x", 0.50), ("y", 0.40), ("z", 0.38))]
    better, good = at("better", 0.46, 0.001), at("good", 0.44, 0.001)
    rule, detail = told(*ones, better, good)[good.id]
    assert rule is None
    assert detail.endswith("; one swap is made in a run.")
    default, other = at("d", 0.50, 0.0050, vendor="north"), at("o", 0.40, 0.0050, vendor="south")
    new = at("new", 0.4440, 0.0015, vendor="north")
    pool, two = published(default, other, k=2), policy({TIER: tier(k=2)})
    standings = after(pool, [default, other, new], policy=two).tiers[TIER].standings
    detail = next(one.detail for one in standings if one.variant == new.id)
    assert detail.endswith("but it is not told apart from d@high, the default, at the tier's own price.")


def test_where_no_member_can_be_compared_candidates_are_told_so() -> None:
    new = One(name="new", elo=140.0, usd=0.001)
    known = {one.id: variant(one) for one in (A, B, C, new)}
    selection = after(published(A, B, C), [new], variants=known)
    (found,) = (one for one in selection.tiers[TIER].standings if one.verdict == "candidate")
    assert (found.rule, found.detail) == (None, "No member is in this week's data to be compared with.")


def test_a_reviewer_sees_the_pool_at_a_third_and_at_three_times_the_price_of_an_answer() -> None:
    """At $.0167 the cheap one leads, at $.15 the able one; members in force and cooldowns do not count."""
    cheap, able = at("cheap", 0.40, 0.0002), at("able", 0.55, 0.0090)
    rules = policy({TIER: tier(k=1)})
    memory = PriorState(left_pool={(TierName(TIER), able.id): Week("2026-W30")})
    selection = after(published(able, k=1), [cheap, able], policy=rules, memory=memory)
    found = [(one.lambda_usd, one.variants) for one in selection.tiers[TIER].other_prices]
    assert found == [("0.016667", (cheap.id,)), ("0.150000", (able.id,))]


def test_the_headline_is_the_default_before_and_after_with_this_week_s_figures() -> None:
    """E of the able one was .009 + .45 * .05 = .0315; it has become dearer and the cheap one leads."""
    cheap, able = at("cheap", 0.40, 0.0002, vendor="s"), at("able", 0.55, 0.0080, vendor="n")
    report = after(published(able, cheap), [cheap, dataclasses.replace(able, usd=0.0140)]).tiers[TIER]
    assert report.default_before is not None
    assert report.default_after is not None
    assert (report.default_before.variant, report.default_before.usd_per_1000_tasks) == (able.id, "14.000")
    assert report.default_before.acceptable_answers_per_usd == "27.40"
    assert (report.default_after.variant, report.default_after.usd_per_1000_tasks) == (cheap.id, "0.200")


def test_a_rehearsal_has_no_drawn_figures() -> None:
    member = select_fast(inputs([A])).tiers[TIER].members[0]
    assert (member.p_close, member.rank_low, member.rank_high) == (None, 0, 0)


def test_a_brief_is_a_value() -> None:
    made = inputs([A])
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.week = made.week  # type: ignore[misc] # reason: the refusal is the point


def test_a_list_price_ceiling_keeps_the_dear_out() -> None:
    rules = policy({TIER: tier(ceiling_list_usd_per_mtok=1.0, ceiling_usd_per_task=None)})
    assert [one.variant for one in select(inputs([A, B, C], policy=rules)).pool.tiers[TIER].members] == [C.id]
