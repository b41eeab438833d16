"""Tells a workspace that has published nothing yet from one whose published files are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import RefusedError
from pipeline.publish.pool_file import POINTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.review.proposals.proposal_store import StoredProposal


def refuse_missing_versions(record: RecordFiles) -> None:
    """Refuse where no pool was ever published; a lost file is left to those who read it.

    A proposal that starts from a version shows that there was one.

    Raises:
        RefusedError: No file of a pool is here, and no proposal on record starts from a version.
    """
    workspace = record.workspace
    if (workspace.pools / POINTER).exists() or any(workspace.pools.glob("v*.json")):
        return
    filed = record.reviews.proposals
    if any(one.proposal.pool.base for one in filed):
        return
    raise RefusedError(f"nothing is published yet in {workspace.pools}", hint=_next_step(filed))


def _next_step(filed: Sequence[StoredProposal]) -> str:
    """Say what leads to a first version from here."""
    if any(one.is_approved for one in filed):
        return "`modelpool publish` publishes what was approved."
    if any(one.decision is None for one in filed):
        return "`modelpool review` shows the proposal that waits for an approval."
    return "`modelpool run` proposes the first pool."
