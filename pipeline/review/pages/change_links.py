"""Says of each change what caused it, whether it can be held by itself, and which others it goes with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.answers import Direction
from pipeline.domain.pool import Cause
from pipeline.domain.proposal import ProposalKind
from pipeline.review.proposals.questions import partner_of, questions_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.questions import ChangeQuestion


def change_links(proposal: Proposal) -> Mapping[int, str]:
    """Return a clause for each change by its number, e.g. `follows from 3`; none if nothing can be held."""
    if proposal.kind is not ProposalKind.CHANGE:
        return {}
    asked = questions_of(proposal)
    return {
        one.number: _clause(one, [each for each in asked if each.change.tier == one.change.tier])
        for one in asked
    }


def _clause(one: ChangeQuestion, beside: Sequence[ChangeQuestion]) -> str:
    """Say it of one change, beside all changes of its tier."""
    if one.direction in {Direction.ENTER, Direction.LEAVE}:
        partner = partner_of(one, beside)
        return f"can be held, goes with {partner.number}" if partner else "can be held"
    if one.direction is Direction.RISE:
        return "can be held"
    if one.change.rank_after is None:
        return "by a rule, cannot be held"
    causes = [str(each.number) for each in beside if _makes_way(each, one)]
    return f"follows from {' and '.join(causes)}" if causes else "cannot be held alone"


def _makes_way(each: ChangeQuestion, one: ChangeQuestion) -> bool:
    """Return whether a change moves another: it takes a place before it, or frees one."""
    then, now = one.change.rank_before or 0, one.change.rank_after or 0
    before, after = each.change.rank_before, each.change.rank_after
    was_ahead = before is not None and before < then
    is_ahead = after is not None and after < now
    return (is_ahead and not was_ahead) if now > then else (was_ahead and not is_ahead)


CAUSES: Final = {
    Cause.FIRST: "first pool",
    Cause.SCORE: "score moved",
    Cause.PRICE: "price moved",
    Cause.SCALE: "scale changed",
    Cause.NEW: "new in the data",
    Cause.DOMINATED: "dominated",
    Cause.VALUE: "better value",
    Cause.RETIRED: "retired",
    Cause.RETIRING: "retires soon",
    Cause.CONSTRAINT: "constraint broken",
    Cause.MISSING: "missing from the data",
    Cause.VACANCY: "fills a vacancy",
    Cause.ORDER: "order only",
    Cause.REMOVED: "tier removed from the policy",
    Cause.TIME: "time passed",
    Cause.POLICY: "policy changed",
    Cause.NAME: "name judged",
}

MEASURED: Final = frozenset({Cause.SCORE, Cause.PRICE, Cause.SCALE, Cause.NEW, Cause.VALUE, Cause.ORDER})
"""Causes that are guessed from what moved about a variant, or say only that its place did: where causes were
attributed one after the other, those are named instead."""
