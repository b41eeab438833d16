"""Finds what people rejected before and a proposal asks again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.proposal import Verdict
from pipeline.review.decisions.decisions import decisions
from pipeline.review.proposals.proposal_store import read_proposal

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.pool import Change
    from pipeline.domain.proposal import Decision, Proposal

Direction = tuple[str, str, bool, bool]
"""Tier, variant, and whether it was and would be a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswer:
    """A change that was rejected before, with what was known then."""

    change: Change
    """As it is proposed now."""
    decision: Decision
    then: Proposal
    """The proposal that was rejected."""


def earlier_answers(reviews: Path, proposal: Proposal) -> tuple[EarlierAnswer, ...]:
    """Return, for each change that was rejected before, the newest rejection.

    Raises:
        RefusedError: A decision or a rejected proposal is broken or edited.
    """
    asked = {direction(one): one for one in proposal.changes}
    found: dict[Direction, EarlierAnswer] = {}
    for folder, decision, _ in reversed(decisions(reviews)):
        own = (decision.week, decision.attempt) == (proposal.week, proposal.attempt)
        if own or decision.verdict is not Verdict.REJECTED or len(found) == len(asked):
            continue
        then = read_proposal(folder).proposal
        for before in then.changes:
            key = direction(before)
            if key in asked and key not in found:
                found[key] = EarlierAnswer(change=asked[key], decision=decision, then=then)
    return tuple(found[key] for key in asked if key in found)


def direction(change: Change) -> Direction:
    """Say what a change does, wherever the place is."""
    return change.tier, change.variant, change.rank_before is not None, change.rank_after is not None
