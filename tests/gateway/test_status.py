"""What a gateway says of itself, without a key or a word of a request."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.gateway.registry_plan import PlanOptions, plan_registry
from pipeline.gateway.status import ProxyFacts, metrics_text, status_of
from tests.gateway.conftest import KEYS

if TYPE_CHECKING:
    from pipeline.router.pool_model import PoolView

FACTS = ProxyFacts(
    litellm="1.108.7",
    num_retries=0,
    max_fallbacks=100,
    cooldown_time=60,
    fallbacks=(),
    plugins=1,
    cooling=frozenset({"mimo-v2.5-pro@default"}),
)
BEFORE, AFTER = datetime(2026, 6, 20, tzinfo=UTC), datetime(2026, 6, 21, tzinfo=UTC)


@pytest.fixture
def service(view: PoolView) -> Any:
    """A service as the proxy's routes see it."""
    return SimpleNamespace(
        pool=SimpleNamespace(version=1, sha256="ab" * 32, expires_on=date(2026, 6, 21), pool=view),
        plan=plan_registry(view, PlanOptions(environment=KEYS)),
        alarm=None,
        table=None,
        workload_alarm=None,
        demo=False,
        counts=Counter(
            {
                ("answered", "balanced", "simple", "mimo-v2.5-pro@default"): 2,
                ("answered", "balanced", "medium", "mimo-v2.5-pro@default"): 3,
                ("answered", "premium", "medium", "mimo-v2.5-pro@default"): 5,
                ("failed", "mimo-v2.5-pro@default"): 7,
                ("tier_up", "frugal"): 1,
                ("refused",): 4,
            }
        ),
    )


def test_a_member_is_told_with_its_answers_in_the_tier_its_failures_and_its_rest(service: Any) -> None:
    found = status_of(service, FACTS, now=BEFORE)
    member = found["tiers"]["neo-mode/balanced"]["members"]["mimo-v2.5-pro@default"]  # type: ignore[index]  # JSON
    assert member == {"answered": 5, "failed": 7, "cooling": True}
    assert "the-key" not in str(found)


def test_the_workload_table_is_told_with_who_approved_it_and_its_alarm(service: Any) -> None:
    assert status_of(service, FACTS, now=BEFORE)["workloads"] == {
        "table": None,
        "sha256": None,
        "reviewer": None,
        "pool_version": None,
        "rows": 0,
        "alarm": None,
    }
    facts = {"sha256": "cd" * 32, "reviewer": "R. Viewer", "pool_version": 1, "rows": {1: 2}}
    service.table = SimpleNamespace(number=3, **facts)
    service.workload_alarm = "w0002 is older"
    found = status_of(service, FACTS, now=BEFORE)["workloads"]
    assert (found["table"], found["reviewer"], found["rows"]) == ("w0003", "R. Viewer", 1)  # type: ignore[index]  # JSON
    assert found["alarm"] == "w0002 is older"  # type: ignore[index]  # JSON
    lines = metrics_text(service, now=BEFORE).splitlines()
    assert {"modelpool_workload_table 3", "modelpool_workload_alarm 1"} <= set(lines)


def test_a_pool_is_old_from_its_day_on(service: Any) -> None:
    assert status_of(service, FACTS, now=BEFORE)["expired"] is False
    assert status_of(service, FACTS, now=AFTER)["expired"] is True
    assert "modelpool_pool_expired 1" in metrics_text(service, now=AFTER)


def test_metrics_are_prometheus_text(service: Any) -> None:
    service.alarm = "a file was tampered with"
    lines = metrics_text(service, now=BEFORE).splitlines()
    assert "modelpool_pool_version 1" in lines
    assert "modelpool_pool_alarm 1" in lines
    assert "modelpool_refused_total 4" in lines
    assert 'modelpool_tier_up_total{tier="frugal"} 1' in lines
    assert 'modelpool_member_failures_total{member="mimo-v2.5-pro@default"} 7' in lines
    assert 'modelpool_answers_total{tier="premium",band="medium",member="mimo-v2.5-pro@default"} 5' in lines
    typed = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    named = {line.partition("{")[0].split()[0] for line in lines if not line.startswith("#")}
    assert named <= typed


def test_before_the_first_pool_there_is_nothing_to_tell(service: Any) -> None:
    service.pool = service.plan = None
    found = status_of(service, FACTS, now=BEFORE)
    assert (found["version"], found["tiers"], found["expired"]) == (None, {}, False)
    assert "modelpool_pool_version 0" in metrics_text(service, now=BEFORE)
