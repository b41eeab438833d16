"""Lists every input of the run with its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Fold, Paragraph, Table, cell, line, name, text_span
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView

_DIGITS: Final = 12


def _blocks(view: ProposalView) -> Iterator[Block]:
    found = view.proposal.inputs
    titles = ("input", "what", "fetched", "digest")
    rows = tuple(
        (
            cell(name(one.name)),
            cell(text_span(one.detail)),
            cell(one.fetched_at or ""),
            cell(name(one.sha256[:_DIGITS])),
        )
        for one in found
    )
    text = (
        f"Seed {view.proposal.seed}, policy ",
        name(view.proposal.pool.policy_sha256[:_DIGITS]),
        ". Whole digests are in proposal.json, whose own digest is ",
        name(view.proposal_sha256),
        ".",
    )
    table = Table(title="Inputs", columns=tuple(Column(title=title) for title in titles), rows=rows)
    yield Fold(summary=line(f"{len(found)} inputs"), blocks=(Paragraph(line=line(*text)), table))


SECTION: Final = Section(name="inputs", place=Place.BODY, blocks=_blocks, brief=False)
