"""Defines the tables of what people decided: who is meant, what is proposed, approved and published.

The condition of a partial index is named for SQLite only: naming it for Postgres here would load
that dialect into every command. The migration, which makes the tables, names it for both.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pipeline.domain.proposal import Verdict
from pipeline.store.tables import (
    DIGEST,
    LIVE,
    METADATA,
    WEEK,
    UtcDateTime,
    at_least,
    digest_check,
    not_blank,
    one_of,
)

PENDING = "pending"
SUPERSEDED = "superseded"

VARIANT = Table(
    "variant",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("variant", String, nullable=False),
    Column("vendor", String, nullable=False),
    Column("family", String, nullable=False),
    Column("release", String, nullable=False),
    Column("effort", String, nullable=False),
    Column("released_on", Date),
    Column("open_weights", Boolean, nullable=False),
    Column("context_tokens", Integer),
    Column("litellm", String),
    Column("openrouter", String),
    Column("genai_prices", String),
    Column("key_env", String),
    Column("retires_on", Date),
    Column("litellm_effort", String),
    Column("openrouter_effort", String),
    Column("effort_reason", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("superseded_at", UtcDateTime),  # changed in, or gone from, variants.csv
    at_least("context_tokens", 1),
    Index(
        "ix_variant_one_live", "variant", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)
    ),
)

JUDGEMENT = Table(
    "judgement",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("key", String, nullable=False),
    Column("name", String, nullable=False),
    Column("variant", String),  # NULL is an answer too: known, and deliberately not routed
    Column("decided_on", Date, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("superseded_at", UtcDateTime),
    Index(
        "ix_judgement_one_live",
        "source",
        "key",
        unique=True,
        sqlite_where=text(LIVE),
        postgresql_where=text(LIVE),
    ),
)

PROPOSAL = Table(
    "proposal",
    METADATA,
    Column("sha256", DIGEST, primary_key=True),  # of the bytes of proposal.json
    Column("week", WEEK, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("pool_sha256", DIGEST, nullable=False),
    Column("state", String, nullable=False),
    Column("run_id", ForeignKey("run.id")),  # NULL: the run behind it is not on the database
    digest_check("sha256"),
    digest_check("pool_sha256"),
    at_least("attempt", 1),
    one_of("state", (PENDING, *Verdict, SUPERSEDED)),
    UniqueConstraint("sha256", "pool_sha256"),
    Index(None, "pool_sha256"),
    Index(None, "week", "attempt"),
)

DECISION = Table(
    "decision",
    METADATA,
    Column("sha256", DIGEST, primary_key=True),  # of the bytes of decision.json
    Column("proposal_sha256", DIGEST, nullable=False),
    Column("pool_sha256", DIGEST, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("previous", DIGEST),
    digest_check("sha256"),
    one_of("verdict", Verdict),
    not_blank("reviewer"),
    not_blank("note"),
    # A decision about other bytes than the proposal's pool cannot be written.
    ForeignKeyConstraint(["proposal_sha256", "pool_sha256"], ["proposal.sha256", "proposal.pool_sha256"]),
    UniqueConstraint("proposal_sha256"),
    UniqueConstraint("previous"),  # of two decisions made at once, one wins
)

POOL = Table(
    "pool",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sha256", DIGEST, nullable=False),
    Column("week", WEEK, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("expires_on", Date, nullable=False),
    at_least("version", 1),
    digest_check("sha256"),
    UniqueConstraint("sha256"),
)

POOL_MEMBER = Table(
    "pool_member",
    METADATA,
    Column("version", ForeignKey("pool.version"), primary_key=True),
    Column("tier", String, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("variant", String, nullable=False),
    at_least("rank", 1),
    UniqueConstraint("version", "tier", "variant"),
)
