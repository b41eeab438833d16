"""Evaluates each tier without one of its vendors. Shown to the reviewer; nothing is decided by it."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import decimal_text
from pipeline.domain.observation import Finding, Severity
from pipeline.domain.pool import Member, RemainingTier, TierPool, VendorLoss
from pipeline.pools.document import pool_of
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.worth.value import to_elo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.ids import TierName
    from pipeline.pools.selection_input import SelectionInput

_LEAST_QUALITY: Final = 0.00005
"""Half of the last decimal that a pool states: what a quality of 0.0000 or 1.0000 may really be off."""


def vendors_of(tier: TierPool) -> tuple[str, ...]:
    """List a tier's vendors, those with most places first, then by name."""
    places = Counter(member.vendor for member in tier.members)
    return tuple(sorted(places, key=lambda vendor: (-places[vendor], vendor)))


def loss_of(name: TierName, tier: TierPool, vendor: str, without: SelectionInput) -> VendorLoss:
    """Take a vendor out of a tier.

    Args:
        name: The tier.
        tier: Its proposed members.
        vendor: Who is gone.
        without: The same week with the proposed pool in force and a policy that denies the vendor.
    """
    left = tuple(member for member in tier.members if member.vendor != vendor)
    again = pool_of(without, {name: select_tier(without, name)}, {}).tiers[name]
    return VendorLoss(
        vendor=vendor,
        left=_remains(tier.members, left),
        chosen_again=_remains(tier.members, again.members),
    )


def outage_findings(losses: Mapping[TierName, Iterable[VendorLoss]]) -> tuple[Finding, ...]:
    """Warn where one vendor's end would leave a tier with nobody."""
    return tuple(
        Finding(
            kind="vendor-loss",
            severity=Severity.WARN,
            subject=f"{name}/{loss.vendor}",
            message=_loss_words(loss),
        )
        for name in sorted(losses)
        for loss in losses[name]
        if not loss.left.variants
    )


def _loss_words(loss: VendorLoss) -> str:
    instead = ", ".join(loss.chosen_again.variants)
    after = f"chosen again without it: {instead}" if instead else "nobody else is eligible either"
    return f"Every member is of {loss.vendor}: without this vendor nobody answers; {after}."


def _remains(before: Iterable[Member], members: tuple[Member, ...]) -> RemainingTier:
    """Elo from the qualities as the pool states them: to 0.1 Elo near q = .5."""
    if not members:
        return RemainingTier(variants=(), usd_per_task=None, quality_drop_elo=None)
    return RemainingTier(
        variants=tuple(member.variant for member in members),
        usd_per_task=members[0].usd_per_task,
        quality_drop_elo=decimal_text(_best_elo(before) - _best_elo(members), 1),
    )


def _best_elo(members: Iterable[Member]) -> float:
    best = max(float(member.quality) for member in members)
    quality = min(max(best, _LEAST_QUALITY), 1 - _LEAST_QUALITY)
    return to_elo(math.log(quality / (1 - quality)))
