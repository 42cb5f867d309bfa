"""What people said about who speaks in a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "role_corrections",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("corrected_by", TEXT, nullable=False),
        sa.Column("corrected_at", INSTANT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role_corrections"),
    )
    op.create_index("ix_role_corrections_call_id", "role_corrections", ["call_id"])
