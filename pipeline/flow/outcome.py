"""How a week is filed: a proposal, or a heartbeat; both remembered by the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.observation import Severity
from pipeline.domain.proposal import FindingLine, Heartbeat
from pipeline.domain.run import Outcome, RunRecord
from pipeline.flow.inputs import input_digests
from pipeline.flow.job import RunResult
from pipeline.review import folder as filing
from pipeline.review.compose import Draft, compose
from pipeline.review.moments import moment_text
from pipeline.review.page import render_page

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Finding
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.assess import Assessment
    from pipeline.flow.gather import Heard
    from pipeline.flow.job import Job
    from pipeline.flow.rules import Rules
    from pipeline.pools.brief import Selection
    from pipeline.publish.shelf import Published
    from pipeline.store.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Everything known about this week before anything is written."""

    job: Job
    rules: Rules
    heard: tuple[Heard, ...]
    assessment: Assessment
    published: Published | None


def file_proposal(week: Week, selection: Selection, findings: tuple[Finding, ...], desk: Desk) -> RunResult:
    """Write the proposal and its page; the same proposal again changes nothing."""
    reviews = week.job.workspace.reviews
    proposal = compose(_draft(week, selection, findings, filing.next_attempt(reviews, week.job.week)))
    week.job.progress("drawing the page")
    filed = filing.read(filing.write(proposal, reviews, render_page(proposal)))
    run = _record(week, Outcome.PROPOSAL, findings, selection.missing, filed.proposal.attempt)
    with desk.together():
        desk.record_run(run)
        desk.record_proposal(filed.proposal, proposal_sha256=filed.sha256)
    return _result(week, Outcome.PROPOSAL, findings, filed.folder, filed.proposal)


def file_heartbeat(
    week: Week, selection: Selection | None, findings: tuple[Finding, ...], desk: Desk
) -> RunResult:
    """Write proof that the job ran and found nothing to review, or could not judge."""
    reviews = week.job.workspace.reviews
    outcome = Outcome.UNCHANGED if selection else Outcome.HELD
    attempt = filing.next_attempt(reviews, week.job.week)
    heartbeat = Heartbeat(
        format=1,
        week=week.job.week,
        attempt=attempt,
        as_of=moment_text(week.job.now),
        outcome="unchanged" if selection else "held",
        base_version=week.published.pool.version if week.published else None,
        inputs=input_digests(week.rules, week.heard),
        findings=tuple(
            FindingLine(kind=f.kind, severity=f.severity.value, subject=f.subject, message=f.message)
            for f in findings
        ),
    )
    folder = filing.write_heartbeat(heartbeat, reviews)
    missing = selection.missing if selection else ()
    desk.record_run(_record(week, outcome, findings, missing, attempt))
    return _result(week, outcome, findings, folder, None)


def _draft(week: Week, selection: Selection, findings: tuple[Finding, ...], attempt: int) -> Draft:
    return Draft(
        week=week.job.week,
        attempt=attempt,
        as_of=week.job.now,
        seed=week.rules.policy.seed,
        inputs=input_digests(week.rules, week.heard),
        pool=selection.pool,
        changes=selection.changes,
        tiers=selection.tiers,
        scoreboards=week.assessment.scoreboards,
        resolution=week.assessment.resolution,
        findings=findings,
        large=selection.large,
    )


def _record(
    week: Week,
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
        captures=tuple(capture for one in week.heard for capture in (*one.captures, *one.kept)),
        readings=tuple(one.reading for one in week.heard if one.reading),
        held=tuple(one.source for one in week.heard if one.held),
        findings=findings,
        scoreboards=week.assessment.scoreboards,
        crosswalk=week.rules.crosswalk,
        missing=missing,
    )


def _result(
    week: Week,
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
