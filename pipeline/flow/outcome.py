"""How a week is filed: a proposal, or a heartbeat; both remembered by the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.observation import Severity
from pipeline.domain.proposal import FindingLine, Heartbeat
from pipeline.domain.run import Outcome, RunRecord
from pipeline.flow.inputs import input_digests, record_digests
from pipeline.flow.job import RunResult
from pipeline.flow.settled_prices import price_lines
from pipeline.flow.written import keep_rules
from pipeline.review import folder as filing
from pipeline.review.compose import Draft, compose
from pipeline.review.moments import moment_text
from pipeline.review.page import render_page

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Finding
    from pipeline.domain.proposal import InputDigest, Proposal
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What a week came to, before it is filed."""

    week: Week
    selection: Selection | None
    """None where a source that the tiers believe has never said anything."""
    findings: tuple[Finding, ...]
    asks: bool = False
    """Nobody has answered yet what becomes of a member that stays missing, or which of two prices counts."""


def document_of(done: Concluded, attempt: int) -> Proposal | Heartbeat:
    """Put into one document what a week came to; nothing is written."""
    if done.selection is not None and (done.selection.changes or done.asks):
        return compose(_draft(done.week, done.selection, done.findings, attempt))
    return _heartbeat(done, attempt)


def file(done: Concluded, desk: Desk) -> RunResult:
    """Write the proposal with its page, or the heartbeat; the same again changes nothing."""
    job = done.week.job
    document = document_of(done, filing.next_attempt(job.workspace.reviews, job.week))
    if isinstance(document, Heartbeat):
        return _file_heartbeat(done, document, desk)
    return _file_proposal(done, document, desk)


def _file_proposal(done: Concluded, proposal: Proposal, desk: Desk) -> RunResult:
    week, findings = done.week, done.findings
    missing = done.selection.missing if done.selection else ()
    week.job.progress("drawing the page")
    page = render_page(proposal)
    keep_rules(week.job.workspace, week.rules)
    filed = filing.read(filing.write(proposal, week.job.workspace.reviews, page))
    run = _record(week, Outcome.PROPOSAL, findings, missing, filed.proposal.attempt)
    with desk.together():
        desk.record_run(run)
        desk.record_proposal(filed.proposal, proposal_sha256=filed.sha256)
    return _result(week, Outcome.PROPOSAL, findings, filed.folder, filed.proposal)


def _file_heartbeat(done: Concluded, heartbeat: Heartbeat, desk: Desk) -> RunResult:
    week, findings = done.week, done.findings
    keep_rules(week.job.workspace, week.rules)
    folder = filing.write_heartbeat(heartbeat, week.job.workspace.reviews)
    outcome = Outcome(heartbeat.outcome)
    missing = done.selection.missing if done.selection else ()
    desk.record_run(_record(week, outcome, findings, missing, heartbeat.attempt))
    return _result(week, outcome, findings, folder, None)


def _heartbeat(done: Concluded, attempt: int) -> Heartbeat:
    """Write down that the job ran and found nothing to review, or could not judge."""
    week = done.week
    return Heartbeat(
        format=1,
        week=week.job.week,
        attempt=attempt,
        as_of=moment_text(week.job.now),
        outcome="unchanged" if done.selection else "held",
        base_version=week.published.pool.version if week.published else None,
        inputs=_inputs(week),
        findings=tuple(
            FindingLine(kind=f.kind, severity=f.severity.value, subject=f.subject, message=f.message)
            for f in done.findings
        ),
    )


def _inputs(week: Week) -> tuple[InputDigest, ...]:
    on_record = record_digests(week.job.workspace.reviews, week.job.week)
    return (*input_digests(week.rules, week.heard), *on_record)


def _draft(week: Week, selection: Selection, findings: tuple[Finding, ...], attempt: int) -> Draft:
    return Draft(
        week=week.job.week,
        attempt=attempt,
        as_of=week.job.now,
        seed=week.rules.policy.seed,
        inputs=_inputs(week),
        pool=selection.pool,
        changes=selection.changes,
        tiers=selection.tiers,
        scoreboards=week.assessment.scoreboards,
        resolution=week.assessment.resolution,
        findings=findings,
        large=selection.large,
        prices=price_lines(week.assessment.prices.decisions.values(), on=week.job.now.date()),
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
