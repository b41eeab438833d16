"""Says in one line each which changes are not proposed because a person answered them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.answers import AnswerKind, Direction
from pipeline.domain.observation import ANSWERED, Finding, Severity
from pipeline.pools.reasons.number_format import per_100

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.domain.policy import MemoryPolicy
    from pipeline.pools.changes.answered import AnsweredChanges

_NOT: Final = {
    Direction.ENTER: "does not enter",
    Direction.LEAVE: "is not replaced",
    Direction.RISE: "does not rise",
}


def answered_findings(answered: AnsweredChanges, margins: MemoryPolicy) -> Iterator[Finding]:
    """Name every answer that still counts, and what would make it a question again."""
    for one in answered.standing:
        message = f"{one.variant} {_NOT[one.direction]}: {answer_words(one)} {_again(one, margins)}"
        yield Finding(kind=ANSWERED, severity=Severity.NOTE, subject=one.subject, message=message)


def answer_words(answer: RememberedAnswer) -> str:
    """Say who answered what, when and why."""
    said = {
        AnswerKind.REJECTED: "rejected it",
        AnswerKind.NEVER: "said never",
        AnswerKind.HOLD: f"held it until {answer.until}",
    }
    ends = "" if answer.note.endswith((".", "!", "?")) else "."
    when = f"{said[answer.kind]} on {answer.answered_on} ({answer.folder})"
    return f"{answer.reviewer} {when}: {answer.note}{ends}"


def _again(answer: RememberedAnswer, margins: MemoryPolicy) -> str:
    day = f"on {answer.until}, or " if answer.until else ""
    moved = per_100(margins.gain_per_100 / 100)
    against = f" against {answer.against}" if answer.against in answer.evidence else ""
    way = "less" if answer.direction is Direction.LEAVE else "more"
    return f"Asked again {day}once it is worth {moved} {way} than then{against}."
