"""The pool document: what a router reads, as text without floats."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta, timezone

import pytest

from pipeline.domain.canonical import canonical_json
from pipeline.domain.crosswalk import Profile
from pipeline.domain.memory import Memory
from pipeline.domain.names import Sha256, TierName
from pipeline.domain.pool import Base
from pipeline.domain.week import Week
from pipeline.pools.select import rehearse, select
from tests.pools.factories import (
    DIGEST,
    NOW,
    TIER,
    One,
    after,
    brief,
    digest_of,
    policy,
    published,
    tier,
)

A = One(name="a", elo=120.0, usd=0.0123456)
B = One(name="b", elo=110.0, usd=0.006)
C = One(name="c", elo=100.0, usd=0.001)


def test_a_first_pool_has_version_one_and_no_base() -> None:
    pool = select(brief([A, B, C])).pool
    assert (pool.version, pool.base, pool.policy_sha256) == (1, None, DIGEST)
    assert (pool.week, pool.as_of, pool.expires_on) == ("2026-W33", "2026-08-15T12:00:00Z", "2026-08-29")
    assert pool.attribution == ("Leaderboard data by LMArena (CC-BY-4.0)",)


def test_a_later_pool_names_its_base() -> None:
    first = select(brief([A, B, C])).pool
    head = Sha256("ab" * 32)
    second = after(first, [A, B, C], audit_head=head).pool
    assert (second.version, second.base) == (2, Base(version=1, sha256=digest_of(first)))
    assert second.audit_head == head


def test_moments_are_written_in_utc() -> None:
    here = datetime(2026, 8, 15, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    pool = select(brief([A], as_of=here)).pool
    assert (pool.as_of, pool.expires_on) == ("2026-08-14T23:30:00Z", "2026-08-28")


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": NOW.replace(tzinfo=None)},
        {"published": select(brief([A])).pool},
        {"published_sha256": DIGEST},
    ],
)
def test_an_impossible_brief_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"naive datetime|belong together"):
        dataclasses.replace(brief([A]), **change)  # type: ignore[arg-type] # reason: names of Brief


def test_numbers_are_text_with_fixed_places() -> None:
    """E is 0.0123456 + (1 - 0.4569) * 0.05 dollars, so a dollar buys 25.32 acceptable answers."""
    member = select(brief([A, B, C])).pool.tiers[TIER].members[0]
    assert (member.usd_per_task, member.quality) == ("0.012346", "0.4569")
    assert (member.acceptable_answers_per_usd, member.floor_probability) == ("25.32", "1.000")
    assert len(member.utility_low.split(".")[1]) == 6
    assert len(member.inclusion_probability.split(".")[1]) == 3


def test_a_pool_has_a_canonical_form() -> None:
    body = canonical_json(select(brief([A, B, C])).pool.model_dump(mode="json"))
    assert body.startswith(b'{"as_of":"2026-08-15T12:00:00Z"')


def test_catalogue_facts_reach_the_member() -> None:
    profile = Profile(
        variant=A.id, context_tokens=1_000_000, tools=True, vision=False, retires_on=date(2027, 1, 1)
    )
    member = select(brief([A], profiles={A.id: profile})).pool.tiers[TIER].members[0]
    facts = (member.context_tokens, member.tools, member.vision, member.retires_on)
    assert facts == (1_000_000, True, False, "2027-01-01")


def test_bands_put_the_cheap_first_for_simple_and_the_able_first_for_complex() -> None:
    able = One(name="able", elo=250.0, usd=0.014)
    cheap = One(name="cheap", elo=120.0, usd=0.0002)
    bands = select(brief([able, cheap])).pool.tiers[TIER].bands
    assert bands["simple"] == (cheap.id, able.id)
    assert bands["complex"] == (able.id, cheap.id)


def test_the_report_carries_floor_ceiling_lambda_and_hull() -> None:
    report = select(brief([A, B, C])).tiers[TIER]
    assert (report.floor_quality, report.ceiling_usd_per_task, report.lambda_usd) == (
        "0.2966",
        "0.015000",
        "0.050000",
    )
    assert [point.variant for point in report.hull] == [C.id, B.id, A.id]
    assert report.hull[0].next_answer_usd is None
    assert report.hull[1].next_answer_usd == "0.353320"


def test_candidates_are_told_why_not() -> None:
    sibling = One(name="s", elo=108.0, usd=0.0015, family="a")
    dominated = One(name="d", elo=80.0, usd=0.002)
    tied = One(name="t", elo=112.0, usd=0.0061)
    selection = after(published(A, B, C), [A, B, C, sibling, dominated, tied])
    told = {one.variant: one for one in selection.tiers[TIER].standings if one.verdict == "candidate"}
    assert told[dominated.id].rule == "dominated"
    assert told[sibling.id].rule == "family"
    assert "family a already holds the places it may have: a@high" in told[sibling.id].detail
    assert told[tied.id].rule is None
    assert "-8.0 Elo (joint 7.1), against the worst" in told[tied.id].detail


def test_candidates_that_rest_or_are_out_of_reach_are_told_so() -> None:
    rests = One(name="rests", elo=112.0, usd=0.0061)
    far = One(name="far", elo=-85.0, usd=0.0002)
    memory = Memory(left_pool={(TierName(TIER), rests.id): Week("2026-W30")})
    rules = policy({TIER: tier(floor_elo_below_reference=1000.0)})
    selection = after(published(A, B, C), [A, B, C, rests, far], memory=memory, policy=rules)
    told = {one.variant: one for one in selection.tiers[TIER].standings if one.verdict == "candidate"}
    assert (told[rests.id].rule, told[far.id].rule) == ("cooldown", "reach")
    assert "within the last 8 weeks" in told[rests.id].detail
    assert "205.0 Elo behind the best; the rules reach 200.0 Elo" in told[far.id].detail


def test_a_rehearsal_has_no_drawn_figures() -> None:
    member = rehearse(brief([A])).tiers[TIER].members[0]
    assert (member.inclusion_probability, member.rank_high) == ("0.000", 0)


def test_a_brief_is_a_value() -> None:
    made = brief([A])
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.week = made.week  # type: ignore[misc] # reason: the refusal is the point


def test_a_list_price_ceiling_keeps_the_dear_out() -> None:
    rules = policy({TIER: tier(ceiling_list_usd_per_mtok=1.0, ceiling_usd_per_task=None)})
    assert [one.variant for one in select(brief([A, B, C], policy=rules)).pool.tiers[TIER].members] == [C.id]
