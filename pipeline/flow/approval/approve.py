"""Files a named person's decision: approve or reject the pending proposal, or withdraw an approval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.escape import escape_text
from pipeline.domain.proposal import Verdict
from pipeline.errors import PipelineError, RefusedError
from pipeline.flow.approval.accepted_names import check_addition, write_accepted_names
from pipeline.flow.approval.stale_proposal import (
    refuse_if_answered_since,
    refuse_if_stale,
    waits_to_be_published,
)
from pipeline.flow.record.integrity import refuse_lost_decisions
from pipeline.flow.record.record_files import RecordFiles
from pipeline.review.decisions.decisions import (
    DecisionInput,
    WithdrawalInput,
    consent,
    consent_digest,
    file_decision,
    file_withdrawal,
    make_decision,
    make_withdrawal,
)
from pipeline.store.recorded_digests import proposals_in

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.crosswalk import Judgement
    from pipeline.domain.proposal import Decision, ProvisionalLine, Withdrawal
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


__all__ = [
    "DecisionInput",
    "DecisionResult",
    "WithdrawalInput",
    "WithdrawalResult",
    "consent",
    "consent_digest",
    "decide_proposal",
    "pending_proposal",
    "withdraw_approval",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionResult:
    """A decision and where it was filed."""

    filed: StoredProposal
    decision: Decision
    judged: tuple[Judgement, ...] = ()
    """Judgements that were accepted with the proposal and written now."""
    warnings: tuple[str, ...] = ()
    """What could not be written after the decision, which stands."""


def pending_proposal(workspace: Workspace, settings: Settings) -> StoredProposal:
    """Return the proposal that waits for review.

    Raises:
        RefusedError: None does, or its file was edited.
    """
    found = _pending_in(RecordFiles(workspace))
    if settings.database_url is not None or workspace.database.exists():
        _refuse_if_edited(workspace, settings, found)
    return found


def _refuse_if_edited(workspace: Workspace, settings: Settings, found: StoredProposal) -> None:
    """Refuse a pending proposal whose bytes are not those that were recorded; the common case asks SQLite."""
    proposal = found.proposal
    if settings.database_url is None:
        known = proposals_in(workspace.database, proposal.week, proposal.attempt)
        if known is not None and (not known or found.sha256 in known):
            return
    from pipeline.flow.record.database import DatabaseMirror, database_copy

    with database_copy(workspace, settings) as database:
        DatabaseMirror(workspace, database).refuse_if_edited(found)


def _pending_in(record: RecordFiles) -> StoredProposal:
    found = record.reviews.pending
    if found is None:
        raise nothing_pending(record)
    return found


def nothing_pending(record: RecordFiles) -> RefusedError:
    """Say that nothing waits for a decision, what became of the last proposal, and what leads on."""
    hint = "`modelpool status` shows what is in force and what comes next; `modelpool run` proposes."
    if waits := waits_to_be_published(record):
        digest = consent_digest(waits.proposal)[:8]
        hint = (
            f'To take that approval back: `modelpool withdraw {digest} --reviewer NAME --note "..."`; '
            "`modelpool status` shows what is in force and what comes next."
        )
    return RefusedError(f"no proposal is pending{_last_word(record)}", hint=hint)


def _last_word(record: RecordFiles) -> str:
    """Describe what became of the proposal filed last; empty where nobody decided it."""
    for folder in reversed(record.reviews.in_filing_order):
        if record.reviews.is_heartbeat(folder):
            continue
        found, published = record.reviews.proposal(folder), record.in_force
        if found.decision is None:
            return ""
        if found.withdrawal:
            by, at = escape_text(found.withdrawal.reviewer), found.withdrawal.decided_at
            return f": the approval of {folder.name} was withdrawn by {by} at {at}"
        by, at = escape_text(found.decision.reviewer), found.decision.decided_at
        is_in_force = published is not None and published.sha256 == found.proposal.pool_sha256
        version = f", and is published as v{found.proposal.pool.version:04}" if is_in_force else ""
        return f": {folder.name} was {found.decision.verdict} by {by} at {at}{version}"
    return ""


def decide_proposal(
    workspace: Workspace, settings: Settings, decision_input: DecisionInput
) -> DecisionResult:
    """Bind a named person to the exact bytes of the pending pool, or to their refusal.

    Whatever can refuse is asked first. Once the decision is filed it stands: what cannot be written after it
    is a warning, and is made good by the next command, or by typing the approval again.

    Raises:
        RefusedError: Wrong digest, or the policy, the published pool, the crosswalk or the acceptances
            on record moved since.
        UsageError: Reviewer or note is empty.
    """
    from pipeline.flow.record.database import database_mirror

    with database_mirror(workspace, settings) as mirror:
        record = RecordFiles(workspace)
        late = write_accepted_names(record)
        if late and (again := _completed_approval(record, decision_input, late)):
            mirror.update(record, names_at=decision_input.now)
            return replace(again, warnings=mirror.warnings)
        mirror.refuse_if_removed(record)
        found = _pending_in(record)
        mirror.refuse_if_edited(found)
        if decision_input.verdict is Verdict.APPROVED:
            refuse_if_stale(record, found, now=decision_input.now)
            refuse_if_answered_since(record, found)
        refuse_lost_decisions(record)
        latest = record.chain.latest
        decision = make_decision(found, decision_input, previous=latest[1] if latest else None)
        check_addition(workspace, found.proposal, decision)
        file_decision(found, decision)
        decided = RecordFiles(workspace)
        judged, warnings = _written_names(decided)
        mirror.update(decided, names_at=decision_input.now if judged or late else None)
        return DecisionResult(
            filed=found, decision=decision, judged=judged, warnings=(*warnings, *mirror.warnings)
        )


def _written_names(record: RecordFiles) -> tuple[tuple[Judgement, ...], tuple[str, ...]]:
    """Write the judgements that the decision dictates; where that fails, say so: the decision stands."""
    try:
        return write_accepted_names(record), ()
    except (PipelineError, OSError) as error:
        warning = f"the judgements accepted with it could not be written: {error}. Type the approval again"
        return (), (warning,)


def _completed_approval(
    record: RecordFiles, decision_input: DecisionInput, late: tuple[Judgement, ...]
) -> DecisionResult | None:
    """Return the approval that was just completed, if it is the one that is typed again."""
    found = record.chain.last_approved
    typed = decision_input.digest_start.strip().lower()
    if found is None or found.decision is None or decision_input.verdict is not Verdict.APPROVED:
        return None
    same = consent_digest(found.proposal).startswith(typed) and len(typed) >= len(consent(found.proposal))
    return DecisionResult(filed=found, decision=found.decision, judged=late) if same else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalResult:
    """A withdrawal and where it was filed."""

    filed: StoredProposal
    withdrawal: Withdrawal
    path: Path
    warnings: tuple[str, ...] = ()
    """What could not be written after the withdrawal, which stands."""

    @property
    def judged(self) -> tuple[ProvisionalLine, ...]:
        """The judgements that came with the approval; they stay until somebody withdraws them."""
        return self.filed.proposal.provisional


def withdraw_approval(workspace: Workspace, settings: Settings, typed: WithdrawalInput) -> WithdrawalResult:
    """Take back the approval that waits to be published; the chain of decisions keeps both.

    Raises:
        RefusedError: No approval waits, the digest is of another, or the clock is behind the last decision.
        UsageError: The reviewer or the note is empty.
        OSError: The disk refused; the approval stands.
    """
    from pipeline.flow.record.database import database_mirror

    with database_mirror(workspace, settings) as mirror:
        record = RecordFiles(workspace)
        refuse_lost_decisions(record)
        found, latest = waits_to_be_published(record), record.chain.latest
        if found is None or latest is None:
            raise RefusedError(
                "no approval waits to be published, so none can be withdrawn",
                hint="`modelpool status` shows what is in force and what waits.",
            )
        withdrawal = make_withdrawal(found, typed, previous=latest[1])
        path = file_withdrawal(found, withdrawal)
        mirror.update(RecordFiles(workspace))
    return WithdrawalResult(filed=found, withdrawal=withdrawal, path=path, warnings=mirror.warnings)
