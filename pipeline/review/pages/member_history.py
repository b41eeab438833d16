"""Collects what published pools said of today's members: quality, cost and rank over half a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import read_moment

if TYPE_CHECKING:
    from pipeline.domain.pool import Pool
    from pipeline.review.pages.proposal_view import ProposalView

REACH: Final = timedelta(weeks=26)
"""How far back a line goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """A member as one version, or this proposal, states it."""

    weeks_ago: float
    """Weeks from that pool to the proposal."""
    version: str
    week: str
    quality: str
    """P(preferred to the reference), decimal text as in the pool."""
    usd_per_task: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberHistory:
    """One proposed member of a tier and its points, the oldest first; the last one is the proposal."""

    variant: str
    runs: tuple[tuple[HistoryPoint, ...], ...]
    """Points of versions in a row; where it was no member, a new run begins."""

    @property
    def points(self) -> tuple[HistoryPoint, ...]:
        """All points."""
        return tuple(point for run in self.runs for point in run)


def member_histories(tier: str, view: ProposalView) -> tuple[MemberHistory, ...]:
    """Return the history of each proposed member, in rank order; none where no version had one of them."""
    proposed = view.proposal.pool
    latest = read_moment(proposed.as_of)
    pools = [pool for pool in view.record.pools if latest - read_moment(pool.as_of) <= REACH]
    members = proposed.tiers[tier].members if tier in proposed.tiers else ()
    found = tuple(_history(member.variant, tier, [*pools, proposed]) for member in members)
    return found if any(len(one.points) > 1 for one in found) else ()


def _history(variant: str, tier: str, pools: list[Pool]) -> MemberHistory:
    latest = read_moment(pools[-1].as_of)
    runs: list[list[HistoryPoint]] = [[]]
    for pool in pools:
        members = pool.tiers[tier].members if tier in pool.tiers else ()
        member = next((one for one in members if one.variant == variant), None)
        if member is None:
            runs.append([])
            continue
        point = HistoryPoint(
            weeks_ago=(latest - read_moment(pool.as_of)) / timedelta(weeks=1),
            version=f"v{pool.version:04}",
            week=pool.week,
            quality=member.quality,
            usd_per_task=member.usd_per_task,
            rank=member.rank,
        )
        runs[-1].append(point)
    return MemberHistory(variant=variant, runs=tuple(tuple(run) for run in runs if run))
