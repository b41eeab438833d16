"""The first proposal has no incumbents: what each adds, in the order of value (method 6)."""

from __future__ import annotations

import pytest

from pipeline.domain.pool import Cause
from pipeline.pools.select import select
from tests.pools.factories import TIER, One, after, at, inputs, members, policy, published, tier, why


def choose(*ones: One, **changes: object) -> list[str]:
    return members(select(inputs(ones, policy=policy({TIER: tier(**changes)}))))


BEST = at("best", 0.56, 0.0120)
"""V = .32; the best for complex requests, .48."""
CHEAP = at("cheap", 0.40, 0.0005)
"""V = .39; the best for simple requests."""
MIDDLE = at("middle", 0.45, 0.0020)
"""V = .41: the default."""


def test_the_best_value_comes_first_and_the_others_by_value() -> None:
    assert choose(CHEAP, MIDDLE, BEST) == ["middle", "cheap", "best"]


def test_a_dearer_answer_turns_the_order() -> None:
    assert choose(CHEAP, MIDDLE, BEST, lambda_usd=0.5) == ["best", "middle", "cheap"]


def test_a_place_goes_to_who_serves_something_rather_than_to_who_is_second_best() -> None:
    """A second variant just behind the default adds little; the cheap and the able one serve a band."""
    second = at("second", 0.447, 0.0020)
    assert choose(CHEAP, MIDDLE, BEST, second) == ["middle", "cheap", "best"]


def test_a_family_is_in_a_pool_once_with_the_one_that_adds_most() -> None:
    sibling = at("sibling", 0.43, 0.0020, family="middle")
    assert choose(MIDDLE, sibling, CHEAP) == ["middle", "cheap"]


def test_a_vendor_has_at_most_half_of_the_places_rounded_up() -> None:
    same = [at(f"s{n}", 0.50 - n / 100, 0.001, vendor="v") for n in range(3)]
    other = at("other", 0.35, 0.0010)
    assert choose(*same, other) == ["s0", "s1", "other"]


def test_a_pool_of_two_has_two_vendors() -> None:
    same = [at(f"s{n}", 0.50 - n / 100, 0.001, vendor="v") for n in range(3)]
    other = at("other", 0.35, 0.0010)
    assert choose(*same, other, k=2) == ["s0", "other"]


def test_a_place_is_filled_even_by_who_adds_less_than_nothing() -> None:
    """V = .32 - .0149/.05 = .02 on ordinary requests; a second vendor is worth more than an empty place."""
    poor = at("poor", 0.32, 0.0149)
    assert choose(MIDDLE, poor, lambda_usd=0.02) == ["middle", "poor"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_tier_that_cannot_be_filled_says_so(count: int) -> None:
    selection = select(inputs([BEST, CHEAP][:count]))
    found = [one for one in selection.findings if one.kind == "short-tier"]
    assert [one.severity for one in found] == ["warn"]
    assert f"{count} of 3 places" in found[0].message


def test_an_empty_tier_is_a_warning() -> None:
    selection = select(inputs([]))
    assert [one.kind for one in selection.findings] == ["empty-tier"]
    assert selection.changes == ()


def test_evidence_without_scores_is_a_warning() -> None:
    selection = select(inputs([], scoreboards={}))
    assert {one.kind for one in selection.findings} == {"no-scoreboard", "empty-tier"}


def test_every_change_of_a_first_proposal_is_first() -> None:
    selection = select(inputs([BEST, CHEAP, MIDDLE]))
    assert {one.cause for one in selection.changes} == {Cause.FIRST}
    assert not selection.large
    assert why(selection, "middle").startswith(
        "Serves the default route: 33.9 acceptable answers per dollar (a miss counted at $0.05), 3% more "
        "than the next, cheap@high"
    )
    assert why(selection, "cheap").startswith(
        "Serves simple requests; stands in when vendor-of-middle is down: 105 "
    )
    assert why(selection, "best").startswith("Serves complex requests: 12.8 acceptable answers per dollar")


def test_a_tier_that_is_new_in_the_policy_is_a_first_proposal() -> None:
    pool = published(MIDDLE, CHEAP, BEST)
    rules = policy({TIER: tier(), "coding": tier()})
    selection = after(pool, [BEST, CHEAP, MIDDLE], policy=rules)
    assert {(one.tier, one.cause) for one in selection.changes} == {("coding", Cause.FIRST)}
    assert members(selection, "coding") == ["middle", "cheap", "best"]
