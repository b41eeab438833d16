"""What a person must not miss: questions about members, and members that end soon."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from pipeline.cli.tables import indented
from pipeline.domain.kinds import ABOUT_THE_POOL, ASKED_PRICE, HELD_ROW
from pipeline.domain.visible import shown_name, shown_text

if TYPE_CHECKING:
    from datetime import date

    from rich.console import RenderableType

    from pipeline.domain.proposal import Proposal
    from pipeline.flow.ending import Ending


_NAMED: Final = 3
"""Held rows that are named; `modelpool sources` and the page list all."""


def ending_line(one: Ending, today: date) -> str:
    """Name a member in force that ends soon, and what was proposed for it."""
    if one.on is None:
        when = "ends soon"
    elif one.on > today:
        when = f"ends on {one.on}, in {(one.on - today).days} days"
    else:
        when = f"ended on {one.on}"
    said = one.said or "The next `modelpool run` proposes its successor."
    return f"WARN {shown_name(one.variant)} in {shown_name(one.tier)} {when}. {shown_text(said)}"


def question_lines(proposal: Proposal) -> list[RenderableType]:
    """Say what an approval also answers: members and prices in question, large tiers, tiers on one vendor.

    A price's line stays whole, so that the command in it can be copied.
    """
    lines = [line for line in proposal.findings if line.kind in ABOUT_THE_POOL and line.severity == "warn"]
    parts: list[RenderableType] = ["", "Read before approving:"] if lines else []
    for line in lines:
        said = shown_text(line.message)
        whole = line.kind == ASKED_PRICE
        parts.extend((f"  {shown_name(line.subject)}", f"      {said}" if whole else indented(said)))
    return parts


def kept_lines(proposal: Proposal) -> list[str]:
    """Name the rows that keep their approved values, with the command that takes the new value of one."""
    rows = [shown_name(line.subject) for line in proposal.findings if line.kind == HELD_ROW]
    if not rows:
        return []
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    keep = (
        "1 row keeps its approved value" if len(rows) == 1 else f"{len(rows)} rows keep their approved values"
    )
    source, row = rows[0].partition(":")[0], shlex.quote(rows[0])
    return [
        f"{keep}: {', '.join(rows[:_NAMED])}{more}.",
        f"To take the new value{' of the first' if rows[1:] else ''}, after looking at it:",
        f'  modelpool sources accept {source} --row {row} --reviewer NAME --reason "..."',
    ]
