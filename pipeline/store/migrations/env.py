"""Runs Alembic on the connection it is given, inside that connection's transaction.

Whoever began the transaction ends it, so that a migration that fails half-way leaves nothing.
"""

from alembic import context

from pipeline.store import review_tables, tables
from pipeline.store.tables import METADATA

_LOADED = (tables.RUN, review_tables.POOL)  # importing them is what fills METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
