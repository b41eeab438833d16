"""Tables for the terminal; cells are plain text, never markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from pipeline.domain.blocks import Column, Table, cell, line, name, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.blocks import Cell
    from pipeline.flow.record.history import PastDecision


def indent(text: str) -> Padding:
    """A sentence that wraps below the line it belongs to."""
    return Padding(Text(text), (0, 0, 0, 6))


def history_table(found: Sequence[PastDecision]) -> Table:
    """Published versions with their approvals, and every other decision."""
    columns = tuple(Column(title=one) for one in ("decision", "by", "note", "about"))
    return Table(title="Decisions", columns=columns, rows=tuple(_row(one) for one in found))


def _row(past: PastDecision) -> tuple[Cell, ...]:
    what = line(past.what, " ", name(past.proposal), " ", (past.sha256 or "")[:8])
    if past.link is None:
        return (what,), cell("NOBODY ON RECORD"), (), ()
    at = past.link.decided_at[:16].replace("T", " ")
    return (
        (what,),
        cell(said(f"{past.link.reviewer}, {at}")),
        cell(said(past.link.note)),
        cell(said("; ".join(past.about))) if past.about else (),
    )
