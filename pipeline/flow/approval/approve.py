"""A named person's answer to the pending proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.flow.approval.accepted_names import (
    check_addition,
    last_approved,
    refuse_if_names_moved,
    write_accepted_names,
)
from pipeline.flow.approval.stale_proposal import refuse_if_answered_since, refuse_if_stale
from pipeline.flow.record.database import database_copy, sync_crosswalk, sync_database
from pipeline.review.decisions.decisions import (
    DecisionInput,
    consent,
    consent_digest,
    file_decision,
    latest_decision,
    make_decision,
)
from pipeline.review.proposals import proposal_store as filing
from pipeline.review.proposals.documents import PROPOSAL

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Judgement
    from pipeline.domain.proposal import Decision
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

__all__ = [
    "DecisionInput",
    "DecisionResult",
    "consent",
    "consent_digest",
    "decide_proposal",
    "pending_proposal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionResult:
    """A decision and where it was filed."""

    filed: StoredProposal
    decision: Decision
    judged: tuple[Judgement, ...] = ()
    """Judgements that were accepted with the proposal and written now."""


def pending_proposal(workspace: Workspace, settings: Settings) -> StoredProposal:
    """Return the proposal that waits for review.

    Raises:
        RefusedError: None does, or its file was edited.
    """
    found = _latest(workspace)
    _refuse_if_edited(workspace, settings, found)
    return found


def _latest(workspace: Workspace) -> StoredProposal:
    found = filing.pending(workspace.reviews)
    if found is None:
        raise RefusedError("no proposal is pending", hint="Run `modelpool run`, then `modelpool status`.")
    return found


def decide_proposal(workspace: Workspace, settings: Settings, ballot: DecisionInput) -> DecisionResult:
    """Bind a named person to the exact bytes of the pending pool, or to their refusal.

    An approval that was stopped before its judgements were written is completed by typing it again.

    Raises:
        RefusedError: Wrong digest, or the policy, the published pool, the crosswalk or the acceptances
            on record moved since.
        UsageError: Reviewer or note is empty.
    """
    late = write_accepted_names(workspace)
    if late:
        sync_crosswalk(workspace, settings, at=ballot.now)
    if late and (again := _completed(workspace, ballot, late)):
        sync_database(workspace, settings)
        return again
    found = _latest(workspace)
    if ballot.verdict is Verdict.APPROVED:
        _refuse_if_edited(workspace, settings, found)
        refuse_if_stale(workspace, found)
        refuse_if_answered_since(workspace, found)
        refuse_if_names_moved(workspace, found.proposal)
    latest = latest_decision(workspace.reviews)
    decision = make_decision(found, ballot, previous=latest[1] if latest else None)
    check_addition(workspace, found.proposal, decision)
    file_decision(found, decision)
    judged = write_accepted_names(workspace)
    if judged:
        sync_crosswalk(workspace, settings, at=ballot.now)
    sync_database(workspace, settings)
    return DecisionResult(filed=found, decision=decision, judged=judged)


def _completed(
    workspace: Workspace, ballot: DecisionInput, late: tuple[Judgement, ...]
) -> DecisionResult | None:
    """Return the approval that was just completed, if it is the one that is typed again."""
    found = last_approved(workspace)
    typed = ballot.digest_start.strip().lower()
    if found is None or found.decision is None or ballot.verdict is not Verdict.APPROVED:
        return None
    same = consent_digest(found.proposal).startswith(typed) and len(typed) >= len(consent(found.proposal))
    return DecisionResult(filed=found, decision=found.decision, judged=late) if same else None


def _refuse_if_edited(workspace: Workspace, settings: Settings, found: StoredProposal) -> None:
    """Refuse a proposal whose bytes are not those the run recorded; how large it is stands only there.

    A database that does not know the attempt, or does not exist, has nothing to compare with.

    Raises:
        RefusedError: They differ.
    """
    if settings.database_url is None and not workspace.database.exists():
        return
    with database_copy(workspace, settings) as desk:
        known = desk.proposals_of(found.proposal.week, found.proposal.attempt)
    if known and found.sha256 not in known:
        raise RefusedError(
            f"{found.folder / PROPOSAL} differs from what the run wrote: it is {found.sha256[:8]}, not "
            f"{', '.join(sorted(digest[:8] for digest in known))}",
            hint=f"Run `modelpool run --week {found.proposal.week}` again and review what it proposes then.",
        )
