"""Tells what a gateway serves: a JSON document for people and programs, and metrics for Prometheus."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pipeline.router.pick import alias_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.gateway.registry_plan import PlannedTier
    from pipeline.gateway.service import PoolService

_EVENTS: Final = (
    "decided",
    "decision_microseconds",
    "refused",
    "workloads_refused",
    "rolled_back",
    "restored",
    "not_kept",
    "failed_sync",
)
_COUNTERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "answered": ("modelpool_answers_total", ("tier", "band", "member")),
    "failed": ("modelpool_member_failures_total", ("member",)),
    "tier_up": ("modelpool_tier_up_total", ("tier",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFacts:
    """What the proxy says of itself."""

    litellm: str
    """Its version."""
    num_retries: int | None
    max_fallbacks: int | None
    cooldown_time: float | None
    fallbacks: Sequence[Mapping[str, Sequence[str]]]
    plugins: int
    """How often this plugin is registered."""
    cooling: frozenset[str]
    """Members that failed lately and are not asked for a while."""


def status_of(service: PoolService, proxy: ProxyFacts, *, now: datetime) -> dict[str, object]:
    """Describe what is served; no key and no content of a request is in it."""
    pool, plan = service.pool, service.plan
    return {
        "version": pool.version if pool else None,
        "week": pool.pool.week if pool else None,
        "sha256": pool.sha256 if pool else None,
        "age_seconds": _age_seconds(service, now),
        "expires_on": pool.expires_on.isoformat() if pool else None,
        "expired": _is_expired(service, now),
        "alarm": service.alarm,
        "workloads": _workloads(service),
        "demo": service.demo,
        "tiers": {tier.alias: _tier(service, tier, proxy.cooling) for tier in plan.tiers.values()}
        if plan
        else {},
        "events": {name: service.counts[name,] for name in _EVENTS},
        "proxy": {**asdict(proxy), "cooling": sorted(proxy.cooling)},
    }


def metrics_text(service: PoolService, *, now: datetime) -> str:
    """Write the metrics in Prometheus' text format."""
    pool = service.pool
    lines = [
        *_gauge("pool_version", "version of the pool in service", pool.version if pool else 0),
        *_gauge("pool_age_seconds", "age of the pool in service", _age_seconds(service, now) or 0),
        *_gauge("pool_expired", "1 from the day on which the pool is old", int(_is_expired(service, now))),
        *_gauge(
            "pool_alarm", "1 while the newest published pool is not served", int(service.alarm is not None)
        ),
    ]
    table = service.table
    lines += _gauge("workload_table", "number of the workload table in service", table.number if table else 0)
    lines += _gauge(
        "workload_alarm", "1 while the newest table is not served", int(service.workload_alarm is not None)
    )
    for event in _EVENTS:
        name = f"modelpool_{event}_total"
        lines += [f"# TYPE {name} counter", f"{name} {service.counts[event,]}"]
    for kind, (name, labels) in _COUNTERS.items():
        lines.append(f"# TYPE {name} counter")
        for key, count in sorted(service.counts.items()):
            if key[0] == kind:
                pairs = zip(labels, key[1:], strict=True)
                marks = ",".join(f'{label}="{_escape(value)}"' for label, value in pairs)
                lines.append(f"{name}{{{marks}}} {count}")
    return "\n".join(lines) + "\n"


def _workloads(service: PoolService) -> dict[str, object]:
    table = service.table
    return {
        "table": f"w{table.number:04}" if table else None,
        "sha256": table.sha256 if table else None,
        "reviewer": table.reviewer if table else None,
        "pool_version": table.pool_version if table else None,
        "rows": len(table.rows) if table else 0,
        "alarm": service.workload_alarm,
    }


def _tier(service: PoolService, tier: PlannedTier, cooling: frozenset[str]) -> dict[str, object]:
    members = {}
    for variant in tier.members:
        answered = sum(
            count
            for key, count in service.counts.items()
            if key[0] == "answered" and key[1] == tier.name and key[-1] == variant
        )
        members[variant] = {
            "answered": answered,
            "failed": service.counts["failed", variant],
            "cooling": variant in cooling,
        }
    return {"members": members, "above": alias_of(tier.above) if tier.above else None}


def _age_seconds(service: PoolService, now: datetime) -> int | None:
    if service.pool is None:
        return None
    made = datetime.fromisoformat(service.pool.pool.as_of).astimezone(UTC)
    return int((now - made).total_seconds())


def _is_expired(service: PoolService, now: datetime) -> bool:
    return service.pool is not None and now.date() >= service.pool.expires_on


def _gauge(name: str, about: str, value: int) -> list[str]:
    return [
        f"# HELP modelpool_{name} {about}",
        f"# TYPE modelpool_{name} gauge",
        f"modelpool_{name} {value}",
    ]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
