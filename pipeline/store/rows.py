"""Rows on their way into a table: plain mappings, in an order of their own."""

from __future__ import annotations

from datetime import UTC
from operator import itemgetter
from typing import TYPE_CHECKING

from pipeline.domain.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from pipeline.domain.names import Sha256

Row = dict[str, object]


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns, in one statement.

    SQLite is given the values as they are bound: looking every one of a week's 20,000 rows through for
    expressions takes SQLAlchemy longer than it takes SQLite to write them.
    """
    if not rows:
        return
    dialect = connection.dialect
    if not dialect.positional:
        connection.execute(table.insert(), list(rows))
        return
    statement = table.insert().compile(dialect=dialect, column_keys=list(rows[0]))
    binders = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in statement.positiontup or ()
    ]
    bound = [tuple([bind(row[name]) if bind else row[name] for name, bind in binders]) for row in rows]
    connection.exec_driver_sql(str(statement), bound)


def in_order(rows: Iterable[Row], *columns: str) -> tuple[Row, ...]:
    """Sort by columns that are never NULL, so that the order of the input leaves no trace."""
    return tuple(sorted(rows, key=itemgetter(*columns)))


def digest_of(rows: Iterable[Row]) -> Sha256:
    """Digest rows as Python writes them; the same rows give the same digest on every machine."""
    return sha256_hex("\n".join(repr(tuple(row.values())) for row in rows).encode())


def to_the_second(moment: datetime) -> datetime:
    """Write a moment as documents do, in UTC and without fractions, so that both can be compared.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment}")
    return moment.astimezone(UTC).replace(microsecond=0)
