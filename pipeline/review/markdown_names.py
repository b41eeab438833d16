"""The judgements that a proposal carries, for `proposal.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.review.cells import code, sentence, table

if TYPE_CHECKING:
    from pipeline.review.view import View


def provisional_blocks(view: View) -> list[str]:
    """Write every name that is used provisionally; nothing where there is none."""
    lines = view.proposal.provisional
    if not lines:
        return []
    rows = [
        (
            code(line.source),
            code(line.name),
            code(line.variant),
            sentence("; ".join(line.evidence)),
            sentence("; ".join(line.touches)) or "no pool",
        )
        for line in lines
    ]
    header = ("source", "name", "used as", "evidence", "without it the pools differ")
    return [
        "## Judgements accepted with this proposal",
        sentence(view.carried),
        table(header, rows),
    ]
