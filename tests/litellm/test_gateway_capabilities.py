"""Members that cannot answer a request at all are left out, and a tier without one is passed over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.gateway.conftest import sample
from tests.litellm.gateway import next_version

if TYPE_CHECKING:
    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

ORDER = sample()["tiers"]["balanced"]["bands"]["medium"]
LONG = "long " * 2000
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
EXPLAINED = {"x-pool-explain": "1"}


def publish_with(gateway: Gateway, tiers: dict[str, set[str]], **abilities: object) -> dict[str, Any]:
    """Publish the sample with other abilities of some members."""
    signed = next_version(gateway)
    for tier, variants in tiers.items():
        for member in signed["tiers"][tier]["members"]:
            if member["variant"] in variants:
                member.update(abilities)
    gateway.publish(signed)
    return signed


def everybody(*tiers: str) -> dict[str, set[str]]:
    return {tier: {member["variant"] for member in sample()["tiers"][tier]["members"]} for tier in tiers}


@pytest.mark.parametrize("api", ["chat", "messages", "responses"])
def test_a_prompt_that_the_first_cannot_hold_goes_to_the_next(gateway: Gateway, api: str) -> None:
    publish_with(gateway, {"balanced": {ORDER[0]}}, context_tokens=1000)
    prompt = {"input": LONG} if api == "responses" else {"messages": [{"role": "user", "content": LONG}]}
    answer = gateway.ask(api, "balanced", headers=EXPLAINED, **prompt)
    assert gateway.upstreams.hits == [ORDER[1]]
    assert answer.headers["x-brain-model"] == ORDER[1] == answer.brain
    assert json.loads(answer.headers["x-pool-explain"])["cannot"] == {"balanced": {ORDER[0]: ["context"]}}


def test_of_those_that_can_the_next_answers_after_a_failure_and_nobody_is_asked_twice(
    gateway: Gateway,
) -> None:
    publish_with(gateway, {"balanced": {ORDER[0]}}, context_tokens=1000)
    gateway.upstreams.failing[ORDER[1]] = 500
    answer = gateway.ask("chat", "balanced", messages=[{"role": "user", "content": LONG}])
    assert gateway.upstreams.hits == ORDER[1:]
    assert answer.brain == ORDER[2]


def test_when_all_that_can_are_down_the_tier_above_answers_and_the_first_is_never_asked(
    gateway: Gateway,
) -> None:
    publish_with(gateway, {"balanced": {ORDER[0]}}, context_tokens=1000)
    gateway.upstreams.failing |= dict.fromkeys(ORDER[1:], 500)
    answer = gateway.ask("chat", "balanced", messages=[{"role": "user", "content": LONG}])
    assert answer.headers["x-pool-tier"] == "premium"
    assert gateway.upstreams.hits[:2] == ORDER[1:]
    assert ORDER[0] not in gateway.upstreams.hits


@pytest.mark.parametrize(
    ("ability", "body"),
    [
        ("vision", {"messages": [{"role": "user", "content": [{"type": "text", "text": "see"}, PICTURE]}]}),
        ("tools", {"tools": [TOOL]}),
    ],
)
def test_a_member_without_an_ability_is_left_out(
    gateway: Gateway, ability: str, body: dict[str, Any]
) -> None:
    publish_with(gateway, everybody("balanced"), **{ability: True})
    assert gateway.ask("chat", "balanced", **body).brain == ORDER[0]
    publish_with(gateway, {"balanced": {ORDER[0]}}, **{ability: False})
    gateway.upstreams.reset()
    answer = gateway.ask("chat", "balanced", headers=EXPLAINED, **body)
    assert ORDER[0] not in gateway.upstreams.hits
    assert ability in json.loads(answer.headers["x-pool-explain"])["cannot"]["balanced"][ORDER[0]]


def tier_ups(gateway: Gateway) -> int:
    """Return how many requests went up from the balanced tier so far."""
    name = 'modelpool_tier_up_total{tier="balanced"} '
    lines = gateway.get("/modelpool/metrics").text.splitlines()
    return sum(int(line.removeprefix(name)) for line in lines if line.startswith(name))


@pytest.mark.parametrize("api", ["chat", "messages", "responses"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_a_tier_none_of_whose_members_can_is_passed_over_and_says_so(
    gateway: Gateway, api: str, *, stream: bool
) -> None:
    publish_with(gateway, everybody("balanced"), context_tokens=1000)
    before = tier_ups(gateway)
    prompt = {"input": LONG} if api == "responses" else {"messages": [{"role": "user", "content": LONG}]}
    answer = gateway.ask(api, "balanced", stream=stream, headers=EXPLAINED, **prompt)
    assert answer.status == 200, answer.text
    assert answer.headers["x-pool-tier"] == "premium"
    assert json.loads(answer.headers["x-pool-explain"])["tier_up"] == ["balanced"]
    assert len(gateway.upstreams.hits) == 1, "a member of the closed tier was asked"
    assert answer.headers["x-brain-model"] == gateway.upstreams.hits[0]
    assert tier_ups(gateway) == before + 1


def test_where_nobody_can_the_providers_decide(gateway: Gateway) -> None:
    publish_with(gateway, everybody("balanced", "premium"), context_tokens=1000)
    answer = gateway.ask("chat", "balanced", messages=[{"role": "user", "content": LONG}])
    assert gateway.upstreams.hits == [ORDER[0]]
    assert answer.brain == ORDER[0]
