"""Rows on their way into a table: plain mappings, in an order of their own."""

from __future__ import annotations

from datetime import UTC
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
    """Insert rows that all have the same columns, in one statement."""
    if rows:
        connection.execute(table.insert(), list(rows))


def in_order(rows: Iterable[Row], *columns: str) -> tuple[Row, ...]:
    """Sort by columns that are never NULL, so that the order of the input leaves no trace."""
    return tuple(sorted(rows, key=lambda row: tuple(str(row[column]) for column in columns)))


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
