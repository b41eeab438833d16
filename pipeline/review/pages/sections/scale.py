"""Shows how the boards were put on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Column, Fold, Table, cell, line, name, names
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView

_COLUMNS: Final = (
    Column(title="evidence"),
    Column(title="measure"),
    Column(title="version"),
    Column(title="shared variants", number=True),
    Column(title="share explained", number=True),
    Column(title="error left, Elo", number=True),
    Column(title="use"),
)
_USE: Final = {True: "merged", False: "not merged: floor on both boards, rank on the Arena"}


def _blocks(view: ProposalView) -> Iterator[Block]:
    rows = tuple(
        (
            cell(name(fit.evidence)),
            cell(name(fit.metric)),
            cell(name(fit.scale)),
            cell(str(fit.n)),
            cell(fit.r2),
            cell(fit.tau_elo),
            cell(_USE[fit.merged]),
        )
        for fit in view.proposal.fits
    )
    anchors = tuple(
        line("The zero of ", name(evidence), " is the median of ", *names(variants), ".")
        for evidence, variants in sorted(view.proposal.anchors.items())
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(title="How each board fits", columns=_COLUMNS, rows=rows))
    if anchors:
        blocks.append(BulletList(items=anchors))
    if blocks:
        yield Fold(summary=line("How the boards were put on one scale"), blocks=tuple(blocks))


SECTION: Final = Section(name="scale", place=Place.BODY, blocks=_blocks, brief=False)
