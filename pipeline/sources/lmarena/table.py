"""Reads the columns of an Arena board from its parquet file or from the pages of the datasets server.

A column that repeats one long text takes a few bytes in the file and its length times its rows in memory. So
texts are read as dictionaries first, and unfold only when the longest of them is short.

The server shows 100 rows a page, `/rows?dataset=...`. All pages are kept as one capture, `{"pages": [...]}`
with each page as it came. Pages have no common snapshot: they must agree on the number of rows, and their
rows must be numbered without a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.sources.parsing.fields import (
    FieldError,
    Row,
    optional_day,
    part,
    take_field,
    value_text,
    whole_number,
)
from pipeline.sources.parsing.json_body import check_body, held_error, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture


PUBLISHED = "leaderboard_publish_date"
KNOWN = frozenset(
    {
        *("category", "rank", "model_name", "organization", "license", "rating", "rating_lower"),
        *("rating_upper", "variance", "vote_count", "preliminary", PUBLISHED),
    }
)
"""A new column is drift, and is not read."""

_MOST_ROWS = 40_000
"""Four times the largest `latest` split; the split `full` has a million rows of past weeks."""
_MOST_BYTES = 64 * 2**20
_LONGEST_TEXT = 300


class TooMuchError(Exception):
    """The file holds more than a board does."""


def read_columns(body: bytes) -> tuple[Mapping[str, list[object]], frozenset[str]]:
    """Read the known columns.

    Returns:
        Values by column, and the names of the columns that are not known.

    Raises:
        TooMuchError: Too many rows, bytes or letters, or values of unbounded size.
        Exception: pyarrow's own, for a damaged file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

    fields = list(pq.read_schema(pa.BufferReader(body)))
    texts = [field.name for field in fields if _is_text(field.type)]
    file = pq.ParquetFile(pa.BufferReader(body), read_dictionary=texts)
    meta = file.metadata
    size = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
    if meta.num_rows > _MOST_ROWS or size > _MOST_BYTES:
        raise TooMuchError(f"of {meta.num_rows} rows and {size} bytes")
    read = [field for field in fields if field.name in KNOWN]
    if not all(one.name in texts or _is_short(one.type) for one in read):
        raise TooMuchError("with values of unbounded size")
    table = file.read(columns=[one.name for one in read], use_threads=False)
    longest = max((_longest(table.column(one.name)) for one in read if one.name in texts), default=0)
    if longest > _LONGEST_TEXT:
        raise TooMuchError(f"with a text of {longest} bytes")
    unknown = frozenset(f"column {field.name}" for field in fields if field.name not in KNOWN)
    return table.to_pydict(), unknown


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _is_short(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_primitive(kind) or pa.types.is_null(kind))


def _longest(column: pa.ChunkedArray) -> int:
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it ships no types

    lengths = [pc.max(pc.binary_length(chunk.dictionary)).as_py() for chunk in column.chunks]
    return max((length for length in lengths if length is not None), default=0)


_MAGIC = b"PAR1"
_META_FIELDS = {"source", "subset", "source_url", "fetched_at", PUBLISHED, "n_rows", "n_models", "categories"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows as they were published, and what the file says about itself."""

    rows: Sequence[object]
    subset: str | None
    """The config the file says it is, e.g. `text_style_control`; None where it says nothing."""
    published_on: date | None
    unknown_meta: frozenset[str]
    by: str = ""
    """How else than by the official file it came: `pages of rows`, `the site's page`; empty for that file."""


def read_table(capture: Capture) -> Table:
    """Read a parquet file or a JSON dump.

    Raises:
        SourceHeldError: The bytes are neither, or contradict themselves.
    """
    if capture.body.startswith(_MAGIC):
        return _from_parquet(capture)
    value = read_json(capture)
    if isinstance(value, list):
        return Table(rows=value, subset=None, published_on=None, unknown_meta=frozenset())
    if not isinstance(value, dict) or not isinstance(value.get("rows"), list):
        raise held_error(capture.source, f"no list of leaderboard rows, but {_outline(value)}")
    meta = value.get("meta", {})
    if not isinstance(meta, dict):
        raise held_error(capture.source, f"`meta` should be an object, is {value_text(meta)}")
    return _with_meta(value["rows"], meta, capture.source)


def _with_meta(rows: list[object], meta: Mapping[str, object], source: SourceName) -> Table:
    """Believe the totals a dump states about itself: fewer rows than that is a cut file."""
    try:
        if "n_rows" in meta and whole_number(meta, "n_rows") != len(rows):
            raise held_error(
                source, f"it says it has {value_text(meta['n_rows'])} rows and holds {len(rows)}"
            )
        published = optional_day(meta, PUBLISHED) if PUBLISHED in meta else None
    except FieldError as error:
        raise held_error(source, str(error)) from None
    subset = meta.get("subset")
    return Table(
        rows=rows,
        subset=None if subset is None else str(subset),
        published_on=published,
        unknown_meta=frozenset(set(meta) - _META_FIELDS),
    )


def _from_parquet(capture: Capture) -> Table:
    import pyarrow as pa

    check_body(capture)
    if not capture.body.endswith(_MAGIC):
        raise held_error(capture.source, f"a parquet file that is cut off after {len(capture.body)} bytes")
    try:
        columns, unknown = read_columns(capture.body)
    except TooMuchError as error:
        raise held_error(capture.source, f"a parquet file {error}, not the split `latest`") from None
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise held_error(capture.source, f"a damaged parquet file ({type(error).__name__})") from None
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return Table(rows=rows, subset=None, published_on=None, unknown_meta=unknown)


def _outline(value: object) -> str:
    if not isinstance(value, dict):
        return value_text(value)
    fields = ", ".join(value_text(name) for name in sorted(value)[:5])
    return f"an object with the fields {fields}" if fields else "an empty object"


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
        return whole_number(_page(read_json(page)), "num_rows_total")
    except FieldError as error:
        raise held_error(page.source, f"no page of rows: {error}") from None


def are_pages(body: bytes) -> bool:
    """Return whether a body is such a capture."""
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
            totals.add(whole_number(page, "num_rows_total"))
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
    index = whole_number(wrapped, "row_idx")
    if index != expected:
        raise held_error(
            source, f"row {index} where row {expected} is expected: the table changed while it was read"
        )
    if wrapped.get("truncated_cells"):
        raise held_error(source, f"row {index} with values that the server cut")
    return part(wrapped, "row")
