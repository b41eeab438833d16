"""Holds one tier's candidates: who is eligible, who is left out and why, who is a member already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.pools.changes.declined_changes import NOTHING_ANSWERED
from pipeline.pools.changes.incumbents import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.ids import TierName, VariantId
    from pipeline.domain.policy import ChangePolicy, TierPolicy, WorthPolicy
    from pipeline.domain.score import Scoreboard
    from pipeline.pools.changes.declined_changes import AnsweredChanges
    from pipeline.pools.changes.incumbents import Incumbent
    from pipeline.pools.eligibility.candidate_facts import Exclusion, TierRequirements
    from pipeline.pools.worth.candidate import Candidate, Slot
    from pipeline.pools.worth.concentration import VendorHoldings


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCandidates:
    """Everything a tier's selection looks at."""

    name: TierName
    tier: TierPolicy
    change: ChangePolicy
    worth: WorthPolicy
    terms: TierRequirements
    scoreboard: Scoreboard
    candidates: Mapping[VariantId, Candidate]
    """Eligible variants and the incumbents that are present, by id."""
    eligible: tuple[Candidate, ...]
    """Best value first."""
    left_out: Mapping[VariantId, Exclusion]
    drawable: tuple[VariantId, ...]
    """Variants that only quality or cost could keep out, by id."""
    incumbents: Mapping[VariantId, Incumbent]
    """Published members in rank order."""
    published_bands: Mapping[str, tuple[VariantId, ...]]
    """The published order of each band."""
    cooling: frozenset[VariantId]
    """Variants that left this tier's pool too recently."""
    elsewhere: VendorHoldings
    """What vendors hold in the tiers that chose before."""
    answered: AnsweredChanges = NOTHING_ANSWERED
    """Changes of this tier that a person answered and that are not asked again."""

    @property
    def published_default(self) -> VariantId | None:
        """The published first member, where it can be compared this week."""
        first = next(iter(self.incumbents.values()), None)
        return first.id if first is not None and first.status is Status.PRESENT else None

    def slot(self, variant: VariantId) -> Slot:
        """Return vendor and family of a candidate or an incumbent."""
        candidate = self.candidates.get(variant)
        return candidate.slot if candidate else self.incumbents[variant].slot

    def present(self, places: Iterable[VariantId]) -> list[Candidate]:
        """Return the members that can be compared this week, in the order of the places."""
        return [self.candidates[place] for place in places if place in self.candidates]
