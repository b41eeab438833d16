"""The columns of an Arena board in a parquet file, read without letting a small file become a large one.

A column that repeats one long text takes a few bytes in the file and its length times its rows in memory. So
texts are read as dictionaries first, and unfold only when the longest of them is short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

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
    texts = [one.name for one in fields if _is_text(one.type)]
    file = pq.ParquetFile(pa.BufferReader(body), read_dictionary=texts)
    meta = file.metadata
    size = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
    if meta.num_rows > _MOST_ROWS or size > _MOST_BYTES:
        raise TooMuchError(f"of {meta.num_rows} rows and {size} bytes")
    read = [one for one in fields if one.name in KNOWN]
    if not all(one.name in texts or _is_short(one.type) for one in read):
        raise TooMuchError("with values of unbounded size")
    table = file.read(columns=[one.name for one in read], use_threads=False)
    longest = max((_longest(table.column(one.name)) for one in read if one.name in texts), default=0)
    if longest > _LONGEST_TEXT:
        raise TooMuchError(f"with a text of {longest} bytes")
    unknown = frozenset(f"column {one.name}" for one in fields if one.name not in KNOWN)
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
