"""Names whose data a proposal was computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Paragraph, Tone, line, text_span
from pipeline.review.pages.number_format import CAVEAT, PROMISE
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView


def _blocks(view: ProposalView) -> Iterator[Block]:
    yield Paragraph(line=line(PROMISE, " ", CAVEAT), tone=Tone.SOFT)
    if view.proposal.pool.attribution:
        yield BulletList(
            items=tuple(line(text_span(one, Tone.SOFT)) for one in view.proposal.pool.attribution)
        )


SECTION: Final = Section(name="foot", place=Place.FOOT, blocks=_blocks)
