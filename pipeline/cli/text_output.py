"""Results as text for people."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from pipeline.cli.crosswalk_text import provisional_text
from pipeline.cli.tables import cost_line, history_table, indent, tier_table
from pipeline.domain.escape import escape_name, escape_text
from pipeline.domain.observation import ABOUT_THE_POOL, ASKED_PRICE, HELD_ROW
from pipeline.flow.record.export import fact_lines, headline_lines, kind_line, removed_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from rich.console import RenderableType

    from pipeline.domain.observation import Finding
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.questions.staleness_cost import StalenessCost
    from pipeline.flow.record.status import PastVersion, Status
    from pipeline.flow.run.request import RunResult
    from pipeline.flow.run.retirements import Retirement


def run_text(result: RunResult) -> list[RenderableType]:
    """Say how a run ended, what changed and what to do next."""
    parts: list[RenderableType] = [*_held(result.held)]
    if result.proposal is None:
        parts.extend(f"WARN {escape_text(f.message)}" for f in result.findings if f.severity.value == "warn")
        parts.append(
            f"{result.week}: nothing to review; the published pool stays in force ({result.folder})."
            if not result.held
            else f"{result.week}: nothing could be proposed; the published pool stays in force."
        )
        return parts
    return [*parts, *proposal_text(result.proposal, result.folder)]


def proposal_text(proposal: Proposal, folder: Path, stale: str = "") -> list[RenderableType]:
    """Show tier tables, changes with reasons, and the exact next commands; of a stale one, why it is that."""
    base = f"v{proposal.pool.base.version:04}" if proposal.pool.base else "no pool"
    state = "is stale" if stale else "waits for review"
    parts: list[RenderableType] = [
        f"Proposal {folder.name}: v{proposal.pool.version:04} on {base}, {state}.",
        *pools_text(proposal),
        *([stale] if stale else _next(proposal, folder)),
        "",
        *(escape_text(line) for line in proposal.pool.attribution),
    ]
    return parts


def pools_text(proposal: Proposal) -> list[RenderableType]:
    """Show tier tables and changes with reasons, whatever becomes of them."""
    return [
        "",
        *_tables(proposal),
        "",
        f"Changes ({len(proposal.changes)}):",
        *([f"  {said}"] if (said := kind_line(proposal)) else []),
        *(indent(escape_text(line)) for line in removed_lines(proposal)),
        *_changes(proposal),
        *_facts(proposal),
        *question_lines(proposal),
        "",
        *provisional_text(proposal),
        _left_out(proposal),
        *quarantine_lines(proposal),
    ]


def status_text(found: Status, today: date, lost: StalenessCost | None) -> list[RenderableType]:
    """Say what is in force, what waits, and the next command."""
    parts: list[RenderableType] = []
    if found.in_force is None:
        parts.append("No pool is published.")
    else:
        pool = found.in_force.pool
        late = "; it EXPIRED, routers raise an alarm" if today.isoformat() >= pool.expires_on else ""
        parts.append(
            f"In force: v{pool.version:04} of {pool.week} ({found.in_force.sha256[:8]}), "
            f"expires {pool.expires_on}{late}."
        )
        parts.extend(_lost(lost))
    parts.extend(retirement_line(one, today) for one in found.ending)
    parts.extend(_waiting(found))
    if found.failed:
        parts.append(f"WARN {escape_text(found.failed.words())}. Next: `{found.workspace.command('run')}`.")
    if found.unread:
        parts.append(f"WARN {escape_text(found.unread)}")
    if found.heartbeat:
        parts.append(f"Last run: {found.heartbeat.week}, {found.heartbeat.outcome}.")
    if not found.pending and not found.approved:
        parts.append(f"Nothing waits for review. Next: `{found.workspace.command('run')}`.")
    return parts


def _waiting(found: Status) -> list[RenderableType]:
    """Name what waits for a publication or a review, each with its next command."""
    parts: list[RenderableType] = []
    command = found.workspace.command
    if found.approved and found.approved_stale:
        parts.append(
            f"Stale: {found.approved.folder.name} is approved and can no longer be published: "
            f"{found.approved_stale}. Next: `{command('run')}`."
        )
    elif found.approved:
        parts.append(f"Approved, not published: {found.approved.folder.name}. Next: `{command('publish')}`.")
    if found.pending and found.stale:
        parts.append(staleness_line(found.pending.folder.name, found.stale, command("run")))
    elif found.pending and found.asked:
        from pipeline.flow.approval.approve import consent

        approve = command(f'approve {consent(found.pending.proposal)} --reviewer NAME --note "..."')
        parts.append(
            f"Pending: {found.pending.folder.name}, {len(found.pending.proposal.changes)} changes, "
            f"digest {found.asked[:8]}. Next: `{command('review')}`; whoever approves what it shows: "
            f"`{approve}`."
        )
    if not found.stale:
        parts.extend(f"Which price counts? {escape_text(line.message)}." for line in found.prices)
    return parts


def staleness_line(folder: str, why: str, run: str) -> str:
    """Say why a pending proposal can no longer be approved, and what proposes anew."""
    return f"Stale: {folder} can no longer be approved: {why}. Next: `{run}`."


def _lost(lost: StalenessCost | None) -> list[str]:
    """Say what a late approval has probably cost; nothing for a pool that is not a week old."""
    if lost is None:
        return []
    told = ", ".join(
        [f"{count:.1f} answers per 100 in {escape_name(tier)}" for tier, count in lost.answers]
        or [f"{elo:.0f} Elo in {escape_name(tier)}" for tier, elo in lost.elo]
    )
    old = f"{lost.weeks} week{'s' if lost.weeks > 1 else ''} old"
    more = "at least " if lost.at_least else ""
    return [f"It is {old} and has probably fallen behind by {more}{told}: an estimate from past years."]


def history_text(found: Sequence[PastVersion]) -> list[RenderableType]:
    """List versions, the newest first."""
    return [history_table(found)] if found else ["No pool is published."]


def _tables(proposal: Proposal) -> list[RenderableType]:
    names = _tier_order(proposal)
    pools = proposal.pool.tiers
    parts: list[RenderableType] = []
    for name in (name for name in names if name in pools):
        parts.append(tier_table(name, pools[name], proposal.tiers[name]))
        known = cost_line(pools[name])
        said = [indent(escape_text(line)) for line in headline_lines(proposal.tiers[name])]
        parts.extend((*said, *([known] if known else []), ""))
    return parts


def _tier_order(proposal: Proposal) -> list[str]:
    """Tiers ordered by what an answer is worth in them."""
    return sorted(proposal.tiers, key=lambda name: (float(proposal.tiers[name].lambda_usd), name))


def _held(held: Sequence[Finding]) -> list[str]:
    """Name what is held first, and what a person can do about it."""
    lines = [f"HELD {escape_text(finding.message)}" for finding in held]
    if lines:
        lines.append("`modelpool sources` says of each why, and what to do next.")
    return lines


def _changes(proposal: Proposal) -> list[RenderableType]:
    """Each change with its reason below it, tier by tier."""
    parts: list[RenderableType] = []
    for name in _tier_order(proposal):
        for change in (change for change in proposal.changes if change.tier == name):
            before, after = change.rank_before or "-", change.rank_after or "out"
            place = f"{escape_name(name)} {before} -> {after}"
            parts.append(f"  {place:<20} {escape_name(change.variant)} [{change.cause.value}]")
            parts.append(indent(escape_text(change.reason)))
    return parts


def _facts(proposal: Proposal) -> list[RenderableType]:
    lines = fact_lines(proposal)
    return (
        ["Facts that changed about members that stay:", *(indent(escape_text(one)) for one in lines)]
        if lines
        else []
    )


def _left_out(proposal: Proposal) -> str:
    names, count = proposal.coverage, len(proposal.findings)
    return (
        f"{names.judged} names judged, {names.not_routed} not routed, {names.open} open and left out; "
        f"{count} finding{'' if count == 1 else 's'}."
    )


def _next(proposal: Proposal, folder: Path) -> list[str]:
    from pipeline.flow.approval.approve import consent

    digest = consent(proposal)
    return [
        f"Page: {folder / 'report.html'}",
        "Next, after reading it:",
        f'  modelpool approve {digest} --reviewer NAME --note "..."',
        "  modelpool publish",
        "or, to leave the published pool in force:",
        f'  modelpool reject {digest} --reviewer NAME --note "..."',
    ]


_NAMED: Final = 3
"""Held rows that are named; `modelpool sources` and the page list all."""


def retirement_line(one: Retirement, today: date) -> str:
    """Name a member in force that ends soon, and what was proposed for it."""
    if one.on is None:
        when = "ends soon"
    elif one.on > today:
        when = f"ends on {one.on}, in {(one.on - today).days} days"
    else:
        when = f"ended on {one.on}"
    said = one.said or "The next `modelpool run` proposes its successor."
    return f"WARN {escape_name(one.variant)} in {escape_name(one.tier)} {when}. {escape_text(said)}"


def question_lines(proposal: Proposal) -> list[RenderableType]:
    """Say what an approval also answers: members and prices in question, large tiers, tiers on one vendor.

    A price's line stays whole, so that the command in it can be copied.
    """
    lines = [line for line in proposal.findings if line.kind in ABOUT_THE_POOL and line.severity == "warn"]
    parts: list[RenderableType] = ["", "Read before approving:"] if lines else []
    for line in lines:
        said = escape_text(line.message)
        whole = line.kind == ASKED_PRICE
        parts.extend((f"  {escape_name(line.subject)}", f"      {said}" if whole else indent(said)))
    return parts


def quarantine_lines(proposal: Proposal) -> list[str]:
    """Name the rows that keep their approved values, with the command that takes the new value of one."""
    rows = [escape_name(line.subject) for line in proposal.findings if line.kind == HELD_ROW]
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
        f'  modelpool sources accept {source} --row {row} --reviewer NAME --note "..."',
    ]
