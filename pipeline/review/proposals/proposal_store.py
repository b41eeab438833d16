"""Files proposals and heartbeats below `reviews/` and reads them back, checked.

A folder with a decision is never written again; an undecided proposal gives way to a new attempt.
"""

from __future__ import annotations

import fnmatch
import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from pipeline import atomic_files
from pipeline.domain.document import Document, WeekText, sha256_hex
from pipeline.domain.proposal import (
    ChangeAnswers,
    Decision,
    FindingLine,
    Heartbeat,
    Proposal,
    Verdict,
    Withdrawal,
)
from pipeline.domain.run_inputs import InputDigest
from pipeline.errors import RefusedError
from pipeline.review.proposals import documents
from pipeline.review.proposals.documents import Kind, document_bytes, document_digest

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
        """Return whether a person approved it and nobody took that back."""
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


class Reviews:
    """The documents below `reviews/` as one command reads them: each file once, when it is first asked for.

    What is written meanwhile is not seen: whoever writes looks again, with a new one.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the folder of all attempts; nothing is read yet."""
        self.folder = folder
        self._names: dict[Path, frozenset[str]] = {}
        self._bytes: dict[Path, bytes] = {}
        self._digests: dict[Path, Sha256] = {}
        self._documents: dict[Path, Document] = {}
        self._proposals: dict[Path, StoredProposal] = {}

    @functools.cached_property
    def attempts(self) -> tuple[Path, ...]:
        """The folders of filed attempts, oldest week and attempt first."""
        return documents.attempts(self.folder)

    @functools.cached_property
    def in_filing_order(self) -> tuple[Path, ...]:
        """The folders of filed attempts, the one that was made first first, whatever its week.

        Raises:
            RefusedError: A document cannot be read.
        """
        return tuple(
            sorted(self.attempts, key=lambda folder: (self.made_at(folder), documents.place_of(folder)))
        )

    def made_at(self, folder: Path) -> str:
        """Return the moment at which a filed attempt was made.

        Raises:
            RefusedError: Its document cannot be read.
        """
        file = folder / (documents.HEARTBEAT if self.is_heartbeat(folder) else documents.PROPOSAL)
        if file in self._documents:
            return self.run_in(folder)[0].as_of
        is_packed = not self.has(file)
        return documents.made_at(folder, self._bytes.get(file, b"") if is_packed else self.bytes_of(file))

    def has(self, file: Path) -> bool:
        """Return whether a file was here when its folder was first looked at."""
        folder = file.parent
        if folder not in self._names:
            self._names[folder] = (
                frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()
            )
        return file.name in self._names[folder]

    def is_heartbeat(self, folder: Path) -> bool:
        """Return whether a folder holds a heartbeat and no proposal."""
        proposal = folder / documents.PROPOSAL
        holds_proposal = (
            self.has(proposal)
            or self.has(documents.packed_path(proposal))
            or self.has(folder / documents.DECISION)
        )
        return self.has(folder / documents.HEARTBEAT) and not holds_proposal

    def files(self, folder: Path, pattern: str) -> tuple[Path, ...]:
        """List the files of a folder whose names fit a pattern, by name."""
        self.has(folder / pattern)
        return tuple(folder / name for name in sorted(fnmatch.filter(self._names[folder], pattern)))

    def bytes_of(self, file: Path) -> bytes:
        """Return the bytes a document was written as.

        Raises:
            RefusedError: They cannot be read.
        """
        if file not in self._bytes:
            self._bytes[file] = documents.bytes_of(file)
        return self._bytes[file]

    def digest_of(self, file: Path) -> Sha256:
        """Return the digest of the bytes of a document, without reading what it says.

        Raises:
            RefusedError: They cannot be read.
        """
        if file not in self._digests:
            self._digests[file] = sha256_hex(self.bytes_of(file))
        return self._digests[file]

    def load(self, file: Path, kind: type[Kind]) -> tuple[Kind, Sha256]:
        """Read one document of record and the digest of its bytes.

        Raises:
            RefusedError: The file is missing, not such a document, or not byte for byte as it was written.
        """
        known = self._documents.get(file)
        if not isinstance(known, kind):
            known, self._digests[file] = documents.read_document(file, self.bytes_of(file), kind)
            self._documents[file] = known
        return known, self._digests[file]

    def proposal(self, folder: Path) -> StoredProposal:
        """Return a filed proposal, checked as `read_proposal` does.

        Raises:
            RefusedError: A file is missing, broken or not in the form it was written in, or its digests
                do not fit its content, its folder or its decision.
        """
        if folder not in self._proposals:
            self._proposals[folder] = _proposal_in(folder, self)
        return self._proposals[folder]

    @functools.cached_property
    def proposals(self) -> tuple[StoredProposal, ...]:
        """All proposals, oldest week and attempt first.

        Raises:
            RefusedError: One of them is broken or edited.
        """
        return tuple(self.proposal(folder) for folder in self.attempts if not self.is_heartbeat(folder))

    def heartbeat(self, folder: Path) -> Heartbeat:
        """Return the heartbeat in a folder.

        Raises:
            RefusedError: It is missing, broken or edited.
        """
        return self.load(folder / documents.HEARTBEAT, Heartbeat)[0]

    def run_in(self, folder: Path) -> tuple[Proposal | Heartbeat, Sha256]:
        """Return the one document a run filed in a folder, and the digest of its bytes.

        Raises:
            RefusedError: It is missing, broken or edited.
        """
        if self.is_heartbeat(folder):
            return self.load(folder / documents.HEARTBEAT, Heartbeat)
        found = self.proposal(folder)
        return found.proposal, found.sha256

    @functools.cached_property
    def runs(self) -> tuple[Proposal | Heartbeat, ...]:
        """The document of every run, oldest week and attempt first.

        Raises:
            RefusedError: One of them is missing, broken or edited.
        """
        return tuple(self.run_in(folder)[0] for folder in self.attempts)

    def is_named_in(self, folder: Path, digest: str) -> bool:
        """Return whether the document of a run speaks of a digest, without reading what it says of it.

        Raises:
            RefusedError: The document cannot be read.
        """
        file = folder / (documents.HEARTBEAT if self.is_heartbeat(folder) else documents.PROPOSAL)
        return digest.encode() in self.bytes_of(file)

    def outline_in(self, folder: Path) -> RunOutline:
        """Read what later weeks ask of a run; a proposal whose bytes were decided about is not checked whole.

        Raises:
            RefusedError: The document is missing, broken or edited.
        """
        if not self.is_heartbeat(folder) and self.is_decided_about(folder):
            return RunOutline.model_validate_json(self.bytes_of(folder / documents.PROPOSAL))
        run, _ = self.run_in(folder)
        return RunOutline(week=run.week, attempt=run.attempt, inputs=run.inputs, findings=run.findings)

    def is_decided_about(self, folder: Path) -> bool:
        """Return whether a proposal has the very bytes that were decided about, if somebody decided.

        Raises:
            RefusedError: The decision is broken or edited.
        """
        if not self.has(folder / documents.DECISION):
            return False
        decision, _ = self.load(folder / documents.DECISION, Decision)
        try:
            return self.digest_of(folder / documents.PROPOSAL) == decision.proposal_sha256
        except RefusedError:
            return False

    @functools.cached_property
    def pending(self) -> StoredProposal | None:
        """The proposal filed last if nobody decided it and no later run found nothing to change.

        An earlier undecided proposal is superseded, whatever became of the later one. A later run that
        only held a source supersedes nothing. What was filed later decides, not the later week.

        Raises:
            RefusedError: The latest proposal or a later heartbeat is broken or edited.
        """
        for folder in reversed(self.in_filing_order):
            if not self.is_heartbeat(folder):
                latest = self.proposal(folder)
                return latest if latest.decision is None else None
            if self.heartbeat(folder).outcome == "unchanged":
                return None
        return None


def read_proposal(folder: Path) -> StoredProposal:
    """Read a filed proposal and check that nobody edited it.

    The pages are not read: an edited page changes nothing.

    Raises:
        RefusedError: A file is missing, broken or not in the form it was written in, or its digests
            do not fit its content, its folder or its decision.
    """
    return _proposal_in(folder, Reviews(folder.parent))


def _proposal_in(folder: Path, reviews: Reviews) -> StoredProposal:
    file = folder / documents.PROPOSAL
    proposal, sha256 = reviews.load(file, Proposal)
    if document_digest(proposal.pool) != proposal.pool_sha256:
        raise documents.edited_error(file, "its pool does not have the digest it states")
    if folder.name != documents.folder_name(proposal.week, proposal.attempt):
        raise documents.edited_error(
            file, f"it is the proposal of {proposal.week}, attempt {proposal.attempt}"
        )
    filed = StoredProposal(
        proposal=proposal, sha256=sha256, folder=folder, answers=_answers(folder, sha256, reviews)
    )
    if not reviews.has(folder / documents.DECISION):
        return filed
    decision, decision_sha256 = reviews.load(folder / documents.DECISION, Decision)
    if (decision.proposal_sha256, decision.pool_sha256) != (sha256, proposal.pool_sha256):
        raise documents.edited_error(folder, "the decision is about other bytes than the proposal")
    withdrawal = _withdrawal(folder, decision_sha256, reviews)
    return replace(filed, decision=decision, decision_sha256=decision_sha256, withdrawal=withdrawal)


def _answers(folder: Path, proposal_sha256: Sha256, reviews: Reviews) -> ChangeAnswers | None:
    """Read what somebody answered about single changes; None where nobody did.

    Raises:
        RefusedError: The file is broken or edited, or speaks of another proposal.
    """
    file = folder / documents.ANSWERS
    if not reviews.has(file):
        return None
    answers, _ = reviews.load(file, ChangeAnswers)
    if answers.proposal_sha256 != proposal_sha256:
        raise documents.edited_error(file, "it answers another proposal than the one beside it")
    return answers


def _withdrawal(folder: Path, decision_sha256: Sha256, reviews: Reviews) -> Withdrawal | None:
    """Read who took the approval back; None where nobody did.

    Raises:
        RefusedError: The file is broken or edited, or speaks of another decision.
    """
    file = folder / documents.WITHDRAWAL
    if not reviews.has(file):
        return None
    withdrawal, _ = reviews.load(file, Withdrawal)
    if withdrawal.decision_sha256 != decision_sha256:
        raise documents.edited_error(file, "it takes back another decision than the one beside it")
    return withdrawal


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


def _repeats(document: Proposal | Heartbeat, reviews: Path, name: str) -> Path | None:
    """Find the week's latest attempt if it is undecided and differs in its number only."""
    attempt = next_attempt(reviews, document.week) - 1
    folder = reviews / documents.folder_name(document.week, attempt)
    if attempt == 0 or not documents.is_filed(folder / name) or (folder / documents.DECISION).exists():
        return None
    stored = documents.filed_bytes(folder / name)
    same = document.model_copy(update={"attempt": attempt})
    return folder if stored == document_bytes(same) else None


def _free_folder(document: Proposal | Heartbeat, reviews: Path) -> Path:
    folder = reviews / documents.folder_name(document.week, document.attempt)
    if documents.is_proposal(folder) or documents.is_heartbeat(folder):
        raise RefusedError(
            f"{folder} is filed already and is never written again",
            hint=f"Run the week again: its next attempt is {next_attempt(reviews, document.week)}.",
        )
    return folder
