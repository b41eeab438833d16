"""What LiteLLM's registry must hold: order, prices, effort, keys and time limits come from the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.errors import RefusedError
from pipeline.gateway.registry_plan import PlanOptions, plan_registry, required_keys
from tests.gateway.conftest import KEYS, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.router.pool_model import PoolView


def test_every_band_of_every_tier_has_its_members_in_its_own_order(view: PoolView) -> None:
    plan = plan_registry(view, PlanOptions(environment=KEYS))
    for name, tier in view.tiers.items():
        for band, order in tier.bands.items():
            group = plan.tiers[name].groups[band]
            placed = [each for each in plan.deployments if each.id.group == group]
            assert [each.id.variant for each in placed] == list(order)
            assert [each.parameters["order"] for each in placed] == list(range(1, len(order) + 1))


def test_a_band_that_is_missing_means_rank_order(viewed: Callable[[dict[str, Any]], PoolView]) -> None:
    signed = sample()
    signed["tiers"]["balanced"]["bands"] = {}
    plan = plan_registry(viewed(signed), PlanOptions(environment=KEYS))
    ranked = [member["variant"] for member in signed["tiers"]["balanced"]["members"]]
    placed = [
        each.id.variant for each in plan.deployments if (each.id.tier, each.id.band) == ("balanced", "simple")
    ]
    assert placed == ranked


def test_price_effort_key_and_time_limit_are_written(view: PoolView) -> None:
    plan = plan_registry(view, PlanOptions(environment=KEYS))
    (found,) = [
        each
        for each in plan.deployments
        if str(each.id) == "balanced#medium@v0001|1|deepseek-v4-pro-0424@high"
    ]
    assert found.parameters == {
        "model": "openrouter/deepseek/deepseek-v4-pro",
        "api_key": "the-key",
        "order": 1,
        "timeout": 600,
        "stream_timeout": 600,
        "reasoning_effort": "high",
    }
    assert found.prices == {
        "input_cost_per_token": 4.35e-07,
        "output_cost_per_token": 8.7e-07,
        "cache_read_input_token_cost": 3.625e-09,
    }


def test_cached_input_without_a_price_costs_what_input_costs(
    viewed: Callable[[dict[str, Any]], PoolView],
) -> None:
    signed = sample()
    member = signed["tiers"]["balanced"]["members"][0]
    member["routes"]["litellm"]["price"]["cache_read_microusd_per_mtok"] = None
    plan = plan_registry(viewed(signed), PlanOptions(environment=KEYS))
    costs = [
        each.prices
        for each in plan.deployments
        if each.id.variant == member["variant"] and each.id.tier == "balanced"
    ]
    assert costs
    assert all(each["cache_read_input_token_cost"] == each["input_cost_per_token"] for each in costs)


def test_a_pool_whose_key_is_missing_is_refused(view: PoolView) -> None:
    assert required_keys(view) == tuple(KEYS)
    lacking = {name: key for name, key in KEYS.items() if name != "GEMINI_API_KEY"}
    for environment in (lacking, lacking | {"GEMINI_API_KEY": ""}):
        with pytest.raises(RefusedError, match="needs GEMINI_API_KEY, which the environment lacks") as caught:
            plan_registry(view, PlanOptions(environment=environment))
        assert "export GEMINI_API_KEY=" in caught.value.hint


def test_a_tier_that_litellm_cannot_reach_is_refused(viewed: Callable[[dict[str, Any]], PoolView]) -> None:
    signed = sample()
    for member in signed["tiers"]["frugal"]["members"]:
        del member["routes"]["litellm"]
    with pytest.raises(RefusedError, match="no member of frugal"):
        plan_registry(viewed(signed), PlanOptions(environment=KEYS))


def test_stand_ins_get_neither_the_providers_address_nor_their_key(view: PoolView) -> None:
    plan = plan_registry(view, PlanOptions(environment=KEYS, upstreams="http://127.0.0.1:9"))
    assert all(
        str(each.parameters["api_base"]).startswith("http://127.0.0.1:9/") for each in plan.deployments
    )
    assert not any("the-key" in map(str, each.parameters.values()) for each in plan.deployments)


def test_each_tier_knows_the_one_above_it(view: PoolView) -> None:
    plan = plan_registry(view, PlanOptions(environment=KEYS))
    assert {name: tier.above for name, tier in plan.tiers.items()} == {
        "frugal": "balanced",
        "balanced": "premium",
        "premium": None,
    }
