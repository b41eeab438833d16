"""Results as text for people and as JSON payloads for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.speak import printable
from pipeline.cli.tables import history_table, tier_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.domain.observation import Finding
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.ask import PastVersion, Status
    from pipeline.flow.job import RunResult


def run_text(result: RunResult) -> list[RenderableType]:
    """Say how a run ended, what changed and what to do next."""
    parts: list[RenderableType] = [*_held(result.held)]
    if result.proposal is None:
        parts.append(
            f"{result.week}: nothing to review; the published pool stays in force ({result.folder})."
            if not result.held
            else f"{result.week}: nothing could be proposed; the published pool stays in force."
        )
        return parts
    return [*parts, *proposal_text(result.proposal, result.folder)]


def proposal_text(proposal: Proposal, folder: Path) -> list[RenderableType]:
    """Show tier tables, changes with reasons, and the exact next commands."""
    base = f"v{proposal.pool.base.version:04}" if proposal.pool.base else "no pool"
    parts: list[RenderableType] = [
        f"Proposal {folder.name}: v{proposal.pool.version:04} on {base}, waits for review.",
        "",
        *_tables(proposal),
        "",
        f"Changes ({len(proposal.changes)}):",
        *_changes(proposal),
        "",
        _left_out(proposal),
        *_next(proposal, folder),
        "",
        *proposal.pool.attribution,
    ]
    return parts


def run_payload(result: RunResult) -> JsonValue:
    """The same as a JSON document."""
    proposal = result.proposal
    return {
        "week": result.week,
        "outcome": result.outcome.value,
        "held": [finding.message for finding in result.held],
        "findings": [
            {"kind": f.kind, "severity": f.severity.value, "subject": f.subject, "message": f.message}
            for f in result.findings
        ],
        "folder": str(result.folder),
        "page": str(result.folder / "report.html") if proposal else None,
        "digest": proposal.pool_sha256 if proposal else None,
        "version": proposal.pool.version if proposal else None,
        "changes": [change.model_dump(mode="json") for change in proposal.changes] if proposal else [],
    }


def status_text(found: Status, today: date) -> list[RenderableType]:
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
    if found.approved:
        parts.append(f"Approved, not published: {found.approved.folder.name}. Next: `modelpool publish`.")
    if found.pending:
        parts.append(
            f"Pending: {found.pending.folder.name}, {len(found.pending.proposal.changes)} changes, "
            f"digest {found.pending.proposal.pool_sha256[:8]}. Next: `modelpool review`."
        )
    if found.heartbeat:
        parts.append(f"Last run: {found.heartbeat.week}, {found.heartbeat.outcome}.")
    if not found.pending and not found.approved:
        parts.append("Nothing waits for review. Next: `modelpool run`.")
    return parts


def status_payload(found: Status, today: date) -> JsonValue:
    """The same as a JSON document."""
    pool = found.in_force.pool if found.in_force else None
    return {
        "in_force": {
            "version": pool.version,
            "week": pool.week,
            "sha256": found.in_force.sha256,
            "expires_on": pool.expires_on,
            "expired": today.isoformat() >= pool.expires_on,
        }
        if found.in_force and pool
        else None,
        "pending": {
            "folder": found.pending.folder.name,
            "digest": found.pending.proposal.pool_sha256,
            "changes": len(found.pending.proposal.changes),
        }
        if found.pending
        else None,
        "approved": found.approved.folder.name if found.approved else None,
        "last_run_without_proposal": found.heartbeat.week if found.heartbeat else None,
    }


def history_text(found: Sequence[PastVersion]) -> list[RenderableType]:
    """List versions, the newest first."""
    return [history_table(found)] if found else ["No pool is published."]


def history_payload(found: Sequence[PastVersion]) -> JsonValue:
    """The same as a JSON document."""
    return [
        {
            "version": past.published.pool.version,
            "week": past.published.pool.week,
            "sha256": past.published.sha256,
            "decision": past.approval.decision.model_dump(mode="json")
            if past.approval and past.approval.decision
            else None,
        }
        for past in found
    ]


def _tables(proposal: Proposal) -> list[RenderableType]:
    """One table a tier, ordered by what an answer is worth in them."""
    names = sorted(proposal.tiers, key=lambda name: (float(proposal.tiers[name].lambda_usd), name))
    return [tier_table(name, proposal.pool.tiers[name], proposal.tiers[name]) for name in names]


def _held(held: Sequence[Finding]) -> list[str]:
    return [f"HELD {printable(finding.message)}" for finding in held]


def _changes(proposal: Proposal) -> list[str]:
    lines = []
    for change in proposal.changes:
        before, after = change.rank_before or "-", change.rank_after or "out"
        place = f"{change.tier} {before} -> {after}"
        lines.append(f"  {place:<22} {printable(change.variant)} [{change.cause.value}]")
        lines.append(f"  {'':<22} {printable(change.reason)}")
    return lines


def _left_out(proposal: Proposal) -> str:
    open_count, findings = proposal.coverage.open, len(proposal.findings)
    return (
        f"{proposal.coverage.judged} names judged, {proposal.coverage.not_routed} not routed, "
        f"{open_count} open and left out; {findings} findings."
    )


def _next(proposal: Proposal, folder: Path) -> list[str]:
    from pipeline.flow.decide import consent

    digest = consent(proposal)
    return [
        f"Page: {folder / 'report.html'}",
        "Next, after reading it:",
        f'  modelpool approve {digest} --reviewer NAME --note "..."   then   modelpool publish',
        f'  modelpool reject {digest} --reviewer NAME --note "..."',
    ]
