"""Work shared by several audits: claims on calls, and calls whose failure may pass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "work_sharing"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_claims"),
    )
    op.create_table(
        "retries",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", INSTANT, nullable=False),
        sa.Column("quarantined_at", INSTANT),
        sa.PrimaryKeyConstraint("call_id", name="pk_retries"),
    )
