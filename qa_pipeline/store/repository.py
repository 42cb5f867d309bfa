"""The store as the other rooms see it: transcripts, inspections and runs in, the same records out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, delete, insert, select, update

from qa_pipeline.errors import StoreError
from qa_pipeline.store.accounts import Accounts
from qa_pipeline.store.agents import Agents
from qa_pipeline.store.claims import Claims
from qa_pipeline.store.database import Database
from qa_pipeline.store.listings import Listings, keep_listing
from qa_pipeline.store.records import from_document, to_document
from qa_pipeline.store.retries import Retries, note_failure
from qa_pipeline.store.reviews import History, Reviews
from qa_pipeline.store.rows import call_row, criterion_rows, finding_rows, inspection_row
from qa_pipeline.store.tables import (
    CallRow,
    ClaimRow,
    CriterionRow,
    FailureRow,
    FindingRow,
    InspectionRow,
    RoleCorrectionRow,
    RunRow,
    TranscriptRow,
    storable,
)
from qa_pipeline.types import Failure, Inspection, Listing, RoleCorrection, Transcript, message

_DOCUMENTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the store knows it.

    Args:
        finished_at: None while it runs, and for ever when it was broken off.
        counts: what it did; None like `finished_at`.
    """

    run_id: str
    kind: str
    options: Mapping[str, object]
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int] | None


class KeptRecording(NamedTuple):
    """Where a call's recording lay when it was inspected, and its digest."""

    uri: str
    sha256: str


def open_store(url: str, *, busy_timeout_ms: int = 30_000) -> Store:
    """Open the store, make it where there is none, and bring its schema up to date.

    Args:
        url: sqlite:////folder/qa.db (file and folder are made for their owner only) or postgresql://...
        busy_timeout_ms: how long to wait for another process that writes to the same SQLite file.

    Raises:
        StoreError: store_url, store_unreachable, store_unwritable, store_locked, store_full, store_damaged,
            store_foreign, store_newer or store_driver_missing.
    """
    return Store(Database(url, busy_timeout_ms=busy_timeout_ms))


class Store:
    """Where results live. May be used from several threads and by several processes at once.

    Each method is one short transaction (`inspections` a series of them) and raises `StoreError`. Four parts
    have their own: `reviews` (what people say of calls), `listings` (the queue), `accounts` (who signs in),
    `agents` (counts of their calls).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reviews = Reviews(database)
        self.listings = Listings(database)
        self.accounts = Accounts(database)
        self.agents = Agents(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def claims(self) -> Claims:
        """The claims of this process on calls."""
        return Claims(self._database)

    @property
    def retries(self) -> Retries:
        """Calls whose failure may pass."""
        return Retries(self._database)

    def close(self) -> None:
        """Give the connections back; the store opens new ones when it is used again."""
        self._database.close()

    def transcript(self, sha256: str, options_digest: str) -> Transcript | None:
        """What was heard in these bytes with these options, under whichever call id came first.

        Its `recording_id` is that call's: a caller with another id puts its own.
        """
        query = select(TranscriptRow.document).where(
            TranscriptRow.sha256 == sha256, TranscriptRow.options_digest == options_digest
        )
        with self._database.reading() as connection:
            document = connection.scalar(query)
        return None if document is None else from_document(Transcript, document)

    def save_transcript(self, sha256: str, transcript: Transcript) -> None:
        """Keep a transcript under the bytes it was made from and its options digest."""
        row = {
            "sha256": sha256,
            "options_digest": transcript.options_digest,
            "saved_at": datetime.now(UTC),
            "document": to_document(transcript),
        }
        statement = self._database.upsert(TranscriptRow, row, keys=("sha256", "options_digest"))
        with self._database.writing() as connection:
            connection.execute(statement)

    def save(
        self,
        inspection: Inspection,
        *,
        fingerprint: str,
        run_id: str | None = None,
        retry_of: str | None = None,
        listing: Listing | None = None,
        stand: Callable[[History], None] | None = None,
    ) -> None:
        """Keep an inspection in place of the call's earlier one, whole or not at all, and end its claim.

        Args:
            fingerprint: of everything the result was computed from.
            run_id: of `start_run`; with it a failed call is also listed in `failures`.
            retry_of: fingerprint of a call whose failure may pass; its failures are counted.
            listing: its place in the queue and its words; without it the call waits to be listed.
            stand: shows in the queue where the call now stands, told its history in the same transaction.
        """
        call_id = inspection.call.call_id
        judged = _judged(inspection, fingerprint, run_id)
        with self._database.writing() as connection:
            self._keep(connection, inspection, judged, listing)
            if stand is not None:
                stand(History(connection, call_id))
            if run_id is not None and inspection.failure is not None:
                connection.execute(self._failure(run_id, call_id, inspection.failure))
            note_failure(connection, inspection, retry_of)

    def save_corrected(
        self,
        history: History,
        inspection: Inspection,
        correction: RoleCorrection,
        *,
        fingerprint: str,
        listing: Listing,
    ) -> None:
        """Keep a person's word on who speaks, and the inspection it leads to, with the action that says so.

        Args:
            history: of the call, with the action; what is kept here is kept when its transaction ends.
            fingerprint, listing: as `save` takes them.
        """
        judged = _judged(inspection, fingerprint, None)
        self._keep(history.connection, inspection, judged, listing)
        note_failure(history.connection, inspection, None)
        history.connection.execute(insert(RoleCorrectionRow), _correction_row(correction))

    def inspection(self, call_id: str) -> Inspection | None:
        """The latest inspection of a call; None where there is none."""
        query = select(InspectionRow.document).where(InspectionRow.call_id == call_id)
        with self._database.reading() as connection:
            document = connection.scalar(query)
        return None if document is None else from_document(Inspection, document)

    def inspections(
        self,
        *,
        call_ids: Collection[str] | None = None,
        agent_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Inspection]:
        """The latest inspections that meet every condition given, by uri and then call id.

        The calls are chosen at the first step; no transaction is held between two steps.

        Args:
            call_ids: only these; those unknown are passed over.
            since, until: of the start of the call, half-open [since, until), with zone.
        """
        query = select(CallRow.call_id).join(InspectionRow, InspectionRow.call_id == CallRow.call_id)
        if call_ids is not None:
            query = query.where(CallRow.call_id.in_(self._database.values(call_ids)))
        if agent_id is not None:
            query = query.where(CallRow.agent_id == agent_id)
        if since is not None:
            query = query.where(CallRow.started_at >= since)
        if until is not None:
            query = query.where(CallRow.started_at < until)
        with self._database.reading() as connection:
            chosen = connection.scalars(query.order_by(CallRow.uri, CallRow.call_id)).all()
        for start in range(0, len(chosen), _DOCUMENTS_AT_ONCE):
            batch = chosen[start : start + _DOCUMENTS_AT_ONCE]
            documents = self._documents(batch)
            for call_id in batch:
                if call_id in documents:
                    yield from_document(Inspection, documents[call_id])

    def recordings(self, call_ids: Collection[str]) -> dict[str, KeptRecording]:
        """The recordings of those calls that were heard."""
        query = select(CallRow.call_id, CallRow.uri, CallRow.recording_sha256).where(
            CallRow.call_id.in_(self._database.values(call_ids)), CallRow.recording_sha256.is_not(None)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.call_id: KeptRecording(uri=row.uri, sha256=row.recording_sha256) for row in rows}

    def call_at(self, uri: str) -> str | None:
        """The id of the call whose recording was last inspected at this place; None where there is none."""
        query = (
            select(CallRow.call_id)
            .join(InspectionRow, InspectionRow.call_id == CallRow.call_id)
            .where(CallRow.uri == storable(uri))
            .order_by(InspectionRow.saved_at.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            call_id: str | None = connection.scalar(query)
        return call_id

    def fingerprints(self, call_ids: Collection[str]) -> dict[str, str]:
        """The fingerprints of those calls that have an inspection."""
        query = select(InspectionRow.call_id, InspectionRow.fingerprint).where(
            InspectionRow.call_id.in_(self._database.values(call_ids))
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def save_role_correction(self, correction: RoleCorrection) -> None:
        """Keep a person's word on who speaks in a call; earlier ones stay, the latest holds."""
        with self._database.writing() as connection:
            connection.execute(insert(RoleCorrectionRow), _correction_row(correction))

    def role_corrections(self, call_ids: Collection[str]) -> dict[str, tuple[RoleCorrection, ...]]:
        """What people said about who speaks in these calls, by call id, the latest last."""
        query = (
            select(RoleCorrectionRow.call_id, RoleCorrectionRow.document)
            .where(RoleCorrectionRow.call_id.in_(self._database.values(call_ids)))
            .order_by(RoleCorrectionRow.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found: dict[str, tuple[RoleCorrection, ...]] = {}
        for call_id, document in rows:
            found[call_id] = (*found.get(call_id, ()), from_document(RoleCorrection, document))
        return found

    def start_run(self, kind: str, options: Mapping[str, object]) -> str:
        """Note that a run begins; the options must be JSON-ready. Returns its id, sortable by time."""
        now = datetime.now(UTC)
        run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        row = {"run_id": run_id, "kind": kind, "options": dict(options), "started_at": now}
        with self._database.writing() as connection:
            connection.execute(insert(RunRow), row)
        return run_id

    def finish_run(self, run_id: str, counts: Mapping[str, int]) -> None:
        """Note that a run came to its end, and what it did.

        Raises:
            StoreError: store_unknown_run.
        """
        statement = (
            update(RunRow)
            .where(RunRow.run_id == run_id)
            .values(finished_at=datetime.now(UTC), counts=dict(counts))
        )
        with self._database.writing() as connection:
            if connection.execute(statement).rowcount == 0:
                raise StoreError(
                    "store_unknown_run",
                    message(
                        "The store {store} knows no run {run}."
                        " Use the id that start_run returned for this store.",
                        store=self._database.place,
                        run=run_id,
                    ),
                )

    def runs(self, *, run_id: str | None = None, limit: int | None = None) -> tuple[Run, ...]:
        """The runs, the latest first; a run without `finished_at` is under way or was broken off.

        Args:
            run_id: only this one.
            limit: at most so many; all when left out.
        """
        query = select(
            RunRow.run_id, RunRow.kind, RunRow.options, RunRow.started_at, RunRow.finished_at, RunRow.counts
        ).order_by(RunRow.started_at.desc(), RunRow.run_id.desc())
        if run_id is not None:
            query = query.where(RunRow.run_id == run_id)
        with self._database.reading() as connection:
            return tuple(Run(**row) for row in connection.execute(query.limit(limit)).mappings())

    def failures(self, run_id: str) -> dict[str, Failure]:
        """The calls that failed in a run, by call id, also those that a later run mastered."""
        query = select(FailureRow.call_id, FailureRow.document).where(FailureRow.run_id == run_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(FailureRow.call_id)).all()
        return {call_id: from_document(Failure, document) for call_id, document in rows}

    def _keep(
        self, connection: Connection, inspection: Inspection, judged: dict[str, Any], listing: Listing | None
    ) -> None:
        call_id = inspection.call.call_id
        # The row of the call comes first: on PostgreSQL it makes a second writer of this call wait.
        connection.execute(self._database.upsert(CallRow, call_row(inspection), keys=("call_id",)))
        connection.execute(delete(InspectionRow).where(InspectionRow.call_id == call_id))
        connection.execute(insert(InspectionRow), judged)
        parts: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
            (FindingRow, finding_rows(inspection)),
            (CriterionRow, criterion_rows(inspection)),
        )
        for table, rows in parts:
            if rows:
                connection.execute(insert(table), rows)
        keep_listing(connection, inspection, listing)
        connection.execute(delete(ClaimRow).where(ClaimRow.call_id == call_id))

    def _failure(self, run_id: str, call_id: str, failure: Failure) -> Any:
        row = {
            "run_id": run_id,
            "call_id": call_id,
            "code": failure.code,
            "document": to_document(failure),
        }
        return self._database.upsert(FailureRow, row, keys=("run_id", "call_id"))

    def _documents(self, call_ids: Collection[str]) -> dict[str, dict[str, Any]]:
        query = select(InspectionRow.call_id, InspectionRow.document).where(
            InspectionRow.call_id.in_(self._database.values(call_ids))
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())


def _judged(inspection: Inspection, fingerprint: str, run_id: str | None) -> dict[str, Any]:
    return inspection_row(inspection) | {
        "run_id": run_id,
        "fingerprint": fingerprint,
        "saved_at": datetime.now(UTC),
        "document": to_document(inspection),
    }


def _correction_row(correction: RoleCorrection) -> dict[str, Any]:
    return {
        "call_id": correction.call_id,
        "corrected_by": correction.corrected_by,
        "corrected_at": correction.corrected_at,
        "document": to_document(correction),
    }
