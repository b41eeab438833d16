"""Defines the tables of what sources said and what followed. Rows of a run are never updated.

A week may be run again: after a crash, or as a new attempt. Each time is a run of its own, and the last one
recorded stands for its attempt. Tables are SQLAlchemy Core, not mapped classes: nothing here needs an object
per row, and the ORM would add 40 ms to every command that opens the database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from pipeline.domain.observation import Severity
from pipeline.domain.run import Outcome

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


PRUNED = "0" * 64
"""Digest of the rows of a run whose rows were removed."""
RUN = Table(
    "run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("week", WEEK, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("outcome", String, nullable=False),
    Column("crosswalk_sha256", DIGEST, nullable=False),
    Column("sha256", DIGEST, nullable=False),  # of all rows of the run
    at_least("attempt", 1),
    one_of("outcome", Outcome),
    digest_check("crosswalk_sha256"),
    digest_check("sha256"),
    Index(None, "week", "attempt"),
)

CAPTURE = Table(
    "capture",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("sha256", DIGEST, nullable=False),
    Column("url", Text, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    digest_check("sha256"),
    at_least("byte_count", 0),
    UniqueConstraint("source", "sha256"),
)

READING = Table(
    "reading",
    METADATA,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("source", String, primary_key=True),
    Column("scale", String, nullable=False),
    Column("published_on", Date),
    Column("fetched_at", UtcDateTime),  # NULL: held, and there is no last good reading to use
    Column("held", Boolean, nullable=False),
    CheckConstraint("held OR fetched_at IS NOT NULL", name="used_or_held"),
)

READING_CAPTURE = Table(
    "reading_capture",
    METADATA,
    Column("run_id", Integer, primary_key=True),
    Column("source", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("capture_id", ForeignKey("capture.id"), nullable=False),
    ForeignKeyConstraint(["run_id", "source"], ["reading.run_id", "reading.source"]),
    at_least("position", 1),
)

OBSERVATION = Table(
    "observation",
    METADATA,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("metric", String, primary_key=True),
    Column("scale", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("variant", String),  # as judged when the run was made; NULL: open or not routed
    Column("value", Double, nullable=False),
    Column("low", Double),
    Column("high", Double),
    Column("votes", BigInteger),
    Column("estimated", Boolean, nullable=False),
    Column("observed_on", Date, nullable=False),
    Column("capture_id", ForeignKey("capture.id"), nullable=False),
    CheckConstraint("low <= value AND value <= high", name="value_inside_interval"),
    at_least("votes", 0),
    sqlite_with_rowid=False,  # one tree instead of a table and its index: half the file
)

PRICE = Table(
    "price",
    METADATA,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("note", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("input_microusd_per_mtok", BigInteger),
    Column("output_microusd_per_mtok", BigInteger),
    Column("cache_read_microusd_per_mtok", BigInteger),
    Column("observed_on", Date, nullable=False),
    Column("capture_id", ForeignKey("capture.id"), nullable=False),
    at_least("input_microusd_per_mtok", 0),
    at_least("output_microusd_per_mtok", 0),
    at_least("cache_read_microusd_per_mtok", 0),
)

FINDING = Table(
    "finding",
    METADATA,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", Text, nullable=False),
    one_of("severity", Severity),
    at_least("position", 1),
)

MISSING = Table(
    "missing",
    METADATA,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("variant", String, primary_key=True),
)

SCORE = Table(
    "score",
    METADATA,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("evidence", String, primary_key=True),
    Column("variant", String, primary_key=True),
    Column("theta", Double),  # logits above the anchor
    Column("sigma", Double),
    Column("quality", Double),
    Column("usd_per_task", Double),
    Column("grade", String),
    Column("input_microusd_per_mtok", BigInteger),
    Column("output_microusd_per_mtok", BigInteger),
    Column("unscored", String),  # the rule that left the variant without quality
    Column("unpriced", String),  # the rule that left it without cost
    Column("detail", Text),
    CheckConstraint("(theta IS NULL) <> (unscored IS NULL)", name="value_or_reason"),
    CheckConstraint(
        "unscored IS NOT NULL OR (usd_per_task IS NULL) <> (unpriced IS NULL)", name="cost_or_reason"
    ),
    CheckConstraint("quality >= 0 AND quality <= 1", name="quality_is_a_probability"),
    CheckConstraint("sigma >= 0", name="sigma_at_least_0"),
    CheckConstraint("usd_per_task >= 0", name="usd_per_task_at_least_0"),
)

BOARD = Table(
    "board",
    METADATA,
    Column("run_id", Integer, primary_key=True),
    Column("evidence", String, primary_key=True),
    Column("variant", String, primary_key=True),
    Column("metric", String, primary_key=True),
    Column("scale", String, nullable=False),
    Column("published", Double, nullable=False),  # in the unit of the metric
    ForeignKeyConstraint(
        ["run_id", "evidence", "variant"], ["score.run_id", "score.evidence", "score.variant"]
    ),
)
