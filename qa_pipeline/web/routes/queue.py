"""The queue: calls that wait for a person, found by filters and words, taken and spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from qa_pipeline.errors import AccessError
from qa_pipeline.reports import labels
from qa_pipeline.review.search import Snippet, snippets
from qa_pipeline.store.call_filter import CallFilter, PageStart
from qa_pipeline.store.listings import ListedCall
from qa_pipeline.types import Account, CallStatus, CallType, Grade, Layout, ReviewState, message
from qa_pipeline.web.any_text import quoted
from qa_pipeline.web.call_query import MINE, OPEN_STATES, CallQuery, next_start
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import GRANTS, Permission

router = APIRouter(include_in_schema=False)

PAGE_CALLS = 50
FOUND_CALLS = 25
"""Calls of a page with hits, which take more room and more time."""
_MOST_ASSIGNED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One view of the queue, and how many calls are in it."""

    name: str
    address: str
    count: int
    chosen: bool


@router.get("/")
def queue(
    request: Request,
    visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))],
    query: Annotated[CallQuery, Query()],
) -> Response:
    """One page of the queue."""
    listings, wanted = visitor.desk.store.listings, filter_of(query, visitor)
    most = FOUND_CALLS if query.q else PAGE_CALLS
    calls = listings.page(wanted, visitor.scope, after=start_of(query), limit=most + 1)
    more, calls = len(calls) > most, tuple(map(visitor.shown, calls[:most]))
    if query.q:
        visitor.log("call.search", detail=str(len(calls)))
    return page(
        request,
        "queue.html",
        query=query,
        calls=calls,
        found=_found(visitor, calls, query.q or ""),
        next=query.url(after=next_start(calls[-1])) if more else None,
        tabs=_tabs(visitor, query),
        choices=listings.choices(visitor.scope) if visitor.may(Permission.TAKE) else {},
        codes=_CODES,
        reviewers=_reviewers(visitor) if visitor.may(Permission.ASSIGN) else (),
        nothing_to_take="empty" in request.query_params,
        all_done="done" in request.query_params,
    )


@router.post("/take")
def take_next(
    visitor: Annotated[Visitor, Depends(Needs(Permission.TAKE))], query: Annotated[CallQuery, Query()]
) -> Response:
    """Take the most urgent call of this view that is nobody's, and open it."""
    following = _taken(visitor, query)
    return RedirectResponse(
        query.url(empty=1) if following is None else _at(following, query), status_code=303
    )


@router.post("/next")
def next_call(
    visitor: Annotated[Visitor, Depends(Needs(Permission.TAKE))], query: Annotated[CallQuery, Query()]
) -> Response:
    """Open the next call of this view: an own task first, else as `take_next`."""
    return RedirectResponse(next_address(visitor, query), status_code=303)


@router.post("/assign")
def assign(
    visitor: Annotated[Visitor, Depends(Needs(Permission.ASSIGN))],
    query: Annotated[CallQuery, Query()],
    to: Annotated[list[str] | None, Form()] = None,
    number: Annotated[int, Form(ge=1, le=_MOST_ASSIGNED)] = 20,
) -> Response:
    """Spread the calls of this view that are nobody's evenly over some people."""
    chosen = [account for account in _reviewers(visitor) if account.name in (to or ())]
    if not chosen:
        raise AccessError("assignee_missing", message("Choose at least one person to give calls to."))
    given = visitor.desk.store.listings.assign(
        chosen, filter_of(query, visitor), visitor.scope, at_most=number
    )
    for name, count in given.items():
        visitor.log("call.assign", name, detail=str(count))
    return RedirectResponse(query.url(), status_code=303)


@router.post("/hand-over/{call_id:path}")
def hand_over(
    visitor: Annotated[Visitor, Depends(Needs(Permission.TAKE))],
    call_id: str,
    to: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Give a call back, or a lead gives it to somebody else."""
    call = visitor.listed(call_id)
    own = call.assigned_to == visitor.account.name and not to
    if not own and not visitor.may(Permission.ASSIGN):
        raise AccessError("forbidden", message("Only who assigns calls gives them to somebody else."))
    if to and to not in {account.name for account in _reviewers(visitor)}:
        raise AccessError("assignee_missing", message("Choose at least one person to give calls to."))
    visitor.desk.store.listings.hand_over(call_id, to or None)
    visitor.log("call.hand_over", call_id, detail=to)
    return RedirectResponse("/", status_code=303)


def next_address(visitor: Visitor, query: CallQuery) -> str:
    """Of the next call of a view: an own task first, else the most urgent that is nobody's, else the list."""
    mine = replace(
        filter_of(query.model_copy(update={"assigned": MINE, "state": None}), visitor),
        states=(ReviewState.WAITING, ReviewState.IN_REVIEW),
    )
    own = visitor.desk.store.listings.page(mine, visitor.scope, limit=1)
    following = own[0].call_id if own else _taken(visitor, query)
    return query.url(done=1) if following is None else _at(following, query)


def filter_of(query: CallQuery, visitor: Visitor) -> CallFilter:
    """The query as this visitor means it: reviewers begin with what is open, the others with everything.

    Whose task a call is an agent cannot ask either.
    """
    asked = query.model_copy(update={"assigned": None}) if visitor.is_agent else query
    return asked.filter(
        name=visitor.account.name,
        timezone=visitor.desk.settings.timezone,
        view="open" if visitor.may(Permission.TAKE) else "all",
    )


def start_of(query: CallQuery) -> PageStart | None:
    """Where the page begins.

    Raises:
        AccessError: page_unknown.
    """
    try:
        return query.start
    except ValueError as error:
        told = message("There is no such page of the list. Begin with the first one.")
        raise AccessError("page_unknown", told) from error


def _taken(visitor: Visitor, query: CallQuery) -> str | None:
    """The most urgent call of a view that is nobody's, now this visitor's."""
    if not visitor.may(Permission.TAKE):
        return None
    anybodys = query.model_copy(update={"assigned": None, "state": None})
    wanted = filter_of(anybodys, visitor)
    call_id = visitor.desk.store.listings.take_next(visitor.account, wanted, visitor.scope)
    if call_id is not None:
        visitor.log("call.take", call_id)
    return call_id


def _at(call_id: str, query: CallQuery) -> str:
    return f"/calls/{quoted(call_id)}{query.url('')}"


def _found(visitor: Visitor, calls: tuple[ListedCall, ...], words: str) -> Mapping[str, tuple[Snippet, ...]]:
    if not words:
        return {}
    ids = [call.call_id for call in calls]
    return {
        inspection.call.call_id: snippets(inspection, words)
        for inspection in visitor.desk.store.inspections(call_ids=ids)
    }


def _tabs(visitor: Visitor, query: CallQuery) -> list[Tab]:
    plain = query.model_copy(update={"state": None, "view": None, "assigned": None})
    listings, scope = visitor.desk.store.listings, visitor.scope
    counts = listings.count(filter_of(plain, visitor), scope)
    total = sum(counts.values())
    if not visitor.may(Permission.TAKE):
        states = [state for state in ReviewState if counts.get(state)]
        first = [Tab(name="all", address=plain.url(), count=total, chosen=query.state is None)]
    else:
        mine = plain.model_copy(update={"assigned": MINE})
        own = listings.count(filter_of(mine, visitor), scope)
        unfinished = sum(counts.get(state, 0) for state in OPEN_STATES)
        chosen = query.state is None and query.assigned is None
        first = [
            Tab(
                name="open",
                address=plain.url(),
                count=unfinished,
                chosen=chosen and query.view in (None, "open"),
            ),
            Tab(
                name="mine",
                address=mine.url(),
                count=sum(own.values()),
                chosen=query.assigned == MINE and query.state is None,
            ),
        ]
        states = [state for state in ReviewState if state is not ReviewState.NOT_NEEDED]
    tabs = [
        Tab(
            name=state.value,
            address=plain.url(state=state.value),
            count=counts.get(state, 0),
            chosen=query.state is state,
        )
        for state in states
    ]
    if visitor.may(Permission.TAKE):
        everything = query.view == "all" and query.state is None and query.assigned is None
        tabs.append(Tab(name="all", address=plain.url(view="all"), count=total, chosen=everything))
    return [*first, *tabs]


def _reviewers(visitor: Visitor) -> tuple[Account, ...]:
    return tuple(
        account
        for account in visitor.desk.store.accounts.all()
        if account.role in GRANTS[Permission.REVIEW] and not account.disabled
    )


_CODES: Mapping[str, tuple[str, ...]] = {
    "category": labels.CATEGORIES,
    "grade": tuple(grade.value for grade in Grade),
    "status": tuple(status.value for status in CallStatus),
    "layout": tuple(layout.value for layout in Layout),
    "type": tuple(call_type.value for call_type in CallType),
}
