"""Which calls are meant: by whom they may be seen, by fields, and by words that were said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, literal, literal_column, select, table, text

from qa_pipeline.store.database import Database
from qa_pipeline.store.tables import FindingRow, ListingRow, WordsRow, lexeme
from qa_pipeline.types import ReviewState


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The calls a person may see at all.

    Args:
        agent_id, team: only of this agent, of this team; None for any.
        released: only those that were given to their agent.
    """

    agent_id: str | None = None
    team: str | None = None
    released: bool = False


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What is looked for; empty fields ask for nothing.

    Args:
        since, until: of the start of the call, half-open.
        states: where people stand with it, any of these.
        assigned_to: whose task it is; an empty string for nobody's.
        phrases: search tokens; each phrase must stand somewhere, one token after the other. A phrase of a
            single token that ends in ``*`` matches every token that begins so.
    """

    since: datetime | None = None
    until: datetime | None = None
    agent_id: str | None = None
    team: str | None = None
    category: str | None = None
    grade: str | None = None
    status: str | None = None
    layout: str | None = None
    call_type: str | None = None
    states: tuple[ReviewState, ...] = ()
    assigned_to: str | None = None
    control: bool | None = None
    phrases: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStart:
    """Where a page of the queue begins: behind this call."""

    priority: float
    call_id: str


_WORDS_INDEX = table("call_words_index")


def narrowed(query: Any, wanted: CallFilter, scope: Scope, dialect: str, *, states: bool = True) -> Any:
    """A query of listings, less the calls that are not meant.

    Args:
        states: whether the states that are asked for count.
    """
    for column, value in (
        (ListingRow.agent_id, wanted.agent_id),
        (ListingRow.team, wanted.team),
        (ListingRow.grade, wanted.grade),
        (ListingRow.status, wanted.status),
        (ListingRow.layout, wanted.layout),
        (ListingRow.call_type, wanted.call_type),
        (ListingRow.control, wanted.control),
        (ListingRow.agent_id, scope.agent_id),
        (ListingRow.team, scope.team),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(ListingRow.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(ListingRow.started_at < wanted.until)
    if wanted.assigned_to is not None:
        query = query.where(
            ListingRow.assigned_to == wanted.assigned_to
            if wanted.assigned_to
            else ListingRow.assigned_to.is_(None)
        )
    if states and wanted.states:
        query = query.where(ListingRow.state.in_([state.value for state in wanted.states]))
    if scope.released:
        given = (ReviewState.RELEASED.value, ReviewState.ACKNOWLEDGED.value)
        query = query.where(ListingRow.state.in_(given))
    if wanted.category is not None:
        flagged = select(FindingRow.call_id).where(FindingRow.category == wanted.category)
        query = query.where(ListingRow.call_id.in_(flagged))
    if wanted.phrases:
        query = query.where(ListingRow.words_number.in_(_with_phrases(wanted.phrases, dialect)))
    return query


@contextmanager
def searching(database: Database, wanted: CallFilter) -> Iterator[Connection]:
    """A transaction that reads, ready to look for words.

    PostgreSQL's planner does not reckon that looking through the words row by row fetches each of them from
    beside the table: it would do so for every common word, at ten times the cost of the index.
    """
    with database.reading() as connection:
        if wanted.phrases and database.dialect == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        yield connection


def _with_phrases(phrases: Sequence[Sequence[str]], dialect: str) -> Select[Any]:
    """The numbers of the words that meet the phrases."""
    if dialect == "postgresql":
        asked = " & ".join(f"({' <-> '.join(map(_tsquery_token, phrase))})" for phrase in phrases)
        return select(WordsRow.number).where(
            WordsRow.words.op("@@")(literal(asked).op("::")(literal_column("tsquery")))
        )
    asked = " AND ".join(_fts5_phrase(phrase) for phrase in phrases)
    matching = literal_column("call_words_index").op("MATCH")(literal(asked))
    return select(literal_column("rowid")).select_from(_WORDS_INDEX).where(matching)


def _fts5_phrase(phrase: Sequence[str]) -> str:
    """A quoted phrase, which FTS5 reads as words whatever they are."""
    prefix = len(phrase) == 1 and phrase[0].endswith("*")
    words = " ".join(word.rstrip("*").replace('"', '""') for word in phrase)
    return f'"{words}"*' if prefix else f'"{words}"'


def _tsquery_token(word: str) -> str:
    return f"{lexeme(word.rstrip('*'))}:*" if word.endswith("*") else lexeme(word)
