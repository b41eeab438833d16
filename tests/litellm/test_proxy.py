"""The exported pool drives a real LiteLLM proxy: the right model answers, and says so."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.litellm.conftest import COOLDOWN_SECONDS, MASTER_KEY

if TYPE_CHECKING:
    from tests.litellm.conftest import Proxy, Tier

pytestmark = pytest.mark.router


@pytest.fixture(autouse=True)
def fresh(proxy: Proxy) -> None:
    """Let every upstream answer again, and every cooldown pass."""
    if proxy.upstreams.failing:
        time.sleep(COOLDOWN_SECONDS + 0.3)
    proxy.upstreams.reset()


def ask(proxy: Proxy, alias: str) -> dict[str, str]:
    """Ask with the real SDK; return the answer's headers in lower case."""
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{proxy.url}/v1", api_key=MASTER_KEY, max_retries=0, timeout=30) as client:
        raw = client.chat.completions.with_raw_response.create(
            model=alias, messages=[{"role": "user", "content": "ping"}]
        )
    assert raw.parse().choices[0].message.content == "pong"
    return {name.lower(): value for name, value in raw.headers.items()}


def test_every_tier_reaches_its_first_member(proxy: Proxy, tiers: list[Tier]) -> None:
    for tier in tiers:
        assert ask(proxy, tier.alias)["x-litellm-model-id"] == tier.ids[0]
    assert proxy.upstreams.hits == [tier.ids[0] for tier in tiers]


@pytest.mark.parametrize("key", ["sk-wrong", "no key at all"])
def test_a_key_that_is_not_the_proxys_is_the_clients_fault(proxy: Proxy, tiers: list[Tier], key: str) -> None:
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=f"{proxy.url}/v1", api_key=key, max_retries=0, timeout=30)
    with client, pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=tiers[0].alias, messages=[{"role": "user", "content": "ping"}])
    # LiteLLM answers 400 where it has no database to look the key up in, and 500 where Prisma is missing.
    assert caught.value.status_code in {400, 401}
    assert proxy.upstreams.hits == []


@pytest.mark.parametrize("status", [500, 429, 401, 404, 503])
def test_a_failing_first_member_is_asked_once_and_the_second_answers(
    proxy: Proxy, tiers: list[Tier], status: int
) -> None:
    several = [tier for tier in tiers if len(tier.ids) > 1]
    assert len(several) >= 3
    for tier in several:
        proxy.upstreams.failing[tier.ids[0]] = status
        proxy.upstreams.hits.clear()
        assert ask(proxy, tier.alias)["x-litellm-model-id"] == tier.ids[1]
        assert proxy.upstreams.hits == list(tier.ids[:2])


def test_the_members_are_tried_in_rank_order_down_to_the_last(proxy: Proxy, tiers: list[Tier]) -> None:
    for tier in tiers:
        proxy.upstreams.failing.update(dict.fromkeys(tier.ids[:-1], 500))
        proxy.upstreams.hits.clear()
        assert ask(proxy, tier.alias)["x-litellm-model-id"] == tier.ids[-1]
        assert proxy.upstreams.hits == list(tier.ids)


def test_a_tier_that_is_down_falls_to_the_next_tier_up(proxy: Proxy, tiers: list[Tier]) -> None:
    low, mid, _ = tiers[:3]
    proxy.upstreams.failing.update(dict.fromkeys(low.ids, 500))
    assert ask(proxy, low.alias)["x-litellm-model-id"] == mid.ids[0]
    assert proxy.upstreams.hits == [*low.ids, mid.ids[0]]


def test_the_last_candidate_of_the_last_tier_is_reached_when_all_others_are_down(
    proxy: Proxy, tiers: list[Tier]
) -> None:
    ladder = [identity for tier in tiers[:3] for identity in tier.ids]
    proxy.upstreams.failing.update(dict.fromkeys(ladder[:-1], 500))
    assert ask(proxy, tiers[0].alias)["x-litellm-model-id"] == ladder[-1]


def test_after_a_429_the_next_call_goes_straight_to_the_second_until_the_cooldown_ends(
    proxy: Proxy, tiers: list[Tier]
) -> None:
    tier = tiers[0]
    proxy.upstreams.failing[tier.ids[0]] = 429
    ask(proxy, tier.alias)
    del proxy.upstreams.failing[tier.ids[0]]
    assert ask(proxy, tier.alias)["x-litellm-model-id"] == tier.ids[1]
    assert proxy.upstreams.hits == [*tier.ids[:2], tier.ids[1]]
    time.sleep(COOLDOWN_SECONDS + 0.3)
    assert ask(proxy, tier.alias)["x-litellm-model-id"] == tier.ids[0]


def test_the_effort_that_was_approved_reaches_the_upstream(proxy: Proxy, tiers: list[Tier]) -> None:
    for tier in tiers:
        proxy.upstreams.failing.update(dict.fromkeys(tier.ids[:-1], 500))
        ask(proxy, tier.alias)
        for identity, member in zip(tier.ids, tier.members, strict=True):
            sent = member.routes["litellm"].send.get("reasoning_effort")
            assert proxy.upstreams.bodies[identity].get("reasoning_effort") == sent, identity


def test_the_cost_of_an_answer_is_the_approved_price_with_cached_input(
    proxy: Proxy, tiers: list[Tier]
) -> None:
    from tests.litellm.upstreams import ANSWER_TOKENS, CACHED_TOKENS, PROMPT_TOKENS

    for tier in tiers:
        for place, member in enumerate(tier.members[:2]):
            proxy.upstreams.failing.update(dict.fromkeys(tier.ids[:place], 500))
            price = member.price
            cached = price.cache_read_microusd_per_mtok
            microusd_per_mtok = (
                (PROMPT_TOKENS - CACHED_TOKENS) * price.input_microusd_per_mtok
                + CACHED_TOKENS * (price.input_microusd_per_mtok if cached is None else cached)
                + ANSWER_TOKENS * price.output_microusd_per_mtok
            )
            told = Decimal(ask(proxy, tier.alias)["x-litellm-response-cost"])
            assert told == pytest.approx(Decimal(microusd_per_mtok).scaleb(-12), rel=Decimal("1e-9"))


def test_a_stream_fails_over_and_names_what_ran_in_the_header(proxy: Proxy, tiers: list[Tier]) -> None:
    openai = pytest.importorskip("openai")
    tier = tiers[0]
    proxy.upstreams.failing[tier.ids[0]] = 500
    with openai.OpenAI(base_url=f"{proxy.url}/v1", api_key=MASTER_KEY, max_retries=0, timeout=30) as client:
        raw = client.chat.completions.with_raw_response.create(
            model=tier.alias, messages=[{"role": "user", "content": "ping"}], stream=True
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in raw.parse() if chunk.choices)
    assert text == "pong"
    assert raw.headers["x-litellm-model-id"] == tier.ids[1]


def test_the_proxy_lists_the_tiers_and_the_pool_version(
    proxy: Proxy, tiers: list[Tier], pools: list[dict[str, object]]
) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{proxy.url}/v1", api_key=MASTER_KEY, max_retries=0, timeout=30) as client:
        listed = {model.id for model in client.models.list()}
        told = client.get("/model/info", cast_to=object)
    assert {tier.alias for tier in tiers} <= listed
    versions = {model["model_info"]["id"]: model["model_info"].get("pool_version") for model in told["data"]}
    assert [versions[identity] for tier in tiers[:3] for identity in tier.ids] == ["v0007"] * 7


def test_a_key_that_is_missing_is_a_silent_failover_which_is_why_there_is_a_preflight(proxy: Proxy) -> None:
    assert ask(proxy, "probe")["x-litellm-model-id"] == "probe.2"
    assert proxy.upstreams.hits[-1] == "probe.2"
