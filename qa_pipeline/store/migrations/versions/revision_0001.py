"""First schema: transcripts, calls, inspections with findings and criteria, runs with failures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# By code point on every database; PostgreSQL otherwise sorts by the language of the server.
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "transcripts",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("options_digest", TEXT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "options_digest", name="pk_transcripts"),
    )
    op.create_table(
        "calls",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("recording_sha256", TEXT),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("agent_id", TEXT),
        sa.Column("team", TEXT),
        sa.Column("started_at", INSTANT),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_index("ix_calls_agent_id_started_at", "calls", ["agent_id", "started_at"])
    op.create_index("ix_calls_started_at", "calls", ["started_at"])
    op.create_table(
        "runs",
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("counts", sa.JSON()),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_table(
        "inspections",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("run_id", TEXT),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("call_type", TEXT),
        sa.Column("grade", TEXT),
        sa.Column("score", sa.Double()),
        sa.Column("fatal", sa.Boolean(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_inspections"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_inspections_call_id_calls", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.run_id"], name="fk_inspections_run_id_runs", ondelete="SET NULL"
        ),
    )
    op.create_table(
        "findings",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("rule_id", TEXT, nullable=False),
        sa.Column("rule_version", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("match", TEXT, nullable=False),
        sa.Column("start_ms", sa.Integer()),
        sa.Column("end_ms", sa.Integer()),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_findings"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["inspections.call_id"], name="fk_findings_call_id_inspections", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "criteria",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("criterion_id", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("points", sa.Double()),
        sa.Column("potential", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_criteria"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["inspections.call_id"], name="fk_criteria_call_id_inspections", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "failures",
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "call_id", name="pk_failures"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.run_id"], name="fk_failures_run_id_runs", ondelete="CASCADE"
        ),
    )
