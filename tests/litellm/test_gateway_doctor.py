"""What a running gateway says of itself, and what the doctor makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.gateway.doctor import Proxy, examine
from tests.gateway.conftest import sample
from tests.litellm.gateway import next_version
from tests.litellm.load import MASTER_KEY

if TYPE_CHECKING:
    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

FIRST = sample()["tiers"]["balanced"]["bands"]["medium"][0]


def test_the_doctor_finds_nothing_wrong_with_a_gateway_as_it_is_started(gateway: Gateway) -> None:
    signed = next_version(gateway)
    gateway.publish(signed)
    checks = examine(Proxy(gateway.url, MASTER_KEY), published=signed["version"], call=True)
    assert [check for check in checks if not check.passed] == []
    assert {"plugin", "registry", "hidden groups", "call neo-mode/frugal"} <= {check.name for check in checks}


def test_the_doctor_notices_that_a_newer_version_is_not_served(gateway: Gateway) -> None:
    checks = examine(Proxy(gateway.url, MASTER_KEY), published=10_000, call=False)
    assert "newest version" in [check.name for check in checks if not check.passed]


def test_a_member_that_fails_is_counted_and_rests(gateway: Gateway) -> None:
    gateway.upstreams.failing[FIRST] = 429
    before = gateway.status()["tiers"]["neo-mode/balanced"]["members"][FIRST]["failed"]
    gateway.ask("chat", "balanced")
    status = gateway.wait_for(
        lambda found: found["tiers"]["neo-mode/balanced"]["members"][FIRST]["failed"] > before, "a failure"
    )
    assert status["tiers"]["neo-mode/balanced"]["members"][FIRST]["cooling"] or gateway.wait_for(
        lambda found: not found["proxy"]["cooling"], "the rest to be over"
    )


def test_without_a_key_status_and_metrics_are_refused_as_litellm_refuses_its_own_routes(
    gateway: Gateway,
) -> None:
    own = gateway.get("/v1/models", key=None)
    assert own.status >= 400
    for path in ("/modelpool/status", "/modelpool/metrics"):
        refused = gateway.get(path, key=None)
        assert refused.status == own.status
        assert "tiers" not in refused.text


def test_metrics_count_answers_by_tier_band_and_member(gateway: Gateway) -> None:
    member = gateway.ask("chat", "balanced").brain
    text = gateway.get("/modelpool/metrics").text
    assert f'modelpool_answers_total{{tier="balanced",band="medium",member="{member}"}}' in text
    assert f"modelpool_pool_version {gateway.status()['version']}" in text
