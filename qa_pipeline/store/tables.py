"""The tables: documents whole, beside them the columns and rows that queries need.

A change here needs a migration in `migrations/versions` and its name at the end of `REVISIONS`; a test
compares the two. Enumerated values are plain strings, so that a new member is no change of the schema.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Double, ForeignKey, Index, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

REVISIONS = ("0001", "0002", "work_sharing")
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
