"""Counts whether a reading says anything that earlier weeks did not: by its numbers, not by a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.checks.reading_stats import count_numbers, numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.domain.observation import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDay:
    """One earlier weekly run of a source."""

    week: str
    names: int
    """Names with a number."""
    read: Callable[[], Reading | None]
    """Reads its captures again; None when they are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTrail:
    """What earlier weekly runs of a source looked like."""

    names: tuple[int, ...] = ()
    """Names with a number in each, newest first."""
    unchanged: int = 0
    """How many of them in a row, up to the last one, said exactly the numbers of this reading."""
    replayed: str = ""
    """The week whose numbers this reading repeats although other numbers came since; empty when none."""


def compare_recent(reading: Reading, steps: Sequence[ReadingDay]) -> ReadingTrail:
    """Compare a reading with earlier runs, newest first; one is read only where it may say the same."""
    said, there = numbers_of(reading), len(count_numbers(reading))
    counts = tuple(step.names for step in steps)
    unchanged = 0
    for place, step in enumerate(steps):
        if step.names != there or not _says(step, said):
            continue
        if place != unchanged:
            replayed = "" if unchanged else step.week
            return ReadingTrail(names=counts, unchanged=unchanged, replayed=replayed)
        unchanged += 1
    return ReadingTrail(names=counts, unchanged=unchanged)


def distinct_readings(reading: Reading, steps: Sequence[ReadingDay], count: int) -> tuple[Reading, ...]:
    """Return what the source said before, newest first, leaving out weeks that only repeat the next one."""
    found: list[Reading] = []
    after = numbers_of(reading)
    for step in steps:
        before = step.read() if len(found) < count else None
        if before is not None and (said := numbers_of(before)) != after:
            found.append(before)
            after = said
    return tuple(found)


def _says(step: ReadingDay, said: frozenset[object]) -> bool:
    before = step.read()
    return before is not None and numbers_of(before) == said
