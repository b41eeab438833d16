"""The weekly job: from the sources to a proposal that waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.kinds import ASKED_PRICE, QUESTION
from pipeline.domain.observation import Finding, Severity
from pipeline.domain.proposal import ProposalKind
from pipeline.flow.archive import Archive
from pipeline.flow.assess import assess
from pipeline.flow.brief import brief_of
from pipeline.flow.concerned import concerned
from pipeline.flow.desk import database_url
from pipeline.flow.gather import Gatherer, gather
from pipeline.flow.listen import Earlier, listen
from pipeline.flow.merged import remembering
from pipeline.flow.outcome import Concluded, Week, file
from pipeline.flow.propose import propose
from pipeline.flow.provisional import with_touches
from pipeline.flow.rebuild import catch_up
from pipeline.flow.rules import read_rules
from pipeline.flow.settled_prices import record_before
from pipeline.publish.shelf import in_force
from pipeline.review import folder as filing
from pipeline.scoring.price_findings import price_findings
from pipeline.store.desk import open_desk

if TYPE_CHECKING:
    from pipeline.domain.names import SourceName
    from pipeline.flow.gather import Heard
    from pipeline.flow.job import Job, RunResult
    from pipeline.flow.rules import Rules
    from pipeline.pools.brief import Selection
    from pipeline.store.desk import Desk


_BETWEEN_RUNS: Final = timedelta(weeks=1)
"""The job is weekly."""


def run(job: Job) -> RunResult:
    """Gather, resolve, score and select; open a proposal where there is something to review.

    Raises:
        UsageError: A policy, crosswalk or capture argument is not of the expected form.
        RefusedError: The record on disk is damaged.
    """
    rules = read_rules(job.workspace)
    with open_desk(database_url(job.workspace, job.settings)) as desk:
        catch_up(desk, job.workspace, rules)
        job.progress("asking the sources")
        archive = Archive(job.workspace, job.week)
        gatherer = Gatherer(
            workspace=job.workspace,
            rules=rules,
            desk=desk,
            archive=archive,
            week=job.week,
            now=job.now,
        )
        earlier = Earlier(captures=gatherer.last_captures, asked_on=archive.asked_on)
        heard = gather(gatherer, listen(job, earlier))
        job.progress("scoring and selecting")
        return file(conclude(job, rules, heard, desk), desk)


def conclude(job: Job, rules: Rules, heard: tuple[Heard, ...], desk: Desk) -> Concluded:
    """Score and select, unless no tier can be judged: sources it believes have never said anything."""
    rules = remembering(rules, job.workspace, job.week)
    published, on = in_force(job.workspace.pools), job.now.date()
    base, archive = published.sha256 if published else None, Archive(job.workspace, job.week)
    record = record_before(job.workspace.reviews, base, archive, rules, on=on)
    record = replace(record, held=frozenset(one.source for one in heard if one.held))
    readings = [one.reading for one in heard if one.reading]
    week = Week(
        job=job,
        rules=rules,
        heard=heard,
        assessment=assess(readings, rules, on=on, record=record),
        published=published,
    )
    silent = [one.source for one in heard if one.reading is None and one.source in rules.score_sources]
    noticed = [finding for one in week.heard for finding in one.findings]
    if not any(set(rules.believed(name)).isdisjoint(silent) for name in rules.evidence_in_use):
        noticed.extend(_nothing_to_judge_by(source) for source in silent)
        return Concluded(week=week, selection=None, findings=tuple(noticed))
    noticed.extend(_tiers_unjudged(source, rules) for source in silent)
    memory = desk.memory(before=week.job.week)
    brief = brief_of(week, memory)
    selection = propose(brief)
    noticed.extend((*week.assessment.resolution.findings, *selection.findings))
    prices = price_findings(week.assessment.prices, concerned(selection, week.assessment))
    noticed.extend(prices)
    asked = _asks(week, selection) or any(one.kind == ASKED_PRICE for one in prices)
    kind = _kind(week, selection, asked=asked)
    if kind is not None:
        week = with_touches(week, memory, selection)
    return Concluded(week=week, selection=selection, findings=tuple(noticed), kind=kind)


def _kind(week: Week, selection: Selection, *, asked: bool) -> ProposalKind | None:
    """Say why a person is asked; None: nothing to review (method section 7.7)."""
    if selection.changes:
        return ProposalKind.CHANGE if week.published else ProposalKind.FIRST
    if asked:
        return ProposalKind.QUESTION
    if selection.facts:
        return ProposalKind.FACTS
    return ProposalKind.RENEWAL if _expires_before_the_next_run(week) else None


def _expires_before_the_next_run(week: Week) -> bool:
    """Tell whether routers would raise the alarm before a weekly job could propose anything again."""
    if week.published is None:
        return False
    return date.fromisoformat(week.published.pool.expires_on) <= week.job.now.date() + _BETWEEN_RUNS


def _asks(week: Week, selection: Selection) -> bool:
    """Tell whether a member's absence is a question that the approval of the pool in force did not answer.

    Whoever approved a proposal that asked, kept the member; a rejection answers nothing (method 7.1).
    """
    asked = {finding.subject for finding in selection.findings if finding.kind == QUESTION}
    if not asked or week.published is None:
        return False
    reviews, sha256 = week.job.workspace.reviews, week.published.sha256
    approved = (
        one.proposal for one in filing.filed(reviews) if one.decision and one.proposal.pool_sha256 == sha256
    )
    answered = {line.subject for one in approved for line in one.findings if line.kind == QUESTION}
    return not asked <= answered


def _nothing_to_judge_by(source: str) -> Finding:
    return Finding(
        kind="silent",
        severity=Severity.HOLD,
        subject=source,
        message=f"{source} has never delivered usable data, so no tier can be judged and nothing is proposed",
    )


def _tiers_unjudged(source: SourceName, rules: Rules) -> Finding:
    tiers = rules.policy.tiers
    names = ", ".join(sorted(name for name in tiers if source in rules.believed(tiers[name].evidence)))
    return Finding(
        kind="silent",
        severity=Severity.WARN,
        subject=source,
        message=f"{source} has never delivered usable data, so {names} cannot be judged; the others are",
    )
