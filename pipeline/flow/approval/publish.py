"""Publishes an approved proposal as the next version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError
from pipeline.flow.approval.accepted_names import write_accepted_names
from pipeline.flow.approval.stale_proposal import refuse_if_stale
from pipeline.flow.record.database import database_mirror
from pipeline.flow.record.integrity import refuse_lost_decisions, verify_record
from pipeline.flow.record.record_files import RecordFiles, what_stays
from pipeline.publish.release import release
from pipeline.router.verify import check_bytes, verify

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import Decision
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

_READ: Final = "`modelpool review` shows what is proposed, and the command that approves it."


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """A published version, the file and the decision behind it."""

    version: int
    path: Path
    sha256: str
    decision: Decision
    expires_on: date
    expired: bool
    """True from `expires_on` on: published all the same, and a router raises an alarm."""
    warnings: tuple[str, ...] = ()
    """What could not be written after the version was in force."""


def publish(
    workspace: Workspace, settings: Settings, *, now: datetime, although_expired: bool = False
) -> PublishResult:
    """Publish the approved pool as the next immutable version, whole or not at all.

    Whatever can refuse is asked first. Once the pointer names the version it is in force: a database that
    cannot be told is a warning.

    Args:
        workspace: Where the approval is and the version goes.
        settings: Where the database is.
        now: The moment, in UTC.
        although_expired: The person wants a pool for which routers raise an alarm at once.

    Raises:
        RefusedError: Nothing is approved, a later rejection withdrew it, it was published already, or it is
            stale, expired or damaged.
    """
    record = RecordFiles(workspace)
    verify_record(record)
    with database_mirror(workspace, settings) as mirror:
        found, decision = _approved_proposal(record)
        pool = found.proposal.pool
        mirror.refuse_if_edited(found)
        _refuse_if_outlived(record, found, now, although_expired=although_expired)
        refuse_lost_decisions(record)
        judged = write_accepted_names(record)
        path = release(pool, decision, workspace.pools, check=check_bytes)
        mirror.update(RecordFiles(workspace), names_at=now if judged else None)
    verified = verify(workspace.pools, minimum_version=pool.version, today=now.date())
    return PublishResult(
        version=pool.version,
        path=path,
        sha256=found.proposal.pool_sha256,
        decision=decision,
        expires_on=verified.expires_on,
        expired=verified.expired,
        warnings=mirror.warnings,
    )


def _refuse_if_outlived(
    record: RecordFiles, found: StoredProposal, now: datetime, *, although_expired: bool
) -> None:
    """Refuse an approval that no longer holds.

    Raises:
        RefusedError: Somebody said no since, what the proposal was made from moved, or the pool expired.
    """
    pool, published = found.proposal.pool, record.in_force
    if published is not None and published.pool == pool:
        if refused := record.chain.refused_after(found):
            raise RefusedError(
                f"v{pool.version:04} is already published, and nothing approved waits: {_outcome(refused)}",
                hint=f"Propose anew: `modelpool run`; {_READ}",
            )
        return  # `release` completes what was cut off, and says that it is published
    _refuse_if_withdrawn(record, found)
    refuse_if_stale(record, found, now=now)
    if not although_expired:
        _refuse_if_expired(found, now.date())


def _refuse_if_expired(found: StoredProposal, today: date) -> None:
    """Refuse a pool for which every router would raise an alarm at once, unless a person wants it so.

    Raises:
        RefusedError: Its last day is past.
    """
    pool = found.proposal.pool
    if today >= date.fromisoformat(pool.expires_on):
        raise RefusedError(
            f"v{pool.version:04} of {found.folder.name} expired on {pool.expires_on}; routers would raise an "
            "alarm as soon as they load it",
            hint="Propose anew: `modelpool run`. To publish it as it is: `modelpool publish "
            "--although-expired`.",
        )


def _refuse_if_withdrawn(record: RecordFiles, found: StoredProposal) -> None:
    """Refuse an approval after which somebody rejected another proposal, or withdrew its approval.

    Raises:
        RefusedError: Somebody did.
    """
    rejected = record.chain.refused_after(found)
    if rejected is not None:
        raise RefusedError(
            f"{found.folder.name} was approved, but {_outcome(rejected)} after it, and "
            f"{what_stays(record.workspace)}",
            hint=f"Propose anew: `modelpool run`; {_READ}",
        )


def _outcome(found: StoredProposal) -> str:
    if found.withdrawal:
        return f"the approval of {found.folder.name} was withdrawn"
    return f"{found.folder.name} was rejected"


def _approved_proposal(record: RecordFiles) -> tuple[StoredProposal, Decision]:
    """Return the proposal that is approved and the approval; say what is missing where there is none."""
    found, later, published = record.chain.last_approved, record.reviews.pending, record.in_force
    if found is None or found.decision is None:
        hint = _READ if later else f"Propose a pool: `modelpool run`; {_READ}"
        raise RefusedError("nothing is approved, so nothing can be published", hint=hint)
    if later and published is not None and published.pool.version >= found.proposal.pool.version:
        raise RefusedError(
            f"the proposal {later.folder.name} is not approved",
            hint=_READ,
        )
    return found, found.decision
