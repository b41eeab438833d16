"""The official Arena dataset as the datasets server shows it, `/rows?dataset=...`: 100 rows a page.

All pages are kept as one capture, `{"pages": [...]}` with each page as it came. Pages have no common
snapshot: they must agree on the number of rows, and their rows must be numbered without a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sources.lmarena.table import Table
from pipeline.sources.parsing.fields import FieldError, part, take_field, value_text, whole
from pipeline.sources.parsing.json_body import held_error, read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.sources.parsing.fields import Row

PAGE_ROWS = 100
"""The most the server gives at once."""


_START = b'{"pages": ['


def joined_pages(pages: Sequence[Capture]) -> bytes:
    """Put pages into one body."""
    return _START + b", ".join(page.body for page in pages) + b"]}"


def row_count(page: Capture) -> int:
    """Return how many rows the whole board has, as a page says.

    Raises:
        SourceHeldError: It is not a page of rows.
    """
    try:
        return whole(_page(read_json(page)), "num_rows_total")
    except FieldError as error:
        raise held_error(page.source, f"no page of rows: {error}") from None


def are_pages(body: bytes) -> bool:
    """Say whether a body is such a capture."""
    return body.startswith(_START)


def read_pages(capture: Capture) -> Table:
    """Read all pages as one table.

    Raises:
        SourceHeldError: A page is missing, cut or not of the same state as the others.
    """
    value = read_json(capture)
    pages = value.get("pages") if isinstance(value, dict) else None
    return _table(pages if isinstance(pages, list) else [], capture.source)


def _table(pages: Sequence[object], source: SourceName) -> Table:
    rows: list[object] = []
    totals: set[int] = set()
    try:
        for value in pages:
            page = _page(value)
            totals.add(whole(page, "num_rows_total"))
            if page.get("partial") is not False:
                raise held_error(source, "rows of a table that the server has only in part")
            for item in _items(page):
                rows.append(_row(item, len(rows), source))
    except FieldError as error:
        raise held_error(source, f"a page of rows whose {error}") from None
    if totals != {len(rows)}:
        stated = ", ".join(map(str, sorted(totals)[:3]))
        raise held_error(source, f"{len(rows)} rows of a table of {stated}")
    return Table(rows=rows, subset=None, published_on=None, unknown_meta=frozenset(), by="pages of rows")


def _page(value: object) -> Row:
    if not isinstance(value, dict):
        raise FieldError("page", f"should be an object, is {value_text(value)}")
    return value


def _items(page: Row) -> list[object]:
    items = take_field(page, "rows")
    if not isinstance(items, list):
        raise FieldError("rows", f"should be a list, is {value_text(items)}")
    return items


def _row(item: object, expected: int, source: SourceName) -> Row:
    wrapped = _page(item)
    index = whole(wrapped, "row_idx")
    if index != expected:
        raise held_error(
            source, f"row {index} where row {expected} is expected: the table changed while it was read"
        )
    if wrapped.get("truncated_cells"):
        raise held_error(source, f"row {index} with values that the server cut")
    return part(wrapped, "row")
