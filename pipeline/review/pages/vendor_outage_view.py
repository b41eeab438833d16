"""Arranges a vendor outage for reading: each tier without each of its vendors."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name
from pipeline.review.pages.number_format import usd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pipeline.domain.pool import RemainingTier, VendorLoss
    from pipeline.domain.proposal import Proposal

LOSS_HEADER: Final = (
    "tier",
    "gone",
    "who still answers",
    "first costs",
    "best",
    "chosen again",
    "costs",
    "best",
)
LOSS_INTRO: Final = (
    "Each tier without one of its vendors: who still answers, what the first place then costs per task and "
    "how far the best quality falls; and what the tier would be, chosen again from this pool without the "
    "vendor. Nothing is decided by it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingTierView:
    """What is left, rounded for reading."""

    variants: tuple[str, ...]
    entrants: frozenset[str]
    """Those that the tier does not hold now."""
    usd_per_task: str
    quality: str
    """`same`, `-28 Elo` or `+3 Elo`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorLossView:
    """One vendor of one tier is gone."""

    tier: str
    vendor: str
    left: RemainingTierView
    again: RemainingTierView


def loss_views(proposal: Proposal, order: Iterable[str]) -> tuple[VendorLossView, ...]:
    """Arrange the outages tier by tier; empty for a proposal without any."""
    return tuple(row for name in order for row in _tier(name, proposal))


def remains_words(left: RemainingTierView) -> str:
    """Say it in one sentence without markup."""
    if not left.variants:
        return "nobody"
    names = (
        f"+{escape_name(variant)}" if variant in left.entrants else escape_name(variant)
        for variant in left.variants
    )
    return f"{', '.join(names)}; the first costs {left.usd_per_task} per task, best quality {left.quality}"


def _tier(name: str, proposal: Proposal) -> Iterator[VendorLossView]:
    report, pool = proposal.tiers.get(name), proposal.pool.tiers.get(name)
    held = frozenset(member.variant for member in pool.members) if pool else frozenset()
    for loss in (report.losses if report else None) or ():
        yield loss_view(name, loss, held)


def loss_view(tier: str, loss: VendorLoss, held: Collection[str]) -> VendorLossView:
    """Round one line of the outages for reading; `held` are the tier's members."""
    left, again = _view(loss.left, held), _view(loss.chosen_again, held)
    return VendorLossView(tier=tier, vendor=loss.vendor, left=left, again=again)


def _view(remains: RemainingTier, held: Collection[str]) -> RemainingTierView:
    if remains.usd_per_task is None or remains.quality_drop_elo is None:
        return RemainingTierView(variants=(), entrants=frozenset(), usd_per_task="", quality="")
    return RemainingTierView(
        variants=remains.variants,
        entrants=frozenset(remains.variants).difference(held),
        usd_per_task=usd(remains.usd_per_task),
        quality=_drop(Decimal(remains.quality_drop_elo)),
    )


def _drop(points: Decimal) -> str:
    return "same" if points == 0 else f"{-points:+.0f} Elo" if abs(points) >= 1 else f"{-points:+} Elo"
