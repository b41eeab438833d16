"""Names used provisionally: the rooms' doubts put together, and what each name does to the pools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import lineup
from pipeline.flow.assess import boards_of
from pipeline.flow.blast import moves_told
from pipeline.flow.brief import brief_of
from pipeline.identity.dated import valid_on
from pipeline.identity.routing import without
from pipeline.pools.diff import diff
from pipeline.pools.select import rehearse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Agreed
    from pipeline.domain.memory import Memory
    from pipeline.domain.pool import Lineup, Move
    from pipeline.flow.outcome import Week
    from pipeline.flow.rules import Rules
    from pipeline.identity.routing import Without
    from pipeline.pools.brief import Brief, Selection

ALONE: Final = 30
"""Names asked alone: five tiers of three places, each spelled on two boards. Asking one chooses every tier
again. A week with more is one before anybody judged: what counts then is what the names do together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One week, and what it selects."""

    without: Without
    brief: Brief
    rules: Rules
    on: date
    selected: Lineup

    def moves(self, left_out: Sequence[Agreed]) -> tuple[Move, ...]:
        """Say what the pools do otherwise than they would without some names."""
        resolution = self.without(left_out)
        boards = boards_of(resolution, self.rules, on=self.on, evidences=self.rules.evidence_in_use)
        before = lineup(rehearse(replace(self.brief, scoreboards=boards)))
        return diff(before, self.selected)


def with_touches(week: Week, memory: Memory, selection: Selection) -> Week:
    """Say for each name used provisionally what the pools would do otherwise than without it.

    Where all of them together change nothing, none is asked alone. Of many, those are asked alone that
    could change most: first the names of variants whose place hangs on all of them together. The others
    are left out together, and each of their lines says so.
    """
    resolution = week.assessment.resolution
    names = resolution.provisional
    if not names:
        return week
    asked = _asked(week, memory, selection)
    together = asked.moves(names)
    if not together:
        return week
    moved = {move.variant for move in together}
    first = sorted(names, key=lambda one: one.variant not in moved)
    alone = len(first) if len(first) <= ALONE + 1 else ALONE
    told = {
        (one.source, one.key): touches
        for part in (_each(asked, first[:alone]), _rest(asked, first[alone:]))
        for one, touches in part
    }
    marked = tuple(replace(one, touches=told[one.source, one.key]) for one in names)
    return replace(
        week, assessment=replace(week.assessment, resolution=replace(resolution, provisional=marked))
    )


def _asked(week: Week, memory: Memory, selection: Selection) -> _Asked:
    on = week.job.now.date()
    readings = [one.reading for one in week.heard if one.reading]
    return _Asked(
        without=without(week.assessment.resolution, readings, valid_on(week.rules.crosswalk, on)),
        brief=brief_of(week, memory),
        rules=week.rules,
        on=on,
        selected=lineup(selection.pool),
    )


def _each(asked: _Asked, names: Sequence[Agreed]) -> Iterator[tuple[Agreed, tuple[str, ...]]]:
    for one in names:
        yield one, moves_told(asked.moves((one,)))


def _rest(asked: _Asked, names: Sequence[Agreed]) -> Iterator[tuple[Agreed, tuple[str, ...]]]:
    """Ask about all of them at once; where they change nothing together, none is said to change anything."""
    told = moves_told(asked.moves(names)) if names else ()
    others = f"not asked alone; left out together with {len(names) - 1} others"
    for one in names:
        yield one, (f"{others}: {'; '.join(told)}",) if told else ()
