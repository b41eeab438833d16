"""Defines a person's answer about one change, with the evidence it was given on (method section 7.6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import with_full_stop
from pipeline.domain.subjects import member_subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.domain.ids import Sha256, TierName, VariantId


class Direction(StrEnum):
    """What a change does to a variant."""

    ENTER = "enter"
    LEAVE = "leave"
    """It gives its place to a better one; who leaves by a rule is no question."""
    RISE = "rise"
    """It passes a member that stays."""


class AnswerKind(StrEnum):
    """What was said about it."""

    REJECTED = "rejected"
    """With the whole proposal, until the evidence moves."""
    HOLD = "hold"
    """Until a day, or until the evidence moves."""
    NEVER = "never"
    """Until the evidence moves."""


_NOT: Final = {
    Direction.ENTER: "does not enter",
    Direction.LEAVE: "is not replaced",
    Direction.RISE: "does not rise",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantEvidence:
    """One variant's figures in one tier when somebody answered."""

    quality: float
    """P(preferred to the reference), in (0, 1), to four decimals."""
    usd_per_task: float
    """To six decimals."""
    price_of_answer: float
    """What the tier paid for one more acceptable answer, in dollars."""

    @property
    def value(self) -> float:
        """V = q - C / lambda, in answers per request (method section 5)."""
        return self.quality - self.usd_per_task / self.price_of_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedAnswer:
    """An answer on record that nobody took back."""

    key: str
    """Eight characters by which it is retracted."""
    tier: TierName
    variant: VariantId
    direction: Direction
    kind: AnswerKind
    until: date | None
    """From this day on it is asked again; None: no day was given."""
    against: VariantId | None
    """Whose place an entrant would take, or whom a riser would pass; None: nobody's."""
    evidence: Mapping[VariantId, VariantEvidence]
    """Of the variant and of `against`, as the proposal stated them; without those that it did not score."""
    reviewer: str
    note: str
    answered_on: date
    folder: str
    """The proposal it was given on, e.g. `2026-W33`."""
    decision_sha256: Sha256
    """Digest of the decision.json or answers.json that holds it."""

    @property
    def subject(self) -> str:
        """Name what it is about, e.g. `premium/gpt-5.6-sol@high`."""
        return member_subject(self.tier, self.variant)

    @property
    def effect(self) -> str:
        """Say what does not happen, e.g. `does not enter`."""
        return _NOT[self.direction]

    @property
    def words(self) -> str:
        """Say who answered what, when and why."""
        said = {
            AnswerKind.REJECTED: "rejected it",
            AnswerKind.NEVER: "declined it",
            AnswerKind.HOLD: f"held it until {self.until}",
        }
        who = f"{self.reviewer} {said[self.kind]} on {self.answered_on} ({self.folder})"
        return f"{who}: {with_full_stop(self.note)}"
