"""Run by Alembic, on the connection and in the transaction that `sync.migrations.upgrade` opened."""

from __future__ import annotations

from alembic import context

from sync.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
