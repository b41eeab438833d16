"""The service on a real LiteLLM router: what is published is served, or nothing changes but an alarm."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.gateway.registry_plan import PlanOptions
from pipeline.gateway.settings import GatewaySettings
from tests.gateway.conftest import KEYS, publish, sample
from tests.litellm.test_registry import Classifier, ids

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.gateway.service import PoolService

pytestmark = pytest.mark.router
TODAY = date(2026, 6, 1)


@pytest.fixture
def router() -> Any:
    """A router as the proxy makes it."""
    return pytest.importorskip("litellm").Router(ignore_invalid_deployments=True)


def service_in(folder: Path, **environment: str) -> PoolService:
    from pipeline.gateway.service import PoolService

    settings = GatewaySettings(pools=folder / "pools", state=folder / "state", grace_seconds=0)
    options = PlanOptions(environment=KEYS | environment)
    return PoolService(settings, options, today=lambda: TODAY, classifier=Classifier())


def sync(service: PoolService, router: Any) -> None:
    asyncio.run(service.sync(router))


def version(number: int, model: str | None = None, key: str | None = None) -> dict[str, Any]:
    signed = sample() | {"version": number}
    first = signed["tiers"]["frugal"]["members"][0]
    if model:
        first["routes"]["litellm"]["model"] = model
    if key:
        first["key_env"] = key
    return signed


def test_what_is_published_is_served_and_kept(tmp_path: Path, router: Any) -> None:
    publish(tmp_path / "pools", version(3))
    service = service_in(tmp_path)
    sync(service, router)
    assert service.pool is not None
    assert (service.pool.version, service.alarm) == (3, None)
    assert (tmp_path / "state" / "v0003.json").exists()
    assert any(identity.startswith("frugal#simple@v0003|1|") for identity in ids(router))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [({"key": "KEY_NOBODY_HAS"}, "needs KEY_NOBODY_HAS"), ({"model": "nobody-knows/this"}, "did not take")],
)
def test_a_version_that_cannot_be_served_is_rolled_back_once_and_the_next_one_ends_the_alarm(
    tmp_path: Path, router: Any, changes: dict[str, str], complaint: str
) -> None:
    publish(tmp_path / "pools", version(3))
    service = service_in(tmp_path)
    sync(service, router)
    before = ids(router)
    publish(tmp_path / "pools", version(4, **changes))
    for _ in range(3):
        sync(service, router)
        assert service.pool is not None
        assert service.pool.version == 3
        assert complaint in str(service.alarm)
        assert ids(router) == before
    assert (service.counts["rolled_back",], service.counts["refused",]) == (1, 1)
    assert not (tmp_path / "state" / "v0004.json").exists()
    publish(tmp_path / "pools", version(5))
    sync(service, router)
    assert service.pool is not None
    assert (service.pool.version, service.alarm) == (5, None)


def test_after_a_restart_the_kept_pool_is_served_where_nothing_good_is_published(
    tmp_path: Path, router: Any
) -> None:
    publish(tmp_path / "pools", version(3))
    sync(service_in(tmp_path), pytest.importorskip("litellm").Router())
    (tmp_path / "pools" / "latest.json").write_text("garbage")
    service = service_in(tmp_path)
    sync(service, router)
    assert service.pool is not None
    assert service.pool.version == 3
    assert "latest.json" in str(service.alarm)
    assert service.counts["refused",] == 1


def test_a_pool_that_cannot_be_kept_is_served_all_the_same(tmp_path: Path, router: Any) -> None:
    publish(tmp_path / "pools", version(3))
    (tmp_path / "state").write_text("a file where a folder should be")
    service = service_in(tmp_path)
    sync(service, router)
    assert service.pool is not None
    assert service.pool.version == 3
    assert service.counts["not_kept",] == 1


def test_a_router_that_took_the_place_of_another_gets_the_pool_too(tmp_path: Path, router: Any) -> None:
    publish(tmp_path / "pools", version(3))
    service = service_in(tmp_path)
    sync(service, router)
    other = pytest.importorskip("litellm").Router()
    sync(service, other)
    assert ids(other) == ids(router)


def test_entries_that_others_remove_are_put_back_and_counted(tmp_path: Path, router: Any) -> None:
    publish(tmp_path / "pools", version(3))
    service = service_in(tmp_path)
    sync(service, router)
    whole = ids(router)
    for identity in list(whole)[:4]:
        router.delete_deployment(identity)
    sync(service, router)
    assert ids(router) == whole
    assert service.counts["restored",] == 4
