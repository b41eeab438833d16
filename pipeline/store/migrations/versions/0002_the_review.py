"""Adds the tables of what people decided: who is meant, what is proposed, approved and published.

A decision names the proposal and the pool it is about in one foreign key, so that an approval of
other bytes cannot be written; each proposal has one decision, and each decision one successor, so
that of two reviewers at the same moment one wins. Superseded judgements stay; one may be alive.

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LIVE = sa.text("superseded_at IS NULL")


def upgrade() -> None:
    """Create the tables, referred ones first."""
    _variant()
    _judgement()
    _proposal()
    _decision()
    _pool()
    _pool_member()
    _audit()


def downgrade() -> None:
    """Drop the tables with all their rows; they can be rebuilt from files."""
    for table in ("audit", "pool_member", "pool", "decision", "proposal", "judgement", "variant"):
        op.drop_table(table)


def _variant() -> None:
    op.create_table(
        "variant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("effort", sa.String(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("open_weights", sa.Boolean(), nullable=False),
        sa.Column("context_tokens", sa.Integer(), nullable=True),
        sa.Column("litellm", sa.String(), nullable=True),
        sa.Column("openrouter", sa.String(), nullable=True),
        sa.Column("genai_prices", sa.String(), nullable=True),
        sa.Column("key_env", sa.String(), nullable=True),
        sa.Column("retires_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("context_tokens >= 1", name=op.f("ck_variant_context_tokens_at_least_1")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
    )
    op.create_index(
        "ix_variant_one_live", "variant", ["variant"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def _judgement() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    op.create_index(
        "ix_judgement_one_live",
        "judgement",
        ["source", "key"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def _proposal() -> None:
    op.create_table(
        "proposal",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pool_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'superseded')",
            name=op.f("ck_proposal_state_is_known"),
        ),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_proposal_attempt_at_least_1")),
        sa.CheckConstraint("length(pool_sha256) = 64", name=op.f("ck_proposal_pool_sha256_is_a_digest")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_proposal_sha256_is_a_digest")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_proposal_run_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_proposal")),
        sa.UniqueConstraint("sha256", "pool_sha256", name=op.f("uq_proposal_sha256_pool_sha256")),
    )
    op.create_index(op.f("ix_proposal_pool_sha256"), "proposal", ["pool_sha256"], unique=False)
    op.create_index(op.f("ix_proposal_week_attempt"), "proposal", ["week", "attempt"], unique=False)


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("proposal_sha256", sa.String(length=64), nullable=False),
        sa.Column("pool_sha256", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.CheckConstraint("verdict IN ('approved', 'rejected')", name=op.f("ck_decision_verdict_is_known")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_decision_sha256_is_a_digest")),
        sa.CheckConstraint("length(trim(note)) > 0", name=op.f("ck_decision_note_is_not_blank")),
        sa.CheckConstraint("length(trim(reviewer)) > 0", name=op.f("ck_decision_reviewer_is_not_blank")),
        sa.ForeignKeyConstraint(
            ["proposal_sha256", "pool_sha256"],
            ["proposal.sha256", "proposal.pool_sha256"],
            name=op.f("fk_decision_proposal_sha256_pool_sha256"),
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_decision")),
        sa.UniqueConstraint("previous", name=op.f("uq_decision_previous")),
        sa.UniqueConstraint("proposal_sha256", name=op.f("uq_decision_proposal_sha256")),
    )


def _pool() -> None:
    op.create_table(
        "pool",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_pool_sha256_is_a_digest")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_pool_version_at_least_1")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_pool")),
        sa.UniqueConstraint("sha256", name=op.f("uq_pool_sha256")),
    )


def _pool_member() -> None:
    op.create_table(
        "pool_member",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_pool_member_rank_at_least_1")),
        sa.ForeignKeyConstraint(["version"], ["pool.version"], name=op.f("fk_pool_member_version")),
        sa.PrimaryKeyConstraint("version", "tier", "rank", name=op.f("pk_pool_member")),
        sa.UniqueConstraint("version", "tier", "variant", name=op.f("uq_pool_member_version_tier_variant")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(sequence = 1) = (previous IS NULL)", name=op.f("ck_audit_only_the_first_follows_none")
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_audit_sha256_is_a_digest")),
        sa.CheckConstraint("length(subject) = 64", name=op.f("ck_audit_subject_is_a_digest")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_audit_sequence_at_least_1")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_previous")),
        sa.UniqueConstraint("sha256", name=op.f("uq_audit_sha256")),
    )
