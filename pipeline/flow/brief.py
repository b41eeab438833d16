"""What `pools` is asked, put together from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.attribution import ATTRIBUTION
from pipeline.pools.brief import Brief
from pipeline.review.decide import latest_decision

if TYPE_CHECKING:
    from pipeline.domain.memory import Memory
    from pipeline.flow.outcome import Week


def brief_of(week: Week, memory: Memory) -> Brief:
    """Ask for this week's pools, given the pool in force and what the store remembers."""
    latest = latest_decision(week.job.workspace.reviews)
    return Brief(
        week=week.job.week,
        as_of=week.job.now,
        policy=week.rules.policy,
        policy_sha256=week.rules.policy_sha256,
        scoreboards=week.assessment.scoreboards,
        variants=week.rules.crosswalk.variants,
        profiles=week.assessment.resolution.profiles,
        published=week.published.pool if week.published else None,
        published_sha256=week.published.sha256 if week.published else None,
        audit_head=latest[1] if latest else None,
        memory=memory,
        attribution=ATTRIBUTION,
    )
