"""The tables: documents whole, beside them the columns and rows that queries need.

A change here needs a migration in `migrations/versions` and its name at the end of `REVISIONS`; a test
compares the two. Enumerated values are plain strings, so that a new member is no change of the schema.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Double, ForeignKey, Index, MetaData, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

REVISIONS = ("0001", "0002", "work_sharing", "review_desk")
HEAD = REVISIONS[-1]

# Not Alembic's own name: a PostgreSQL database may be shared with other Alembic users, Prefect among them.
VERSION_TABLE = "qa_schema_version"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]|\\\\(?=u[0-9a-f]{4})")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def storable(text: str) -> str:
    """Text as a database can hold it: NUL and lone surrogates become escapes.

    Lone surrogates come from file names that are not UTF-8.
    """
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def lexeme(word: str) -> str:
    """A search token as PostgreSQL's tsvector and tsquery write it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


class AnyText(TypeDecorator[str]):
    """Every Python string, ordered by code point on every database."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(collation="C" if dialect.name == "postgresql" else None))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept in UTC; SQLite has no type with a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone is no instant")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SearchWords(TypeDecorator[tuple[tuple[str, ...], ...]]):
    """Search tokens in order, as the full text index of the database takes them.

    PostgreSQL keeps positions up to 16383 and 256 of one token (its manual, 12.11): the tail of a call of
    hours is found by single tokens, not by phrases.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: tuple[tuple[str, ...], ...] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        words = [word for line in value for word in line]
        if dialect.name != "postgresql":
            return " ".join(words)
        places: dict[str, list[int]] = {}
        for place, word in enumerate(words, start=1):
            places.setdefault(word, []).append(min(place, 16383))
        return " ".join(f"{lexeme(word)}:{','.join(map(str, at[:255]))}" for word, at in places.items())


class Base(DeclarativeBase):
    """Common ground of the tables; named constraints, so that later migrations can address them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: AnyText(),
        float: Double(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
    }


class TranscriptRow(Base):
    """What was heard in some bytes with some options, whichever calls they belong to."""

    __tablename__ = "transcripts"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    options_digest: Mapped[str] = mapped_column(primary_key=True)
    saved_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]


class CallRow(Base):
    """Facts about a call, whatever was judged; what people say about a call later hangs on this row.

    `uri` is empty where only a transcript was given.
    """

    __tablename__ = "calls"
    __table_args__ = (Index(None, "agent_id", "started_at"), Index(None, "started_at"))

    call_id: Mapped[str] = mapped_column(primary_key=True)
    uri: Mapped[str]
    recording_sha256: Mapped[str | None]
    duration_ms: Mapped[int | None]
    agent_id: Mapped[str | None]
    team: Mapped[str | None]
    started_at: Mapped[datetime | None]


class RunRow(Base):
    """One run of an audit; `finished_at` stays empty when it was broken off."""

    __tablename__ = "runs"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    options: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any] | None]


class InspectionRow(Base):
    """The latest inspection of a call: the document, and the columns to search and count by."""

    __tablename__ = "inspections"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.run_id", ondelete="SET NULL"))
    fingerprint: Mapped[str]
    saved_at: Mapped[datetime]
    status: Mapped[str]
    call_type: Mapped[str | None]
    grade: Mapped[str | None]
    score: Mapped[float | None]
    fatal: Mapped[bool]
    provisional: Mapped[bool]
    document: Mapped[dict[str, Any]]


class FindingRow(Base):
    """One finding of the latest inspection; two calls with the same bytes share finding keys."""

    __tablename__ = "findings"
    __table_args__ = (Index(None, "category", "call_id"),)

    call_id: Mapped[str] = mapped_column(
        ForeignKey("inspections.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    rule_id: Mapped[str]
    rule_version: Mapped[str]
    category: Mapped[str]
    outcome: Mapped[str]
    severity: Mapped[str]
    confidence: Mapped[float]
    match: Mapped[str]
    start_ms: Mapped[int | None]
    end_ms: Mapped[int | None]


class CriterionRow(Base):
    """One line of the form of the latest inspection."""

    __tablename__ = "criteria"

    call_id: Mapped[str] = mapped_column(
        ForeignKey("inspections.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    criterion_id: Mapped[str]
    outcome: Mapped[str]
    points: Mapped[float | None]
    potential: Mapped[float]


class FailureRow(Base):
    """A call that failed in a run; kept when a later run succeeds, so that the run stays explained."""

    __tablename__ = "failures"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    document: Mapped[dict[str, Any]]


class RoleCorrectionRow(Base):
    """A person's word on who speaks; the latest of a call holds, the earlier ones stay."""

    __tablename__ = "role_corrections"
    __table_args__ = (Index(None, "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    call_id: Mapped[str]
    corrected_by: Mapped[str]
    corrected_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]


class ClaimRow(Base):
    """A call that a process is working on; free again when `expires_at` is past."""

    __tablename__ = "claims"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    expires_at: Mapped[datetime]


class RetryRow(Base):
    """A call whose failure may pass: how often it failed unchanged, and since when it is left alone."""

    __tablename__ = "retries"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    code: Mapped[str]
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    quarantined_at: Mapped[datetime | None]


class ReviewRow(Base):
    """One action of a person on a call; never changed, never deleted while the call is there."""

    __tablename__ = "reviews"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    action: Mapped[str]
    reviewer: Mapped[str]
    at: Mapped[datetime]
    document: Mapped[dict[str, Any]]


class ListingRow(Base):
    """One call as the queue shows it: what the machine found, and where people stand with it.

    The machine's columns are written with each inspection and stay empty until somebody lists it
    (`listed_at`); `words_number` leads to its words. `state` and what follows belong to people and outlive
    every new inspection; `reviewers` holds the names of those who acted, each between commas.
    """

    __tablename__ = "listings"
    __table_args__ = (
        Index("ix_listings_queue", "state", "priority", "call_id"),
        Index("ix_listings_priority", "priority", "call_id"),
        Index("ix_listings_words_number", "words_number", "state"),
        Index("ix_listings_assigned_to", "assigned_to", "state"),
        Index("ix_listings_agent_id", "agent_id", "started_at"),
        Index("ix_listings_team", "team", "started_at"),
        Index("ix_listings_started_at", "started_at", "call_id"),
        Index("ix_listings_listed_at", "listed_at"),
    )

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)
    listed_at: Mapped[datetime | None]
    agent_id: Mapped[str | None]
    team: Mapped[str | None]
    started_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None]
    status: Mapped[str | None]
    call_type: Mapped[str | None]
    layout: Mapped[str | None]
    score: Mapped[float | None]
    grade: Mapped[str | None]
    severity: Mapped[str | None]
    risk: Mapped[float] = mapped_column(default=0.0)
    doubt: Mapped[float] = mapped_column(default=0.0)
    priority: Mapped[float] = mapped_column(default=0.0)
    control: Mapped[bool] = mapped_column(default=False)
    words_number: Mapped[int | None]
    state: Mapped[str]
    seq: Mapped[int] = mapped_column(default=0)
    reviewed_score: Mapped[float | None]
    reviewed_grade: Mapped[str | None]
    reviewers: Mapped[str] = mapped_column(default="")
    assigned_to: Mapped[str | None]
    assigned_at: Mapped[datetime | None]


class WordsRow(Base):
    """The search tokens of a call; SQLite's full text index `call_words_index` follows it by triggers."""

    __tablename__ = "call_words"

    number: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id", ondelete="CASCADE"), unique=True)
    words: Mapped[tuple[tuple[str, ...], ...]] = mapped_column(SearchWords())


class AccountRow(Base):
    """A person who may sign in; names are never reused, so accounts are disabled and not deleted."""

    __tablename__ = "accounts"

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    agent_id: Mapped[str | None]
    team: Mapped[str | None]
    password_hash: Mapped[str]
    must_change_password: Mapped[bool]
    disabled: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A sign-in that lasts, by the sha256 of what the browser holds."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.name", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignInFailureRow(Base):
    """A sign-in that failed, to slow down who guesses; kept so that a restart forgets nothing."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    at: Mapped[datetime]


class AuditRow(Base):
    """One line of the audit log; only ever added to."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "at"), Index(None, "subject"))

    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    address: Mapped[str]
