"""Holds past weeks as they were known then, one table a week, and reads them from a file."""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import Week, monday, week_of
from pipeline.domain.price import JUDGEMENT
from pipeline.domain.score import ListPrice
from pipeline.errors import UsageError
from pipeline.regular_file import read_file
from pipeline.scoring.quality.equate import ASSUMED_HALF_WIDTH_ELO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pipeline.domain.crosswalk import Crosswalk, NameFamily, Resolution


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
        return tuple(two.week for one, two in pairs if _is_repeated(one, two))


def with_families(history: History, family_of: Callable[[str], NameFamily]) -> History:
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


def clip_weeks(history: History, first: Week | None, last: Week | None) -> History:
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


def _is_repeated(one: WeekTable, two: WeekTable) -> bool:
    return all(name in one.rows and one.rows[name].score == row.score for name, row in two.rows.items())


COLUMNS: Final = ("week", "date", "model", "score")
"""What a history must have; ci_low, ci_high, votes, prices and index may be absent or empty."""

_GZIP = b"\x1f\x8b"
_LOW, _HIGH = 0.0, 1e7
"""Bounds of a price in dollars per million tokens that is not a typing error."""


def read_history(path: Path, *, backfilled_prices: bool = False) -> History:
    """Read a weekly table, plain or gzipped CSV.

    A price counts from the day it was publicly known: where `backfilled` is 1 or `price_known_at`
    lies after the table's day, it is dropped here, so that nothing later can see it.

    Args:
        path: File with at least the columns of `COLUMNS`.
        backfilled_prices: Use prices that were known later only, as the published baselines did.

    Raises:
        UsageError: The file cannot be read, or a line is not of the written form.
    """
    tables: dict[Week, dict[str, HistoryRow]] = {}
    days: dict[Week, date] = {}
    for line, cells in _lines(path):
        try:
            week, day = _week(cells["week"]), date.fromisoformat(cells["date"])
            row = _row(cells, day, backfilled_prices=backfilled_prices)
        except ValueError as error:
            raise _broken_line(path, line, str(error)) from None
        if days.setdefault(week, day) != day:
            raise _broken_line(path, line, f"{week} has the days {days[week]} and {day}")
        if row.model in tables.setdefault(week, {}):
            raise _broken_line(path, line, f"{week} lists {row.model} twice")
        tables[week][row.model] = row
    if not tables:
        raise _broken_line(path, 1, "no weeks")
    return History(
        tables=tuple(
            WeekTable(
                week=week,
                day=days[week],
                rows=dict(sorted(tables[week].items())),
                number=monday(week).toordinal() // 7,
            )
            for week in sorted(tables)
        )
    )


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        body = read_file(path)
        text = (gzip.decompress(body) if body.startswith(_GZIP) else body).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="Name a CSV file, plain or .gz.") from None
    reader = csv.reader(text.splitlines())
    head = next(reader, [])
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise _broken_line(path, 1, f"no column {missing[0]}")
    for line, cells in enumerate(reader, start=2):
        if len(cells) != len(head):
            raise _broken_line(path, line, f"{len(cells)} cells under {len(head)} columns")
        yield line, dict(zip(head, cells, strict=True))


def _row(cells: Mapping[str, str], day: date, *, backfilled_prices: bool) -> HistoryRow:
    score, low, high = (_number(cells, name) for name in ("score", "ci_low", "ci_high"))
    model = cells["model"]
    if not model or score is None:
        raise ValueError("a row without a model or a score")
    if low is not None and high is not None and not low <= score <= high:
        raise ValueError(f"{model}: {score} is outside [{low}, {high}]")
    votes, usable = _number(cells, "votes"), backfilled_prices or _was_known(cells, day)
    return HistoryRow(
        model=model,
        score=score,
        low=low,
        high=high,
        votes=None if votes is None else int(votes),
        price=_price(cells) if usable else None,
        index=_number(cells, "index"),
        index_estimated=cells.get("index_estimated", "").lower() in {"true", "1", "1.0"},
    )


def _was_known(cells: Mapping[str, str], day: date) -> bool:
    """Whether the price was publicly known on the table's day; unsaid means yes."""
    if _number(cells, "backfilled"):
        return False
    since = cells.get("price_known_at", "")
    return not since or date.fromisoformat(since) <= day


def _price(cells: Mapping[str, str]) -> ListPrice | None:
    """Read the list price; zero or half-stated prices are unknown, as in scoring."""
    amounts = [_number(cells, name) for name in ("input_price", "output_price")]
    known = [amount for amount in amounts if amount]
    if len(known) < len(amounts):
        return None
    if not all(_LOW < amount < _HIGH for amount in known):
        raise ValueError(f"{cells['model']}: a price of {known} dollars per million tokens")
    per_input, per_output = (round(amount * 1e6) for amount in known)
    return ListPrice(
        input_microusd_per_mtok=per_input,
        output_microusd_per_mtok=per_output,
        cache_read_microusd_per_mtok=None,
        sources=(JUDGEMENT,),
    )


def _number(cells: Mapping[str, str], name: str) -> float | None:
    text = cells.get(name, "")
    if not text:
        return None
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{name} is {text}")
    return number


def _week(text: str) -> Week:
    """Read the Monday a week starts on."""
    day = date.fromisoformat(text)
    if day.weekday() != 0:
        raise ValueError(f"week {text} does not start on a Monday")
    return week_of(datetime.combine(day, time(), UTC))


def _broken_line(path: Path, line: int, found: str) -> UsageError:
    return UsageError(f"{path}:{line}: {found}", hint=f"Expected a weekly table with {', '.join(COLUMNS)}.")
