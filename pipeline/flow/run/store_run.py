"""Files a week as a proposal or a heartbeat, and brings the database up to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.calendar import moment_text
from pipeline.domain.observation import Severity
from pipeline.domain.proposal import Heartbeat
from pipeline.domain.run import Outcome, RunRecord
from pipeline.errors import PipelineError, RefusedError
from pipeline.flow.record.config_snapshots import keep_config
from pipeline.flow.record.database import database_warning
from pipeline.flow.record.record_files import what_stays
from pipeline.flow.record.review_page import review_record
from pipeline.flow.run.provenance import input_digests, record_digests
from pipeline.flow.run.run_state import RunResult
from pipeline.flow.run.settled_prices import price_lines
from pipeline.publish.release import loadable_bytes
from pipeline.review.pages.page import render_page
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import Draft, compose_proposal
from pipeline.review.proposals.finding_lines import finding_line
from pipeline.router.verify import check_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import VariantId
    from pipeline.domain.observation import Finding
    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Proposal
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.flow.run.run_state import EvaluatedWeek, RunState
    from pipeline.pools.selection_input import Selection
    from pipeline.store.database import Database
    from pipeline.workspace import Workspace


def document_of(done: EvaluatedWeek, attempt: int) -> Proposal | Heartbeat:
    """Compose one document from the result of a week; nothing is written."""
    if done.selection is not None and done.kind is not None:
        return compose_proposal(_draft(done, done.selection, attempt))
    return _heartbeat(done, attempt)


def store_result(done: EvaluatedWeek, database: Database) -> RunResult:
    """Write the proposal with its page, or the heartbeat; the same again changes nothing."""
    job = done.week.job
    if done.selection is not None and done.kind is not None:
        _refuse_unloadable(done.selection.pool, job.workspace)
    document = document_of(done, proposal_store.next_attempt(job.workspace.reviews, job.week))
    if isinstance(document, Heartbeat):
        return _file_heartbeat(done, document, database)
    return _file_proposal(done, document, database)


def _refuse_unloadable(pool: Pool, workspace: Workspace) -> None:
    """Refuse to propose what no router would load: nobody should read and approve it first.

    Raises:
        RefusedError: A router would refuse the file; nothing is filed.
    """
    try:
        loadable_bytes(pool, check=check_bytes)
    except RefusedError as error:
        raise RefusedError(
            f"nothing is proposed, because no router would load it: {error}",
            hint=f"{what_stays(workspace).capitalize()}. Correct data/policy/tiers.toml or data/crosswalk, "
            "then `modelpool run` again.",
        ) from None


def _file_proposal(done: EvaluatedWeek, proposal: Proposal, database: Database) -> RunResult:
    week, findings = done.week, done.findings
    missing = done.selection.missing if done.selection else ()
    week.job.progress("drawing the page")
    page = render_page(proposal, review_record(week.record, proposal))
    keep_config(week.job.workspace, week.rules)
    filed = proposal_store.read_proposal(
        proposal_store.write_proposal(proposal, week.job.workspace.reviews, page)
    )
    run = _record(week, Outcome.PROPOSAL, findings, missing, filed.proposal.attempt)
    recorded = _result(week, Outcome.PROPOSAL, findings, filed.folder, filed.proposal)
    try:
        with database.transaction():
            database.record_crosswalk(run.crosswalk, at=run.as_of)
            database.record_run(run)
            database.record_proposal(filed.proposal, proposal_sha256=filed.sha256)
    except (PipelineError, OSError) as error:
        return replace(recorded, warnings=(database_warning(error),))
    return recorded


def _file_heartbeat(done: EvaluatedWeek, heartbeat: Heartbeat, database: Database) -> RunResult:
    week, findings = done.week, done.findings
    keep_config(week.job.workspace, week.rules)
    folder = proposal_store.write_heartbeat(heartbeat, week.job.workspace.reviews)
    outcome = Outcome(heartbeat.outcome)
    missing = done.selection.missing if done.selection else ()
    recorded = _result(week, outcome, findings, folder, None)
    try:
        with database.transaction():
            database.record_crosswalk(week.rules.crosswalk, at=week.job.now)
            database.record_run(_record(week, outcome, findings, missing, heartbeat.attempt))
    except (PipelineError, OSError) as error:
        return replace(recorded, warnings=(database_warning(error),))
    return recorded


def _heartbeat(done: EvaluatedWeek, attempt: int) -> Heartbeat:
    """Write that the job ran and found nothing to review, or could not judge."""
    week = done.week
    return Heartbeat(
        format=1,
        week=week.job.week,
        attempt=attempt,
        as_of=moment_text(week.job.now),
        outcome="unchanged" if done.selection else "held",
        base_version=week.published.pool.version if week.published else None,
        inputs=_inputs(week),
        findings=tuple(map(finding_line, done.findings)),
    )


def _inputs(week: RunState) -> tuple[InputDigest, ...]:
    return (*input_digests(week.rules, week.results), *record_digests(week.record, week.job.week))


def _draft(done: EvaluatedWeek, selection: Selection, attempt: int) -> Draft:
    week = done.week
    return Draft(
        kind=done.kind,
        facts=selection.facts,
        week=week.job.week,
        attempt=attempt,
        as_of=week.job.now,
        seed=week.rules.policy.seed,
        inputs=(*_inputs(week), *done.spend.inputs),
        pool=selection.pool,
        changes=selection.changes,
        tiers=selection.tiers,
        scoreboards=week.assessment.scoreboards,
        resolution=week.assessment.resolution,
        findings=done.findings,
        large=selection.large,
        spend=done.spend.tiers,
        prices=price_lines(week.assessment.prices.decisions.values(), on=week.job.now.date()),
    )


def _record(
    week: RunState,
    outcome: Outcome,
    findings: tuple[Finding, ...],
    missing: tuple[VariantId, ...],
    attempt: int,
) -> RunRecord:
    return RunRecord(
        week=week.job.week,
        attempt=attempt,
        as_of=week.job.now,
        outcome=outcome,
        captures=tuple(capture for result in week.results for capture in (*result.captures, *result.kept)),
        readings=tuple(result.reading for result in week.results if result.reading),
        held=tuple(result.source for result in week.results if result.held),
        findings=findings,
        scoreboards=week.assessment.scoreboards,
        crosswalk=week.rules.crosswalk,
        missing=missing,
    )


def _result(
    week: RunState,
    outcome: Outcome,
    findings: tuple[Finding, ...],
    folder: Path,
    proposal: Proposal | None,
) -> RunResult:
    return RunResult(
        week=week.job.week,
        outcome=outcome,
        held=tuple(finding for finding in findings if finding.severity is Severity.HOLD),
        findings=findings,
        folder=folder,
        proposal=proposal,
    )
