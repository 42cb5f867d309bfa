"""Run by Alembic: applies the migrations on the connection that `upgrade` was given."""

from __future__ import annotations

from alembic import context

from qa_pipeline.store.tables import VERSION_TABLE, Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
