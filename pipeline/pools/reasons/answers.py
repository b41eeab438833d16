"""Says in one line each which changes are not proposed: a person answered them, or they are carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.answers import Direction
from pipeline.domain.observation import ANSWERED, CARRIED_CHANGE, Finding, Severity
from pipeline.pools.reasons.number_format import per_100, usd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.domain.policy import MemoryPolicy, Policy
    from pipeline.pools.changes.answered import AnsweredChanges
    from pipeline.pools.changes.reviewer_load import ReviewQuestion


def answered_findings(answered: AnsweredChanges, margins: MemoryPolicy) -> Iterator[Finding]:
    """Name every answer that still counts, and what would make it a question again."""
    for one in answered.standing:
        message = f"{one.variant} {one.effect}: {one.words} {_again(one, margins)}"
        yield Finding(kind=ANSWERED, severity=Severity.NOTE, subject=one.subject, message=message)


def carried_findings(carried: Iterable[ReviewQuestion], policy: Policy) -> Iterator[Finding]:
    """Name every change that is left to a later week, and what it is worth."""
    for one in carried:
        what = f"would replace {one.against}" if one.swap else f"would pass {one.against}"
        span = "a month" if one.tier in policy.volume else "per 1,000 tasks"
        message = (
            f"{one.variant} {what} ({per_100(one.gain)}, {usd(one.usd)} {span}): carried to a later week, "
            f"since the policy asks about {policy.review_questions} a week at most."
        )
        yield Finding(
            kind=CARRIED_CHANGE, severity=Severity.NOTE, subject=f"{one.tier}/{one.variant}", message=message
        )


def _again(answer: RememberedAnswer, margins: MemoryPolicy) -> str:
    day = f"on {answer.until}, or " if answer.until else ""
    moved = per_100(margins.gain_per_100 / 100)
    against = f" against {answer.against}" if answer.against in answer.evidence else ""
    way = "less" if answer.direction is Direction.LEAVE else "more"
    return f"Asked again {day}once it is worth {moved} {way} than then{against}."
