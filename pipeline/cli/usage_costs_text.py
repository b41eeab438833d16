"""Renders what answers really cost, as text for people and as a JSON payload."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.domain.escape import escape_name, escape_text

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.flow.usage.costs import KindUsage, RealisedCost, UsageCosts


def costs_text(found: UsageCosts) -> list[str]:
    """Dollars per answer beside the projection, and what to put into the policy."""
    lines = [_realised_line(one) for one in found.realised]
    lines.extend(
        f"{escape_name(one.tier)}: ${one.usd_per_answer} an answer over {one.answers} answers; "
        f"the members that gave them project ${one.projected_usd_per_task} a task"
        for one in found.tiers
    )
    usable = [one for one in found.measured if not one.shortfall]
    lines.extend(
        f"{escape_name(one.variant)} on {one.mix}, {escape_name(one.kind)}: {escape_text(one.shortfall)}"
        for one in found.measured
        if one.shortfall
    )
    if not found.measured:
        lines.append("No workload is named like a kind of the policy's task mixes: no verbosity is measured.")
    if usable:
        lines.append("For data/policy/tiers.toml, each below its kind; grade 1 needs every kind of a mix:")
        lines.extend(line for one in usable for line in _toml_lines(one))
    return lines


def costs_payload(found: UsageCosts) -> JsonValue:
    """The same for programs."""
    return {
        "realised": [
            {
                "variant": one.variant,
                "answers": one.answers,
                "usd_per_answer": round(one.usd_per_answer, 8),
                "projected_usd_per_task": dict(one.projected),
            }
            for one in found.realised
        ],
        "tiers": [one.model_dump(mode="json") for one in found.tiers],
        "measured": [
            {
                "mix": one.mix,
                "kind": one.kind,
                "variant": one.variant,
                "tasks": one.tasks,
                "tokens_out": round(one.tokens_out, 1),
                "shortfall": one.shortfall or None,
            }
            for one in found.measured
        ],
    }


def _realised_line(one: RealisedCost) -> str:
    beside = ", ".join(f"{escape_name(tier)} projects ${usd} a task" for tier, usd in one.projected)
    return (
        f"{escape_name(one.variant)}: ${one.usd_per_answer:.6f} an answer over {one.answers} answers"
        f"; {beside or 'no member of the pool in force'}"
    )


def _toml_lines(one: KindUsage) -> list[str]:
    return [
        f"# {one.mix}, kind {escape_name(one.kind)}: measured in your own traffic.",
        f"[{one.mix}.measured.{json.dumps(one.variant)}]",
        f"tasks = {one.tasks}",
        f"tokens_out = {one.tokens_out:.1f}",
    ]
