"""Tables for the terminal; cells are plain text, never markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.domain.escape import escape_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.flow.record.status import PastVersion


def indent(text: str) -> Padding:
    """A sentence that wraps below the line it belongs to."""
    return Padding(Text(text), (0, 0, 0, 6))


def history_table(found: Sequence[PastVersion]) -> Table:
    """Published versions with their approvals."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("version", "week", "digest", "approved by", "at", "note"):
        table.add_column(heading, overflow="fold", no_wrap=heading not in {"approved by", "note"})
    for past in found:
        decision = past.approval.decision if past.approval else None
        cells = (
            f"v{past.published.pool.version:04}",
            past.published.pool.week,
            past.published.sha256[:8],
            escape_text(decision.reviewer) if decision else "NOBODY ON RECORD",
            decision.decided_at if decision else "",
            escape_text(decision.note) if decision else "",
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table
