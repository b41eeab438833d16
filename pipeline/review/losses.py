"""The drill arranged for reading: each tier without each of its vendors."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pipeline.domain.visible import shown_name
from pipeline.review.words import usd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pipeline.domain.loss import Remains, VendorLoss
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
class RemainsView:
    """What is left, rounded for reading."""

    variants: tuple[str, ...]
    entrants: frozenset[str]
    """Those that the tier does not hold now."""
    usd_per_task: str
    quality: str
    """`same`, `-28 Elo` or `+3 Elo`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossView:
    """One vendor of one tier is gone."""

    tier: str
    vendor: str
    left: RemainsView
    again: RemainsView


def loss_views(proposal: Proposal, order: Iterable[str]) -> tuple[LossView, ...]:
    """Arrange the drill tier by tier; empty for a proposal without one."""
    return tuple(row for name in order for row in _tier(name, proposal))


def remains_words(left: RemainsView) -> str:
    """Say it in one sentence without markup."""
    if not left.variants:
        return "nobody"
    names = (f"+{shown_name(one)}" if one in left.entrants else shown_name(one) for one in left.variants)
    return f"{', '.join(names)}; the first costs {left.usd_per_task} per task, best quality {left.quality}"


def _tier(name: str, proposal: Proposal) -> Iterator[LossView]:
    report, pool = proposal.tiers.get(name), proposal.pool.tiers.get(name)
    held = frozenset(member.variant for member in pool.members) if pool else frozenset()
    for loss in (report.losses if report else None) or ():
        yield loss_view(name, loss, held)


def loss_view(tier: str, loss: VendorLoss, held: Collection[str]) -> LossView:
    """Round one line of the drill for reading; `held` are the tier's members."""
    left, again = _view(loss.left, held), _view(loss.chosen_again, held)
    return LossView(tier=tier, vendor=loss.vendor, left=left, again=again)


def _view(remains: Remains, held: Collection[str]) -> RemainsView:
    if remains.usd_per_task is None or remains.quality_drop_elo is None:
        return RemainsView(variants=(), entrants=frozenset(), usd_per_task="", quality="")
    return RemainsView(
        variants=remains.variants,
        entrants=frozenset(remains.variants).difference(held),
        usd_per_task=usd(remains.usd_per_task),
        quality=_drop(Decimal(remains.quality_drop_elo)),
    )


def _drop(points: Decimal) -> str:
    return "same" if points == 0 else f"{-points:+.0f} Elo" if abs(points) >= 1 else f"{-points:+} Elo"
