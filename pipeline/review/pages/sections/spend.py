"""Shows what the operator's own answers cost, beside what the pool in force projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Fold, Paragraph, Table, cell, line, name, text_span
from pipeline.review.pages.number_format import usd
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Cell
    from pipeline.domain.proposal import MemberSpend, TierSpend
    from pipeline.review.pages.proposal_view import ProposalView

_TEXT: Final = (
    "Answers that were imported with a cost, of the four weeks before this run. A projection is of one task "
    "of the policy's mix, so the two differ where your requests are longer or shorter; an answer counts in "
    "each tier that holds its variant."
)
_COLUMNS: Final = ("tier or member", "answers", "an answer cost", "a task is projected at")


def _blocks(view: ProposalView) -> Iterator[Block]:
    found = view.proposal.spend
    if not found:
        return
    rows = tuple(row for tier in found for row in _rows(tier))
    columns = tuple(Column(title=one, number=one != _COLUMNS[0]) for one in _COLUMNS)
    table = Table(title="What answers really cost", columns=columns, rows=rows, stacked=True)
    tiers = "; ".join(
        f"{one.tier} {usd(one.usd_per_answer)} an answer, {usd(one.projected_usd_per_task)} projected"
        for one in found
    )
    summary = line(text_span(f"What answers really cost: {tiers}"))
    yield Fold(summary=summary, blocks=(Paragraph(line=line(_TEXT)), table))


def _rows(tier: TierSpend) -> Iterator[tuple[Cell, ...]]:
    yield (cell(text_span(tier.tier)), *_numbers(tier))
    for member in tier.members:
        yield (cell("  ", name(member.variant)), *_numbers(member))


def _numbers(one: TierSpend | MemberSpend) -> tuple[Cell, ...]:
    return (
        cell(f"{one.answers:,}"),
        cell(usd(one.usd_per_answer)),
        cell(usd(one.projected_usd_per_task)),
    )


SECTION: Final = Section(name="spend", place=Place.BODY, blocks=_blocks, brief=False)
