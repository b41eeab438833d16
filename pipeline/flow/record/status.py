"""Reports what is in force, what waits, and whether the record is consistent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import read_moment
from pipeline.domain.observation import ASKED_PRICE
from pipeline.errors import PipelineError, RefusedError, UsageError
from pipeline.flow.approval.stale_proposal import (
    NO_BLOCKER,
    Blocker,
    find_blocker,
    waits_to_be_published,
)
from pipeline.flow.record.config import read_config
from pipeline.flow.record.consistency_cache import NOTHING_KNOWN, file_state, keep, known_state
from pipeline.flow.record.integrity import approvals, check_files, rebuild_hint, refuse_missing_versions
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_log import read_run_log
from pipeline.flow.run.retirements import retirements
from pipeline.policy.load import load_policy
from pipeline.review.decisions.decisions import consent_digest
from pipeline.review.proposals import documents
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from datetime import date

    from pipeline.domain.ids import Sha256
    from pipeline.domain.proposal import FindingLine, Heartbeat, Proposal
    from pipeline.flow.record.run_log import FailedRun
    from pipeline.flow.run.retirements import Retirement
    from pipeline.publish.versions import PublishedVersion
    from pipeline.review.proposals.proposal_store import Reviews, StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

LONGEST_WEEK: Final = timedelta(days=8)
"""After this long a weekly run is missing; the alert rules for Prometheus say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a workspace."""

    workspace: Workspace
    in_force: PublishedVersion | None
    pending: StoredProposal | None
    asked: Sha256 | None
    """The digest by which the pending proposal is approved."""
    approved: StoredProposal | None
    """Approved and not yet published."""
    heartbeat: Heartbeat | None
    """The latest run without a proposal, when it is later than every proposal."""
    ending: tuple[Retirement, ...]
    """Members in force whose end is near."""
    prices: tuple[FindingLine, ...] = ()
    """Prices that the pending proposal asks about."""
    blocker: Blocker = NO_BLOCKER
    """Of approving the pending proposal."""
    failed: FailedRun | None = None
    """The last run, where it failed or has not ended."""
    approved_blocker: Blocker = NO_BLOCKER
    """Of publishing what was approved."""
    last_run: date | None = None
    """The day of the run that was filed last."""
    unread: str = ""
    """Why the database could not be compared with the files; empty where it was, or there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResult:
    """What verification found in force."""

    version: int
    sha256: str
    expires_on: date
    expired: bool
    reviewer: str | None
    runs: int | None
    """Runs whose rows in the database are what their captures say; None when there is no database."""


def status(workspace: Workspace, settings: Settings, *, today: date) -> Status:
    """Read the state from the files of record.

    Raises:
        RefusedError: A file of record is damaged, or what `verify` checks as well is not as it was.
    """
    record = RecordFiles(workspace)
    unread = _difference(record, settings)
    published, reviews = record.in_force, record.reviews
    proposed = next(
        (attempt for attempt in reversed(reviews.attempts) if not reviews.is_heartbeat(attempt)), None
    )
    latest = reviews.proposal(proposed).proposal if proposed else None
    log = read_run_log(workspace.log)
    approved, pending = waits_to_be_published(record), reviews.pending
    filed = reviews.in_filing_order
    return Status(
        workspace=workspace,
        in_force=published,
        pending=pending,
        asked=consent_digest(pending.proposal) if pending else None,
        approved=approved,
        heartbeat=_heartbeat_after(latest, reviews),
        ending=retirements(
            workspace,
            published.pool if published else None,
            latest,
            today=today,
        ),
        prices=tuple(
            line for line in (pending.proposal.findings if pending else ()) if line.kind == ASKED_PRICE
        ),
        blocker=find_blocker(record, pending, now=_end_of(today)) if pending else NO_BLOCKER,
        last_run=read_moment(reviews.made_at(filed[-1])).date() if filed else None,
        unread=unread,
        failed=log.failed[-1] if log.last_failed else None,
        approved_blocker=find_blocker(record, approved, now=_end_of(today)) if approved else NO_BLOCKER,
    )


def _difference(record: RecordFiles, settings: Settings) -> str:
    """Compare files and rows where they are not known to agree; say why that is not possible.

    Raises:
        RefusedError: A file of record is damaged, or a row is not what its file or its capture says.
    """
    workspace = record.workspace
    known = known_state(workspace) if settings.database_url is None else NOTHING_KNOWN
    if not known.agrees:
        return check_files(record, settings) or _unread_rows(record, settings)
    if known.is_unedited:
        return ""
    try:
        read_config(workspace)
    except UsageError as error:
        return f"{error}. {error.hint}"
    return ""


def remember_agreement(workspace: Workspace, settings: Settings) -> None:
    """Compare files and rows where they are not known to agree, and remember that they do.

    What differs, or cannot be compared, is left to `status`, which names it.
    """
    state = file_state(workspace) if settings.database_url is None else None
    if state is None or known_state(workspace).agrees:
        return
    with suppress(PipelineError, OSError):
        record = RecordFiles(workspace)
        if not check_files(record, settings) and not _unread_rows(record, settings):
            keep(workspace, state)


def _heartbeat_after(latest: Proposal | None, reviews: Reviews) -> Heartbeat | None:
    """Return the last heartbeat of a later week than that of the latest proposal."""
    beat = next((attempt for attempt in reversed(reviews.attempts) if reviews.is_heartbeat(attempt)), None)
    if beat is None or (latest and documents.place_of(beat)[0] <= latest.week):
        return None
    return reviews.heartbeat(beat)


def _unread_rows(record: RecordFiles, settings: Settings) -> str:
    """Compare the rows of recent runs as `verify` compares those of all; say why that is not possible.

    Raises:
        AlteredRecordError: A row is not what its file or its capture says.
    """
    if settings.database_url is None and not record.workspace.database.exists():
        return ""
    from pipeline.flow.record.database_rows import check_database
    from pipeline.flow.record.run_history import WEEKS_BACK

    try:
        check_database(record, settings, last=WEEKS_BACK)
    except UsageError as error:
        return f"{error}. {error.hint}"
    return ""


def alarms(found: Status, workspace: Workspace, *, today: date) -> tuple[str, ...]:
    """List what somebody must look at: an expired pool, a failed or missing run, what waits too long.

    Raises:
        UsageError: The policy, which says how long a proposal may wait, cannot be read.
    """
    found_alarms: list[str] = []
    if found.in_force and today.isoformat() >= found.in_force.pool.expires_on:
        found_alarms.append(f"v{found.in_force.pool.version:04} expired on {found.in_force.pool.expires_on}")
    if found.last_run and (age := today - found.last_run) > LONGEST_WEEK:
        found_alarms.append(f"the last run is {age.days} days old, of {found.last_run}; the job is weekly")
    if found.failed:
        found_alarms.append(found.failed.words())
    return (*found_alarms, *waiting_too_long(found, workspace, today=today))


def waiting_too_long(found: Status, workspace: Workspace, *, today: date) -> tuple[str, ...]:
    """Say what waits for a person, or to be published, for longer than the policy allows.

    Raises:
        UsageError: The policy cannot be read.
    """
    allowed = load_policy(workspace.policy)[0].review_days
    waits = []
    for word, waiting in (("approved", found.approved), ("pending", found.pending)):
        days = (today - read_moment(waiting.proposal.as_of).date()).days if waiting else 0
        if waiting and days > allowed:
            waits.append(f"{waiting.folder.name} is {word} for {days} days; the policy allows {allowed}")
    return tuple(waits)


def check(workspace: Workspace, settings: Settings, *, today: date) -> VerificationResult:
    """Check the pool in force as a router must, the approvals behind every version, and the database.

    Raises:
        UsageError: The database's URL cannot be read.
        RefusedError: Nothing is published, a file was changed, a version has no matching approval, a
            chain is broken, or a row of the database is not what the files say.
    """
    from pipeline.flow.record.database_rows import check_database

    record = RecordFiles(workspace)
    refuse_missing_versions(record)
    check_files(record, settings)
    try:
        found = verify(workspace.pools, minimum_version=0, today=today)
    except RefusedError as error:  # its own next step is for a router, whose operator asks this command
        raise RefusedError(str(error), hint=rebuild_hint(workspace)) from error
    _, approval = approvals(record)[0]
    return VerificationResult(
        version=found.version,
        sha256=found.sha256,
        expires_on=found.expires_on,
        expired=found.expired,
        reviewer=approval.decision.reviewer if approval else None,
        runs=check_database(record, settings),
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)
