"""Shows the digest that is asked for, and the commands that approve, reject or answer this proposal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import CommandLine, Paragraph, Span, Title, Tone, line, text_span
from pipeline.review.decisions.decisions import second_looks
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView


def _blocks(view: ProposalView) -> Iterator[Block]:
    yield Title(level=2, line=line("To decide"))
    if view.stale:
        yield Paragraph(line=line(f"Stale: {view.folder} can no longer be approved: ", view.stale, "."))
        yield CommandLine(text=view.command("run"))
        return
    if view.proposal.provisional:
        count = len(view.proposal.provisional)
        text = f"Approving also accepts {count} {'judgement' if count == 1 else 'judgements'} "
        yield Paragraph(line=line(text, Span(text="listed by name", anchor="accepted"), "."))
    if looks := second_looks(view.proposal):
        text = f"Approving asks for 16 characters of the digest: {', and '.join(looks)}."
        yield Paragraph(line=line(text_span(text, Tone.STRONG)))
    yield Paragraph(line=line("To approve exactly this, then publish it:"), tone=Tone.SOFT)
    yield CommandLine(text=view.approve)
    expires_on = "" if view.expired else view.proposal.pool.expires_on
    if expires_on:
        yield CommandLine(text=view.command("publish"), until=expires_on)
    yield CommandLine(text=view.command("publish --although-expired"), since=expires_on)
    yield Paragraph(line=line("To reject it; the pool in force stays:"), tone=Tone.SOFT)
    yield CommandLine(text=view.reject)
    if view.has_answerable_changes:
        yield Paragraph(line=line("To hold changes, by their numbers, and see what is left:"), tone=Tone.SOFT)
        yield CommandLine(text=view.answer)
    what = "proposal, with its judgements" if view.proposal.provisional else "pool"
    digest = Span(text=view.asked, tone=Tone.NAME)
    yield Paragraph(line=line(f"Digest of the {what}: ", digest), tone=Tone.SOFT)


SECTION: Final = Section(name="decide", place=Place.SIDE, blocks=_blocks)
