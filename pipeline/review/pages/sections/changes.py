"""Lists each change with its reason, what would have decided otherwise, its cost and its certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Span, Table, Title, Tone, cell, line, name, text_span
from pipeline.errors import UsageError
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Cell
    from pipeline.review.pages.proposal_view import ChangeView, ProposalView


def _blocks(view: ProposalView) -> Iterator[Block]:
    if not view.changes:
        return
    count = len(view.changes)
    yield Title(level=2, line=line("1 change" if count == 1 else f"{count} changes"))
    yield change_table(view.changes)


def change_blocks(view: ProposalView, number: int) -> tuple[Block, ...]:
    """Show one change whole.

    Raises:
        UsageError: There is no change of that number.
    """
    found = tuple(change for change in view.changes if change.number == number)
    if not found:
        raise UsageError(
            f"the proposal {view.folder} has no change {number}",
            hint=f"It has {len(view.changes)}: `{view.command('review')}` numbers them.",
        )
    return (change_table(found),)


def change_table(changes: tuple[ChangeView, ...]) -> Table:
    """Make the table of some changes, each under its number."""
    columns = [Column(title=one, short=one == "how sure") for one in ("change", "why", "cost", "how sure")]
    rows = tuple(_row(change) for change in changes)
    return Table(title="Changes", columns=tuple(columns), rows=rows, stacked=True)


def _row(change: ChangeView) -> tuple[Cell, ...]:
    tone = Tone.GAIN if change.way in {"in", "up"} else Tone.LOSS
    link = (text_span(f"; {change.link}", Tone.SOFT),) if change.link else ()
    what = (
        line(f"{change.number}. {change.tier}: ", Span(text=change.place, tone=tone), *link),
        line(name(change.variant), " ", Span(text=change.cause, tone=Tone.SOFT)),
    )
    switched = f"One cause after the other: {change.steps}." if change.steps else ""
    why = tuple(
        one for one in (line(text_span(change.reason)), line(text_span(switched, Tone.SOFT))) if one[0].text
    )
    return (what, why, cell(text_span(change.cost)), cell(change.certainty))


SECTION: Final = Section(name="changes", place=Place.BODY, blocks=_blocks)
