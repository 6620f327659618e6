"""A link remembers what people set and a write of Tieout's took away, while a person is to decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link", sa.Column("overtaken", sa.Text(), nullable=True))
