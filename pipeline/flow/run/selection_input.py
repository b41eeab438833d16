"""Builds the input of a selection from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.selection_input import SelectionInput
from pipeline.sources.registry import ATTRIBUTION

if TYPE_CHECKING:
    from pipeline.domain.run import Memory
    from pipeline.flow.run.run_state import RunState


def selection_input(week: RunState, memory: Memory) -> SelectionInput:
    """Build the input of this week's selection from the pool in force and the memory of earlier weeks."""
    latest = week.record.chain.latest
    return SelectionInput(
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
