"""Finds what no longer holds of a proposal's base: another pool, policy, or answer of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.document import sha256_hex
from pipeline.domain.escape import escape_text
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.approval.accepted_names import last_approved
from pipeline.policy.load import load_policy
from pipeline.publish.versions import version_in_force
from pipeline.review.decisions.acceptances import acceptances
from pipeline.review.proposals.documents import document_bytes

if TYPE_CHECKING:
    from pipeline.review.decisions.acceptances import Acceptance
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.workspace import Workspace


def refuse_if_stale(workspace: Workspace, found: StoredProposal) -> None:
    """Refuse a proposal whose base version or policy is no longer what it was made from.

    Raises:
        RefusedError: One of them moved.
    """
    pool, name = found.proposal.pool, found.folder.name
    published = version_in_force(workspace.pools)
    now_in_force = published.pool.version if published else 0
    base = pool.base.version if pool.base else 0
    if now_in_force != base or (published and pool.base and published.sha256 != pool.base.sha256):
        raise RefusedError(
            f"the proposal {name} starts from v{base:04}, but v{now_in_force:04} is in force",
            hint=_again(workspace, found),
        )
    _, digest = load_policy(workspace.policy)
    if digest != pool.policy_sha256:
        raise RefusedError(
            f"the policy changed since the proposal {name}: it was made with {pool.policy_sha256[:8]}, "
            f"data/policy/tiers.toml is now {digest[:8]}",
            hint=_again(workspace, found),
        )


def refuse_if_answered_since(workspace: Workspace, found: StoredProposal) -> None:
    """Refuse to approve a proposal that was computed before an acceptance on record.

    Raises:
        RefusedError: A person accepted a source, a row or a price that the proposal does not know of.
    """
    later = answered_since(workspace, found)
    if later:
        first = later[0]
        what = ", ".join(first.rows or first.kinds)
        raise RefusedError(
            f"the proposal {found.folder.name} was computed before {escape_text(first.reviewer)} accepted "
            f"{escape_text(what)} of {first.source} at {first.accepted_at}",
            hint=_again(workspace, found),
        )


def answered_since(workspace: Workspace, found: StoredProposal) -> tuple[Acceptance, ...]:
    """Return the acceptances on record that a proposal does not name among its inputs, the newest first."""
    known = {line.sha256 for line in found.proposal.inputs if line.name.startswith("accepted:")}
    return tuple(
        one for one in acceptances(workspace.reviews) if sha256_hex(document_bytes(one)) not in known
    )


def why_stale(workspace: Workspace, found: StoredProposal) -> str:
    """Say why approving a proposal would be refused; empty where it would not be.

    A policy that cannot be read is no news about the proposal: whoever approves is told of it.
    """
    try:
        refuse_if_stale(workspace, found)
        refuse_if_answered_since(workspace, found)
    except RefusedError as error:
        return str(error)
    except UsageError:
        return ""
    return ""


def waits_to_be_published(workspace: Workspace) -> StoredProposal | None:
    """Return the last approved proposal while its version is not published; None otherwise."""
    approved, published = last_approved(workspace), version_in_force(workspace.pools)
    version = published.pool.version if published else 0
    return approved if approved is not None and approved.proposal.pool.version > version else None


def _again(workspace: Workspace, found: StoredProposal) -> str:
    command = workspace.command(f"run --week {found.proposal.week}")
    return f"Run `{command}` again and review the new diff."
