"""What one task costs, kind by kind of the operator's mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.scoring.cost import mix_usd

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy, TaskKind
    from pipeline.domain.score import Cost

TOTALS_ONLY: Final = frozenset({"2b"})
"""Grades whose verbosity multiplies the whole list cost, not the output tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCost:
    """One kind's part of the cost per task."""

    kind: TaskKind
    usd: float
    """Dollars per task of the mix, already weighed by the kind's share; without the fee."""


def cost_by_kind(cost: Cost, policy: Policy) -> tuple[KindCost, ...]:
    """Divide a cost among the kinds in proportion to what each costs; the parts and the fee add up."""
    verbosity = 1.0 if cost.grade in TOTALS_ONLY else cost.verbosity
    whole = mix_usd(cost.price, policy.task_mix, verbosity)
    paid = cost.usd_per_task - policy.cost.fee_usd_per_task
    return tuple(
        KindCost(kind=kind, usd=paid * mix_usd(cost.price, (kind,), verbosity) / whole)
        for kind in policy.task_mix
    )
