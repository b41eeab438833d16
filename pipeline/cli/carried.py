"""The judgements that a proposal carries, as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.tables import indented
from pipeline.domain.visible import shown_name, shown_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from pipeline.domain.crosswalk import Judgement
    from pipeline.domain.proposal import Proposal


def provisional_text(proposal: Proposal) -> list[RenderableType]:
    """List every name that is used provisionally, before anybody types a digest."""
    lines = proposal.provisional
    if not lines:
        return []
    parts: list[RenderableType] = [f"Judgements accepted with this proposal ({len(lines)}):"]
    for line in lines:
        parts.append(f"  {shown_name(line.source)}  {shown_name(line.name)} is {shown_name(line.variant)}")
        parts.append(indented(shown_text("; ".join(line.evidence))))
        touches = "; ".join(line.touches)
        parts.append(indented(f"changes {shown_text(touches)}" if touches else "changes no pool"))
    parts.append("Approving accepts each of them by name; rejecting writes nothing. The digest covers them.")
    return [*parts, ""]


def accepted_text(judged: Sequence[Judgement]) -> list[str]:
    """Say which judgements an approval wrote."""
    if not judged:
        return []
    told = ", ".join(f"{shown_name(one.name)} is {shown_name(one.variant or '-')}" for one in judged)
    lines = "1 judgement" if len(judged) == 1 else f"{len(judged)} judgements"
    return [f"{lines} accepted with it, now in data/crosswalk/judgements.csv: {told}."]
