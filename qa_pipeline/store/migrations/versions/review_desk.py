"""The desk: reviews, listings with their search index, accounts, sessions, audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "review_desk"
down_revision = "work_sharing"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _listings()
    op.create_index("ix_findings_category_call_id", "findings", ["category", "call_id"])
    _search()


def _people() -> None:
    op.create_table(
        "reviews",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("reviewer", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_reviews"),
        sa.UniqueConstraint("id", name="uq_reviews_id"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_reviews_call_id_calls", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "accounts",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("agent_id", TEXT),
        sa.Column("team", TEXT),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_accounts"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.name"], name="fk_sessions_account_accounts", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_subject_at", "sign_in_failures", ["subject", "at"])
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])


def _listings() -> None:
    op.create_table(
        "listings",
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("listed_at", INSTANT),
        sa.Column("agent_id", TEXT),
        sa.Column("team", TEXT),
        sa.Column("started_at", INSTANT),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("status", TEXT),
        sa.Column("call_type", TEXT),
        sa.Column("layout", TEXT),
        sa.Column("score", sa.Double()),
        sa.Column("grade", TEXT),
        sa.Column("severity", TEXT),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("doubt", sa.Double(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("control", sa.Boolean(), nullable=False),
        sa.Column("words_number", sa.Integer()),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reviewed_score", sa.Double()),
        sa.Column("reviewed_grade", TEXT),
        sa.Column("reviewers", TEXT, nullable=False),
        sa.Column("assigned_to", TEXT),
        sa.Column("assigned_at", INSTANT),
        sa.PrimaryKeyConstraint("call_id", name="pk_listings"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_listings_call_id_calls", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_listings_queue", "listings", ["state", "priority", "call_id"])
    op.create_index("ix_listings_priority", "listings", ["priority", "call_id"])
    op.create_index("ix_listings_words_number", "listings", ["words_number", "state"])
    op.create_index("ix_listings_assigned_to", "listings", ["assigned_to", "state"])
    op.create_index("ix_listings_agent_id", "listings", ["agent_id", "started_at"])
    op.create_index("ix_listings_team", "listings", ["team", "started_at"])
    op.create_index("ix_listings_started_at", "listings", ["started_at", "call_id"])
    op.create_index("ix_listings_listed_at", "listings", ["listed_at"])
    # Calls that were inspected before there was a desk wait to be listed, which needs more than the store.
    op.execute(
        "INSERT INTO listings (call_id, risk, doubt, priority, control, state, seq, reviewers)"
        " SELECT call_id, 0, 0, 0, false, 'not_needed', 0, '' FROM inspections"
    )


def _search() -> None:
    """Each database by its own full text index: no kind of index is common to both."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "call_words",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("words", TSVECTOR() if postgresql else sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_call_words"),
        sa.UniqueConstraint("call_id", name="uq_call_words_call_id"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_call_words_call_id_calls", ondelete="CASCADE"
        ),
    )
    if postgresql:
        op.create_index("ix_call_words_words", "call_words", ["words"], postgresql_using="gin")
        return
    # External content with its triggers, as https://www.sqlite.org/fts5.html section 4.4.3 has them.
    op.execute(
        "CREATE VIRTUAL TABLE call_words_index USING fts5"
        " (words, content='call_words', content_rowid='number', tokenize='unicode61 remove_diacritics 0')"
    )
    forget = (
        "INSERT INTO call_words_index (call_words_index, rowid, words)"
        " VALUES ('delete', old.number, old.words);"
    )
    learn = "INSERT INTO call_words_index (rowid, words) VALUES (new.number, new.words);"
    op.execute(f"CREATE TRIGGER call_words_insert AFTER INSERT ON call_words BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER call_words_delete AFTER DELETE ON call_words BEGIN {forget} END")
    op.execute(f"CREATE TRIGGER call_words_update AFTER UPDATE ON call_words BEGIN {forget} {learn} END")
