"""Reads from a proposal which of its changes a person may answer one by one, in the order of its page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pydantic import ConfigDict

from pipeline.domain.answers import Direction
from pipeline.domain.document import Document
from pipeline.domain.pool import Cause, Change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.proposal import Proposal

_LAST: Final = Decimal("Infinity")
_ENDING: Final = frozenset({Cause.RETIRED, Cause.RETIRING})


class _MemberOutline(Document):
    model_config = ConfigDict(extra="ignore")

    rank: int
    variant: str


class _TierOutline(Document):
    model_config = ConfigDict(extra="ignore")

    members: tuple[_MemberOutline, ...]


class _PoolOutline(Document):
    model_config = ConfigDict(extra="ignore")

    tiers: dict[str, _TierOutline]


class ChangesOutline(Document):
    """The changes of a proposal and the places that they lead to; the rest of its document is passed over."""

    model_config = ConfigDict(extra="ignore")

    changes: tuple[Change, ...]
    pool: _PoolOutline


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuestion:
    """One change of a proposal, and what answering it is about."""

    number: int
    """Its place on the page, counted from 1."""
    change: Change
    direction: Direction | None
    """None: a rule decides it, or it follows from another change, so there is nothing to answer."""
    against: str | None = None
    """Whose place an entrant takes, or the best member whom a riser passes."""


def tier_order(proposal: Proposal) -> tuple[str, ...]:
    """Order the tiers by what one more acceptable answer is worth, then by name."""
    names = {*proposal.pool.tiers, *proposal.tiers, *(change.tier for change in proposal.changes)}
    reports = proposal.tiers
    worth = {name: Decimal(reports[name].lambda_usd) if name in reports else _LAST for name in names}
    return tuple(sorted(names, key=lambda name: (worth[name], name)))


def changes_in_order(proposal: Proposal) -> tuple[Change, ...]:
    """Return the changes as the page numbers them: by tier and place."""
    order = tier_order(proposal)
    return tuple(sorted(proposal.changes, key=lambda change: order.index(change.tier)))


def questions_of(proposal: Proposal) -> tuple[ChangeQuestion, ...]:
    """Say of every change whether a person may answer it, and against whom it stands."""
    return tuple(
        _question(number, change, proposal)
        for number, change in enumerate(changes_in_order(proposal), start=1)
    )


def partner_of(one: ChangeQuestion, asked: Iterable[ChangeQuestion]) -> ChangeQuestion | None:
    """Return the change that one goes with: the entrant of its leaver, or the other way; None without."""
    if one.direction not in {Direction.ENTER, Direction.LEAVE}:
        return None
    place = one.change.tier, one.against
    return next((each for each in asked if (each.change.tier, each.change.variant) == place), None)


def topics_of(proposal: Proposal | ChangesOutline) -> frozenset[tuple[str, str, Direction | None]]:
    """Name what a proposal changes: tier, variant and, where a person may answer, what happens to it."""
    asked = (_question(0, change, proposal) for change in proposal.changes)
    return frozenset((one.change.tier, one.change.variant, one.direction) for one in asked)


def _question(number: int, change: Change, proposal: Proposal | ChangesOutline) -> ChangeQuestion:
    if change.rank_before is None:
        return ChangeQuestion(
            number=number, change=change, direction=Direction.ENTER, against=change.replaces
        )
    if change.rank_after is None:
        entrant = _successful_entrant(change, proposal)
        direction = Direction.LEAVE if entrant else None
        return ChangeQuestion(number=number, change=change, direction=direction, against=entrant)
    passed = _passed_member(change, proposal)
    direction = Direction.RISE if passed else None
    return ChangeQuestion(number=number, change=change, direction=direction, against=passed)


def _successful_entrant(leaver: Change, proposal: Proposal | ChangesOutline) -> str | None:
    """Return who takes the place of a member that could have stayed; None where it leaves by a rule."""
    if leaver.cause in _ENDING:
        return None
    same = (
        change
        for change in proposal.changes
        if (change.tier, change.replaces) == (leaver.tier, leaver.variant)
    )
    return next((one.variant for one in same), None)


def _passed_member(riser: Change, proposal: Proposal | ChangesOutline) -> str | None:
    """Return the best ranked of the members that stay and that a variant now stands before."""
    before = _ranks_before(riser.tier, proposal)
    place = before[riser.variant]
    asked = {
        change.variant
        for change in proposal.changes
        if (change.tier, change.cause) == (riser.tier, Cause.MISSING)
    }
    behind = [
        member.variant
        for member in proposal.pool.tiers[riser.tier].members
        if member.rank > (riser.rank_after or 0) and before.get(member.variant, place) < place
        if member.variant not in asked
    ]
    return min(behind, key=before.__getitem__, default=None)


def _ranks_before(tier: str, proposal: Proposal | ChangesOutline) -> dict[str, int]:
    """Return the rank that each member of a proposed tier has in the pool in force; entrants have none."""
    moved = {change.variant: change.rank_before for change in proposal.changes if change.tier == tier}
    ranks = (
        (member.variant, moved.get(member.variant, member.rank))
        for member in proposal.pool.tiers[tier].members
    )
    return {variant: rank for variant, rank in ranks if rank is not None}
