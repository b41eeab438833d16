"""Renders results as JSON documents for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pydantic import JsonValue

    from pipeline.flow.backtests.tune import Choice, Figures, LimitViolation, Span, Standing, TuneResult
    from pipeline.flow.operations.export import ExportResult
    from pipeline.flow.questions.staleness_cost import StalenessCost
    from pipeline.flow.record.history import PastDecision
    from pipeline.flow.record.run_log import FailedRun
    from pipeline.flow.record.status import Status
    from pipeline.flow.run.run_state import RunResult


def run_json(result: RunResult) -> JsonValue:
    """How a run ended."""
    from pipeline.flow.approval.approve import consent_digest

    proposal = result.proposal
    return {
        "week": result.week,
        "outcome": result.outcome.value,
        "held": [finding.message for finding in result.held],
        "findings": [
            {"kind": f.kind, "severity": f.severity.value, "subject": f.subject, "message": f.message}
            for f in result.findings
        ],
        "warnings": list(result.warnings),
        "folder": str(result.folder),
        "page": str(result.folder / "report.html") if proposal else None,
        "digest": consent_digest(proposal) if proposal else None,
        "version": proposal.pool.version if proposal else None,
        "changes": [change.model_dump(mode="json") for change in proposal.changes] if proposal else [],
        "provisional": [line.model_dump(mode="json") for line in proposal.provisional] if proposal else [],
    }


def _probably_lost(lost: StalenessCost) -> JsonValue:
    return {
        "weeks": lost.weeks,
        "answers_per_100": {tier: round(count, 1) for tier, count in lost.answers},
        "elo": {tier: round(elo, 1) for tier, elo in lost.elo},
    }


def failed_run_json(found: FailedRun) -> JsonValue:
    """A run that filed nothing."""
    return {"at": found.at, "exit": found.exit_code, "seconds": found.seconds, "error": found.error}


def status_json(found: Status, today: date, lost: StalenessCost | None) -> JsonValue:
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
            "stale": found.blocker.stale or None,
            "unreadable": found.blocker.unreadable or None,
        }
        if found.pending
        else None,
        "approved": found.approved.folder.name if found.approved else None,
        "approved_stale": found.approved_blocker.stale or None,
        "failed_run": failed_run_json(found.failed) if found.failed else None,
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


def history_json(found: Sequence[PastDecision]) -> JsonValue:
    """What was decided, the newest first; without a version where nothing was published by it."""
    return [
        {
            "what": past.what,
            "version": past.published.pool.version if past.published else None,
            "week": past.published.pool.week if past.published else past.proposal.partition(".")[0],
            "proposal": past.proposal,
            "sha256": past.sha256,
            "decision": past.link.model_dump(mode="json") if past.link else None,
        }
        for past in found
    ]


def export_json(found: ExportResult) -> JsonValue:
    """A router's configuration and what an operator checks before loading it."""
    return {
        "target": found.target,
        "version": found.version,
        "required_env": list(found.required_env),
        "deployments": found.deployments,
        "left_out": list(found.left_out),
        "inexpressible": list(found.inexpressible),
        "config": found.config,
        "file": found.file,
        "text": found.text,
    }


def tune_json(tuned: TuneResult) -> JsonValue:
    """The whole result: how many were tried, every cell at every split, the choices and the frontier."""
    outcome = tuned.outcome
    grid = outcome.grid
    return {
        "grid": grid.sha256,
        "policy": grid.base.name,
        "tried": outcome.tried,
        "span": _span(tuned, tuned.whole),
        "horizon": grid.horizon,
        "objective": {
            "limits": {name: dict(limits) for name, limits in grid.objective.limits.items()},
            "minimise": dict(grid.objective.minimise),
        },
        "splits": [_choice(tuned, choice) for choice in outcome.choices],
        "frontier": {
            "measures": list(grid.frontier),
            "cells": [
                {"changed": list(one.cell.changed), "means": [_round_number(mean) for mean in one.means]}
                for one in outcome.frontier
            ],
        },
    }


def _choice(tuned: TuneResult, choice: Choice) -> JsonValue:
    return {
        "split": choice.fold.split,
        "choosing_span": _span(tuned, choice.fold.choosing),
        "reporting_span": _span(tuned, choice.fold.reporting),
        "chosen": _standing(choice.chosen),
        "shipped": _standing(choice.shipped),
        "lead_choosing": _round_number(choice.lead_choosing),
        "lead_reporting": _round_number(choice.lead_reporting),
        "optimism": _round_number(choice.optimism),
        "cells": [
            {
                "changed": list(standing.cell.changed),
                "rank_choosing": standing.rank_choosing,
                "rank_reporting": standing.rank_reporting,
                "choosing": _worth(standing.choosing),
                "reporting": _worth(standing.reporting),
            }
            for standing in choice.standings
        ],
    }


def _standing(standing: Standing) -> dict[str, JsonValue]:
    return {
        "changed": list(standing.cell.changed),
        "rank_choosing": standing.rank_choosing,
        "rank_reporting": standing.rank_reporting,
        "choosing": {**_worth(standing.choosing), "tiers": _tiers(standing.choosing)},
        "reporting": {**_worth(standing.reporting), "tiers": _tiers(standing.reporting)},
    }


def _worth(figures: Figures) -> dict[str, JsonValue]:
    return {"missed": [_miss(miss) for miss in figures.missed], "sum": _round_number(figures.value)}


def _miss(miss: LimitViolation) -> JsonValue:
    return {
        "tier": miss.tier,
        "measure": miss.measure,
        "found": _round_number(miss.found),
        "limit": miss.limit,
    }


def _tiers(figures: Figures) -> JsonValue:
    return {
        tier: {name: _round_number(value) for name, value in measures.items()}
        for tier, measures in figures.tiers.items()
    }


def _span(tuned: TuneResult, span: Span) -> JsonValue:
    tables = tuned.history.tables[span.start : span.end]
    return {"from": tables[0].week, "to": tables[-1].week, "tables": len(tables)}


def _round_number(value: float | None) -> float | None:
    """Six decimals say more than any of these numbers knows."""
    return None if value is None else round(value, 6)
