"""Reports what is in force, what waits, and whether the record is consistent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from pipeline.domain.observation import ASKED_PRICE
from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.flow.approval.accepted_names import withdrawals_of
from pipeline.flow.approval.missing_versions import refuse_missing_versions
from pipeline.flow.approval.stale_proposal import why_stale
from pipeline.flow.run.retirements import retirements
from pipeline.publish.versions import version_in_force, versions
from pipeline.review.decisions.decisions import consent_digest, verify_chain
from pipeline.review.proposals import proposal_store as filing
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from datetime import date

    from pipeline.domain.ids import Sha256
    from pipeline.domain.proposal import FindingLine, Heartbeat
    from pipeline.flow.run.retirements import Retirement
    from pipeline.publish.versions import PublishedVersion
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a workspace."""

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
    stale: str = ""
    """Why the pending proposal can no longer be approved; empty where it can."""
    run: str = "modelpool run"
    """The command that proposes anew in this workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVersion:
    """A published version and who approved it."""

    published: PublishedVersion
    approval: StoredProposal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResult:
    """What verification found in force."""

    version: int
    sha256: str
    expires_on: date
    expired: bool
    reviewer: str | None
    """None when the record of decisions is not here, as at a router."""
    acts: int | None
    """Lines of the database's log, unbroken; None when there is no database."""


def status(workspace: Workspace, *, today: date) -> Status:
    """Read the state from the files of record.

    Raises:
        RefusedError: A file of record is damaged.
    """
    published = version_in_force(workspace.pools)
    filed = filing.stored_proposals(workspace.reviews)
    beats = filing.heartbeats(workspace.reviews)
    last_run = max((one.proposal.week for one in filed), default="")
    version = published.pool.version if published else 0
    approved = [
        one
        for one in filed
        if one.is_approved and one.proposal.pool.version > version
        if withdrawals_of(workspace, one) is None
    ]
    pending = filing.pending(workspace.reviews)
    return Status(
        in_force=published,
        pending=pending,
        asked=consent_digest(pending.proposal) if pending else None,
        approved=approved[-1] if approved else None,
        heartbeat=beats[-1] if beats and beats[-1].week > last_run else None,
        ending=retirements(
            workspace,
            published.pool if published else None,
            filed[-1].proposal if filed else None,
            today=today,
        ),
        prices=tuple(
            line for line in (pending.proposal.findings if pending else ()) if line.kind == ASKED_PRICE
        ),
        stale=why_stale(workspace, pending, now=_end_of(today)) if pending else "",
        run=workspace.command("run"),
    )


def history(workspace: Workspace) -> tuple[PastVersion, ...]:
    """List every published version with the decision behind it, the newest first."""
    filed = {
        one.proposal.pool_sha256: one for one in filing.stored_proposals(workspace.reviews) if one.is_approved
    }
    return tuple(
        PastVersion(published=version, approval=filed.get(version.sha256))
        for version in reversed(versions(workspace.pools))
    )


def verify_record(workspace: Workspace) -> None:
    """Check the chain of decisions against the heads inside the published pools.

    Raises:
        RefusedError: A decision was edited, cut or reordered.
    """
    heads = [version.pool.audit_head for version in versions(workspace.pools)]
    verify_chain(workspace.reviews, [head for head in heads if head])


def check(workspace: Workspace, settings: Settings, *, today: date) -> VerificationResult:
    """Check the pool in force as a router must, the approvals behind every version, and the database's log.

    Raises:
        UsageError: The database's URL cannot be read.
        RefusedError: Nothing is published, a file was changed, a version has no matching approval, or a
            chain is broken.
    """
    refuse_missing_versions(workspace)
    found = verify(workspace.pools, minimum_version=0, today=today)
    reviewers: list[str] = []
    if workspace.reviews.is_dir():
        verify_record(workspace)
        reviewers = [_approver(past) for past in history(workspace)]
    return VerificationResult(
        version=found.version,
        sha256=found.sha256,
        expires_on=found.expires_on,
        expired=found.expired,
        reviewer=reviewers[0] if reviewers else None,
        acts=_acts(workspace, settings),
    )


def _acts(workspace: Workspace, settings: Settings) -> int | None:
    """Count the lines of the database's log once it is known to be unbroken; None without a database."""
    if settings.database_url is None and not workspace.database.exists():
        return None
    from pipeline.flow.record.database import database_copy

    where = "the database" if settings.database_url else workspace.database
    with database_copy(workspace, settings) as desk:
        if not desk.verify_audit():
            raise RefusedError(
                f"the log in {where} was edited, or does not name exactly what the database holds",
                hint="The files are the record: `modelpool rebuild` fills the database anew from them.",
            )
        return len(desk.audit())


def _approver(past: PastVersion) -> str:
    version = past.published.pool.version
    decision = past.approval.decision if past.approval else None
    if decision is None or decision.verdict is not Verdict.APPROVED:
        raise RefusedError(
            f"v{version:04} has no matching approval in reviews/",
            hint=f"Look who wrote it: `git log -p -- data/pools/v{version:04}.json`.",
        )
    return decision.reviewer


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)
