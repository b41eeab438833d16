"""Says what a proposal is: its kind, its versions, its data and when it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Fold, Paragraph, Span, Title, Tone, line, text_span, typed_span
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
        line=line(
            f"Made on {view.proposal.as_of[:10]}. ",
            Span(text=f"Expires on {pool.expires_on}", tone=Tone.STRONG),
            ": routers then raise an alarm, and publishing needs ",
            typed_span("--although-expired"),
            ".",
        ),
        tone=Tone.SOFT,
    )
    yield from _alarms(view)
    if view.removed:
        yield BulletList(items=tuple(line(text_span(one)) for one in view.removed))
    yield from _facts(view)


def _alarms(view: ProposalView) -> Iterator[Block]:
    """Say that the proposed pool or the one in force expired; a page that is read later says it then."""
    expires_on, in_force = view.proposal.pool.expires_on, view.record.in_force
    words = line(
        f"EXPIRED on {expires_on}: routers would raise an alarm at once. Run the week again: ",
        typed_span(view.command("run")),
        ". Publishing it all the same needs ",
        typed_span("--although-expired"),
        ".",
    )
    yield Paragraph(line=words, tone=Tone.ALARM, since="" if view.expired else expires_on)
    if in_force is not None and not view.expired:
        text = (
            f"{view.base}, the pool in force, expired on {in_force.expires_on}: routers have raised an alarm "
            "since."
        )
        since = "" if view.lapsed else in_force.expires_on
        yield Paragraph(line=line(text), tone=Tone.ALARM, since=since, until=expires_on)


def _facts(view: ProposalView) -> Iterator[Block]:
    """List facts that changed, folded where there is more to read first."""
    facts = tuple(line(text_span(fact)) for fact in view.facts)
    if not facts:
        return
    if view.proposal.kind is ProposalKind.FACTS and len(facts) <= _SHOWN:
        yield BulletList(items=facts)
        return
    count = f"{len(facts)} {'fact' if len(facts) == 1 else 'facts'} changed about members that stay"
    yield Fold(summary=line(count), blocks=(BulletList(items=facts),), binding=True)


SECTION: Final = Section(name="overview", place=Place.FIRST, blocks=_blocks)
