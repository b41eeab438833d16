"""The registry of a real LiteLLM router: a version lands completely or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.errors import RefusedError
from pipeline.gateway.registry_plan import PlanOptions, plan_registry
from pipeline.router.pool_model import read_pool
from tests.gateway.conftest import KEYS, sample

if TYPE_CHECKING:
    from pipeline.gateway.registry import Registry
    from pipeline.gateway.registry_plan import RegistryPlan

pytestmark = pytest.mark.router
OPTIONS = PlanOptions(environment=KEYS)


class Classifier:
    """Answers like the plugin's."""

    async def classify(self, _: object) -> str:
        return "MEDIUM"


def registry_of(router: Any, grace: float = 0) -> Registry:
    from pipeline.gateway.registry import Registry

    return Registry(router, Classifier(), grace_seconds=grace)


def planned(version: int, model: str | None = None) -> RegistryPlan:
    signed = sample() | {"version": version}
    if model:
        signed["tiers"]["frugal"]["members"][0]["routes"]["litellm"]["model"] = model
    return plan_registry(read_pool(signed), OPTIONS)


def ids(router: Any) -> set[str]:
    return {model["model_info"]["id"] for model in router.model_list}


@pytest.fixture
def router() -> Any:
    """A router as the proxy makes it: what it does not know is dropped silently."""
    litellm = pytest.importorskip("litellm")
    return litellm.Router(ignore_invalid_deployments=True, fallbacks=[{"mine": ["other"]}])


def test_a_version_brings_its_groups_its_aliases_and_the_ways_up(router: Any) -> None:
    asyncio.run(registry_of(router).apply(planned(1)))
    assert ids(router) == {str(each.id) for each in planned(1).deployments} | {
        "frugal#alias",
        "balanced#alias",
        "premium#alias",
    }
    assert router.fallbacks == [
        {"mine": ["other"]},
        {"neo-mode/balanced": ["neo-mode/premium"]},
        {"neo-mode/frugal": ["neo-mode/balanced"]},
    ]


def test_the_groups_of_the_version_before_leave_after_the_grace(router: Any) -> None:
    registry = registry_of(router)
    asyncio.run(registry.apply(planned(1)))
    asyncio.run(registry.apply(planned(2)))
    before = {str(each.id) for each in planned(1).deployments}
    assert before < ids(router), "requests that are under way lost their group"
    registry.remove_old_groups()
    assert not before & ids(router)


def test_groups_stay_while_the_grace_lasts(router: Any) -> None:
    registry = registry_of(router, grace=3600)
    asyncio.run(registry.apply(planned(1)))
    asyncio.run(registry.apply(planned(2)))
    registry.remove_old_groups()
    assert {str(each.id) for each in planned(1).deployments} < ids(router)


@pytest.mark.parametrize("first", [True, False], ids=["at the start", "later"])
def test_a_provider_that_litellm_does_not_know_changes_nothing(router: Any, *, first: bool) -> None:
    registry = registry_of(router)
    if not first:
        asyncio.run(registry.apply(planned(1)))
    before, ways = ids(router), router.fallbacks
    with pytest.raises(RefusedError, match=r"did not take .*frugal#medium@v0002") as caught:
        asyncio.run(registry.apply(planned(2, "nobody-knows/this")))
    assert "variants.csv" in caught.value.hint
    assert ids(router) == before
    assert router.fallbacks == ways
    assert (registry.plan is None) if first else (registry.plan == planned(1))


def test_entries_that_somebody_removed_are_put_back(router: Any) -> None:
    registry = registry_of(router)
    asyncio.run(registry.apply(planned(1)))
    whole = ids(router)
    router.delete_deployment(str(planned(1).deployments[0].id))
    router.delete_deployment("frugal#alias")
    assert asyncio.run(registry.restore()) == 2
    assert ids(router) == whole
    assert asyncio.run(registry.restore()) == 0
