"""What Alembic runs: the revisions, on the connection that `store.migrate` put into the configuration."""

from __future__ import annotations

from alembic import context

from store.migrate import is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    include_name=is_ours,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
