"""Reads a weekly table; a price counts only from the day it was publicly known."""

from __future__ import annotations

import csv
import gzip
import math
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history import History, HistoryRow, WeekTable
from pipeline.domain.calendar import Week, monday, week_of
from pipeline.domain.price import JUDGEMENT
from pipeline.domain.score import ListPrice
from pipeline.errors import UsageError
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

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
            raise _broken(path, line, str(error)) from None
        if days.setdefault(week, day) != day:
            raise _broken(path, line, f"{week} has the days {days[week]} and {day}")
        if row.model in tables.setdefault(week, {}):
            raise _broken(path, line, f"{week} lists {row.model} twice")
        tables[week][row.model] = row
    if not tables:
        raise _broken(path, 1, "no weeks")
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
        raise _broken(path, 1, f"no column {missing[0]}")
    for line, cells in enumerate(reader, start=2):
        if len(cells) != len(head):
            raise _broken(path, line, f"{len(cells)} cells under {len(head)} columns")
        yield line, dict(zip(head, cells, strict=True))


def _row(cells: Mapping[str, str], day: date, *, backfilled_prices: bool) -> HistoryRow:
    score, low, high = (_number(cells, name) for name in ("score", "ci_low", "ci_high"))
    model = cells["model"]
    if not model or score is None:
        raise ValueError("a row without a model or a score")
    if low is not None and high is not None and not low <= score <= high:
        raise ValueError(f"{model}: {score} is outside [{low}, {high}]")
    votes, usable = _number(cells, "votes"), backfilled_prices or _known(cells, day)
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


def _known(cells: Mapping[str, str], day: date) -> bool:
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


def _broken(path: Path, line: int, found: str) -> UsageError:
    return UsageError(f"{path}:{line}: {found}", hint=f"Expected a weekly table with {', '.join(COLUMNS)}.")
