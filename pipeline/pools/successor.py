"""Who takes the place of a member that leaves because its end is announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import VariantId
    from pipeline.pools.tier_selection import TierSelection

ENDING: Final = frozenset({Cause.RETIRING, Cause.RETIRED})


def successors(choice: TierSelection) -> Mapping[VariantId, VariantId]:
    """Return member to successor: who leaves by its date, best rank first, and who fills the vacant places.

    The first that takes a vacant place succeeds the best ranked of those that end; a member whose
    place stays vacant has no successor.
    """
    ending = [one.id for one in choice.field.incumbents.values() if one.cause in ENDING]
    filling = [step.entrant for step in choice.steps if step.leaver is None]
    return dict(zip(ending, filling, strict=False))


def succeeded(choice: TierSelection, entrant: VariantId) -> VariantId | None:
    """Return whom an entrant succeeds; None for nobody who ends."""
    return next((gone for gone, after in successors(choice).items() if after == entrant), None)
