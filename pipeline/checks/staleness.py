"""Counts whether a reading says anything that earlier weeks did not: by its numbers, not by a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.checks.reading_stats import numbers_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.domain.ids import Sha256
    from pipeline.domain.observation import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDay:
    """One earlier weekly run of a source."""

    week: str
    names: int
    """Names with a number."""
    numbers: Sha256
    """Digest of its numbers."""
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
    """Compare a reading with earlier runs, newest first, by the digests of their numbers."""
    said = numbers_digest(reading) if steps else ""
    counts = tuple(step.names for step in steps)
    unchanged = 0
    for place, step in enumerate(steps):
        if step.numbers != said:
            continue
        if place != unchanged:
            replayed = "" if unchanged else step.week
            return ReadingTrail(names=counts, unchanged=unchanged, replayed=replayed)
        unchanged += 1
    return ReadingTrail(names=counts, unchanged=unchanged)


def distinct_readings(reading: Reading, steps: Sequence[ReadingDay], count: int) -> tuple[Reading, ...]:
    """Return what the source said before, newest first, leaving out weeks that only repeat the next one."""
    found: list[Reading] = []
    after = numbers_digest(reading)
    for step in steps:
        before = step.read() if len(found) < count and step.numbers != after else None
        if before is not None:
            found.append(before)
            after = step.numbers
    return tuple(found)
