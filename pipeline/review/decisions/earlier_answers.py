"""Finds what people rejected or held before and a proposal asks again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.observation import ANSWERED
from pipeline.domain.proposal import ChangeAnswers, Decision
from pipeline.review.decisions.chain import chain_links
from pipeline.review.decisions.remembered_answers import says_no
from pipeline.review.proposals.proposal_store import read_proposal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.domain.pool import Change
    from pipeline.domain.proposal import Proposal

Direction = tuple[str, str, bool, bool]
"""Tier, variant, and whether it was and would be a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswer:
    """A change that was rejected or held before, with what was known then."""

    change: Change
    """As it is proposed now."""
    decision: Decision | ChangeAnswers
    then: Proposal
    """The proposal that it was answered on."""
    note: str


def earlier_answers(reviews: Path, proposal: Proposal) -> tuple[EarlierAnswer, ...]:
    """Return, for each change that was rejected or held before and is asked again, the newest answer.

    Raises:
        RefusedError: A decision or a rejected proposal is broken or edited.
    """
    kept = {one.subject for one in proposal.findings if one.kind == ANSWERED}
    asked = {direction(one): one for one in proposal.changes if f"{one.tier}/{one.variant}" not in kept}
    found: dict[Direction, EarlierAnswer] = {}
    for file, link, _ in reversed(chain_links(reviews)):
        own = (link.week, link.attempt) == (proposal.week, proposal.attempt)
        if own or len(found) == len(asked):
            continue
        if not isinstance(link, Decision | ChangeAnswers) or not says_no(link):
            continue
        then = read_proposal(file.parent).proposal
        for before, note in _answered(then, link):
            key = direction(before)
            if key in asked and key not in found:
                found[key] = EarlierAnswer(change=asked[key], decision=link, then=then, note=note)
    return tuple(found[key] for key in asked if key in found)


def _answered(then: Proposal, link: Decision | ChangeAnswers) -> Iterator[tuple[Change, str]]:
    """Return the changes that a link says no to, and why."""
    if isinstance(link, Decision):
        yield from ((one, link.note) for one in then.changes)
        return
    notes = {(one.tier, one.variant): one.note or link.note for one in link.answers}
    for one in then.changes:
        if (one.tier, one.variant) in notes:
            yield one, notes[one.tier, one.variant]


def direction(change: Change) -> Direction:
    """Say what a change does, wherever the place is."""
    return change.tier, change.variant, change.rank_before is not None, change.rank_after is not None
