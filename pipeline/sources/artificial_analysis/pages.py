"""Reads the envelope of an answer of Artificial Analysis: which shape it is, and whether it is all there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from pipeline.sources.artificial_analysis.rows import Model, current_row, legacy_row
from pipeline.sources.parsing.fields import FieldError, Row, number, part, take_field, text, value_text, whole
from pipeline.sources.parsing.json_body import held_error, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.domain.ids import Sha256, SourceName
    from pipeline.domain.observation import Capture
    from pipeline.sources.parsing.row_issues import RowIssues

UNKNOWN_VERSION: Final = "aa-unknown"
"""The scale of an index whose version neither the answer nor a date tells."""
LAST_CHANGE: Final = date(2026, 9, 7)
"""The last known change of the index: version 4.3 was announced, and what followed nobody wrote down."""
_CHANGELOG = (
    (LAST_CHANGE, UNKNOWN_VERSION),
    (date(2026, 9, 4), "aa-4.2"),
    (date(2026, 6, 16), "aa-4.1"),
    (date.min, "aa-4.0"),
)
"""Since when which index version was served, which the old shape does not say; known while its end is."""
_ENVELOPE = {"tier", "intelligence_index_version", "pagination", "data"}
_OLD_ENVELOPE = {
    "status",
    "prompt_options",
    "data",
    "models",
    "fetched_at",
    "collected_at",
    "source",
    "count",
}
_OLD_ENVELOPE_URLS = {"endpoint", "metadata_endpoint"}
_HIGHEST_VERSION = 1000
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """A complete answer: its rows by the page they came from, and how to read one."""

    scale: str
    observed_on: date
    pages: tuple[tuple[Sha256, Sequence[object]], ...]
    read: Callable[[Row, RowIssues], Model]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    number: int
    of: int
    size: int
    more: bool
    version: str
    rows: list[object]
    capture: Capture
    unknown: frozenset[str]


def read_index_page(source: SourceName, captures: Sequence[Capture]) -> IndexPage:
    """Read all captures of one answer.

    Raises:
        SourceHeldError: Not JSON, not this source's envelope, or not all pages of one state.
    """
    if not captures:
        raise held_error(source, "nothing was captured")
    values = [(capture, _envelope(capture)) for capture in captures]
    try:
        if len(values) == 1 and "pagination" not in values[0][1]:
            return _legacy(*values[0])
        return _complete([_page(capture, value) for capture, value in values])
    except FieldError as error:
        raise held_error(source, str(error)) from None


def page_count(capture: Capture) -> int:
    """Return how many pages there are, as a page says.

    Raises:
        SourceHeldError: It is not a page.
    """
    try:
        return _page(capture, _envelope(capture)).of
    except FieldError as error:
        raise held_error(capture.source, str(error)) from None


def _envelope(capture: Capture) -> Row:
    value = read_json(capture)
    if not isinstance(value, dict):
        raise held_error(capture.source, f"no envelope with models, but {value_text(value)}")
    if "error" in value:
        raise held_error(capture.source, f"an error message: {value_text(value['error'])}")
    return value


def _page(capture: Capture, value: Row) -> _Page:
    pagination = part(value, "pagination")
    more = take_field(pagination, "has_more")
    if not isinstance(more, bool):
        raise FieldError("has_more", f"should be true or false, is {value_text(more)}")
    version = number(value, "intelligence_index_version")
    if not 0 < version < _HIGHEST_VERSION:
        raise FieldError("intelligence_index_version", f"is {version}")
    return _Page(
        number=whole(pagination, "page"),
        of=whole(pagination, "total_pages"),
        size=whole(pagination, "page_size"),
        more=more,
        version=f"aa-{version!r}",
        rows=_rows(value, "data"),
        capture=capture,
        unknown=frozenset(value.keys() - _ENVELOPE),
    )


def _complete(pages: list[_Page]) -> IndexPage:
    """Pages have no common snapshot: what they repeat must agree, and nothing may be missing."""
    pages = sorted(pages, key=lambda page: page.number)
    first, last, source = pages[0], pages[-1], pages[0].capture.source
    if len({page.version for page in pages}) > 1:
        raise held_error(
            source, f"pages of different index versions: {', '.join(sorted({p.version for p in pages}))}"
        )
    if len({(page.of, page.size) for page in pages}) > 1:
        raise held_error(source, "pages that disagree about how many pages there are")
    numbers = [page.number for page in pages]
    if len(pages) != first.of or numbers != list(range(1, len(pages) + 1)):
        raise held_error(source, f"page {', '.join(map(str, numbers[:5]))} only of {first.of}")
    if last.more or not all(page.more for page in pages[:-1]):
        raise held_error(source, f"{first.of} pages, but `has_more` says otherwise")
    if any(len(page.rows) != page.size for page in pages[:-1]) or len(last.rows) > last.size:
        raise held_error(source, f"a page that does not hold {first.size} rows")
    return IndexPage(
        scale=first.version,
        observed_on=min(page.capture.fetched_at for page in pages).astimezone(UTC).date(),
        pages=tuple((page.capture.sha256, page.rows) for page in pages),
        read=current_row,
        unknown=frozenset[str]().union(*(page.unknown for page in pages)),
    )


def _legacy(capture: Capture, value: Row) -> IndexPage:
    if "status" in value and take_field(value, "status") != _OK:
        raise held_error(capture.source, f"an answer with status {value_text(value['status'])}")
    rows = _rows(value, "data" if "data" in value else "models")
    if "count" in value and whole(value, "count") != len(rows):
        raise held_error(
            capture.source, f"it says it has {value_text(value['count'])} models and holds {len(rows)}"
        )
    observed_on = _collected_on(capture, value)
    return IndexPage(
        scale=next(scale for since, scale in _CHANGELOG if observed_on >= since),
        observed_on=observed_on,
        pages=((capture.sha256, rows),),
        read=legacy_row,
        unknown=frozenset(value.keys() - _OLD_ENVELOPE - _OLD_ENVELOPE_URLS),
    )


def _collected_on(capture: Capture, value: Row) -> date:
    """The day a stored answer was collected: what its wrapper says, else the day of the capture."""
    field = next((name for name in ("fetched_at", "collected_at") if name in value), None)
    if field is None:
        return capture.fetched_at.astimezone(UTC).date()
    stated = text(value, field)
    try:
        moment = datetime.fromisoformat(stated)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise FieldError(
            field, f"should be a moment like 2026-06-22T05:00:00Z, is {value_text(stated)}"
        ) from None


def _rows(value: Row, field: str) -> list[object]:
    rows = take_field(value, field)
    if not isinstance(rows, list):
        raise FieldError(field, f"should be a list of models, is {value_text(rows)}")
    return rows
