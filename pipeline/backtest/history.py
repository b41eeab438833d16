"""Past weeks as they were known then: one table a week."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.scoring.anchor import ASSUMED_HALF_WIDTH_ELO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.domain.crosswalk import Crosswalk, Resolution
    from pipeline.domain.score import ListPrice
    from pipeline.domain.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model in one week; None is what the table does not state."""

    model: str
    score: float
    """Elo points."""
    low: float | None
    """Lower end of the published 95 % interval."""
    high: float | None
    votes: int | None
    price: ListPrice | None
    """None where no price was known in that week."""
    index: float | None
    """Points of the second board."""
    index_estimated: bool
    usd_per_task: float | None = None
    """As the operator's own record prices it; None: what the effort ladder says."""

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval, in Elo points; where none is published, what scoring assumes."""
        if self.low is None or self.high is None or self.low == self.high:
            return ASSUMED_HALF_WIDTH_ELO
        return (self.high - self.low) / 2

    @property
    def ends(self) -> tuple[float, float]:
        """The 95 % interval, in Elo points."""
        if self.low is None or self.high is None or self.low == self.high:
            return self.score - ASSUMED_HALF_WIDTH_ELO, self.score + ASSUMED_HALF_WIDTH_ELO
        return self.low, self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A week of the operator's own record: what its sources said, and whom people meant by it."""

    resolution: Resolution
    crosswalk: Crosswalk
    """As far as it held on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The board of one week."""

    week: Week
    day: date
    rows: Mapping[str, Row]
    """By model."""
    number: int
    """Calendar weeks since an arbitrary one, to count the weeks between two tables."""
    scene: Scene | None = None
    """None: the table is all that is known of the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Weeks in order, and what is odd about them."""

    tables: tuple[Table, ...]
    without_bytes: tuple[Week, ...] = ()
    """Weeks of the operator's own record whose captured bytes are not on this machine."""

    @property
    def own(self) -> bool:
        """Whether it is the operator's own record."""
        return any(table.scene for table in self.tables)

    @property
    def two_boards(self) -> bool:
        """Whether the second board is there."""
        return any(row.index is not None for table in self.tables for row in table.rows.values())

    @property
    def holes(self) -> tuple[tuple[Week, Week, int], ...]:
        """Neighbouring weeks with none between them, and how many weeks are missing."""
        pairs = zip(self.tables, self.tables[1:], strict=False)
        gaps = ((one.week, two.week, two.number - one.number - 1) for one, two in pairs)
        return tuple(gap for gap in gaps if gap[2] > 0)

    @property
    def repeated(self) -> tuple[Week, ...]:
        """Weeks in which every listed model has the score of the week before: a frozen feed."""
        pairs = zip(self.tables, self.tables[1:], strict=False)
        return tuple(two.week for one, two in pairs if _frozen(one, two))


def between(history: History, first: Week | None, last: Week | None) -> History:
    """Keep the weeks from `first` to `last`; what lies outside is not seen by anybody.

    Raises:
        UsageError: No week is left.
    """
    kept = tuple(
        table
        for table in history.tables
        if (first is None or table.week >= first) and (last is None or table.week <= last)
    )
    if not kept:
        held = f"{history.tables[0].week} to {history.tables[-1].week}"
        raise UsageError("no week of the history is in the span", hint=f"It holds {held}.")
    return replace(history, tables=kept)


def _frozen(one: Table, two: Table) -> bool:
    return all(name in one.rows and one.rows[name].score == row.score for name, row in two.rows.items())
