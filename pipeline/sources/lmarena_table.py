"""The official Arena dataset as a table: the parquet file itself, or a JSON dump of its rows.

Dumps are `{"meta": {...}, "rows": [...]}` or the bare list of rows. Quirks: the JSON dumps keep the
publish date in `meta` only; the parquet file keeps it in a column and does not say which board it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.sources.body import check_body, held, read_json
from pipeline.sources.fields import FieldError, optional_day, shown, whole
from pipeline.sources.lmarena_columns import PUBLISHED, TooMuchError, read_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Capture

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
        raise held(capture.source, f"no list of leaderboard rows, but {_outline(value)}")
    meta = value.get("meta", {})
    if not isinstance(meta, dict):
        raise held(capture.source, f"`meta` should be an object, is {shown(meta)}")
    return _with_meta(value["rows"], meta, capture.source)


def _with_meta(rows: list[object], meta: Mapping[str, object], source: SourceName) -> Table:
    """Believe the totals a dump states about itself: fewer rows than that is a cut file."""
    try:
        if "n_rows" in meta and whole(meta, "n_rows") != len(rows):
            raise held(source, f"it says it has {shown(meta['n_rows'])} rows and holds {len(rows)}")
        published = optional_day(meta, PUBLISHED) if PUBLISHED in meta else None
    except FieldError as error:
        raise held(source, str(error)) from None
    subset = meta.get("subset")
    return Table(
        rows=rows,
        subset=None if subset is None else str(subset),
        published_on=published,
        unknown_meta=frozenset(set(meta) - _META_FIELDS),
    )


def _from_parquet(capture: Capture) -> Table:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

    check_body(capture)
    if not capture.body.endswith(_MAGIC):
        raise held(capture.source, f"a parquet file that is cut off after {len(capture.body)} bytes")
    try:
        columns, unknown = read_columns(capture.body)
    except TooMuchError as error:
        raise held(capture.source, f"a parquet file {error}, not the split `latest`") from None
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise held(capture.source, f"a damaged parquet file ({type(error).__name__})") from None
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return Table(rows=rows, subset=None, published_on=None, unknown_meta=unknown)


def _outline(value: object) -> str:
    if not isinstance(value, dict):
        return shown(value)
    fields = ", ".join(shown(name) for name in sorted(value)[:5])
    return f"an object with the fields {fields}" if fields else "an empty object"
