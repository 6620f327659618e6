"""Nothing is written for an audit before its first plan was shown; one that is mirrored already counts as shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MIRRORED = """
    INSERT INTO first_plan (audit, shown_by, how, shown_at)
    SELECT DISTINCT record.audit, 'tieout', 'mirrored before plans were', CURRENT_TIMESTAMP
    FROM record JOIN link ON link.record = record.uid
"""


def upgrade() -> None:
    op.create_table(
        "first_plan",
        sa.Column("audit", sa.Text(), nullable=False),
        sa.Column("shown_by", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("audit", name=op.f("pk_first_plan")),
    )
    op.execute(MIRRORED)
