"""Results as JSON documents for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pydantic import JsonValue

    from pipeline.flow.ask import PastVersion, Status
    from pipeline.flow.hand_on import Exported
    from pipeline.flow.job import RunResult
    from pipeline.flow.late import Lost


def run_payload(result: RunResult) -> JsonValue:
    """How a run ended."""
    from pipeline.flow.decide import asked_digest

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
        "digest": asked_digest(proposal) if proposal else None,
        "version": proposal.pool.version if proposal else None,
        "changes": [change.model_dump(mode="json") for change in proposal.changes] if proposal else [],
        "provisional": [line.model_dump(mode="json") for line in proposal.provisional] if proposal else [],
    }


def _probably_lost(lost: Lost) -> JsonValue:
    return {
        "weeks": lost.weeks,
        "answers_per_100": {tier: round(count, 1) for tier, count in lost.answers},
        "elo": {tier: round(elo, 1) for tier, elo in lost.elo},
    }


def status_payload(found: Status, today: date, lost: Lost | None) -> JsonValue:
    """What is in force and what waits."""
    pool = found.in_force.pool if found.in_force else None
    return {
        "in_force": {
            "version": pool.version,
            "week": pool.week,
            "sha256": found.in_force.sha256,
            "expires_on": pool.expires_on,
            "expired": today.isoformat() >= pool.expires_on,
            "probably_lost": _probably_lost(lost) if lost else None,
        }
        if found.in_force and pool
        else None,
        "pending": {
            "folder": found.pending.folder.name,
            "digest": found.asked,
            "changes": len(found.pending.proposal.changes),
            "stale": found.stale or None,
        }
        if found.pending
        else None,
        "approved": found.approved.folder.name if found.approved else None,
        "last_run_without_proposal": found.heartbeat.week if found.heartbeat else None,
        "ending": [
            {
                "tier": one.tier,
                "variant": one.variant,
                "on": one.on.isoformat() if one.on else None,
                "said": one.said,
            }
            for one in found.ending
        ],
        "prices_asked": [{"subject": line.subject, "message": line.message} for line in found.prices],
    }


def history_payload(found: Sequence[PastVersion]) -> JsonValue:
    """The published versions, the newest first."""
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


def export_payload(found: Exported) -> JsonValue:
    """A router's configuration and what an operator checks before loading it."""
    return {
        "version": found.version,
        "required_env": list(found.required_env),
        "deployments": found.deployments,
        "left_out": list(found.left_out),
        "config": found.config,
        "yaml": found.text,
    }
