"""Since when a file is on its page, so that nobody has accepted it before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True))
