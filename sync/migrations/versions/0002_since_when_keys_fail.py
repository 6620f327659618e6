"""Since when a key's runs have failed, and with how many others it was in hand; when a file's copy was begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("work", sa.Column("claimed_with", sa.Integer(), nullable=True))
    is_failing = sa.text("failing_since IS NOT NULL")
    op.create_index("ix_work_failing", "work", ["failing_since"], sqlite_where=is_failing, postgresql_where=is_failing)
    op.add_column("evidence", sa.Column("copy_begun_at", sa.DateTime(timezone=True), nullable=True))
