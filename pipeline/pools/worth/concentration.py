"""Limits how alike members may be: one per family, half of a tier per vendor, the policy's shares."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.policy import ConcentrationPolicy
    from pipeline.pools.worth.candidate import Slot

MEANINGS: Final[Mapping[str, str]] = {
    "family": "another variant of the same family is in the tier",
    "vendor_limit": "its vendor holds the places it may have in this tier",
    "vendor_total": "its vendor holds the places it may have over all tiers",
    "cooldown": "left this pool too recently",
    "carried": "left to a later week",
    "answered": "a person does not let it in for now",
}
"""What keeps an eligible variant out, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorHoldings:
    """What vendors hold in the tiers that chose before, and how much of all tiers they may."""

    places: Mapping[str, int] = field(default_factory=dict)
    """Members by vendor."""
    led: Mapping[str, int] = field(default_factory=dict)
    """Tiers by the vendor of their first place."""
    most: int | None = None
    """Places one vendor may hold over all tiers; None: no limit."""
    most_led: int | None = None
    """Tiers one vendor may lead; None: no limit."""

    def full(self, vendor: str, here: int) -> bool:
        """Whether a vendor with `here` places in this tier may have no further one."""
        return self.most is not None and self.places.get(vendor, 0) + here >= self.most

    def may_lead(self, vendor: str) -> bool:
        """Whether a vendor may hold this tier's first place."""
        return self.most_led is None or self.led.get(vendor, 0) < self.most_led


NOBODY: Final = VendorHoldings()
"""No other tier counts."""


def cross_tier_usage(
    rules: ConcentrationPolicy, tiers: int, chosen: Iterable[tuple[Slot, ...]]
) -> VendorHoldings:
    """Count what vendors hold in the tiers that chose before.

    Args:
        rules: The limits over all tiers.
        tiers: How many tiers there are; a vendor may lead its share of them, rounded down, at least one.
        chosen: Each such tier's slots, in rank order.
    """
    before = tuple(chosen)
    share = rules.share_of_tiers_led
    return VendorHoldings(
        places=Counter(slot.vendor for slots in before for slot in slots),
        led=Counter(slots[0].vendor for slots in before if slots),
        most=rules.members_per_vendor,
        most_led=None if share is None else max(1, math.floor(round(share * tiers, 9))),
    )


def vendor_cap(k: int) -> int:
    """Return how many of `k` places one vendor may hold: half, rounded up.

    From two places on, a full pool therefore has at least two vendors.
    """
    return (k + 1) // 2


def violated_limit(
    slots: Iterable[Slot], entrant: Slot, k: int, others: VendorHoldings = NOBODY
) -> str | None:
    """Name the limit that keeps an entrant out: `family`, `vendor_limit`, `vendor_total` or None."""
    taken = tuple(slots)
    if any(slot.family == entrant.family for slot in taken):
        return "family"
    here = sum(slot.vendor == entrant.vendor for slot in taken)
    if here >= vendor_cap(k):
        return "vendor_limit"
    return "vendor_total" if others.full(entrant.vendor, here) else None
