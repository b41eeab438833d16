"""File proposals and heartbeats below `reviews/` and read them back, checked.

A folder with a decision is never written again; an undecided proposal gives way to a new attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from pipeline import atomic_files
from pipeline.domain.document import Document, WeekText, sha256_hex
from pipeline.domain.proposal import (
    ChangeAnswers,
    Decision,
    FindingLine,
    Heartbeat,
    InputDigest,
    Proposal,
    Verdict,
    Withdrawal,
)
from pipeline.errors import RefusedError
from pipeline.review.proposals import documents
from pipeline.review.proposals.documents import document_bytes, document_digest
from pipeline.review.proposals.questions import ChangesOutline

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPages:
    """What people read; drawn from a proposal, never read back."""

    markdown: str
    html: str
    open_names: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal:
    """A proposal as it lies in its folder, with its decision if there is one."""

    proposal: Proposal
    sha256: Sha256
    """Digest of the bytes of proposal.json."""
    folder: Path
    decision: Decision | None = None
    decision_sha256: Sha256 | None = None
    """Digest of the bytes of decision.json."""
    withdrawal: Withdrawal | None = None
    answers: ChangeAnswers | None = None
    """Answers to single changes: what is left was proposed anew, and this is no longer decided."""

    @property
    def is_approved(self) -> bool:
        """Tell whether a person approved it and nobody took that back."""
        approved = self.decision is not None and self.decision.verdict is Verdict.APPROVED
        return approved and self.withdrawal is None


class RunOutline(Document):
    """What later weeks ask of a run; the rest of its document is passed over."""

    model_config = ConfigDict(extra="ignore")

    week: WeekText
    attempt: int
    inputs: tuple[InputDigest, ...]
    findings: tuple[FindingLine, ...]


def write_proposal(proposal: Proposal, reviews: Path, page: RenderedPages) -> Path:
    """File a proposal with its pages, `proposal.json` last, and return the folder.

    When the week's latest attempt is undecided and says the same, that folder is returned and
    nothing is written: a run that is repeated converges.

    Raises:
        RefusedError: The folder is filed already, with or without a decision.
        OSError: The disk refused; there is no proposal without its page.
    """
    if latest := _repeats(proposal, reviews, documents.PROPOSAL):
        return latest
    folder = _free_folder(proposal, reviews)
    atomic_files.replace_file(folder / "proposal.md", page.markdown.encode())
    atomic_files.replace_file(folder / "report.html", page.html.encode())
    atomic_files.replace_file(folder / "open-names.csv", page.open_names.encode())
    atomic_files.create_file(folder / documents.PROPOSAL, document_bytes(proposal))
    return folder


def read_proposal(folder: Path) -> StoredProposal:
    """Read a filed proposal and check that nobody edited it.

    The pages are not read: an edited page changes nothing.

    Raises:
        RefusedError: A file is missing, broken or not in the form it was written in, or its digests
            do not fit its content, its folder or its decision.
    """
    file = folder / documents.PROPOSAL
    proposal, sha256 = documents.load_document(file, Proposal)
    if document_digest(proposal.pool) != proposal.pool_sha256:
        raise documents.edited_error(file, "its pool does not have the digest it states")
    if folder.name != documents.folder_name(proposal.week, proposal.attempt):
        raise documents.edited_error(
            file, f"it is the proposal of {proposal.week}, attempt {proposal.attempt}"
        )
    answers = _answers(folder, sha256)
    if not (folder / documents.DECISION).exists():
        return StoredProposal(proposal=proposal, sha256=sha256, folder=folder, answers=answers)
    decision, decision_sha256 = documents.load_document(folder / documents.DECISION, Decision)
    if (decision.proposal_sha256, decision.pool_sha256) != (sha256, proposal.pool_sha256):
        raise documents.edited_error(folder, "the decision is about other bytes than the proposal")
    return StoredProposal(
        proposal=proposal,
        sha256=sha256,
        folder=folder,
        decision=decision,
        decision_sha256=decision_sha256,
        withdrawal=_withdrawal(folder, decision_sha256),
        answers=answers,
    )


def _answers(folder: Path, proposal_sha256: Sha256) -> ChangeAnswers | None:
    """Read what somebody answered about single changes; None where nobody did.

    Raises:
        RefusedError: The file is broken or edited, or speaks of another proposal.
    """
    file = folder / documents.ANSWERS
    if not file.exists():
        return None
    answers, _ = documents.load_document(file, ChangeAnswers)
    if answers.proposal_sha256 != proposal_sha256:
        raise documents.edited_error(file, "it answers another proposal than the one beside it")
    return answers


def _withdrawal(folder: Path, decision_sha256: Sha256) -> Withdrawal | None:
    """Read who took the approval back; None where nobody did.

    Raises:
        RefusedError: The file is broken or edited, or speaks of another decision.
    """
    file = folder / documents.WITHDRAWAL
    if not file.exists():
        return None
    withdrawal, _ = documents.load_document(file, Withdrawal)
    if withdrawal.decision_sha256 != decision_sha256:
        raise documents.edited_error(file, "it takes back another decision than the one beside it")
    return withdrawal


def stored_proposals(reviews: Path) -> tuple[StoredProposal, ...]:
    """Read all proposals, oldest week and attempt first.

    Raises:
        RefusedError: One of them is broken or edited.
    """
    return tuple(
        read_proposal(folder) for folder in documents.attempts(reviews) if documents.is_proposal(folder)
    )


def pending(reviews: Path) -> StoredProposal | None:
    """Return the proposal filed last if nobody decided it and no later run found nothing to change.

    An earlier undecided proposal is superseded, whatever became of the later one. A later run that
    only held a source supersedes nothing. What was filed later decides, not the later week.

    Raises:
        RefusedError: The latest proposal or a later heartbeat is broken or edited.
    """
    for folder in reversed(documents.in_filing_order(reviews)):
        if documents.is_proposal(folder):
            latest = read_proposal(folder)
            return latest if latest.decision is None else None
        if documents.load_document(folder / documents.HEARTBEAT, Heartbeat)[0].outcome == "unchanged":
            return None
    return None


def next_attempt(reviews: Path, week: str) -> int:
    """Return the attempt a new run of a week is filed as; 1 for a week that has none."""
    places = (documents.place_of(folder) for folder in documents.attempts(reviews))
    return 1 + max((attempt for taken, attempt in places if taken == week), default=0)


def write_heartbeat(heartbeat: Heartbeat, reviews: Path) -> Path:
    """File the proof that a run found nothing to review, and return its folder.

    Raises:
        RefusedError: The folder is filed already with something else.
        OSError: The disk refused; nothing is filed.
    """
    if latest := _repeats(heartbeat, reviews, documents.HEARTBEAT):
        return latest
    folder = _free_folder(heartbeat, reviews)
    atomic_files.create_file(folder / documents.HEARTBEAT, document_bytes(heartbeat))
    return folder


def heartbeats(reviews: Path) -> tuple[Heartbeat, ...]:
    """Read all heartbeats, oldest week and attempt first.

    Raises:
        RefusedError: One of them is broken or edited.
    """
    return tuple(
        documents.load_document(folder / documents.HEARTBEAT, Heartbeat)[0]
        for folder in documents.attempts(reviews)
        if documents.is_heartbeat(folder)
    )


def latest_before(reviews: Path, week: str) -> tuple[str, Sha256] | None:
    """Return the last attempt of the last week before another, and the digest of its document.

    Raises:
        RefusedError: That document is broken or edited.
    """
    earlier = [folder for folder in documents.attempts(reviews) if documents.place_of(folder)[0] < week]
    return (earlier[-1].name, run_in(earlier[-1])[1]) if earlier else None


def run_in(folder: Path) -> tuple[Proposal | Heartbeat, Sha256]:
    """Read the one document a run filed in a folder, and the digest of its bytes.

    Raises:
        RefusedError: It is missing, broken or edited.
    """
    if documents.is_heartbeat(folder):
        return documents.load_document(folder / documents.HEARTBEAT, Heartbeat)
    found = read_proposal(folder)
    return found.proposal, found.sha256


def outline_in(folder: Path) -> RunOutline:
    """Read what later weeks ask of a run; a proposal whose bytes were decided about is not checked whole.

    Raises:
        RefusedError: The document is missing, broken or edited.
    """
    decided, file = folder / documents.DECISION, folder / documents.PROPOSAL
    if decided.exists() and documents.is_filed(file):
        decision, _ = documents.load_document(decided, Decision)
        body = documents.bytes_if_whole(file)
        if sha256_hex(body) == decision.proposal_sha256:
            return RunOutline.model_validate_json(body)
    run, _ = run_in(folder)
    return RunOutline(week=run.week, attempt=run.attempt, inputs=run.inputs, findings=run.findings)


def changes_in(folder: Path) -> ChangesOutline:
    """Read what a decided proposal changes; its bytes are compared with those that were decided about.

    Raises:
        RefusedError: The proposal or its decision is missing or edited.
    """
    decision, _ = documents.load_document(folder / documents.DECISION, Decision)
    body = documents.bytes_if_whole(folder / documents.PROPOSAL)
    if sha256_hex(body) != decision.proposal_sha256:
        raise documents.edited_error(folder, "the decision is about other bytes than the proposal")
    return ChangesOutline.model_validate_json(body)


def _repeats(document: Proposal | Heartbeat, reviews: Path, name: str) -> Path | None:
    """Find the week's latest attempt if it is undecided and differs in its number only."""
    attempt = next_attempt(reviews, document.week) - 1
    folder = reviews / documents.folder_name(document.week, attempt)
    if attempt == 0 or not documents.is_filed(folder / name) or (folder / documents.DECISION).exists():
        return None
    said = documents.filed_bytes(folder / name)
    same = document.model_copy(update={"attempt": attempt})
    return folder if said == document_bytes(same) else None


def _free_folder(document: Proposal | Heartbeat, reviews: Path) -> Path:
    folder = reviews / documents.folder_name(document.week, document.attempt)
    if documents.is_proposal(folder) or documents.is_heartbeat(folder):
        raise RefusedError(
            f"{folder} is filed already and is never written again",
            hint=f"Run the week again: its next attempt is {next_attempt(reviews, document.week)}.",
        )
    return folder
