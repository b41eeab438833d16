"""A named person's answer to the pending proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.flow.accepted import check_addition, last_approved, refuse_if_names_moved, settle
from pipeline.flow.desk import remember
from pipeline.flow.stale import refuse_if_answered_since, refuse_if_stale
from pipeline.review import folder as filing
from pipeline.review.decide import (
    Ballot,
    asked_digest,
    consent,
    decide,
    file_decision,
    latest_decision,
)

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Judgement
    from pipeline.domain.proposal import Decision
    from pipeline.review.folder import Filed
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

__all__ = ["Answered", "Ballot", "answer", "asked_digest", "consent", "pending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A decision and where it was filed."""

    filed: Filed
    decision: Decision
    judged: tuple[Judgement, ...] = ()
    """Judgements that were accepted with the proposal and written now."""


def pending(workspace: Workspace) -> Filed:
    """Return the proposal that waits for review.

    Raises:
        RefusedError: None does, or its file was edited.
    """
    found = filing.pending(workspace.reviews)
    if found is None:
        raise RefusedError("no proposal is pending", hint="Run `modelpool run`, then `modelpool status`.")
    return found


def answer(workspace: Workspace, settings: Settings, ballot: Ballot) -> Answered:
    """Bind a named person to the exact bytes of the pending pool, or to their refusal.

    An approval that was stopped before its judgements were written is completed by typing it again.

    Raises:
        RefusedError: Wrong digest, or the policy, the published pool, the crosswalk or the acceptances
            on record moved since.
        UsageError: Reviewer or note is empty.
    """
    late = settle(workspace)
    if late and (again := _completed(workspace, ballot, late)):
        remember(workspace, settings)
        return again
    found = pending(workspace)
    if ballot.verdict is Verdict.APPROVED:
        refuse_if_stale(workspace, found)
        refuse_if_answered_since(workspace, found)
        refuse_if_names_moved(workspace, found.proposal)
    latest = latest_decision(workspace.reviews)
    decision = decide(found, ballot, previous=latest[1] if latest else None)
    check_addition(workspace, found.proposal, decision)
    file_decision(found, decision)
    judged = settle(workspace)
    remember(workspace, settings)
    return Answered(filed=found, decision=decision, judged=judged)


def _completed(workspace: Workspace, ballot: Ballot, late: tuple[Judgement, ...]) -> Answered | None:
    """Return the approval that was just completed, if it is the one that is typed again."""
    found = last_approved(workspace)
    typed = ballot.digest_start.strip().lower()
    if found is None or found.decision is None or ballot.verdict is not Verdict.APPROVED:
        return None
    same = asked_digest(found.proposal).startswith(typed) and len(typed) >= len(consent(found.proposal))
    return Answered(filed=found, decision=found.decision, judged=late) if same else None
