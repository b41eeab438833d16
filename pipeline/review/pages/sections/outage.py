"""Shows each tier without each of its vendors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Fold, Paragraph, Span, Table, Tone, cell, line, name, said
from pipeline.review.pages.section import Place, Section
from pipeline.review.pages.vendor_outage_view import LOSS_HEADER, LOSS_INTRO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Cell
    from pipeline.review.pages.proposal_view import ProposalView
    from pipeline.review.pages.vendor_outage_view import RemainingTierView


def _blocks(view: ProposalView) -> Iterator[Block]:
    if not view.losses:
        return
    rows = tuple(
        (cell(said(loss.tier)), cell(said(loss.vendor)), *_remains(loss.left), *_remains(loss.again))
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
