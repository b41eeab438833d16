"""Checks the rows of one Arena board one by one, then against each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.domain.ids import MetricName, SourceName, arena_metric
from pipeline.sources.lmarena.fetch import day_of, overall_day, published_days
from pipeline.sources.lmarena.table import KNOWN, PUBLISHED
from pipeline.sources.parsing.fields import (
    FieldError,
    confusable_keys,
    is_plain,
    number,
    optional_text,
    text,
    value_text,
    whole_number,
)
from pipeline.sources.parsing.json_body import held_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pipeline.sources.parsing.fields import Row
    from pipeline.sources.parsing.row_issues import RowIssues

DUPLICATE_SHARE = 0.02
"""One name of 90 to 116 on webdev really occurs twice; a faulty publish repeated every name six times."""

_LOWEST, _HIGHEST = -1000.0, 5000.0
_MOST_VOTES = 2**53
_OVERALL = "overall"


class Rating(NamedTuple):
    """One model in one category. A tuple, because there are ten thousand of them."""

    category: str
    name: str
    metric: MetricName
    rating: float
    low: float
    high: float
    votes: int
    preliminary: bool
    organization: str | None
    licence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is left of a board's rows, sorted by category and name."""

    ratings: tuple[Rating, ...]
    listed: tuple[Rating, ...]
    """One row per name, to describe it: its overall row, else its first."""
    published: Mapping[MetricName, date]
    """When each category was published; empty where the rows do not say."""

    @property
    def published_on(self) -> date | None:
        """The day of the board: of its overall category, by which all categories are described."""
        return overall_day(self.published)


def read_rows(rows: Sequence[object], *, source: SourceName, board: str, issues: RowIssues) -> Rows:
    """Read all rows; odd ones become findings, repeated names are set aside on the whole board.

    Raises:
        SourceHeldError: Too many odd rows or repeated names, another board, or several publish dates within
            one category.
    """
    if not rows:
        raise held_error(source, "a leaderboard without rows")
    words = _Words(board)
    ratings: list[Rating] = []
    days: defaultdict[MetricName, set[date | None]] = defaultdict(set)
    for row in rows:
        if not isinstance(row, dict):
            issues.refuse("bad-value", value_text(row), "a row should be an object")
            continue
        if not row.keys() <= KNOWN:
            issues.drift(row.keys() - KNOWN)
        try:
            rating = _rating(row, words)
            if PUBLISHED in row:
                day = day_of(row[PUBLISHED])
                days[rating.metric].add(day)
            ratings.append(rating)
        except FieldError as error:
            issues.refuse(*_odd_row(row, error))
    issues.check(len(rows))
    _check_categories(words.metrics, source, board)
    left_out = _find_repeated(ratings, source, issues)
    kept = sorted((row for row in ratings if row.name not in left_out), key=itemgetter(0, 1))
    issues.check(len(rows))
    return Rows(
        ratings=tuple(kept), listed=_listed_ratings(kept), published=published_days(days, source, issues)
    )


class _Words:
    """Categories and names seen so far: each is checked once, not in each of its 29 rows."""

    def __init__(self, board: str) -> None:
        self._board = board
        self.metrics: dict[str, MetricName] = {}
        self.names: set[str] = set()

    def of(self, row: Row) -> tuple[str, str]:
        """Return the category and the name of a row."""
        category, name = row.get("category"), row.get("model_name")
        if type(category) is str and type(name) is str and category in self.metrics and name in self.names:
            return category, name
        category, name = text(row, "category"), text(row, "model_name")
        self._learn(category, name)
        return category, name

    def _learn(self, category: str, name: str) -> None:
        if not is_plain(category):
            raise FieldError("category", f"is {value_text(category)}")
        if not is_plain(name):
            raise FieldError("model_name", f"holds more than plain characters: {value_text(name)}")
        self.metrics[category] = arena_metric(self._board, category)
        self.names.add(name)


def _rating(row: Row, words: _Words) -> Rating:
    category, name = words.of(row)
    rating, low, high = _interval(row)
    votes = row.get("vote_count")
    if type(votes) is not int or not 0 <= votes < _MOST_VOTES:
        votes = whole_number(row, "vote_count")
        if votes < 0:
            raise FieldError("vote_count", f"is {votes}")
    preliminary = row.get("preliminary")
    if preliminary is not None and not isinstance(preliminary, bool):
        raise FieldError("preliminary", f"should be true or false, is {value_text(preliminary)}")
    organization, licence = optional_text(row, "organization"), optional_text(row, "license")
    return Rating(
        category,
        name,
        words.metrics[category],
        rating,
        low,
        high,
        votes,
        bool(preliminary),
        organization,
        licence,
    )


def _interval(row: Row) -> tuple[float, float, float]:
    """Return a rating and its bounds; three fractions, the common case, need no look at types."""
    rating, low, high = row.get("rating"), row.get("rating_lower"), row.get("rating_upper")
    if not (type(rating) is type(low) is type(high) is float):
        rating, low, high = number(row, "rating"), number(row, "rating_lower"), number(row, "rating_upper")
    if not _LOWEST <= low <= rating <= high <= _HIGHEST:
        raise FieldError("rating", f"is {rating} with bounds {low} to {high}")
    return rating, low, high


def _odd_row(row: Row, error: FieldError) -> tuple[str, object, str]:
    name = row.get("model_name")
    plain = isinstance(name, str) and is_plain(name)
    return (
        "bad-value" if plain or not isinstance(name, str) or not name.strip() else "unsafe-name",
        name,
        str(error),
    )


def _check_categories(metrics: dict[str, MetricName], source: SourceName, board: str) -> None:
    """A parquet file does not say which board it is; its categories do."""
    if _OVERALL not in metrics:
        raise held_error(source, f"no category `{_OVERALL}` among {len(metrics)}")
    others = metrics.keys() - {_OVERALL}
    webdev = any("webdev" in category for category in others)
    if others and webdev != (board == "webdev"):
        raise held_error(source, f"categories of another board, e.g. `{min(others)[:60]}`")


def _find_repeated(ratings: Sequence[Rating], source: SourceName, issues: RowIssues) -> set[str]:
    """Find the names that do not name one model: given twice in a category, or twins of another name."""
    spread = _ratings_of_doubles(ratings, source)
    for name, values in spread.items():
        message = f"it names several rows, rated {min(values):.1f} to {max(values):.1f}"
        issues.set_aside("duplicate-name", name, message)
    left_out = set(spread)
    for name, other in confusable_keys((name, name) for name in {row.name for row in ratings}).items():
        issues.refuse("twin-name", name, f"it differs from {value_text(other)} in case or width only")
        left_out.add(name)
    return left_out


def _ratings_of_doubles(ratings: Sequence[Rating], source: SourceName) -> Mapping[str, list[float]]:
    """Return the ratings of each name that stands twice in a category, in one pass over the board.

    Raises:
        SourceHeldError: A category has too many of them.
    """
    rated: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for row in ratings:
        rated[row.category, row.name].append(row.rating)
    models = Counter(category for category, _ in rated)
    doubled: defaultdict[str, dict[str, list[float]]] = defaultdict(dict)
    for (category, name), values in rated.items():
        if len(values) > 1:
            doubled[category][name] = values
    spread: defaultdict[str, list[float]] = defaultdict(list)
    for category, names in sorted(doubled.items()):
        if len(names) > max(1, int(DUPLICATE_SHARE * models[category])):
            rows = sum(len(values) - 1 for values in names.values()) + models[category]
            found = f"{rows} rows for {models[category]} models in `{category}`: a faulty publish"
            raise held_error(source, found)
        for name, values in names.items():
            spread[name] += values
    return spread


def _listed_ratings(ratings: Sequence[Rating]) -> tuple[Rating, ...]:
    first: dict[str, Rating] = {}
    for row in ratings:
        if row.category == _OVERALL or row.name not in first:
            first[row.name] = row
    return tuple(first[name] for name in sorted(first))
