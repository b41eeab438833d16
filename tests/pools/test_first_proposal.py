"""The first proposal has no incumbents: best quality, then value, within the limits (method 6)."""

from __future__ import annotations

import pytest

from pipeline.domain.pool import Cause
from pipeline.pools.select import select
from tests.pools.factories import TIER, One, after, brief, members, policy, published, tier, why


def choose(*ones: One, **changes: object) -> list[str]:
    return members(select(brief(ones, policy=policy({TIER: tier(**changes)}))))


BEST = One(name="best", elo=140.0, usd=0.014)
CHEAP = One(name="cheap", elo=110.0, usd=0.001)
MIDDLE = One(name="middle", elo=120.0, usd=0.004)


def test_the_best_quality_comes_first_and_the_rest_by_utility() -> None:
    assert choose(CHEAP, MIDDLE, BEST) == ["best", "cheap", "middle"]


def test_a_high_lambda_turns_the_order_of_the_rest() -> None:
    assert choose(CHEAP, MIDDLE, BEST, lambda_usd=0.5) == ["best", "middle", "cheap"]


def test_a_family_is_in_a_pool_once_with_its_best_value() -> None:
    sibling = One(name="sibling", elo=125.0, usd=0.004, family="best")
    assert choose(BEST, sibling, CHEAP) == ["best", "cheap"]


def test_a_vendor_has_at_most_half_of_the_places_rounded_up() -> None:
    same = [One(name=f"s{n}", elo=130.0 - 10 * n, usd=0.010 - 0.003 * n, vendor="v") for n in range(3)]
    other = One(name="other", elo=60.0, usd=0.0005)
    assert choose(*same, other) == ["s0", "other", "s2"]


def test_a_pool_of_two_has_two_vendors() -> None:
    same = [One(name=f"s{n}", elo=130.0 - 10 * n, usd=0.010 - 0.003 * n, vendor="v") for n in range(3)]
    other = One(name="other", elo=90.0, usd=0.014)
    assert choose(*same, other, k=2) == ["s0", "other"]


def test_a_dominated_variant_only_fills_a_pool_that_would_be_short() -> None:
    dominated = One(name="dominated", elo=128.0, usd=0.0141)
    assert choose(BEST, CHEAP, MIDDLE, dominated) == ["best", "cheap", "middle"]
    selection = select(brief([BEST, CHEAP, dominated]))
    assert members(selection) == ["best", "cheap", "dominated"]
    assert [one.subject for one in selection.findings if one.kind == "dominated-member"] == [
        "balanced/dominated@high"
    ]


def test_the_rules_of_change_hold_from_the_first_proposal_on() -> None:
    """A cheap pick far below an admissible variant would be challenged in the second week."""
    weak = One(name="weak", elo=20.0, usd=0.0001)
    strong = One(name="strong", elo=125.0, usd=0.012)
    assert choose(BEST, MIDDLE, weak, strong, lambda_usd=0.004) == ["best", "middle", "strong"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_tier_that_cannot_be_filled_says_so(count: int) -> None:
    selection = select(brief([BEST, CHEAP][:count]))
    found = [one for one in selection.findings if one.kind == "short-tier"]
    assert [one.severity for one in found] == ["warn"]
    assert f"{count} of 3 places" in found[0].message


def test_an_empty_tier_is_a_warning() -> None:
    selection = select(brief([]))
    assert [one.kind for one in selection.findings] == ["empty-tier"]
    assert selection.changes == ()


def test_evidence_without_scores_is_a_warning() -> None:
    selection = select(brief([], scoreboards={}))
    assert {one.kind for one in selection.findings} == {"no-scoreboard", "empty-tier"}


def test_every_change_of_a_first_proposal_is_first() -> None:
    selection = select(brief([BEST, CHEAP, MIDDLE]))
    assert {one.cause for one in selection.changes} == {Cause.FIRST}
    assert not selection.large
    assert "best quality of 3 eligible variants, 140.0 Elo" in why(selection, "best")
    assert "next is middle@high with $0.018847" in why(selection, "cheap")


def test_a_tier_that_is_new_in_the_policy_is_a_first_proposal() -> None:
    pool = published(BEST, CHEAP, MIDDLE)
    rules = policy({TIER: tier(), "coding": tier()})
    selection = after(pool, [BEST, CHEAP, MIDDLE], policy=rules)
    assert {(one.tier, one.cause) for one in selection.changes} == {("coding", Cause.FIRST)}
    assert members(selection, "coding") == ["best", "cheap", "middle"]
