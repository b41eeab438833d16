"""Tells what a gateway serves: a JSON document for people and programs, and metrics for Prometheus."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pipeline.gateway.names import alias_of

if TYPE_CHECKING:
    from pipeline.gateway.registry_plan import PlannedTier
    from pipeline.gateway.service import PoolService

_EVENTS: Final = (
    "decided",
    "decision_microseconds",
    "refused",
    "rolled_back",
    "restored",
    "not_kept",
    "failed_sync",
)


def status_of(service: PoolService, *, now: datetime) -> dict[str, object]:
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
        "tiers": {alias_of(name): _tier(service, tier) for name, tier in plan.tiers.items()} if plan else {},
        "events": {name: service.counts[name,] for name in _EVENTS},
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
    for event in _EVENTS:
        name = f"modelpool_{event}_total"
        lines += [f"# TYPE {name} counter", f"{name} {service.counts[event,]}"]
    lines += ["# TYPE modelpool_answers_total counter", "# TYPE modelpool_member_failures_total counter"]
    lines += ["# TYPE modelpool_tier_up_total counter"]
    for key, count in sorted(service.counts.items()):
        match key:
            case ("answered", tier, band, variant):
                labels = f'tier="{_label(tier)}",band="{_label(band)}",member="{_label(variant)}"'
                lines.append(f"modelpool_answers_total{{{labels}}} {count}")
            case ("failed", variant):
                lines.append(f'modelpool_member_failures_total{{member="{_label(variant)}"}} {count}')
            case ("tier_up", tier):
                lines.append(f'modelpool_tier_up_total{{tier="{_label(tier)}"}} {count}')
    return "\n".join(lines) + "\n"


def _tier(service: PoolService, tier: PlannedTier) -> dict[str, object]:
    members = {}
    for variant in tier.members:
        answered = sum(
            count
            for key, count in service.counts.items()
            if key[0] == "answered" and key[1] == tier.name and key[-1] == variant
        )
        members[variant] = {"answered": answered, "failed": service.counts["failed", variant]}
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


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
