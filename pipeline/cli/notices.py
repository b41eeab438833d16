"""What a person must not miss: questions about members, and members that end soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.tables import indented
from pipeline.domain.kinds import ABOUT_THE_POOL
from pipeline.domain.visible import shown_name, shown_text

if TYPE_CHECKING:
    from datetime import date

    from rich.console import RenderableType

    from pipeline.domain.proposal import Proposal
    from pipeline.flow.ending import Ending


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
    """Say what an approval also answers: members in question, tiers that hang on one vendor."""
    lines = [line for line in proposal.findings if line.kind in ABOUT_THE_POOL and line.severity == "warn"]
    parts: list[RenderableType] = ["", "Read before approving:"] if lines else []
    for line in lines:
        parts.extend((f"  {shown_name(line.subject)}", indented(shown_text(line.message))))
    return parts
