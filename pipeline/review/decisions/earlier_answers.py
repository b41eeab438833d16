"""Finds what people answered before a proposal: what it asks again, and what they left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.observation import ANSWERED
from pipeline.domain.proposal import ChangeAnswers, Decision, ProposalKind
from pipeline.domain.subjects import member_subject
from pipeline.review.decisions.remembered_answers import says_no

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.domain.pool import Change
    from pipeline.domain.proposal import ChangeAnswer, Proposal
    from pipeline.review.decisions.chain import DecisionChain, Link

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
    line: ChangeAnswer | None = None
    """What was said about this change alone; None: the whole proposal was rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredAttempt:
    """An earlier proposal of the same week, of which some changes were held, so that this one was made."""

    answers: ChangeAnswers
    then: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedPool:
    """A first pool that was rejected: nothing in force could stand in for it, so it is proposed again."""

    decision: Decision
    then: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswers:
    """What people answered before one proposal was made."""

    again: tuple[EarlierAnswer, ...] = ()
    """For each change that was rejected or held before and is asked again, the newest answer."""
    attempts: tuple[AnsweredAttempt, ...] = ()
    """The answers of this very week that it was made under, the newest first."""
    first: RejectedPool | None = None
    """The newest rejection of a first pool, where this is a first pool too."""


NOTHING_EARLIER = EarlierAnswers()


def earlier_answers(chain: DecisionChain, proposal: Proposal) -> EarlierAnswers:
    """Read from the chain of decisions what was answered before a proposal.

    Raises:
        RefusedError: A decision or a rejected proposal is broken or edited.
    """
    kept = {finding.subject for finding in proposal.findings if finding.kind == ANSWERED}
    asked = {
        direction(change): change
        for change in proposal.changes
        if member_subject(change.tier, change.variant) not in kept
    }
    found: dict[Direction, EarlierAnswer] = {}
    attempts: list[AnsweredAttempt] = []
    first: RejectedPool | None = None
    for (file, _, _), link in _declining_links(chain.links, proposal):
        is_own_week = isinstance(link, ChangeAnswers) and link.week == proposal.week
        if len(found) == len(asked) and not is_own_week:
            continue
        then = chain.reviews.proposal(file.parent).proposal
        if isinstance(link, ChangeAnswers) and is_own_week:
            attempts.append(AnsweredAttempt(answers=link, then=then))
        if isinstance(link, Decision) and first is None and then.kind is proposal.kind is ProposalKind.FIRST:
            first = RejectedPool(decision=link, then=then)
        for before, line in _declined_changes(then, link):
            key = direction(before)
            if key in asked and key not in found:
                note = (line.note if line else None) or link.note
                found[key] = EarlierAnswer(change=asked[key], decision=link, then=then, note=note, line=line)
    again = tuple(found[key] for key in asked if key in found)
    return EarlierAnswers(again=again, attempts=tuple(attempts), first=first)


def _declining_links(
    chain: Sequence[Link], proposal: Proposal
) -> Iterator[tuple[Link, Decision | ChangeAnswers]]:
    """Return the links that decline changes of another proposal than this one, the newest first."""
    for one in reversed(chain):
        link = one[1]
        if (link.week, link.attempt) == (proposal.week, proposal.attempt):
            continue
        if isinstance(link, Decision | ChangeAnswers) and says_no(link):
            yield one, link


def _declined_changes(
    then: Proposal, link: Decision | ChangeAnswers
) -> Iterator[tuple[Change, ChangeAnswer | None]]:
    """Return the changes that a link declines, and the reason of each."""
    if isinstance(link, Decision):
        yield from ((change, None) for change in then.changes)
        return
    lines = {(answer.tier, answer.variant): answer for answer in link.answers}
    for change in then.changes:
        if (change.tier, change.variant) in lines:
            yield change, lines[change.tier, change.variant]


def direction(change: Change) -> Direction:
    """Say what a change does, wherever the place is."""
    return change.tier, change.variant, change.rank_before is not None, change.rank_after is not None
