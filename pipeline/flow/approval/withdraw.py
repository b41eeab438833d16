"""Takes an approval back before it is published, in a named person's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import RefusedError
from pipeline.flow.approval.stale_proposal import waits_to_be_published
from pipeline.flow.record.record_files import RecordFiles
from pipeline.review.decisions.decisions import (
    WithdrawalInput,
    file_withdrawal,
    make_withdrawal,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.proposal import ProvisionalLine, Withdrawal
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.workspace import Workspace

__all__ = ["WithdrawalInput", "WithdrawalResult", "withdraw_approval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalResult:
    """A withdrawal and where it was filed."""

    filed: StoredProposal
    withdrawal: Withdrawal
    path: Path

    @property
    def judged(self) -> tuple[ProvisionalLine, ...]:
        """The judgements that came with the approval; they stay until somebody withdraws them."""
        return self.filed.proposal.provisional


def withdraw_approval(workspace: Workspace, typed: WithdrawalInput) -> WithdrawalResult:
    """Take back the approval that waits to be published; the chain of decisions keeps both.

    Raises:
        RefusedError: No approval waits, the digest is of another, or the clock is behind the last decision.
        UsageError: The reviewer or the note is empty.
        OSError: The disk refused; the approval stands.
    """
    record = RecordFiles(workspace)
    found, latest = waits_to_be_published(record), record.chain.latest
    if found is None or latest is None:
        raise RefusedError(
            "no approval waits to be published, so none can be withdrawn",
            hint="`modelpool status` shows what is in force and what waits.",
        )
    withdrawal = make_withdrawal(found, typed, previous=latest[1])
    path = file_withdrawal(found, withdrawal)
    return WithdrawalResult(filed=found, withdrawal=withdrawal, path=path)
