"""One tier's field: who is eligible, who is left out and why, who holds a place already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import TierName, VariantId
    from pipeline.domain.policy import ChangePolicy, TierPolicy
    from pipeline.domain.score import Scoreboard
    from pipeline.pools.applicant import LeftOut, Terms
    from pipeline.pools.incumbents import Incumbent
    from pipeline.pools.limits import Elsewhere
    from pipeline.pools.runner import Runner, Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Everything a tier's choice looks at."""

    name: TierName
    tier: TierPolicy
    change: ChangePolicy
    terms: Terms
    scoreboard: Scoreboard
    runners: Mapping[VariantId, Runner]
    """Eligible variants and the incumbents that are present, by id."""
    eligible: tuple[Runner, ...]
    """Best quality first."""
    left_out: Mapping[VariantId, LeftOut]
    drawable: tuple[VariantId, ...]
    """Variants that only quality or cost could keep out, by id."""
    incumbents: Mapping[VariantId, Incumbent]
    """Published members in rank order."""
    cooling: frozenset[VariantId]
    """Variants that left this tier's pool too recently."""
    elsewhere: Elsewhere
    """What vendors hold in the tiers that chose before."""
    stages: tuple[tuple[Runner, ...], ...]
    """Who may enter, by value: all rules; without the reach; without the cooldown; all that are not
    dominated; all that are eligible."""

    def seat(self, variant: VariantId) -> Seat:
        """Return vendor and family of a runner or an incumbent."""
        runner = self.runners.get(variant)
        return runner.seat if runner else self.incumbents[variant].seat
