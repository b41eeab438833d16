"""Lists what people decided and answered: approvals with their versions, rejections, held changes.

Whether the last run asked again is said of each answer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.answers import AnswerKind
from pipeline.domain.ids import Sha256
from pipeline.domain.observation import ANSWERED
from pipeline.domain.proposal import AnswerRetraction, ChangeAnswers, Decision, Withdrawal
from pipeline.flow.record.integrity import approvals
from pipeline.flow.record.record_files import RecordFiles
from pipeline.review.decisions.chain import DecisionChain
from pipeline.review.decisions.remembered_answers import answers_given, read_decision_memory, says_no
from pipeline.review.proposals.documents import folder_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.domain.proposal import ChainLink
    from pipeline.publish.versions import PublishedVersion
    from pipeline.review.decisions.chain import DecidedAttempt
    from pipeline.workspace import Workspace


_ANSWERED: Final[dict[AnswerKind, str]] = {AnswerKind.HOLD: "held", AnswerKind.NEVER: "declined"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """One decision, and the version that was published by it, if any."""

    published: PublishedVersion | None
    link: ChainLink | None
    """None: a version that nobody on record approved."""
    about: tuple[str, ...] = ()
    """The changes that were held, or whose answer was taken back, one clause each."""

    @property
    def what(self) -> str:
        """Say what was done, in a word or two."""
        if self.published is not None:
            return f"v{self.published.pool.version:04}"
        if isinstance(self.link, ChangeAnswers):
            found = Counter(_ANSWERED[answer.answer] for answer in self.link.answers)
            return ", ".join(f"{word} {count}" for word, count in sorted(found.items(), reverse=True))
        if isinstance(self.link, Decision):
            return self.link.verdict.value
        return "withdrawn" if isinstance(self.link, Withdrawal) else "taken back"

    @property
    def at(self) -> str:
        """The moment of the decision; of a version that nobody approved, that of its data."""
        if self.link is not None:
            return self.link.decided_at
        return self.published.pool.as_of if self.published is not None else ""

    @property
    def proposal(self) -> str:
        """The folder of the proposal that it is about, e.g. `2026-W33.2`."""
        if self.link is not None:
            return folder_name(self.link.week, self.link.attempt)
        return self.published.pool.week if self.published is not None else ""

    @property
    def sha256(self) -> str | None:
        """Digest of the pool that it is about; None where it is about single changes or a decision."""
        if self.published is not None:
            return self.published.sha256
        return self.link.pool_sha256 if isinstance(self.link, Decision | ChangeAnswers) else None


def history(workspace: Workspace) -> tuple[PastDecision, ...]:
    """List what was decided and published, the newest first.

    Raises:
        RefusedError: A decision, or a proposal that it is about, is broken or edited.
    """
    record = RecordFiles(workspace)
    versions = approvals(record)
    published = {_approval(one): version for version, one in versions if one is not None}
    links = record.chain.links
    rows = [
        PastDecision(
            published=published.get(_proposal_key(link)) if isinstance(link, Decision) else None,
            link=link,
            about=tuple(_answered_changes(link, file, record.chain)),
        )
        for file, link, _ in reversed(links)
    ]
    rows += [PastDecision(published=version, link=None) for version, one in versions if one is None]
    return tuple(sorted(rows, key=lambda one: one.at, reverse=True))


def _proposal_key(link: Decision) -> tuple[str, int]:
    return (link.week, link.attempt) if not says_no(link) else ("", 0)


def _approval(one: DecidedAttempt) -> tuple[str, int]:
    return one.decision.week, one.decision.attempt


def _answered_changes(link: ChainLink, file: Path, chain: DecisionChain) -> Iterator[str]:
    """Name the changes that a link is about, and the answer to each."""
    if isinstance(link, ChangeAnswers):
        for answer in link.answers:
            until = f"until {answer.until}" if answer.until else "until its evidence moves"
            why = f": {answer.note}" if answer.note else ""
            yield f"{answer.variant} in {answer.tier}, {until}{why}"
    elif isinstance(link, AnswerRetraction):
        filed = chain.reviews.proposal(file.parent)
        given: dict[str, Decision | ChangeAnswers] = {
            sha256: one
            for other, one, sha256 in chain.links
            if other.parent == file.parent and isinstance(one, Decision | ChangeAnswers)
        }
        answered = given.get(link.decision_sha256)
        if answered is not None:
            for found in answers_given(filed, answered, Sha256(link.decision_sha256)):
                if found.key == link.key:
                    yield f"{found.variant} in {found.tier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerState:
    """An answer on record, and what the last run made of it."""

    answer: RememberedAnswer
    last_run: str
    """The folder of the last run; empty where none was made since the answer."""
    stands: bool
    """The last run did not ask."""

    def as_json(self) -> JsonValue:
        """Return it for a program."""
        one = self.answer
        return {
            "key": one.key,
            "tier": one.tier,
            "variant": one.variant,
            "direction": one.direction.value,
            "answer": one.kind.value,
            "until": one.until.isoformat() if one.until else None,
            "against": one.against,
            "evidence": {
                variant: {"quality": found.quality, "usd_per_task": found.usd_per_task}
                for variant, found in one.evidence.items()
            },
            "reviewer": one.reviewer,
            "note": one.note,
            "answered_on": one.answered_on.isoformat(),
            "proposal": one.folder,
            "last_run": self.last_run or None,
            "stands": self.stands,
        }


def answer_states(workspace: Workspace) -> tuple[AnswerState, ...]:
    """Return every answer that nobody took back, by tier and variant.

    Raises:
        RefusedError: A decision or a run on record is broken or edited.
    """
    chain = DecisionChain.below(workspace.reviews)
    answers = read_decision_memory(chain).answers
    if not answers:
        return ()
    folder = chain.reviews.in_filing_order[-1]
    findings = chain.reviews.run_in(folder)[0].findings
    kept = {finding.subject for finding in findings if finding.kind == ANSWERED}
    return tuple(
        AnswerState(
            answer=answer,
            last_run="" if folder.name == answer.folder else folder.name,
            stands=folder.name == answer.folder or answer.subject in kept,
        )
        for answer in answers
    )
