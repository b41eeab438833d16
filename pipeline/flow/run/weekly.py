"""Runs the weekly job: from the sources to a proposal that waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

from pipeline.captures.sealed_cache import SealedCache
from pipeline.domain.observation import ASKED_PRICE, QUESTION, SILENT, Finding, Severity
from pipeline.domain.proposal import ProposalKind
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.database import database_url
from pipeline.flow.record.reading_summaries import ReadingSummaries
from pipeline.flow.record.rebuild import sync_from_files
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.run.cause_steps import with_cause_steps
from pipeline.flow.run.clock_checks import refuse_clock_behind, refuse_earlier_week, refuse_future_week
from pipeline.flow.run.fetch import AnswerJournal, EarlierSourceAnswers, fetch_captures, shared_answers
from pipeline.flow.run.ingest import Ingestion, ingest
from pipeline.flow.run.open_entrants import with_open_entrants
from pipeline.flow.run.prior_state import KeptLastScores, keep_last_scores, read_prior_state, run_in_force
from pipeline.flow.run.provisional import with_name_impacts
from pipeline.flow.run.run_state import EvaluatedWeek, RunState, selection_input
from pipeline.flow.run.score import score_readings, with_remembered_merges
from pipeline.flow.run.settled_prices import price_contenders, record_before
from pipeline.flow.run.spend import read_spend
from pipeline.flow.run.store_run import store_result
from pipeline.flow.run.vendor_outage import select_week
from pipeline.scoring.prices.findings import price_findings
from pipeline.store.database import open_database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.ids import SourceName
    from pipeline.domain.run import PriorState
    from pipeline.errors import RefusedError
    from pipeline.flow.record.config import Config
    from pipeline.flow.run.fetch import SourceAnswers
    from pipeline.flow.run.ingest import SourceResult
    from pipeline.flow.run.run_state import RunRequest, RunResult
    from pipeline.pools.selection_input import Selection


_BETWEEN_RUNS: Final = timedelta(weeks=1)
"""The job is weekly."""


def run(job: RunRequest) -> RunResult:
    """Fetch, resolve, score and select; file a proposal where there is something to review.

    Raises:
        ArgumentError: The week is to come, or a later one has run.
        UsageError: A policy, crosswalk or capture argument is not of the expected form.
        RefusedError: The record on disk is damaged.
    """
    refuse_future_week(job.week, job.now)
    record = RecordFiles(job.workspace)
    refuse_earlier_week(record, job.week, job.now)
    refuse_clock_behind(record, job.now)
    rules = read_config(job.workspace)
    with open_database(database_url(job.workspace, job.settings)) as database:
        sync_from_files(database, record, rules)
        job.progress("asking the sources")
        capture_index = CaptureIndex(job.workspace, job.week)
        derived = SealedCache(job.workspace.readings)
        summaries, kept = ReadingSummaries(derived), KeptLastScores(derived)
        history = RunHistory(record, capture_index, summaries)
        ingestion = Ingestion(rules=rules, history=history, week=job.week, now=job.now)
        journal = AnswerJournal(job, capture_index)
        answers = _answers(job, ingestion, journal)
        job = replace(job, findings=answers.findings)
        results = ingest(ingestion, answers.by_source)
        job.progress("scoring and selecting")
        done = evaluate(job, rules, results, history, kept)
        result = store_result(done, database)
        keep_last_scores(done, result.folder, history, kept)
        journal.close()
        summaries.drop_others()
        return result


def _answers(job: RunRequest, ingestion: Ingestion, journal: AnswerJournal) -> SourceAnswers:
    """Return what the sources answer, or what another workspace keeps of them."""
    other = job.workspace.shared_from("captures") if job.asks_sources else None
    if other:
        return shared_answers(job, other)
    earlier = EarlierSourceAnswers(
        captures=ingestion.last_captures,
        asked_on=ingestion.history.capture_index.asked_on,
        stored=journal.answers(),
        keep=journal.keep,
    )
    return fetch_captures(job, earlier)


def evaluate(
    job: RunRequest, rules: Config, found: tuple[SourceResult, ...], history: RunHistory, kept: KeptLastScores
) -> EvaluatedWeek:
    """Score and select, unless no tier can be judged since its sources have never answered."""
    record, on = history.record, job.now.date()
    rules = with_remembered_merges(rules, record.reviews, job.week)
    base = record.in_force.sha256 if record.in_force else None
    prices = record_before(record, base, history.capture_index.at(job.week), rules, on=on)
    prices = replace(prices, held=frozenset(one.source for one in found if one.held))
    readings = [one.reading for one in found if one.reading]
    week = RunState(
        job=job,
        rules=rules,
        results=found,
        assessment=score_readings(readings, rules, on=on, record=prices),
        record=record,
    )
    silent = [one.source for one in found if one.reading is None and one.source in rules.score_sources]
    findings = [*rules.findings, *job.findings, *chain.from_iterable(one.findings for one in found)]
    if not any(set(rules.board_sources(name)).isdisjoint(silent) for name in rules.evidence_in_use):
        findings.extend(_nothing_to_judge_by(source) for source in silent)
        findings.extend(damage_findings(history.damaged))
        return EvaluatedWeek(week=week, selection=None, findings=tuple(findings))
    findings.extend(_tiers_unjudged(source, rules) for source in silent)
    memory = read_prior_state(history, rules, kept, before=job.week)
    selection = _with_causes(week, history, memory, select_week(selection_input(week, memory)))
    findings.extend(damage_findings(history.damaged))  # complete now: what the selection asked was read
    findings.extend((*week.assessment.resolution.findings, *selection.findings))
    asked_prices = price_findings(week.assessment.prices, price_contenders(selection, week.assessment))
    findings.extend(asked_prices)
    asked = _asks(week, selection) or any(price.kind == ASKED_PRICE for price in asked_prices)
    kind = _kind(week, selection, memory, asked=asked)
    if kind is None:
        return EvaluatedWeek(week=week, selection=selection, findings=tuple(findings))
    spend = read_spend(job.workspace, week.published, now=job.now)
    findings.extend(spend.findings)
    week = with_open_entrants(with_name_impacts(week, memory, selection), memory)
    return EvaluatedWeek(week=week, selection=selection, findings=tuple(findings), kind=kind, spend=spend)


def _with_causes(week: RunState, history: RunHistory, memory: PriorState, selection: Selection) -> Selection:
    """Attribute each change or absence to what moved since the run behind the pool in force."""
    if not (selection.changes or selection.missing):
        return selection
    then = run_in_force(history, week.rules)
    return selection if then is None else with_cause_steps(week, memory, selection, then)


def _kind(week: RunState, selection: Selection, memory: PriorState, *, asked: bool) -> ProposalKind | None:
    """Return why a person is asked; None: nothing to review, or already rejected (method section 7.7)."""
    if selection.changes:
        return ProposalKind.CHANGE if week.published else ProposalKind.FIRST
    if asked:
        return ProposalKind.QUESTION
    if any(fact not in memory.rejected_facts for fact in selection.facts):
        return ProposalKind.FACTS
    return ProposalKind.RENEWAL if _expires_before_the_next_run(week) else None


def _expires_before_the_next_run(week: RunState) -> bool:
    """Return whether routers would raise the alarm before a weekly job could propose anything again."""
    if week.published is None:
        return False
    return date.fromisoformat(week.published.pool.expires_on) <= week.job.now.date() + _BETWEEN_RUNS


def _asks(week: RunState, selection: Selection) -> bool:
    """Return whether a member's absence is a question that the approval of the pool in force did not answer.

    Whoever approved a proposal that asked, kept the member; a rejection answers nothing (method 7.1).
    """
    asked = {finding.subject for finding in selection.findings if finding.kind == QUESTION}
    if not asked or week.published is None:
        return False
    approved = (
        week.record.reviews.proposal(one.folder).proposal
        for one in week.record.chain.decided
        if one.decision.pool_sha256 == week.published.sha256
    )
    answered = {line.subject for one in approved for line in one.findings if line.kind == QUESTION}
    return not asked <= answered


def _nothing_to_judge_by(source: str) -> Finding:
    return Finding(
        kind=SILENT,
        severity=Severity.HOLD,
        subject=source,
        message=f"{source} has never delivered usable data, so no tier can be judged and nothing is proposed",
    )


def damage_findings(found: Sequence[tuple[SourceName, RefusedError]]) -> tuple[Finding, ...]:
    """Name the stored captures that count as missing because their bytes changed."""
    return tuple(
        Finding(
            kind="damaged-capture",
            severity=Severity.WARN,
            subject=source,
            message=f"{source}: a stored capture counts as missing: {error}. {error.hint}",
        )
        for source, error in found
    )


def _tiers_unjudged(source: SourceName, rules: Config) -> Finding:
    tiers = rules.policy.tiers
    names = ", ".join(sorted(name for name in tiers if source in rules.board_sources(tiers[name].evidence)))
    return Finding(
        kind=SILENT,
        severity=Severity.WARN,
        subject=source,
        message=f"{source} has never delivered usable data, so {names} cannot be judged; the others are",
    )
