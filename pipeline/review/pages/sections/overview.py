"""Says what a proposal is: its kind, its versions, its data and when it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Fold, Paragraph, Span, Title, Tone, line, said
from pipeline.domain.proposal import ProposalKind
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView

_KINDS: Final = {
    None: "Proposal",
    ProposalKind.FIRST: "First pool",
    ProposalKind.CHANGE: "Change of members",
    ProposalKind.QUESTION: "A question",
    ProposalKind.FACTS: "Change of facts",
    ProposalKind.RENEWAL: "Renewal",
}
_SHOWN: Final = 6
"""Facts that are shown unfolded where they are the reason of the proposal."""


def _blocks(view: ProposalView) -> Iterator[Block]:
    pool = view.proposal.pool
    yield Title(level=1, line=line("Pool proposal ", view.folder))
    kind = Span(text=_KINDS[view.proposal.kind], tone=Tone.STRONG)
    yield Paragraph(line=line(kind, f": {view.base} → {view.version}. ", view.headline))
    yield Paragraph(
        line=line(f"Data as of {view.proposal.as_of}. Valid until {pool.expires_on}."), tone=Tone.SOFT
    )
    if view.expired:
        text = (
            f"EXPIRED on {pool.expires_on}: routers would raise an alarm from the first minute on. "
            "Run the week again: "
        )
        yield Paragraph(line=line(text, f"`{view.command('run')}`."), tone=Tone.ALARM)
    if view.lapsed:
        text = (
            f"{view.base}, the pool in force, expired on {view.lapsed}: routers have raised an alarm since."
        )
        yield Paragraph(line=line(text), tone=Tone.ALARM)
    if view.removed:
        yield BulletList(items=tuple(line(said(one)) for one in view.removed))
    yield from _facts(view)


def _facts(view: ProposalView) -> Iterator[Block]:
    """List facts that changed, folded where there is more to read first."""
    facts = tuple(line(said(one)) for one in view.facts)
    if not facts:
        return
    if view.proposal.kind is ProposalKind.FACTS and len(facts) <= _SHOWN:
        yield BulletList(items=facts)
        return
    count = f"{len(facts)} {'fact' if len(facts) == 1 else 'facts'} changed about members that stay"
    yield Fold(summary=line(count), blocks=(BulletList(items=facts),), binding=True)


SECTION: Final = Section(name="overview", place=Place.FIRST, blocks=_blocks)
