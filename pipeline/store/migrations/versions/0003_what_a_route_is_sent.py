"""Adds what each route is sent so that it runs a variant's effort.

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; lines recorded before have none of it."""
    with op.batch_alter_table("variant") as table:
        table.add_column(sa.Column("litellm_effort", sa.String(), nullable=True))
        table.add_column(sa.Column("openrouter_effort", sa.String(), nullable=True))
        table.add_column(sa.Column("effort_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    with op.batch_alter_table("variant") as table:
        table.drop_column("effort_reason")
        table.drop_column("openrouter_effort")
        table.drop_column("litellm_effort")
