"""Lists the names that are accepted with a proposal, and those that nobody has judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Fold, Paragraph, Table, cell, line, name, text_span
from pipeline.review.pages.number_format import UNKNOWN
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView

_OPEN: Final = 15
"""Open names that are listed; all are in open-names.csv."""


def _accepted_names(view: ProposalView) -> Iterator[Block]:
    found = view.proposal.provisional
    if not found:
        return
    titles = ("source", "name", "used as", "evidence", "without it the pools differ")
    rows = tuple(
        (
            cell(name(one.source)),
            cell(name(one.name)),
            cell(name(one.variant)),
            cell(text_span("; ".join(one.evidence))),
            cell(text_span("; ".join(one.touches) or "no pool")),
        )
        for one in found
    )
    table = Table(
        title="Judgements accepted with this proposal",
        columns=tuple(Column(title=title, leads=title == "source") for title in titles),
        rows=rows,
    )
    count = "1 judgement" if len(found) == 1 else f"{len(found)} judgements"
    yield Fold(
        summary=line(f"{count} accepted with this proposal"),
        blocks=(Paragraph(line=line(view.provisional_note)), table),
        binding=True,
    )


def _open(view: ProposalView) -> Iterator[Block]:
    coverage, found = view.proposal.coverage, view.proposal.open_names
    titles = (Column(title="source", leads=True), Column(title="name"), Column(title="value", number=True))
    rows = tuple(
        (
            cell(name(one.source)),
            cell(name(one.name)),
            cell(one.value or UNKNOWN),
            cell(
                text_span(", ".join(f"{tier} at {rank}" for tier, rank in one.enters.items()) or "none found")
            ),
            cell(text_span("; ".join(one.suggestions) or "nothing known")),
        )
        for one in found[:_OPEN]
    )
    text = (
        f"{coverage.judged} names are judged, {coverage.not_routed} are judged as not routed; names that "
        "nobody has judged are left out. "
    )
    supposed = "Would enter: as a variant of its own, at the price its source lists. "
    more = f"The {_OPEN} that could change most; all are in open-names.csv." if len(found) > _OPEN else ""
    blocks: list[Block] = [Paragraph(line=line(text, supposed, more))]
    if rows:
        table = Table(
            title="Open names",
            columns=(*titles, Column(title="would enter"), Column(title="might mean")),
            rows=rows,
        )
        blocks.append(table)
    count = "1 open name" if coverage.open == 1 else f"{coverage.open} open names"
    yield Fold(summary=line(count), blocks=tuple(blocks))


ACCEPTED: Final = Section(name="accepted", place=Place.FIRST, blocks=_accepted_names)
OPEN: Final = Section(name="open", place=Place.BODY, blocks=_open, brief=False)
