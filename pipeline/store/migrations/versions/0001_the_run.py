"""Adds the tables of what the sources said in a run, and what it was worth.

Questions across weeks (was it missing last week too, what did it cost when the pool was approved)
need earlier runs. A run's rows are written together and never updated: a price nobody approved
must not take the place of the one that was.

Revision: 0001
After: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, referred ones first."""
    _run()
    _capture()
    _reading()
    _reading_capture()
    _observation()
    _price()
    _finding()
    _missing()
    _score()
    _board()


def downgrade() -> None:
    """Drop the tables with all their rows; they can be rebuilt from files."""
    for table in (
        "board",
        "score",
        "missing",
        "finding",
        "price",
        "observation",
        "reading_capture",
        "reading",
        "capture",
        "run",
    ):
        op.drop_table(table)


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("crosswalk_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('proposal', 'unchanged', 'held')", name=op.f("ck_run_outcome_is_known")
        ),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_run_attempt_at_least_1")),
        sa.CheckConstraint("length(crosswalk_sha256) = 64", name=op.f("ck_run_crosswalk_sha256_is_a_digest")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_run_sha256_is_a_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_week_attempt"), "run", ["week", "attempt"], unique=False)


def _capture() -> None:
    op.create_table(
        "capture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("byte_count >= 0", name=op.f("ck_capture_byte_count_at_least_0")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_capture_sha256_is_a_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture")),
        sa.UniqueConstraint("source", "sha256", name=op.f("uq_capture_source_sha256")),
    )


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("scale", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.CheckConstraint("held OR fetched_at IS NOT NULL", name=op.f("ck_reading_used_or_held")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_reading_run_id")),
        sa.PrimaryKeyConstraint("run_id", "source", name=op.f("pk_reading")),
    )


def _reading_capture() -> None:
    op.create_table(
        "reading_capture",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_reading_capture_position_at_least_1")),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_reading_capture_capture_id")),
        sa.ForeignKeyConstraint(
            ["run_id", "source"],
            ["reading.run_id", "reading.source"],
            name=op.f("fk_reading_capture_run_id_source"),
        ),
        sa.PrimaryKeyConstraint("run_id", "source", "position", name=op.f("pk_reading_capture")),
    )


def _observation() -> None:
    op.create_table(
        "observation",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("scale", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("votes", sa.BigInteger(), nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "low <= value AND value <= high", name=op.f("ck_observation_value_inside_interval")
        ),
        sa.CheckConstraint("votes >= 0", name=op.f("ck_observation_votes_at_least_0")),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_observation_capture_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_observation_run_id")),
        sa.PrimaryKeyConstraint("run_id", "source", "key", "metric", "scale", name=op.f("pk_observation")),
        sqlite_with_rowid=False,
    )


def _price() -> None:
    op.create_table(
        "price",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("input_microusd_per_mtok", sa.BigInteger(), nullable=True),
        sa.Column("output_microusd_per_mtok", sa.BigInteger(), nullable=True),
        sa.Column("cache_read_microusd_per_mtok", sa.BigInteger(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cache_read_microusd_per_mtok >= 0", name=op.f("ck_price_cache_read_microusd_per_mtok_at_least_0")
        ),
        sa.CheckConstraint(
            "input_microusd_per_mtok >= 0", name=op.f("ck_price_input_microusd_per_mtok_at_least_0")
        ),
        sa.CheckConstraint(
            "output_microusd_per_mtok >= 0", name=op.f("ck_price_output_microusd_per_mtok_at_least_0")
        ),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_price_capture_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_price_run_id")),
        sa.PrimaryKeyConstraint("run_id", "source", "key", "note", name=op.f("pk_price")),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.CheckConstraint("severity IN ('note', 'warn', 'hold')", name=op.f("ck_finding_severity_is_known")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_finding_position_at_least_1")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_finding_run_id")),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_finding")),
    )


def _missing() -> None:
    op.create_table(
        "missing",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_missing_run_id")),
        sa.PrimaryKeyConstraint("run_id", "variant", name=op.f("pk_missing")),
    )


def _score() -> None:
    op.create_table(
        "score",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("theta", sa.Double(), nullable=True),
        sa.Column("sigma", sa.Double(), nullable=True),
        sa.Column("quality", sa.Double(), nullable=True),
        sa.Column("usd_per_task", sa.Double(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("input_microusd_per_mtok", sa.BigInteger(), nullable=True),
        sa.Column("output_microusd_per_mtok", sa.BigInteger(), nullable=True),
        sa.Column("unscored", sa.String(), nullable=True),
        sa.Column("unpriced", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint("(theta IS NULL) <> (unscored IS NULL)", name=op.f("ck_score_value_or_reason")),
        sa.CheckConstraint("quality >= 0 AND quality <= 1", name=op.f("ck_score_quality_is_a_probability")),
        sa.CheckConstraint("sigma >= 0", name=op.f("ck_score_sigma_at_least_0")),
        sa.CheckConstraint(
            "unscored IS NOT NULL OR (usd_per_task IS NULL) <> (unpriced IS NULL)",
            name=op.f("ck_score_cost_or_reason"),
        ),
        sa.CheckConstraint("usd_per_task >= 0", name=op.f("ck_score_usd_per_task_at_least_0")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_score_run_id")),
        sa.PrimaryKeyConstraint("run_id", "evidence", "variant", name=op.f("pk_score")),
    )


def _board() -> None:
    op.create_table(
        "board",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("scale", sa.String(), nullable=False),
        sa.Column("published", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "evidence", "variant"],
            ["score.run_id", "score.evidence", "score.variant"],
            name=op.f("fk_board_run_id_evidence_variant"),
        ),
        sa.PrimaryKeyConstraint("run_id", "evidence", "variant", "metric", name=op.f("pk_board")),
    )
