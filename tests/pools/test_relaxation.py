"""The line of the policy that is named admits the variant, and a step less does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import Week
from pipeline.domain.ids import TierName
from pipeline.domain.run import PriorState
from pipeline.pools.changes.policy_relaxation import relaxation_of, rules_without_relaxation
from pipeline.pools.reasons.report import standings_of
from pipeline.pools.tier_selection import select_tier
from tests.pools.factories import TIER, One, at, change, digest_of, inputs, policy, published, tier, variant

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy
    from pipeline.pools.eligibility.rule_relaxations import Relaxation
    from pipeline.pools.selection_input import SelectionInput

NAME = TierName(TIER)
X = at("x", 0.50, 0.001, vendor="north")
Y = at("y", 0.40, 0.001, vendor="south")
Z = at("z", 0.38, 0.001, vendor="west")
NEW = at("new", 0.4317, 0.001, vendor="east")
"""It takes the stand-in's purpose and adds about twice the measurement interval of the swap."""


def later(*ones: One, rules: Policy | None = None, **changes: object) -> SelectionInput:
    """A week after X, Y and Z were published."""
    pool = published(X, Y, Z)
    asked = {"published": pool, "published_sha256": digest_of(pool), "policy": rules or policy(), **changes}
    return inputs(ones, **asked)


def line_for(made: SelectionInput, one: One) -> tuple[str | None, Relaxation | None]:
    choice = select_tier(made, NAME)
    assert one.id not in choice.places
    rule = next(told.rule for told in standings_of(choice, {}) if told.variant == one.id)
    return rule, relaxation_of(made, choice, one.id, rule)


def admits(made: SelectionInput, rules: Policy, one: One) -> bool:
    return one.id in select_tier(dataclasses.replace(made, policy=rules), NAME).places


@pytest.mark.parametrize(
    ("asked", "key", "step"),
    [
        ({"least_gain_per_100": 5.0}, "least_gain_per_100", 0.005),
        ({"swap_intervals": 5.0}, "swap_intervals", 0.005),
    ],
)
def test_what_a_swap_must_add_is_lowered_until_the_swap_is_made(
    asked: dict[str, object], key: str, step: float
) -> None:
    made = later(X, Y, Z, NEW, rules=policy(change=change(**asked)))
    rule, line = line_for(made, NEW)
    assert rule is None
    assert line is not None
    value = getattr(line.policy.change, key)
    assert line.words == f"change.{key} = {value:g}"
    assert admits(made, line.policy, NEW)
    assert not admits(made, policy(change=change(**{key: value + step})), NEW)


def test_a_further_place_is_named_where_no_swap_would_be_made() -> None:
    weak = at("weak", 0.30, 0.001, vendor="east")
    made = later(X, Y, Z, weak)
    rule, line = line_for(made, weak)
    assert (rule, line and line.words) == (None, "tiers.balanced.k = 4")
    assert line is not None
    assert admits(made, line.policy, weak)


def test_what_was_tried_is_said_where_nothing_admits() -> None:
    """One family has one member: neither places nor another worth let the weaker sibling in."""
    sibling = dataclasses.replace(at("sibling", 0.30, 0.002, vendor="north"), family="x")
    made = later(X, Y, Z, sibling)
    choice = select_tier(made, NAME)
    assert relaxation_of(made, choice, sibling.id, None) is None
    words = rules_without_relaxation(made, choice, sibling.id, None)
    assert "tiers.balanced.k up to 6, tiers.balanced.lambda_usd from 0.005 to 0.5" in words


def test_the_floor_is_lowered_to_the_tenth_of_a_point_that_admits() -> None:
    def rules(below: float) -> Policy:
        return policy({TIER: tier(floor_elo_below_reference=below, floor_probability=0.8)})

    made = inputs([Z], policy=rules(10.0))
    rule, line = line_for(made, Z)
    assert rule == "floor"
    assert line is not None
    below = line.policy.tiers[TIER].floor_elo_below_reference
    assert line.words == f"tiers.balanced.floor_elo_below_reference = {below}"
    assert admits(made, line.policy, Z)
    assert not admits(made, rules(below - 0.1), Z)


def test_a_cooldown_is_shortened_by_as_few_weeks_as_admit() -> None:
    made = later(X, Y, Z, NEW, memory=PriorState(left_pool={(NAME, NEW.id): Week("2026-W30")}))
    rule, line = line_for(made, NEW)
    assert rule == "cooldown"
    assert line is not None
    assert line.words == "change.cooldown_weeks = 2"
    assert admits(made, line.policy, NEW)
    assert not admits(made, policy(change=change(cooldown_weeks=3)), NEW)


def test_a_route_that_the_policy_does_not_use_is_named() -> None:
    only = variant(X, litellm=None)
    made = inputs([X], variants={X.id: only}, policy=policy(routes=("litellm",)))
    rule, line = line_for(made, X)
    assert rule == "not_routed"
    assert line is not None
    assert line.words == 'routes = ["litellm", "openrouter"], if you can use it'
    assert admits(made, line.policy, X)


def test_a_vendor_s_share_of_a_tier_grows_with_its_places() -> None:
    """Two members of one vendor are missing from the week's data and keep their places."""
    first, second = (dataclasses.replace(one, vendor="north") for one in (X, Y))
    third = dataclasses.replace(NEW, vendor="north")
    pool = published(first, second, Z)
    known = {one.id: variant(one) for one in (first, second, Z, third)}
    made = inputs([Z, third], variants=known, published=pool, published_sha256=digest_of(pool))
    rule, line = line_for(made, third)
    assert rule == "vendor_limit"
    assert line is not None
    assert line.words == "tiers.balanced.k = 5"
    assert admits(made, line.policy, third)


def test_nothing_of_the_policy_gives_a_price_or_a_score() -> None:
    made = inputs([dataclasses.replace(X, unpriced="price_unknown")])
    choice = select_tier(made, NAME)
    assert relaxation_of(made, choice, X.id, "price_unknown") is None
    assert "data/crosswalk/prices.csv does" in rules_without_relaxation(made, choice, X.id, "price_unknown")
    assert (
        rules_without_relaxation(made, choice, X.id, "no_score")
        == "no line of the policy lifts the rule no_score"
    )
