"""Failed calls: which may pass another time, which are left alone after the third failure, and all counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from qa_pipeline.store.database import Database
from qa_pipeline.store.tables import CallRow, InspectionRow, RetryRow, RunRow
from qa_pipeline.types import CallStatus, Inspection

FAILURES_TO_QUARANTINE = 3

_FAILED = InspectionRow.status == CallStatus.FAILED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """A call whose latest inspection failed.

    Args:
        options: of the run that kept it; empty where it was kept without a run.
    """

    call_id: str
    uri: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedCall:
    """A call that failed three times unchanged and is left alone until it changes or is asked for."""

    call_id: str
    fingerprint: str
    code: str
    failures: int
    quarantined_at: datetime


class Retries:
    """The failed calls of a store; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def quarantined(self) -> tuple[QuarantinedCall, ...]:
        """The calls that are left alone, by call id."""
        query = (
            select(
                RetryRow.call_id,
                RetryRow.fingerprint,
                RetryRow.code,
                RetryRow.failures,
                RetryRow.quarantined_at,
            )
            .where(RetryRow.quarantined_at.is_not(None))
            .order_by(RetryRow.call_id)
        )
        with self._database.reading() as connection:
            return tuple(QuarantinedCall(**row) for row in connection.execute(query).mappings())

    def failed(self) -> tuple[FailedCall, ...]:
        """The failed calls, quarantined or not, by uri."""
        query = (
            select(CallRow.call_id, CallRow.uri, RunRow.options)
            .join(InspectionRow, InspectionRow.call_id == CallRow.call_id)
            .outerjoin(RunRow, RunRow.run_id == InspectionRow.run_id)
            .where(_FAILED)
            .order_by(CallRow.uri, CallRow.call_id)
        )
        with self._database.reading() as connection:
            return tuple(
                FailedCall(call_id=row.call_id, uri=row.uri, options=row.options or {})
                for row in connection.execute(query)
            )

    def reopen(self, call_ids: Collection[str]) -> None:
        """Let those of these calls that failed be new again, quarantined or not."""
        if not call_ids:
            return
        named = [{"reopened": call_id} for call_id in call_ids]
        failed = update(InspectionRow).where(_FAILED, InspectionRow.call_id == bindparam("reopened"))
        counted = delete(RetryRow).where(RetryRow.call_id == bindparam("reopened"))
        with self._database.writing() as connection:
            connection.execute(failed.values(fingerprint=""), named)
            connection.execute(counted, named)

    def calls_by_status(self) -> Mapping[str, int]:
        """How many calls stand where."""
        query = select(InspectionRow.status, func.count()).group_by(InspectionRow.status)
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def calls_by_run(self) -> Mapping[str, int]:
        """How many of the calls now kept each run has kept."""
        query = select(InspectionRow.run_id, func.count()).group_by(InspectionRow.run_id)
        with self._database.reading() as connection:
            return {run: count for run, count in connection.execute(query) if run is not None}

    def failures_by_code(self) -> Mapping[str, int]:
        """How many calls are failed now, by the code of the failure."""
        code = InspectionRow.document["failure"]["code"].as_string()
        query = select(code, func.count()).where(_FAILED).group_by(code)
        with self._database.reading() as connection:
            return dict(connection.execute(query.order_by(code)).all())


def note_failure(connection: Connection, inspection: Inspection, retry_of: str | None) -> None:
    """Count a failure that may pass; forget the count after any other outcome.

    Args:
        retry_of: fingerprint of the call; another one than before begins a new count.
    """
    call_id = inspection.call.call_id
    if retry_of is None or inspection.failure is None:
        connection.execute(delete(RetryRow).where(RetryRow.call_id == call_id))
        return
    before = connection.execute(
        select(RetryRow.failures).where(RetryRow.call_id == call_id, RetryRow.fingerprint == retry_of)
    ).scalar()
    failures = (before or 0) + 1
    now = datetime.now(UTC)
    connection.execute(delete(RetryRow).where(RetryRow.call_id == call_id))
    connection.execute(
        insert(RetryRow),
        {
            "call_id": call_id,
            "fingerprint": retry_of,
            "code": inspection.failure.code,
            "failures": failures,
            "failed_at": now,
            "quarantined_at": now if failures >= FAILURES_TO_QUARANTINE else None,
        },
    )
