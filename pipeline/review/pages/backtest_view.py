"""Arranges a backtest for its page: measures, and each tier's weeks with who held it and why.

Plain values; `flow` fills them, `backtest_page` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.domain.run import PastWeek


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One policy's measures in one tier."""

    policy: str
    own: bool
    """It is the policy that was asked about, not one to compare with."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTable:
    """What all policies reached on one board."""

    title: str
    headings: tuple[str, ...]
    tiers: tuple[tuple[str, tuple[MeasureRow, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestView:
    """Everything the page says."""

    policy: str
    span: tuple[str, ...]
    """Which weeks were walked, and what is odd about them; sentences."""
    horizon: int
    """Weeks after a pick at which its value was judged."""
    tables: tuple[MeasureTable, ...]
    legend: str
    tiers: tuple[tuple[str, tuple[PastWeek, ...]], ...]
    attribution: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """A model's unbroken stay in a pool."""

    model: str
    since: date
    until: date
    """The day it was gone; of one that stayed to the end, the last table's day and a week."""


def tenures(weeks: Sequence[PastWeek], places: int | None = None) -> tuple[Tenure, ...]:
    """Find every unbroken stay, oldest first; with `places`, of those in the first so many places only."""
    return tuple(sorted(_tenures(weeks, places), key=lambda stay: (stay.since, stay.until, stay.model)))


def _tenures(weeks: Sequence[PastWeek], places: int | None) -> Iterator[Tenure]:
    since: dict[str, date] = {}
    for week in weeks:
        held = week.held[:places]
        for model in sorted(since.keys() - set(held)):
            yield Tenure(model=model, since=since.pop(model), until=week.day)
        for model in held:
            since.setdefault(model, week.day)
    for model in sorted(since):
        yield Tenure(model=model, since=since[model], until=after_last(weeks))


def after_last(weeks: Sequence[PastWeek]) -> date:
    """Return the day on which the table after the last one would be due: as far off as the one before."""
    gaps = [two.day - one.day for one, two in pairwise(weeks)]
    last: date = weeks[-1].day
    return last + min(gaps, default=last - last)


def ticks(first: date, last: date, *, most: int) -> tuple[tuple[date, str], ...]:
    """Choose at most `most` starts of years, quarters or months, else the two ends, with their words."""
    for step in (1, 3, 12):
        starts = [
            date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13, step)
        ]
        inside = [day for day in starts if first <= day <= last]
        if len(inside) <= most:
            break
    if len(inside) < 2:  # noqa: PLR2004 - one mark says nothing about a length
        return ((first, first.isoformat()), (last, last.isoformat()))
    return tuple((day, f"{day:%Y}" if step == 12 else f"{day:%Y-%m}") for day in inside)  # noqa: PLR2004 - months
