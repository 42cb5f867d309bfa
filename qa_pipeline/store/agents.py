"""The agents of a store with how many calls of theirs stand where, counted by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from qa_pipeline.store.call_filter import EVERYTHING, Scope
from qa_pipeline.store.database import Database
from qa_pipeline.store.tables import ListingRow
from qa_pipeline.types import CallStatus, Grade, ReviewState

_OPEN = (ReviewState.WAITING, ReviewState.IN_REVIEW, ReviewState.AWAITS_SECOND, ReviewState.CONFLICT)
_DONE = (ReviewState.FINISHED, ReviewState.RELEASED, ReviewState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCalls:
    """How the calls of one agent stand.

    Args:
        team: of the latest by name, where an agent had several.
        open: calls that still need somebody.
        red_lines: final ones; `waiting_red_lines` are the machine's, which no person decided on yet.
        mean_score: of calls whose score is final, `scored` of them.
    """

    agent_id: str
    team: str | None
    calls: int
    open: int
    red_lines: int
    waiting_red_lines: int
    scored: int
    mean_score: float | None


class Agents:
    """Counts over the calls of each agent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def calls(
        self, scope: Scope = EVERYTHING, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[AgentCalls, ...]:
        """The agents with calls in a time, by staff number; those without a start time in any."""
        done = ListingRow.state.in_([state.value for state in _DONE])
        grade = func.coalesce(ListingRow.reviewed_grade, ListingRow.grade)
        score = func.coalesce(ListingRow.reviewed_score, ListingRow.score)
        red = grade == Grade.RED_LINE.value
        final = (done | (ListingRow.status == CallStatus.SCORED.value)) & score.is_not(None)
        query = select(
            ListingRow.agent_id,
            func.max(ListingRow.team).label("team"),
            func.count().label("calls"),
            _number(ListingRow.state.in_([state.value for state in _OPEN])).label("open"),
            _number(red & done).label("red_lines"),
            _number(red & ~done).label("waiting_red_lines"),
            _number(final).label("scored"),
            func.avg(case((final, score))).label("mean_score"),
        )
        query = self._within(query, scope)
        if since is not None:
            query = query.where(ListingRow.started_at >= since)
        if until is not None:
            query = query.where(ListingRow.started_at < until)
        query = query.group_by(ListingRow.agent_id).order_by(ListingRow.agent_id)
        with self._database.reading() as connection:
            return tuple(AgentCalls(**row) for row in connection.execute(query).mappings())

    def latest_call(self, scope: Scope = EVERYTHING, *, agent_id: str | None = None) -> datetime | None:
        """When the latest call began."""
        query = self._within(select(func.max(ListingRow.started_at)), scope)
        if agent_id is not None:
            query = query.where(ListingRow.agent_id == agent_id)
        with self._database.reading() as connection:
            latest: datetime | None = connection.scalar(query)
        return latest

    def _within(self, query: Any, scope: Scope) -> Any:
        query = query.where(ListingRow.agent_id.is_not(None))
        if scope.team is not None:
            query = query.where(ListingRow.team == scope.team)
        if scope.agent_id is not None:
            query = query.where(ListingRow.agent_id == scope.agent_id)
        return query


def _number(holds: Any) -> Any:
    return func.sum(case((holds, 1), else_=0))
