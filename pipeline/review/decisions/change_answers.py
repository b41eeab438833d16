"""Files a named person's answers to single changes, and takes one back, as links of the decisions' chain.

Answers decide nothing: the same week without the changes that were held is a proposal of its own, which is
rendered and then approved by its own digest, or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import atomic_files
from pipeline.domain.answers import AnswerKind
from pipeline.domain.calendar import moment_text
from pipeline.domain.escape import escape_name, escape_text
from pipeline.domain.proposal import AnswerRetraction, ChangeAnswer, ChangeAnswers, Verdict
from pipeline.errors import RefusedError, UsageError
from pipeline.review.decisions.chain import DecisionChain, check_follows, latest_decision
from pipeline.review.decisions.decisions import (
    check_consent,
    check_moment,
    check_reviewer_text,
    check_undecided,
)
from pipeline.review.decisions.remembered_answers import read_decision_memory
from pipeline.review.proposals import documents
from pipeline.review.proposals.questions import partner_of, questions_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.domain.ids import Sha256
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.review.proposals.questions import ChangeQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAnswerInput:
    """What a person said about one change that is not taken."""

    number: int
    """Of the change, as the page counts."""
    until: date | None = None
    """Held until this day; None: never, until its evidence moves."""
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersInput:
    """What a person typed who answers changes one by one."""

    digest_start: str
    """The first characters of the digest of the proposal that was read."""
    answers: tuple[ChangeAnswerInput, ...]
    """About the changes that are not taken."""
    accepted: tuple[int, ...] = ()
    """Numbers of changes that are said to be taken; of those that nobody names it is not known."""
    reviewer: str
    note: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractionInput:
    """What a person typed who takes an answer back."""

    key: str
    reviewer: str
    note: str
    now: datetime


def make_answers(filed: StoredProposal, typed: AnswersInput, *, previous: Sha256 | None) -> ChangeAnswers:
    """Turn what a person typed into answers about one filed proposal; nothing is written.

    Raises:
        UsageError: The reviewer, a note, a number or a day cannot be taken.
        RefusedError: The proposal is decided, the digest is another's, or a rule decides a change.
    """
    check_undecided(filed)
    check_moment(filed, moment_text(typed.now))
    check_consent(filed, typed.digest_start, Verdict.REJECTED)
    for option, text in (("--reviewer", typed.reviewer), ("--note", typed.note)):
        check_reviewer_text(option, text)
    if not typed.answers:
        raise UsageError(
            "no change is held", hint="`modelpool approve` takes the proposal as it is, with its digest."
        )
    lines = [
        _line(filed, answer, typed.now) for answer in sorted(typed.answers, key=lambda each: each.number)
    ]
    numbers = [answer.number for answer in typed.answers]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise UsageError(f"change {twice[0]} is answered twice", hint="Answer each change once.")
    _refuse_contradiction(filed, {*numbers}, typed.accepted)
    return ChangeAnswers(
        format=1,
        week=filed.proposal.week,
        attempt=filed.proposal.attempt,
        pool_sha256=filed.proposal.pool_sha256,
        proposal_sha256=filed.sha256,
        answers=tuple(lines),
        reviewer=typed.reviewer,
        note=typed.note,
        decided_at=moment_text(typed.now),
        previous=previous,
    )


def _refuse_contradiction(filed: StoredProposal, held: set[int], accepted: Sequence[int]) -> None:
    """Refuse to take a change and not the one that it goes with: neither happens without the other.

    Raises:
        RefusedError: A change that is said to be taken goes with one that is not.
    """
    asked = questions_of(filed.proposal)
    for one in asked:
        partner = partner_of(one, asked)
        if one.number in accepted and partner is not None and partner.number in held:
            raise RefusedError(
                f"change {one.number} cannot be taken without change {partner.number}: "
                f"{escape_name(one.change.variant)} and {escape_name(partner.change.variant)} change places "
                f"in {escape_name(one.change.tier)}",
                hint=f"Answer {one.number} and {partner.number} alike.",
            )


def file_answers(filed: StoredProposal, answers: ChangeAnswers) -> Path:
    """Write `answers.json` beside the proposal, once, and return the file; the same again changes nothing.

    Raises:
        RefusedError: Other answers are there, another decision was filed meanwhile, or the clock is behind.
        OSError: The disk refused; nothing is answered.
    """
    file = filed.folder / documents.ANSWERS
    now = DecisionChain.below(filed.folder.parent)
    known = now.reviews.proposal(filed.folder).answers
    if known is not None:
        again = answers.model_copy(update={"decided_at": known.decided_at, "previous": known.previous})
        if known == again:
            return file
        raise RefusedError(
            f"{escape_text(known.reviewer)} answered changes of {filed.folder.name} at {known.decided_at}",
            hint="`modelpool run` proposes what is left; answer that proposal.",
        )
    check_follows(answers, now.latest)
    atomic_files.create_file(file, documents.document_bytes(answers))
    return file


def make_retraction(
    reviews: Path, typed: RetractionInput, *, previous: Sha256
) -> tuple[RememberedAnswer, AnswerRetraction]:
    """Turn what a person typed into the retraction of one answer; nothing is written.

    Raises:
        UsageError: The reviewer or the note cannot be kept.
        RefusedError: No answer on record has the key.
    """
    found = next(
        (
            answer
            for answer in read_decision_memory(DecisionChain.below(reviews)).answers
            if answer.key == typed.key.strip()
        ),
        None,
    )
    if found is None:
        raise RefusedError(
            f"no answer on record has the key {escape_text(typed.key)[:64]!r}",
            hint="`modelpool memory` lists the keys; `modelpool history` shows what was taken back.",
        )
    for option, text in (("--reviewer", typed.reviewer), ("--note", typed.note)):
        check_reviewer_text(option, text)
    week, attempt = documents.place_of(reviews / found.folder)
    return found, AnswerRetraction(
        format=1,
        week=week,
        attempt=attempt,
        key=found.key,
        decision_sha256=found.decision_sha256,
        reviewer=typed.reviewer,
        note=typed.note,
        decided_at=moment_text(typed.now),
        previous=previous,
    )


def file_retraction(reviews: Path, retraction: AnswerRetraction) -> Path:
    """Write the retraction beside the answer that it takes back, once, and return the file.

    Raises:
        RefusedError: Another decision was filed meanwhile, or the clock is behind the last one.
        OSError: The disk refused; the answer stands.
    """
    check_follows(retraction, latest_decision(reviews))
    folder = reviews / documents.folder_name(retraction.week, retraction.attempt)
    file = folder / documents.RETRACTIONS.replace("*", retraction.key)
    atomic_files.create_file(file, documents.document_bytes(retraction))
    return file


def _line(filed: StoredProposal, typed: ChangeAnswerInput, now: datetime) -> ChangeAnswer:
    question = next((one for one in questions_of(filed.proposal) if one.number == typed.number), None)
    if question is None:
        raise UsageError(
            f"the proposal {filed.folder.name} has no change {typed.number}",
            hint=f"It has {len(filed.proposal.changes)}: `modelpool review` numbers them.",
        )
    if typed.note is not None:
        check_reviewer_text("note", typed.note)
    if typed.until is not None and typed.until <= now.date():
        raise UsageError(
            f"change {typed.number} cannot be held until {typed.until}, which is not in the future",
            hint="Name a day to come, e.g. 2027-01-31; to decline the change until its evidence moves, say "
            f"`--never {typed.number}`.",
        )
    return _answer_of(question, typed)


def _answer_of(question: ChangeQuestion, typed: ChangeAnswerInput) -> ChangeAnswer:
    change = question.change
    if question.direction is None:
        rule = change.rank_after is None
        raise RefusedError(
            f"change {question.number}, {escape_name(change.variant)} in {escape_name(change.tier)}, cannot "
            f"be held: {'it leaves by a rule' if rule else 'it follows from other changes'}",
            hint="Change the policy, or reject the whole proposal."
            if rule
            else f"Hold what enters or rises in {escape_name(change.tier)}, or reject the whole proposal.",
        )
    return ChangeAnswer(
        tier=change.tier,
        variant=change.variant,
        direction=question.direction,
        answer=AnswerKind.NEVER if typed.until is None else AnswerKind.HOLD,
        until=typed.until.isoformat() if typed.until else None,
        note=typed.note,
    )
