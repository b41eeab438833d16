"""Defines what all tables share: the names of constraints, the types of columns, impossible values.

Tables are SQLAlchemy Core, not mapped classes: nothing here needs an object per row, and the ORM
would add 40 ms to every command that opens the database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, DateTime, MetaData, String
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine.interfaces import Dialect

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""All tables of the database; every constraint has a name, so that a migration finds it anywhere."""

LIVE = "superseded_at IS NULL"
"""What makes a row of a table with successors the one in force."""

DIGEST = String(64)
WEEK = String(8)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, in UTC on both sides. SQLite drops time zones; we put ours back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive moment, convert the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give back an aware moment whatever the database kept."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def digest_check(column: str) -> CheckConstraint:
    """Refuse what cannot be a SHA-256 in hex."""
    return CheckConstraint(f"length({column}) = 64", name=f"{column}_is_a_digest")


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Refuse a word outside a closed list."""
    quoted = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({quoted})", name=f"{column}_is_known")


def at_least(column: str, least: int) -> CheckConstraint:
    """Refuse a number below the least possible one; NULL passes."""
    return CheckConstraint(f"{column} >= {least}", name=f"{column}_at_least_{least}")


def not_blank(column: str) -> CheckConstraint:
    """Refuse a text of spaces only."""
    return CheckConstraint(f"length(trim({column})) > 0", name=f"{column}_is_not_blank")
