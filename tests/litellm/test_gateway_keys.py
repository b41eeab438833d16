"""LiteLLM's own keys hold for the pool's tiers: access, budgets, and the way up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.conftest import sample
from tests.litellm.gateway import next_version

if TYPE_CHECKING:
    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

BALANCED = sample()["tiers"]["balanced"]["bands"]
LONG = [{"role": "user", "content": "long " * 2000}]


def of(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_reaches_its_tier_and_no_other(gateway: Gateway) -> None:
    assert gateway.ask("chat", "balanced", headers=of("sk-only-balanced")).status == 200
    gateway.upstreams.reset()
    assert gateway.ask("chat", "premium", headers=of("sk-only-balanced")).status in {401, 403}
    assert gateway.upstreams.hits == []


@pytest.mark.parametrize("band", ["simple", "medium", "complex"])
def test_a_key_does_not_reach_the_groups_behind_its_tier(gateway: Gateway, band: str) -> None:
    group = f"balanced#{band}@v{gateway.status()['version']:04}"
    answer = gateway.ask("chat", group, headers=of("sk-only-balanced"))
    assert answer.status in {401, 403}, answer.text
    assert gateway.upstreams.hits == []


def test_a_tier_that_is_down_does_not_lead_a_key_to_one_it_may_not_use(gateway: Gateway) -> None:
    gateway.upstreams.failing |= dict.fromkeys(BALANCED["medium"], 500)
    answer = gateway.ask("chat", "balanced", headers=of("sk-only-balanced"))
    assert answer.status >= 400
    assert gateway.upstreams.hits == BALANCED["medium"]


def test_a_key_does_not_go_up_with_a_request_that_only_the_tier_above_can_answer(
    gateway: Gateway,
) -> None:
    signed = next_version(gateway)
    for member in signed["tiers"]["balanced"]["members"]:
        member["context_tokens"] = 1000
    gateway.publish(signed)
    answer = gateway.ask("chat", "balanced", headers=of("sk-only-balanced"), messages=LONG)
    assert answer.status == 400
    assert "no member of neo-mode/balanced can answer this" in answer.text
    assert gateway.upstreams.hits == []
    assert gateway.ask("chat", "balanced", messages=LONG).headers["x-pool-tier"] == "premium"
    gateway.publish(next_version(gateway))


@pytest.mark.parametrize(("key", "band"), [("sk-bound", "simple"), ("sk-of-a-bound-team", "complex")])
def test_a_bound_key_or_team_stays_in_its_band(gateway: Gateway, key: str, band: str) -> None:
    answer = gateway.ask("chat", "balanced", headers=of(key) | {"x-pool-band": "medium"})
    assert answer.headers["x-pool-band"] == band
    assert answer.brain == BALANCED[band][0]


@pytest.mark.parametrize("model", ["own", "neo-mode/balanced"])
def test_a_budget_of_a_tier_ends_it_for_the_key_as_that_of_any_model(gateway: Gateway, model: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "ping"}]}
    answers = [gateway.post("/v1/chat/completions", body, of("sk-poor")) for _ in range(20)]
    assert answers[0].status == 200
    assert answers[-1].status in {400, 422, 429}, answers[-1].text
    assert "exceeded budget" in answers[-1].text
    assert gateway.ask("chat", "frugal", headers=of("sk-poor")).status == 200
