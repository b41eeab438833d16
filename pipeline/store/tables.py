"""Defines the tables of what sources said and what followed. Rows of a run are never updated.

A week may be run again: after a crash, or as a new attempt. Each time is a run of its own, and the
last one recorded stands for its attempt.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.domain.observation import Severity
from pipeline.domain.run import Outcome
from pipeline.store.columns import DIGEST, METADATA, WEEK, UtcDateTime, at_least, digest_check, one_of

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
