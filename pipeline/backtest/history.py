"""Holds past weeks as they were known then: one table a week."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError
from pipeline.scoring.quality.anchor import ASSUMED_HALF_WIDTH_ELO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from pipeline.domain.calendar import Week
    from pipeline.domain.crosswalk import Crosswalk, NameFamily, Resolution
    from pipeline.domain.score import ListPrice

EFFORT: Final = "default"
"""How hard a model was asked to think where neither the table nor anybody says so."""

_PLAIN: Final = frozenset({None, "none", EFFORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
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
class WeekContext:
    """A week of the operator's own record: readings, and the resolution of their names."""

    resolution: Resolution
    crosswalk: Crosswalk
    """As far as it held on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekTable:
    """The board of one week."""

    week: Week
    day: date
    rows: Mapping[str, HistoryRow]
    """By model."""
    number: int
    """Calendar weeks since an arbitrary one, to count the weeks between two tables."""
    scene: WeekContext | None = None
    """None: the table is all that is known of the week."""
    kin: Mapping[str, NameFamily] = field(default_factory=dict)
    """Vendor, family and effort by model, as its name tells them; a model that is missing tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Weeks in order, and what is odd about them."""

    tables: tuple[WeekTable, ...]
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
    def nameless(self) -> Mapping[str, tuple[str, ...]]:
        """Models with a price whose name states no vendor, and those whose name states no effort."""
        priced = sorted(
            {row.model for table in self.tables for row in table.rows.values() if row.price is not None}
        )
        kin = self.tables[-1].kin
        if self.own or not kin:
            return {}
        return {
            "vendor": tuple(model for model in priced if kin[model].vendor is None),
            "effort": tuple(model for model in priced if kin[model].effort is None),
        }

    @property
    def repeated(self) -> tuple[Week, ...]:
        """Weeks in which every listed model has the score of the week before: a frozen feed."""
        pairs = zip(self.tables, self.tables[1:], strict=False)
        return tuple(two.week for one, two in pairs if _frozen(one, two))


def named(history: History, family_of: Callable[[str], NameFamily]) -> History:
    """Give every model of a table the family that follows from its name.

    Where it tells no effort and the model was listed before any whose name does reason, it cannot: `none`.
    A model that is listed later and tells none stays unknown.

    Args:
        history: Weeks in order; what is left out of them later must still be in it.
        family_of: Gives what a name tells.
    """
    first: dict[str, int] = {}
    for table in history.tables:
        for model in table.rows:
            first.setdefault(model, table.number)
    kin = {model: family_of(model) for model in first}
    reasons = [first[model] for model, one in kin.items() if one.effort not in _PLAIN]
    since = min(reasons, default=0)
    kin |= {
        model: replace(one, effort="none")
        for model, one in kin.items()
        if one.effort is None and first[model] < since
    }
    return replace(history, tables=tuple(replace(table, kin=kin) for table in history.tables))


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


def _frozen(one: WeekTable, two: WeekTable) -> bool:
    return all(name in one.rows and one.rows[name].score == row.score for name, row in two.rows.items())
