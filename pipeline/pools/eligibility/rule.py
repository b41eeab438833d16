"""Defines a rule of eligibility: what it checks, when, what it means, and what would lift it.

A new rule is one file with a `Rule`, and one line in `registry`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.domain.pool import Cause, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.pools.eligibility.candidate_facts import CandidateFacts, Exclusion, TierRequirements
    from pipeline.pools.eligibility.rule_relaxations import Relax


class Stage(StrEnum):
    """What becomes of a published member that fails a rule."""

    DATA = "data"
    """This week's data does not hold it: it is carried, not dropped."""
    HARD = "hard"
    """It leaves at once."""
    QUALITY = "quality"
    """It leaves beyond the floor's own tolerance (`worth.floor`)."""


def _broken_constraint(_line: Member, _facts: CandidateFacts, _terms: TierRequirements) -> Cause:
    return Cause.CONSTRAINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of eligibility."""

    name: str
    """Unlike any other rule's; what it leaves out names one of `exclusions`, or this."""
    stage: Stage
    check: Callable[[TierRequirements, CandidateFacts], Exclusion | None]
    """Says which variant fails, with the numbers. What is unknown fails."""
    drawn: bool = False
    """A draw of quality and cost can change the answer."""
    meanings: Mapping[str, str] = field(default_factory=dict)
    """By exclusion: what it means, in words."""
    relaxations: Mapping[str, Relax] = field(default_factory=dict)
    """By exclusion: what writes the least change of the policy that relaxes it."""
    cause: Callable[[Member, CandidateFacts, TierRequirements], Cause] = _broken_constraint
    """Why a published member that fails it leaves."""
