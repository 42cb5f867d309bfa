"""The queue: which calls wait for whom, found by filters and by words, on either database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from qa_pipeline.store.call_filter import EVERYTHING, CallFilter, PageStart, Scope, narrowed, searching
from qa_pipeline.store.database import Database
from qa_pipeline.store.rows import listing_row
from qa_pipeline.store.tables import FindingRow, ListingRow, WordsRow
from qa_pipeline.types import Account, FindingOutcome, Inspection, Listing, ReviewState, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """One finding in short."""

    category: str
    severity: str
    outcome: str

    def order(self) -> tuple[int, bool]:
        """Worst first, sure ones before uncertain ones."""
        return -Severity(self.severity).rank, self.outcome != FindingOutcome.HIT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCall:
    """One line of the queue; of the machine's columns none is set before the call was listed."""

    call_id: str
    agent_id: str | None
    team: str | None
    started_at: datetime | None
    duration_ms: int | None
    status: str | None
    call_type: str | None
    layout: str | None
    score: float | None
    grade: str | None
    severity: str | None
    risk: float
    doubt: float
    priority: float
    control: bool
    state: ReviewState
    reviewed_score: float | None
    reviewed_grade: str | None
    assigned_to: str | None
    assigned_at: datetime | None
    flags: tuple[Flagged, ...] = ()

    @property
    def shown_flags(self) -> tuple[Flagged, ...]:
        """The worst of each category, worst first: sure ones before uncertain ones of the same severity."""
        worst: dict[str, Flagged] = {}
        for flag in sorted(self.flags, key=Flagged.order):
            worst.setdefault(flag.category, flag)
        return tuple(worst.values())


_TO_REVIEW = (ReviewState.WAITING.value, ReviewState.IN_REVIEW.value)
"""States in which a call that is nobody's has to be somebody's, for a review to begin or to go on."""

_COLUMNS = tuple(getattr(ListingRow, name) for name in ListedCall.__dataclass_fields__ if name != "flags")


class Listings:
    """Every inspected call as a line of the queue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _narrowed(self, query: Any, wanted: CallFilter, scope: Scope, *, states: bool = True) -> Any:
        return narrowed(query, wanted, scope, self._database.dialect, states=states)

    def page(
        self,
        wanted: CallFilter,
        scope: Scope = EVERYTHING,
        *,
        after: PageStart | None = None,
        limit: int = 50,
    ) -> tuple[ListedCall, ...]:
        """The next lines, most urgent first; of equals the last call id, which mostly is the latest call."""
        query = self._narrowed(select(*_COLUMNS), wanted, scope)
        if after is not None:
            query = query.where(
                or_(
                    ListingRow.priority < after.priority,
                    (ListingRow.priority == after.priority) & (ListingRow.call_id < after.call_id),
                )
            )
        query = query.order_by(ListingRow.priority.desc(), ListingRow.call_id.desc()).limit(limit)
        with searching(self._database, wanted) as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
            flags = _flags(connection, [row["call_id"] for row in rows])
        return tuple(_listed(row, flags) for row in rows)

    def count(self, wanted: CallFilter, scope: Scope = EVERYTHING) -> dict[ReviewState, int]:
        """How many calls meet the filter, by state, whatever states it asks for."""
        query = select(ListingRow.state, func.count())
        query = self._narrowed(query, wanted, scope, states=False).group_by(ListingRow.state)
        with searching(self._database, wanted) as connection:
            return {ReviewState(row[0]): row[1] for row in connection.execute(query)}

    def call(self, call_id: str, scope: Scope = EVERYTHING) -> ListedCall | None:
        """One line; None where the call is unknown or out of scope."""
        query = self._narrowed(select(*_COLUMNS), CallFilter(), scope).where(ListingRow.call_id == call_id)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None else _listed(dict(row), _flags(connection, [call_id]))

    def visible(self, call_ids: Collection[str], scope: Scope) -> frozenset[str]:
        """Those of these calls that are known and within the scope."""
        query = self._narrowed(select(ListingRow.call_id), CallFilter(), scope)
        query = query.where(ListingRow.call_id.in_(self._database.values(call_ids)))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def choices(self, scope: Scope = EVERYTHING) -> Mapping[str, tuple[str, ...]]:
        """The agents and teams there are to choose from."""
        found: dict[str, tuple[str, ...]] = {}
        with self._database.reading() as connection:
            for name, column in (("agent_id", ListingRow.agent_id), ("team", ListingRow.team)):
                query = self._narrowed(select(column).distinct(), CallFilter(), scope)
                query = query.where(column.is_not(None)).order_by(column)
                found[name] = tuple(value for value in connection.scalars(query) if value)
        return found

    def take_next(self, account: Account, wanted: CallFilter, scope: Scope = EVERYTHING) -> str | None:
        """Give a person the most urgent call that is nobody's, and that this person may decide on.

        A review that somebody began and gave back goes on with whoever takes it. A call that waits for a
        second person goes to none of those who acted on it, nor to the team of its agent; nobody is given a
        call of their own.
        """
        with self._database.writing() as connection:
            query = self._narrowed(select(ListingRow.call_id), wanted, scope, states=False)
            query = query.where(ListingRow.assigned_to.is_(None), _open_to(account))
            query = query.order_by(ListingRow.priority.desc(), ListingRow.call_id.desc()).limit(1)
            call_id: str | None = connection.scalar(query.with_for_update(skip_locked=True, of=ListingRow))
            if call_id is not None:
                _assign(connection, [call_id], account.name)
        return call_id

    def assign(
        self, accounts: Sequence[Account], wanted: CallFilter, scope: Scope = EVERYTHING, *, at_most: int
    ) -> dict[str, int]:
        """Spread the most urgent calls that are nobody's evenly over these people.

        Returns:
            How many each got.
        """
        given = {account.name: 0 for account in accounts}
        with self._database.writing() as connection:
            query = self._narrowed(
                select(ListingRow.call_id, ListingRow.agent_id, ListingRow.team), wanted, scope, states=False
            )
            query = query.where(ListingRow.assigned_to.is_(None), ListingRow.state.in_(_TO_REVIEW))
            query = query.order_by(ListingRow.priority.desc(), ListingRow.call_id.desc()).limit(at_most)
            rows: Any = connection.execute(query.with_for_update(skip_locked=True, of=ListingRow)).all()
            tasks: dict[str, list[str]] = {}
            for row in rows:
                able = [one for one in accounts if one.agent_id is None or one.agent_id != row.agent_id]
                if able:
                    name = min(able, key=lambda one: given[one.name]).name
                    tasks.setdefault(name, []).append(row.call_id)
                    given[name] += 1
            for name, call_ids in tasks.items():
                _assign(connection, call_ids, name)
        return given

    def hand_over(self, call_id: str, name: str | None) -> None:
        """Make a call somebody's task, or nobody's."""
        with self._database.writing() as connection:
            _assign(connection, [call_id], name)

    def unlisted(self, limit: int) -> tuple[str, ...]:
        """Calls whose latest inspection is not listed yet."""
        query = select(ListingRow.call_id).where(ListingRow.listed_at.is_(None)).order_by(ListingRow.call_id)
        with self._database.reading() as connection:
            return tuple(connection.scalars(query.limit(limit)))

    def list_call(self, inspection: Inspection, listing: Listing) -> None:
        """Put a call that was saved before into the queue and the search."""
        with self._database.writing() as connection:
            keep_listing(connection, inspection, listing)


def keep_listing(connection: Connection, inspection: Inspection, listing: Listing | None) -> None:
    """Write the machine's columns of a call's line, and its words.

    Args:
        listing: None where whoever saves knows nothing of the queue; the call then waits to be listed.
    """
    call_id = inspection.call.call_id
    row: dict[str, Any] = listing_row(inspection)
    if listing is None:
        row |= {"listed_at": None}
    else:
        row |= {
            "listed_at": datetime.now(UTC),
            "risk": listing.risk,
            "doubt": listing.doubt,
            "priority": listing.priority,
            "control": listing.control,
        }
    first = {"risk": 0.0, "doubt": 0.0, "priority": 0.0, "control": False, "seq": 0, "reviewers": ""}
    waiting = ReviewState.WAITING if listing is not None and listing.needed else ReviewState.NOT_NEEDED
    known = connection.scalar(select(ListingRow.seq).where(ListingRow.call_id == call_id))
    if known is None:
        connection.execute(insert(ListingRow), first | row | {"call_id": call_id, "state": waiting.value})
    else:
        # What people decided stays; where nobody acted yet the machine's word decides.
        if known == 0 and listing is not None:
            row["state"] = waiting.value
        connection.execute(update(ListingRow).where(ListingRow.call_id == call_id).values(row))
    if listing is not None:
        connection.execute(delete(WordsRow).where(WordsRow.call_id == call_id))
        kept = insert(WordsRow).values(call_id=call_id, words=listing.words).returning(WordsRow.number)
        number = connection.scalar(kept)
        connection.execute(
            update(ListingRow).where(ListingRow.call_id == call_id).values(words_number=number)
        )


def _open_to(account: Account) -> ColumnElement[bool]:
    """Calls that this person may decide on, as a first or as a second."""
    second = (ListingRow.state == ReviewState.AWAITS_SECOND.value) & ~ListingRow.reviewers.contains(
        f",{account.name},", autoescape=True
    )
    if account.team is not None:
        second &= or_(ListingRow.team.is_(None), ListingRow.team != account.team)
    able: ColumnElement[bool] = or_(ListingRow.state.in_(_TO_REVIEW), second)
    if account.agent_id is not None:
        able &= or_(ListingRow.agent_id.is_(None), ListingRow.agent_id != account.agent_id)
    return able


def _assign(connection: Connection, call_ids: Collection[str], name: str | None) -> None:
    at = None if name is None else datetime.now(UTC)
    for call_id in call_ids:
        connection.execute(
            update(ListingRow).where(ListingRow.call_id == call_id).values(assigned_to=name, assigned_at=at)
        )


def _flags(connection: Connection, call_ids: Sequence[str]) -> dict[str, tuple[Flagged, ...]]:
    query = select(FindingRow.call_id, FindingRow.category, FindingRow.severity, FindingRow.outcome)
    query = query.where(FindingRow.call_id.in_(call_ids)).order_by(FindingRow.call_id, FindingRow.position)
    found: dict[str, list[Flagged]] = {}
    for row in connection.execute(query):
        flag = Flagged(category=row.category, severity=row.severity, outcome=row.outcome)
        found.setdefault(row.call_id, []).append(flag)
    return {call_id: tuple(flags) for call_id, flags in found.items()}


def _listed(row: dict[str, Any], flags: Mapping[str, tuple[Flagged, ...]]) -> ListedCall:
    row["state"] = ReviewState(row["state"])
    return ListedCall(**row, flags=flags.get(row["call_id"], ()))
