"""From an approved proposal to the next published version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.flow.approval.accepted_names import withdrawals_of, write_accepted_names
from pipeline.flow.approval.stale_proposal import refuse_if_stale
from pipeline.flow.record.database import sync_database
from pipeline.flow.record.integrity import verify_record
from pipeline.publish.release import release
from pipeline.publish.versions import version_in_force
from pipeline.review.proposals import proposal_store as filing
from pipeline.router.verify import check_bytes, verify

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from pipeline.domain.proposal import Decision
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


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


def publish(workspace: Workspace, settings: Settings, *, today: date) -> PublishResult:
    """Publish the approved pool as the next immutable version, whole or not at all.

    Args:
        workspace: Where the approval is and the version goes.
        settings: Where the database is.
        today: The day in UTC to compare with `expires_on`.

    Raises:
        RefusedError: Nothing is approved, a later rejection withdrew it, it was published already, or it is
            stale or damaged.
    """
    verify_record(workspace)
    write_accepted_names(workspace)
    found = _approved(workspace)
    if found.decision is None:
        raise RefusedError(
            f"the proposal {found.folder.name} is not approved",
            hint="Read it with `modelpool review`, then `modelpool approve`.",
        )
    published = version_in_force(workspace.pools)
    if published is None or published.pool != found.proposal.pool:
        _refuse_if_withdrawn(workspace, found)
        refuse_if_stale(workspace, found)
    path = release(found.proposal.pool, found.decision, workspace.pools, check=check_bytes)
    verified = verify(workspace.pools, minimum_version=found.proposal.pool.version, today=today)
    sync_database(workspace, settings)
    return PublishResult(
        version=found.proposal.pool.version,
        path=path,
        sha256=found.proposal.pool_sha256,
        decision=found.decision,
        expires_on=verified.expires_on,
        expired=verified.expired,
    )


def _refuse_if_withdrawn(workspace: Workspace, found: StoredProposal) -> None:
    """Refuse an approval after which somebody rejected another proposal.

    Raises:
        RefusedError: The rejection came later.
    """
    rejected = withdrawals_of(workspace, found)
    if rejected is not None:
        raise RefusedError(
            f"{found.folder.name} was approved, but {rejected.folder.name} was rejected after it, and the "
            "published pool stays in force",
            hint="Propose anew: `modelpool run`, read `modelpool review`, then `modelpool approve`.",
        )


def _approved(workspace: Workspace) -> StoredProposal:
    """Return the latest approved proposal; say what is missing when there is none."""
    filed = filing.stored_proposals(workspace.reviews)
    for one in reversed(filed):
        if one.decision and one.decision.verdict is Verdict.APPROVED:
            later = filing.pending(workspace.reviews)
            published = version_in_force(workspace.pools)
            done = published is not None and published.pool.version >= one.proposal.pool.version
            return later if later and done else one
    hint = "Run `modelpool run`, read `modelpool review`, then `modelpool approve`."
    raise RefusedError("nothing is approved, so nothing can be published", hint=hint)
