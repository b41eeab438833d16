"""Keep what people decided about names: one live row per variant and per source name."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from pipeline.domain.crosswalk import Judgement, Variant
from pipeline.store.review_tables import JUDGEMENT, VARIANT
from pipeline.store.rows import add

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.store.rows import Row

_VARIANT_FIELDS = tuple(field.name for field in fields(Variant) if field.name != "id")
_JUDGEMENT_FIELDS = tuple(field.name for field in fields(Judgement))


def record_crosswalk(connection: Connection, crosswalk: Crosswalk, *, at: datetime) -> None:
    """Add what is new; what changed or is gone stays, superseded at `at`."""
    for table, _, wanted in crosswalk_rows(crosswalk):
        _follow(connection, table, wanted, at=at)


def crosswalk_rows(crosswalk: Crosswalk) -> tuple[tuple[Table, tuple[str, ...], list[Row]], ...]:
    """Return each table that follows a crosswalk, the columns that tell its rows apart, and its live rows."""
    variants: list[Row] = [
        {"variant": variant.id, **{name: getattr(variant, name) for name in _VARIANT_FIELDS}}
        for _, variant in sorted(crosswalk.variants.items())
    ]
    judgements: list[Row] = [
        {name: getattr(judgement, name) for name in _JUDGEMENT_FIELDS}
        for _, judgement in sorted(crosswalk.judgements.items())
    ]
    return (VARIANT, ("variant",), variants), (JUDGEMENT, ("source", "key"), judgements)


def said_columns(table: Table) -> list[str]:
    """Name the columns that say what people decided; the others say since and until when it was in force."""
    return [column.name for column in table.c if column.name not in {"id", "recorded_at", "superseded_at"}]


def _follow(connection: Connection, table: Table, wanted: Sequence[Row], *, at: datetime) -> None:
    """Make the live rows of a table the wanted ones."""
    live: dict[tuple[object, ...], int] = {}
    names = said_columns(table)
    for row in connection.execute(select(table).where(table.c.superseded_at.is_(None))).mappings():
        live[tuple(row[name] for name in names)] = row["id"]
    kept = [tuple(row[name] for name in names) for row in wanted]
    staying = set(kept)
    gone = sorted(number for values, number in live.items() if values not in staying)
    if gone:
        connection.execute(update(table).where(table.c.id.in_(gone)).values(superseded_at=at))
    new = [row for row, values in zip(wanted, kept, strict=True) if values not in live]
    add(connection, table, [{**row, "recorded_at": at, "superseded_at": None} for row in new])
