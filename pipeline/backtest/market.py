"""What a tier could have bought: models with a price under its ceilings, week by week."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.scoring.cost import ladder_cost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.backtest.history import Row, Table
    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.domain.score import ListPrice

EFFORT: Final = "default"
"""A history does not say how hard a model was asked to think."""

NOT_SOLD: Final = frozenset({"llama-4-maverick-03-26-experimental"})
"""Models that were rated and never offered, whatever a price column says: the variant of 2025-04 that the
board itself called customised for its voters. In a live week nobody could have judged a route for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One model a tier could buy in one week."""

    row: Row
    usd: float
    """Blended list price (3 input : 1 output), dollars per million tokens."""

    @property
    def model(self) -> str:
        """Its name."""
        return self.row.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Fair:
    """One past week as one tier sees it."""

    table: Table
    stands: Mapping[str, Stand]
    """Whom the tier could buy, by model."""


def fairs(tables: Sequence[Table], policy: Policy, tier: str) -> tuple[Fair, ...]:
    """Find who was under a tier's ceilings in each week."""
    return tuple(Fair(table=table, stands=_stands(table, policy, policy.tiers[tier])) for table in tables)


def _stands(table: Table, policy: Policy, tier: TierPolicy) -> Mapping[str, Stand]:
    cap = math.inf if tier.ceiling_list_usd_per_mtok is None else tier.ceiling_list_usd_per_mtok
    priced = (
        (row, row.price, row.price.blended_usd_per_mtok)
        for row in table.rows.values()
        if row.price is not None and row.model not in NOT_SOLD
    )
    return {
        row.model: Stand(row=row, usd=usd)
        for row, price, usd in priced
        if usd <= cap and _affordable(row, price, policy, tier)
    }


def _affordable(row: Row, price: ListPrice, policy: Policy, tier: TierPolicy) -> bool:
    spent = tier.ceiling_usd_per_task
    if spent is None:
        return True
    if row.usd_per_task is not None:
        return row.usd_per_task <= spent
    mix = policy.paying_for(tier.evidence).task_mix
    return ladder_cost(price, EFFORT, policy.cost, mix).usd_per_task <= spent
