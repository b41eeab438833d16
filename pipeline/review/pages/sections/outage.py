"""Shows each tier without each of its vendors."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Fold, Paragraph, Span, Table, Tone, cell, line, name, text_span
from pipeline.domain.escape import escape_name
from pipeline.review.pages.number_format import usd
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pipeline.domain.blocks import Block, Cell
    from pipeline.domain.pool import RemainingTier, VendorLoss
    from pipeline.domain.proposal import Proposal
    from pipeline.review.pages.proposal_view import ProposalView


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


def _blocks(view: ProposalView) -> Iterator[Block]:
    if not view.losses:
        return
    rows = tuple(
        (
            cell(text_span(loss.tier)),
            cell(text_span(loss.vendor)),
            *_remains(loss.left),
            *_remains(loss.again),
        )
        for loss in view.losses
    )
    columns = tuple(Column(title=one, number=one.endswith(("costs", "quality"))) for one in LOSS_HEADER)
    table = Table(title="Each tier without one vendor", columns=columns, rows=rows, stacked=True)
    yield Fold(summary=line("If a vendor is gone"), blocks=(Paragraph(line=line(LOSS_INTRO)), table))


def _remains(left: RemainingTierView) -> tuple[Cell, Cell, Cell]:
    who = tuple(line("+" if variant in left.entrants else "", name(variant)) for variant in left.variants)
    nobody = cell(Span(text="nobody", tone=Tone.STRONG))
    return who or nobody, cell(left.usd_per_task), cell(left.quality)


SECTION: Final = Section(name="outage", place=Place.BODY, blocks=_blocks, brief=False)
