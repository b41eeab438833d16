"""Names used provisionally: the rooms' doubts put together, and what each name does to the pools."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.pool import lineup
from pipeline.flow.assess import assess
from pipeline.flow.blast import moves_told
from pipeline.flow.brief import brief_of
from pipeline.pools.diff import diff
from pipeline.pools.select import rehearse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import Agreed
    from pipeline.domain.memory import Memory
    from pipeline.flow.outcome import Week
    from pipeline.pools.brief import Selection


def with_touches(week: Week, memory: Memory, selection: Selection) -> Week:
    """Say for each name used provisionally what the pools would do otherwise than without it.

    Where all of them together change nothing, none is asked alone.
    """
    resolution = week.assessment.resolution
    names = resolution.provisional
    if not names or not _moves(week, memory, selection, names):
        return week
    told = tuple(replace(one, touches=_moves(week, memory, selection, (one,))) for one in names)
    return replace(
        week, assessment=replace(week.assessment, resolution=replace(resolution, provisional=told))
    )


def _moves(week: Week, memory: Memory, selection: Selection, left_out: Sequence[Agreed]) -> tuple[str, ...]:
    crosswalk = week.rules.crosswalk
    withdrawn = crosswalk.withdrawn | {(one.source, one.key) for one in left_out}
    rules = replace(week.rules, crosswalk=replace(crosswalk, withdrawn=withdrawn))
    readings = [one.reading for one in week.heard if one.reading]
    without = replace(week, rules=rules, assessment=assess(readings, rules, on=week.job.now.date()))
    before = lineup(rehearse(brief_of(without, memory)))
    return moves_told(diff(before, lineup(selection.pool)))
