"""The drill, as text for people and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.tables import indented
from pipeline.domain.visible import shown_name

if TYPE_CHECKING:
    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.flow.drill import Drill


def drill_text(found: Drill) -> list[RenderableType]:
    """Say, tier by tier and vendor by vendor, who still answers and who would be chosen instead."""
    today = f" with today's {' and '.join(found.changed)}, changed since" if found.changed else ""
    parts: list[RenderableType] = [
        f"Without one vendor, on the captures of {found.run}{today}; nothing is written or decided."
    ]
    for tier in found.losses:
        held = [member.variant for member in found.pool.tiers[tier].members]
        parts.extend(("", f"{shown_name(tier)}: {', '.join(shown_name(one) for one in held) or 'empty'}"))
        for vendor, left, again in found.lines(tier):
            parts.append(f"  without {shown_name(vendor)}:")
            parts.extend((indented(f"still answers: {left}"), indented(f"chosen again: {again}")))
    return parts


def drill_payload(found: Drill) -> JsonValue:
    """Give the same as a document."""
    return {
        "run": found.run,
        "changed": list(found.changed),
        "tiers": {
            tier: {
                "members": [member.variant for member in found.pool.tiers[tier].members],
                "losses": [loss.model_dump(mode="json") for loss in losses],
            }
            for tier, losses in found.losses.items()
        },
    }
