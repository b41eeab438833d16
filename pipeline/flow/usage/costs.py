"""Compares what answers really cost with what the pool in force projects; measures grade 1 of the cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.flow.usage.records import imported_records
from pipeline.policy.load import load_policy
from pipeline.publish.versions import version_in_force
from pipeline.usage.measure import KindUsage, answer_costs, kind_usage, tier_spend

if TYPE_CHECKING:
    from pipeline.domain.proposal import TierSpend
    from pipeline.workspace import Workspace

__all__ = ["KindUsage", "RealisedCost", "UsageCosts", "usage_costs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisedCost:
    """One variant's dollars per answer, beside the pool's projection in each tier that holds it."""

    variant: str
    answers: int
    usd_per_answer: float
    projected: tuple[tuple[str, str], ...]
    """Tier and dollars per task; empty for a variant that is no member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCosts:
    """What an operator's own traffic says of costs."""

    realised: tuple[RealisedCost, ...]
    tiers: tuple[TierSpend, ...]
    """By tier of the pool in force, the same for its members together."""
    measured: tuple[KindUsage, ...]


def usage_costs(workspace: Workspace) -> UsageCosts:
    """Measure costs and verbosity from the imported records; nothing is written.

    Raises:
        UsageError: There are no records, or the policy file is not of the written form.
        RefusedError: A file of record was changed.
    """
    records = imported_records(workspace)
    policy, _ = load_policy(workspace.policy)
    published = version_in_force(workspace.pools)
    tiers = sorted(published.pool.tiers.items()) if published else []
    projected = {
        name: {member.variant: member.usd_per_task for member in tier.members} for name, tier in tiers
    }
    return UsageCosts(
        realised=tuple(
            RealisedCost(
                variant=cost.variant,
                answers=cost.answers,
                usd_per_answer=cost.usd_per_answer,
                projected=tuple(
                    (name, members[cost.variant])
                    for name, members in projected.items()
                    if cost.variant in members
                ),
            )
            for cost in answer_costs(records)
        ),
        tiers=tier_spend(records, projected),
        measured=kind_usage(records, policy.mixes),
    )
