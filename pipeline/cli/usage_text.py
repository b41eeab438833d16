"""Renders what traffic teaches, as text for people and as JSON payloads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name, escape_text
from pipeline.domain.shares import percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.domain.usage import ApprovedTable, MixingReport, WorkloadRow, WorkloadTable
    from pipeline.flow.usage.costs import KindUsage, RealisedCost, UsageCosts
    from pipeline.flow.usage.records import ImportResult, SampleLine
    from pipeline.flow.usage.workload_table import AcceptanceRate, FittedTable, TableState
    from pipeline.workspace import Workspace


_SHOWN: Final = 20
"""Rejected lines and rows that a terminal shows; `--json` has all."""


def imported_text(done: ImportResult, after: str) -> list[str]:
    """What became of the lines of a file, and the command that comes after it."""
    shown = [f"  line {one.line}: {escape_text(one.reason)}" for one in done.rejected[:_SHOWN]]
    more = len(done.rejected) - len(shown)
    return [
        f"Imported {done.new} answers; {done.known} were on record, {len(done.rejected)} lines are rejected.",
        *shown,
        *([f"  and {more} more: add --json"] if more else []),
        *([f"File: {done.file}"] if done.file else []),
        f"Next: `{after}`.",
    ]


def imported_payload(done: ImportResult) -> JsonValue:
    """The same for programs."""
    return {
        "new": done.new,
        "known": done.known,
        "rejected": [{"line": one.line, "reason": one.reason} for one in done.rejected],
        "file": str(done.file) if done.file else None,
    }


def fitted_text(done: FittedTable, place: Workspace) -> list[str]:
    """A fitted table, what it rests on, and how a person puts it in force."""
    approve = place.command(f'usage approve {done.sha256[:8]} --reviewer "Your Name" --note "..."')
    return [
        *_table_text(done.table),
        *(_acceptance_line(one) for one in done.acceptance),
        f"Waits for approval: {done.sha256[:8]} ({done.file}). What a gateway follows has not changed.",
        f"Next: read the rows, then `{approve}`.",
    ]


def fitted_payload(done: FittedTable) -> JsonValue:
    """The same for programs."""
    return {
        "digest": done.sha256,
        "file": str(done.file),
        "table": done.table.model_dump(mode="json"),
        "acceptance": [
            {
                "variant": one.variant,
                "graded": one.graded,
                "accepted": one.accepted,
                "quality": one.quality,
            }
            for one in done.acceptance
        ],
    }


def state_text(found: TableState, after: str) -> list[str]:
    """The table in force, its ended rows, and the one that waits, or the command that comes before it."""
    lines = []
    if found.approved is None:
        lines.append("No workload table is in force: every workload is `medium`.")
    else:
        reviewer = escape_text(found.approved.reviewer)
        lines.append(f"In force: {found.approved.table_sha256[:8]}, approved by {reviewer}")
        lines.extend(_table_text(found.approved.table))
        lines.extend(
            f"Ended, now medium: {_place(row)}: its variants no longer stand first" for row in found.ended
        )
    if found.pending is not None and found.pending_sha256 is not None:
        lines.append(f"Waits for approval: {found.pending_sha256[:8]}")
        lines.extend(_table_text(found.pending))
    else:
        lines.append(f"No table waits. Next: `{after}`.")
    return lines


def state_payload(found: TableState) -> JsonValue:
    """The same for programs."""
    return {
        "in_force": found.approved.model_dump(mode="json") if found.approved else None,
        "ended": [row.model_dump(mode="json") for row in found.ended],
        "pending": found.pending.model_dump(mode="json") if found.pending else None,
        "pending_digest": found.pending_sha256,
    }


def approved_text(done: ApprovedTable, file: Path) -> list[str]:
    """Who put which table in force."""
    return [
        f"Approved {done.table_sha256[:8]} by {escape_text(done.reviewer)}; in force as {file}.",
        "A row ends when its variants no longer stand first in the pool's bands: `modelpool usage table`.",
    ]


def sample_text(found: Sequence[SampleLine]) -> list[str]:
    """The requests to answer again."""
    if not found:
        return ["No request on record would teach more: every band's members have answered all of them."]
    lines = [
        f"{escape_name(one.request)} ({escape_name(one.workload)}, {escape_name(one.tier)}): answered by "
        f"{escape_name(one.answered_by)}; ask {escape_name(one.answer_again_by)} too"
        for one in found
    ]
    advice = (
        "Grade both answers alike, then import request, workload, time, variant, outcome and grader; "
        "and on the second answer `pair`, the first request."
    )
    return [*lines, advice]


def sample_payload(found: Sequence[SampleLine]) -> JsonValue:
    """The same for programs."""
    return {
        "requests": [
            {
                "request": one.request,
                "workload": one.workload,
                "tier": one.tier,
                "answered_by": one.answered_by,
                "answer_again_by": one.answer_again_by,
            }
            for one in found
        ]
    }


def _table_text(table: WorkloadTable) -> list[str]:
    lines = [f"Margin {table.margin_points} points, pool v{table.pool_version:04}:"]
    shown = _rows_that_say_more(table.rows)
    for row in shown[:_SHOWN]:
        lines.append(f"{_place(row)}: {row.band}")
        lines.extend(
            f"  {escape_name(one.cheaper)} loses {one.loss_points} [{one.low_points}, {one.high_points}] "
            f"points to {escape_name(one.better)} ({one.pairs} pairs)"
            for one in row.evidence
        )
    if more := len(table.rows) - len(shown[:_SHOWN]):
        lines.append(f"and {more} more rows, most of them as their workload: add --json")
    lines.extend(line for report in table.reports for line in _report_text(report, table.margin_points))
    return lines


def _rows_that_say_more(rows: Sequence[WorkloadRow]) -> list[WorkloadRow]:
    """Leave out the kinds of request that take the band of their workload."""
    whole = {(row.tier, row.workload): row.band for row in rows if row.tools is None}
    return [row for row in rows if row.tools is None or row.band != whole[row.tier, row.workload]]


def _report_text(report: MixingReport, margin: str) -> list[str]:
    names = f"{escape_name(report.cheaper)} and {escape_name(report.better)}"
    place = f"{escape_name(report.workload)} ({escape_name(report.tier)}), {names}"
    needed = f"{report.pairs} graded pairs; a margin of {margin} points needs about {report.pairs_needed}"
    if report.points is None:
        return [f"{place}: {needed}; too few of known tools, length and dollars to compare with mixing"]
    verdict = "better than mixing" if report.better_than_mixing else "no better than mixing"
    length = f", longest first {report.length_points}, random 0" if report.length_points else ""
    gained = (
        f"  by tools and length {report.points} points over mixing at the same money "
        f"(standard error {report.standard_error}, {report.judged} later pairs){length}: {verdict}"
    )
    return [f"{place}: {needed}", gained]


def _acceptance_line(one: AcceptanceRate) -> str:
    share = percent(str(one.accepted / one.graded))
    beside = f"; published quality {percent(one.quality)}" if one.quality else ""
    return f"{escape_name(one.variant)}: {share} of {one.graded} graded answers accepted{beside}"


def _place(row: WorkloadRow) -> str:
    place = f"{escape_name(row.workload)} ({escape_name(row.tier)})"
    if row.tools is None:
        return place
    tools = {"none": "no tools", "one": "one tool", "several": "several tools"}[row.tools]
    return f"{place}, {tools}, {row.chars_from} to {row.chars_below} characters"


def costs_text(found: UsageCosts) -> list[str]:
    """Dollars per answer beside the projection, and what to put into the policy."""
    lines = [_realised_line(cost) for cost in found.realised]
    lines.extend(
        f"{escape_name(tier.tier)}: ${tier.usd_per_answer} an answer over {tier.answers} answers; "
        f"the members that gave them project ${tier.projected_usd_per_task} a task"
        for tier in found.tiers
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
                "variant": cost.variant,
                "answers": cost.answers,
                "usd_per_answer": round(cost.usd_per_answer, 8),
                "projected_usd_per_task": dict(cost.projected),
            }
            for cost in found.realised
        ],
        "tiers": [tier.model_dump(mode="json") for tier in found.tiers],
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
