"""The routes for programs, /api/v1: the same checks, the same functions, one shape of error."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.openapi.utils import get_openapi

from qa_pipeline import __version__
from qa_pipeline.errors import AccessError
from qa_pipeline.reports.document import call_document
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.desk import action
from qa_pipeline.review.priority import needs_person
from qa_pipeline.review.score import reviewed_scorecard
from qa_pipeline.types import ReviewAction, message
from qa_pipeline.web.any_text import AnyJSONResponse
from qa_pipeline.web.call_query import CallListQuery, CallQuery, next_start
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.disclosure import inspection_told
from qa_pipeline.web.permissions import Permission
from qa_pipeline.web.routes.queue import filter_of, start_of
from qa_pipeline.web.schemas import (
    AccountBody,
    ActionBody,
    AuditLine,
    AuditPage,
    CallBody,
    CallPage,
    CallReview,
    CallSummary,
    Counts,
    ErrorBody,
    Me,
)

_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "Nobody is signed in."},
    403: {
        "model": ErrorBody,
        "description": "The role may not do this, or the token of the session is missing.",
    },
    422: {"model": ErrorBody, "description": "Not understood."},
    503: {"model": ErrorBody, "description": "The store does not answer; try again."},
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": ErrorBody, "description": "No such call here."}}
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorBody, "description": "Another person acted on the same thing."}
}

router = APIRouter(prefix="/api/v1", responses=_ERRORS, default_response_class=AnyJSONResponse)
CallId = Annotated[str, Path(min_length=1, max_length=500, description="Call ids may contain slashes.")]


@router.get("/openapi.json", include_in_schema=False)
def openapi(
    request: Request, visitor: Annotated[Visitor, Depends(Needs(Permission.OWN_ACCOUNT))]
) -> dict[str, Any]:
    """The description of these routes."""
    return openapi_document(request.app.routes)


@router.get("/me")
def me(visitor: Annotated[Visitor, Depends(Needs(Permission.OWN_ACCOUNT))]) -> Me:
    """Who is signed in."""
    return Me(
        name=visitor.account.name,
        role=visitor.account.role,
        permissions=[one.value for one in Permission if visitor.may(one)],
    )


@router.get("/calls")
def calls(
    visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))],
    query: Annotated[CallListQuery, Query()],
) -> CallPage:
    """Calls that meet a query, most urgent first."""
    found = visitor.desk.store.listings.page(
        filter_of(query, visitor), visitor.scope, after=start_of(query), limit=query.limit + 1
    )
    shown = found[: query.limit]
    return CallPage(
        calls=[CallSummary.of(visitor.shown(one)) for one in shown],
        next=next_start(shown[-1]) if len(found) > query.limit else None,
    )


@router.get("/counts")
def counts(
    visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))], query: Annotated[CallQuery, Query()]
) -> Counts:
    """How many calls meet a query."""
    found = visitor.desk.store.listings.count(filter_of(query, visitor), visitor.scope)
    return Counts(total=sum(found.values()), states=found)


@router.get("/calls/{call_id:path}", responses=_UNKNOWN)
def call(visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))], call_id: CallId) -> CallBody:
    """One call whole, personal numbers and names masked."""
    found = visitor.reviewed(call_id)
    visitor.log("call.view", call_id)
    machine = inspection_told(found, to_agent=visitor.is_agent)
    return CallBody(document=call_document(machine), review=_body(visitor, found))


@router.get("/reviews/{call_id:path}", responses=_UNKNOWN)
def review(visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))], call_id: CallId) -> CallReview:
    """What people made of a call."""
    found = visitor.reviewed(call_id)
    visitor.log("call.view", call_id)
    return _body(visitor, found)


@router.post("/reviews/{call_id:path}", responses=_UNKNOWN | _CONFLICT)
def act(
    visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))], call_id: CallId, body: ActionBody
) -> CallReview:
    """Do something on a call: decide, add, correct, finish, release, acknowledge, take back."""
    return _body(visitor, _done(visitor, call_id, body))


@router.get("/accounts")
def accounts(visitor: Annotated[Visitor, Depends(Needs(Permission.MANAGE_ACCOUNTS))]) -> list[AccountBody]:
    """Every account."""
    return [AccountBody.of(one) for one in visitor.desk.store.accounts.all()]


@router.get("/audit-log")
def audit_log(
    visitor: Annotated[Visitor, Depends(Needs(Permission.READ_AUDIT_LOG))],
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    account: Annotated[str, Query(max_length=100)] = "",
    subject: Annotated[str, Query(max_length=500)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:
    """Who looked at what and changed what, the latest first."""
    found = visitor.desk.store.accounts.audit_log(
        before=before, account=account, subject=subject, limit=limit + 1
    )
    shown = found[:limit]
    return AuditPage(
        lines=[AuditLine.of(one) for one in shown], next=shown[-1].seq if len(found) > limit else None
    )


def _done(visitor: Visitor, call_id: str, body: ActionBody) -> ReviewedCall:
    visitor.listed(call_id)
    needed = _permission_for(body.action)
    if not visitor.may(needed):
        visitor.log("access.refused", call_id, detail=needed.value)
        raise AccessError(
            "forbidden", message("Your role may not do this. Ask who runs the desk for the right to it.")
        )
    asked = action(
        call_id,
        body.action,
        visitor.account.name,
        target=body.target,
        id=body.id,
        reason=body.reason,
        note=body.note,
        category=body.category,
        severity=body.severity,
        outcome=body.outcome,
        place=body.place.record() if body.place else None,
    )
    return visitor.perform(asked, seen=body.seen)


def _permission_for(kind: ReviewAction) -> Permission:
    """What an action needs."""
    return {
        ReviewAction.RELEASE: Permission.RELEASE,
        ReviewAction.ACKNOWLEDGE: Permission.ACKNOWLEDGE,
        ReviewAction.COMMENT: Permission.READ_CALLS,
        ReviewAction.WITHDRAW: Permission.READ_CALLS,
    }.get(kind, Permission.REVIEW)


def openapi_document(routes: list[Any]) -> dict[str, Any]:
    """OpenAPI of the routes under /api/v1."""
    document = get_openapi(title="qa_pipeline desk", version=__version__, routes=routes)
    document["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "qa_session"}
    }
    document["security"] = [{"session": []}]
    return document


def _body(visitor: Visitor, call: ReviewedCall) -> CallReview:
    return CallReview.of(
        call,
        state=call.state(needed=needs_person(call.inspection)),
        reviewed=reviewed_scorecard(call, visitor.desk.review.forms),
        to_agent=visitor.is_agent,
    )
