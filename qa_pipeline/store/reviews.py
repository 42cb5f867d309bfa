"""What people said of calls: a history for each call that only grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from qa_pipeline.errors import StoreError
from qa_pipeline.store.database import Database
from qa_pipeline.store.records import from_document, to_document
from qa_pipeline.store.tables import CallRow, InspectionRow, ListingRow, ReviewRow
from qa_pipeline.types import Inspection, Review, Standing, message


class History:
    """The history of one call, held so that nobody else adds to it until the transaction ends.

    Args:
        connection: of that transaction.
    """

    def __init__(self, connection: Connection, call_id: str) -> None:
        self.connection = connection
        self._call_id = call_id
        self.reviews = _history(connection, call_id)

    @property
    def seq(self) -> int:
        """Of the last action; 0 before any."""
        return self.reviews[-1].seq if self.reviews else 0

    def inspection(self) -> Inspection | None:
        """The latest inspection, as it stands in this transaction."""
        query = select(InspectionRow.document).where(InspectionRow.call_id == self._call_id)
        document = self.connection.scalar(query)
        return None if document is None else from_document(Inspection, document)

    def known(self, review_id: str) -> Review | None:
        """The action with this id, on whichever call it was."""
        row = self.connection.execute(
            select(ReviewRow.seq, ReviewRow.document).where(ReviewRow.id == review_id)
        ).one_or_none()
        return None if row is None else replace(from_document(Review, row.document), seq=row.seq)

    def append(self, review: Review) -> Review:
        """Keep an action as the last one. Returns it with its place."""
        kept = replace(review, seq=self.seq + 1)
        row = {
            "call_id": self._call_id,
            "seq": kept.seq,
            "id": kept.id,
            "action": kept.action.value,
            "reviewer": kept.reviewer,
            "at": kept.at,
            "document": to_document(kept),
        }
        self.connection.execute(insert(ReviewRow), row)
        self.reviews = (*self.reviews, kept)
        return kept

    def stand(self, standing: Standing) -> None:
        """Show in the queue where the call stands now; one that is done is nobody's task any more."""
        values: dict[str, object] = {
            "state": standing.state.value,
            "seq": standing.seq,
            "reviewed_score": standing.score,
            "reviewed_grade": standing.grade,
            "reviewers": "".join(f",{name}," for name in standing.reviewers),
        }
        if standing.ends_assignment:
            values |= {"assigned_to": None, "assigned_at": None}
        self.connection.execute(update(ListingRow).where(ListingRow.call_id == self._call_id).values(values))


class Reviews:
    """Histories of all calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, call_id: str) -> tuple[Review, ...]:
        """What was done on a call, in order."""
        with self._database.reading() as connection:
            return _history(connection, call_id)

    def of_each(self, call_ids: Sequence[str]) -> dict[str, tuple[Review, ...]]:
        """What was done on each of these calls, in order; those on which nothing was done are left out."""
        query = select(ReviewRow.call_id, ReviewRow.seq, ReviewRow.document)
        query = query.where(ReviewRow.call_id.in_(call_ids)).order_by(ReviewRow.call_id, ReviewRow.seq)
        found: dict[str, tuple[Review, ...]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                review = replace(from_document(Review, row.document), seq=row.seq)
                found[row.call_id] = (*found.get(row.call_id, ()), review)
        return found

    def all(self) -> Iterator[Review]:
        """Everything done on any call, by call and then in order."""
        with self._database.reading() as connection:
            calls = connection.scalars(select(ReviewRow.call_id).distinct().order_by(ReviewRow.call_id)).all()
        for call_id in calls:
            yield from self.of(call_id)

    @contextmanager
    def acting(self, call_id: str) -> Iterator[History]:
        """Hold the history of a call while something is added; kept at the end, whole or not at all.

        Raises:
            StoreError: store_unknown_call.
        """
        with self._database.writing() as connection:
            # On PostgreSQL the lock on the call makes a second person wait; SQLite has one writer anyway.
            held = connection.execute(
                select(CallRow.call_id).where(CallRow.call_id == call_id).with_for_update()
            ).one_or_none()
            if held is None:
                raise StoreError(
                    "store_unknown_call",
                    message(
                        "The store {store} has no call {call}. Check the id; qa audit FOLDER brings calls.",
                        store=self._database.place,
                        call=call_id,
                    ),
                )
            yield History(connection, call_id)


def _history(connection: Connection, call_id: str) -> tuple[Review, ...]:
    query = select(ReviewRow.seq, ReviewRow.document).where(ReviewRow.call_id == call_id)
    rows = connection.execute(query.order_by(ReviewRow.seq)).all()
    return tuple(replace(from_document(Review, row.document), seq=row.seq) for row in rows)
