"""Adds views for the usual questions: the last scores and prices, the published pools and their changes.

Revision: 0004
After: 0003
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_VIEWS = Path(__file__).parents[1] / "views" / "0004.sql"
"""Never edited again; a later revision brings a file of its own."""


def upgrade() -> None:
    """Make the views; they hold no rows of their own."""
    for statement in _VIEWS.read_text("utf-8").split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for name in ("changes", "pool_history", "latest_prices", "latest_scores"):
        op.execute(f"DROP VIEW {name}")
