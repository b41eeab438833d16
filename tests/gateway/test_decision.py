"""Which band answers, which members can, and when a tier is passed over."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import UsageError
from pipeline.gateway.registry_plan import PlannedTier, RegistryPlan
from pipeline.gateway.request import BandChoice, choose_band, decide
from pipeline.gateway.requirements import Capabilities, Requirements

MEDIUM = BandChoice(band="medium", by="default")


def can(
    context: int | None = 100_000, *, tools: bool | None = True, vision: bool | None = None
) -> Capabilities:
    return Capabilities(context_tokens=context, tools=tools, vision=vision, structured_output=None)


def plan(**tiers: dict[str, Capabilities]) -> RegistryPlan:
    names = list(tiers)
    above = dict(zip(names, [*names[1:], None], strict=True))
    return RegistryPlan(
        version=1,
        smallest_context=None,
        deployments=(),
        tiers={
            name: PlannedTier(name=name, alias=name, groups={}, members=members, above=above[name])
            for name, members in tiers.items()
        },
    )


def needs(context: int = 10, *, tools: bool = False, vision: bool = False) -> Requirements:
    return Requirements(context_tokens=context, tools=tools, vision=vision, structured_output=False)


def test_a_request_that_everybody_can_answer_leaves_nobody_out() -> None:
    found = plan(low={"a": can(), "b": can(None)}, high={"c": can()})
    decision = decide(found.tiers["low"], found, needs(), MEDIUM)
    assert decision.unable == {}
    assert decision.closed == frozenset()


def test_members_that_cannot_are_left_out_with_what_they_lack() -> None:
    found = plan(low={"a": can(1000, tools=False), "b": can()})
    decision = decide(found.tiers["low"], found, needs(2000, tools=True), MEDIUM)
    assert decision.unable == {"low": {"a": ("context", "tools")}}
    assert decision.closed == frozenset()


def test_what_nobody_said_is_not_held_against_a_member() -> None:
    found = plan(low={"a": can(None, tools=None, vision=None)})
    assert decide(found.tiers["low"], found, needs(10**9, tools=True, vision=True), MEDIUM).unable == {}


def test_a_tier_none_of_whose_members_can_is_passed_over() -> None:
    found = plan(low={"a": can(1000)}, mid={"b": can(2000)}, high={"c": can(1000), "d": can()})
    decision = decide(found.tiers["low"], found, needs(5000), MEDIUM)
    assert decision.closed == {"low", "mid"}
    assert set(decision.unable) == {"low", "mid", "high"}
    assert set(decision.unable["high"]) == {"c"}


def test_where_nobody_up_the_ladder_can_nobody_is_left_out() -> None:
    found = plan(low={"a": can(1000)}, high={"b": can(2000)})
    decision = decide(found.tiers["low"], found, needs(5000), MEDIUM)
    assert decision.unable == {}
    assert decision.closed == frozenset()


@pytest.mark.parametrize(
    ("bound", "header", "learnt", "expected"),
    [
        (("complex", "simple", "simple"), "simple", "simple", ("complex", "key")),
        ((None, "complex", "simple"), "simple", "simple", ("complex", "team")),
        ((None, None, "simple"), "complex", "simple", ("complex", "x-pool-band")),
        ((None, None, "complex"), None, "simple", ("complex", "metadata")),
        ((None, None, None), None, "simple", ("simple", "workload")),
        ((None, None, None), None, "medium", ("medium", "workload")),
        ((None, None, None), None, None, ("medium", "default")),
    ],
)
def test_a_bound_key_or_team_comes_before_what_a_request_declares(
    bound: tuple[str | None, ...], header: str | None, learnt: str | None, expected: tuple[str, str]
) -> None:
    key, team, metadata = ({"pool_band": band} if band else {} for band in bound)
    choice = choose_band(key=key, team=team, header=header, metadata=metadata, learnt=learnt)
    assert (choice.band, choice.by) == expected


@pytest.mark.parametrize("word", ["", "hard", "SIMPLE", ["simple"]])
def test_a_word_that_is_no_band_is_refused_with_the_bands(word: object) -> None:
    with pytest.raises(UsageError) as caught:
        choose_band(key={}, team={}, header=None, metadata={"pool_band": word}, learnt=None)
    assert "simple, medium, complex" in caught.value.hint


def test_the_steps_of_a_decision_are_plain_json() -> None:
    found = plan(low={"a": can(1000)}, high={"b": can()})
    steps = decide(found.tiers["low"], found, needs(5000), MEDIUM).steps()
    assert json.loads(json.dumps(steps)) == {
        "tier": "low",
        "band": "medium",
        "band_by": "default",
        "cannot": {"low": {"a": ["context"]}},
        "tier_up": ["low"],
    }
