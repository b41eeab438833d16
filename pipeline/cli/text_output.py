"""Renders results as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from pipeline.cli.blocks_text import FittedTable, WordWrap
from pipeline.domain.blocks import Cell, Column, Table, cell, line, name, text_span
from pipeline.domain.escape import escape_name, escape_text
from pipeline.flow.record.record_files import what_stays

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from rich.console import RenderableType

    from pipeline.domain.observation import Finding
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.questions.staleness_cost import StalenessCost
    from pipeline.flow.record.history import PastDecision
    from pipeline.flow.record.status import Status
    from pipeline.flow.run.retirements import Retirement
    from pipeline.flow.run.run_state import RunResult
    from pipeline.workspace import Workspace


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
        cell(text_span(f"{past.link.reviewer}, {at}")),
        cell(text_span(past.link.note)),
        cell(text_span("; ".join(past.about))) if past.about else (),
    )


def run_text(
    result: RunResult, workspace: Workspace, review: Iterable[RenderableType] = ()
) -> list[RenderableType]:
    """Say how a run ended, what changed and what to do next.

    Args:
        result: Of the run.
        workspace: Where it ran.
        review: Its proposal as `modelpool review` shows it.
    """
    parts: list[RenderableType] = [
        *_held_lines(result.held),
        *(f"WARN {warning}." for warning in result.warnings),
    ]
    if result.proposal is None:
        parts.extend(f"WARN {escape_text(f.message)}" for f in result.findings if f.severity.value == "warn")
        parts.append(
            f"{result.week}: nothing to review; {what_stays(workspace)} ({result.folder})."
            if not result.held
            else f"{result.week}: nothing could be proposed; {what_stays(workspace)}."
        )
        return parts
    return [*parts, *review, *page_lines(result.folder)]


def page_lines(folder: Path, *, offers_all: bool = True) -> list[str]:
    """Name the page of a proposal, and offer the command that unfolds what stands behind a plus here."""
    more = ("Behind each +: `modelpool review --all`",) if offers_all else ()
    return ["", *more, f"Page: {folder / 'report.html'}"]


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
        parts.extend(_lost_lines(lost))
    parts.extend(retirement_line(one, today) for one in found.ending)
    parts.extend(_waiting_lines(found, today))
    if found.failed:
        next_command = found.workspace.command("run" if found.failed.exit_code is not None else "doctor")
        parts.append(f"WARN {escape_text(found.failed.words())}. Next: `{next_command}`.")
    if found.unread and found.unread not in {found.blocker.unreadable, found.approved_blocker.unreadable}:
        parts.append(f"WARN {escape_text(found.unread)}")
    if found.heartbeat:
        parts.append(f"Last run: {found.heartbeat.week}, {found.heartbeat.outcome}.")
    if not found.pending and not found.approved:
        parts.append(f"Nothing waits for review. Next: `{found.workspace.command('run')}`.")
    return parts


def _waiting_lines(found: Status, today: date) -> list[RenderableType]:
    """Name what waits for a publication or a review, each with its next command."""
    parts: list[RenderableType] = []
    command = found.workspace.command
    if found.approved and found.approved_blocker.stale:
        parts.append(
            f"Stale: {found.approved.folder.name} is approved and can no longer be published: "
            f"{found.approved_blocker.stale}. Next: `{command('run')}`."
        )
    elif found.approved and found.approved_blocker.unreadable:
        parts.append(
            f"Approved, not published: {found.approved.folder.name}. First mend what cannot be read: "
            f"{escape_text(found.approved_blocker.unreadable)}"
        )
    elif found.approved:
        publish = command(publish_command(found.approved.proposal, today).removeprefix("modelpool "))
        parts.append(f"Approved, not published: {found.approved.folder.name}. Next: `{publish}`.")
    if found.pending and found.blocker.stale:
        parts.append(staleness_line(found.pending.folder.name, found.blocker.stale, command("run")))
    elif found.pending and found.blocker.unreadable:
        parts.append(
            f"Pending: {found.pending.folder.name}. First mend what cannot be read: "
            f"{escape_text(found.blocker.unreadable)}"
        )
    elif found.pending and found.asked:
        from pipeline.flow.approval.approve import consent

        digest = consent(found.pending.proposal)
        approve = command(f'approve {digest} --reviewer NAME --note "..."')
        parts.append(
            f"Pending: {found.pending.folder.name}, {len(found.pending.proposal.changes)} changes, "
            f"digest {digest}. Next: `{command('review')}`; whoever approves what it shows: "
            f"`{approve}`."
        )
    if not found.blocker.stale:
        parts.extend(f"Which price counts? {escape_text(line.message)}." for line in found.prices)
    return parts


def publish_command(proposal: Proposal, today: date | None) -> str:
    """Write the command that publishes a proposal once it is approved; of an expired one it has to say so."""
    expired = today is not None and today.isoformat() >= proposal.pool.expires_on
    return "modelpool publish --although-expired" if expired else "modelpool publish"


def staleness_line(folder: str, why: str, run: str) -> str:
    """Say why a pending proposal can no longer be approved, and what proposes anew."""
    return f"Stale: {folder} can no longer be approved: {why}. Next: `{run}`."


def _lost_lines(lost: StalenessCost | None) -> list[str]:
    """Say what a late approval has probably cost; nothing for a pool that is not a week old."""
    if lost is None:
        return []
    summary = ", ".join(
        [f"{count:.1f} answers per 100 in {escape_name(tier)}" for tier, count in lost.answers]
        or [f"{elo:.0f} Elo in {escape_name(tier)}" for tier, elo in lost.elo]
    )
    old = f"{lost.weeks} week{'s' if lost.weeks > 1 else ''} old"
    more = "at least " if lost.at_least else ""
    return [f"It is {old} and has probably fallen behind by {more}{summary}: an estimate from past years."]


def history_text(
    found: Sequence[PastDecision], answers: Sequence[str] = (), failed: Sequence[str] = ()
) -> list[RenderableType]:
    """List versions and decisions, the newest first, then what is remembered and which runs failed.

    Args:
        found: Versions and decisions.
        answers: A sentence for each answer on record.
        failed: How each run failed or ended unknown, the newest first.
    """
    parts: list[RenderableType] = []
    if not any(one.published for one in found):
        parts.append("No pool is published.")
    if found:
        parts.extend(("", FittedTable(table=history_table(found), parted=False)))
    parts.extend(_with_heading("Changes that people rejected or held, by key", answers))
    if answers:
        parts.append("`modelpool memory retract --help` says how one is taken back, by its key.")
    runs = [f"{escape_text(one)}." for one in failed]
    return [*parts, *_with_heading("Runs that failed or did not end, the newest first", runs)]


def _with_heading(heading: str, lines: Sequence[str]) -> list[RenderableType]:
    """Write lines below a heading of their own; nothing where there are none."""
    if not lines:
        return []
    return ["", WordWrap(lines=(line(heading),), style="bold"), *(f"- {one}" for one in lines)]


def _held_lines(held: Sequence[Finding]) -> list[str]:
    """Name what is held first, and what a person can do about it."""
    lines = [f"HELD {escape_text(finding.message)}" for finding in held]
    if lines:
        lines.append("`modelpool sources` shows why each is held, and what to do.")
    return lines


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
