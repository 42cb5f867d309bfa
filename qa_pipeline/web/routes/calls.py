"""The page of a call, where a person decides on what was found."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response

from qa_pipeline.errors import AccessError
from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.desk import action, new_review_id
from qa_pipeline.review.roles import perform
from qa_pipeline.store.listings import CallFilter
from qa_pipeline.types import (
    DeskRole,
    Inspection,
    Place,
    ReasonCode,
    Review,
    ReviewAction,
    ReviewState,
    message,
)
from qa_pipeline.web.call_forms import (
    REJECT_REASONS,
    Act,
    Addition,
    Comment,
    Correction,
    Finish,
    Swap,
    Verdict,
    Withdrawal,
)
from qa_pipeline.web.call_view import CallView, call_view
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import Permission
from qa_pipeline.web.rule_book import rule_book

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))]
Judge = Annotated[Visitor, Depends(Needs(Permission.REVIEW))]
Releaser = Annotated[Visitor, Depends(Needs(Permission.RELEASE))]
OwnAgent = Annotated[Visitor, Depends(Needs(Permission.ACKNOWLEDGE))]

_GIVEN = frozenset({ReviewState.RELEASED, ReviewState.ACKNOWLEDGED})


@router.get("/calls/{call_id:path}")
def call_page(request: Request, visitor: Reader, call_id: str, unmasked: bool = False) -> Response:
    """The whole page."""
    view = view_of(visitor, call_id, unmasked=unmasked)
    visitor.log("call.view", call_id, detail="unmasked" if view.unmasked else "")
    return _shown(request, "call.html", view, visitor)


@router.get("/parts/{call_id:path}")
def call_parts(request: Request, visitor: Reader, call_id: str, unmasked: bool = False) -> Response:
    """What changes on the page when somebody acts."""
    return _parts(request, visitor, call_id, unmasked=unmasked)


@router.post("/verdict/{call_id:path}")
def decide(
    request: Request,
    visitor: Judge,
    call_id: str,
    form: Annotated[Verdict, Form()],
    unmasked: bool = False,
) -> Response:
    """Confirm a flag, as it is or as something else, or reject it with a reason."""
    visitor.listed(call_id)
    said = _verdict(call_id, visitor.account.name, form, visitor.desk.review.call(call_id))
    return _acted(request, visitor, said, seen=form.seen, unmasked=unmasked)


@router.post("/add/{call_id:path}")
def add(
    request: Request,
    visitor: Judge,
    call_id: str,
    form: Annotated[Addition, Form()],
    unmasked: bool = False,
) -> Response:
    """Add what the machine missed: words of one utterance."""
    visitor.listed(call_id)
    said = action(
        call_id,
        ReviewAction.ADD,
        visitor.account.name,
        id=form.id,
        reason=ReasonCode.MISSED,
        category=form.category,
        severity=form.severity,
        note=form.note,
        place=_place(visitor.desk.store.inspection(call_id), form),
    )
    return _acted(request, visitor, said, unmasked=unmasked)


@router.post("/correct/{call_id:path}")
def correct(
    request: Request,
    visitor: Judge,
    call_id: str,
    form: Annotated[Correction, Form()],
    unmasked: bool = False,
) -> Response:
    """Set a line of the form."""
    visitor.listed(call_id)
    said = action(
        call_id,
        ReviewAction.CORRECT,
        visitor.account.name,
        target=form.target,
        id=form.id,
        outcome=form.outcome,
    )
    return _acted(request, visitor, said, seen=form.seen, unmasked=unmasked)


@router.post("/comment/{call_id:path}")
def comment(
    request: Request,
    visitor: Judge,
    call_id: str,
    form: Annotated[Comment, Form()],
    unmasked: bool = False,
) -> Response:
    """Say something without deciding."""
    visitor.listed(call_id)
    said = action(call_id, ReviewAction.COMMENT, visitor.account.name, id=form.id, note=form.note)
    return _acted(request, visitor, said, unmasked=unmasked)


@router.post("/swap/{call_id:path}")
def swap_roles(
    request: Request,
    visitor: Judge,
    call_id: str,
    form: Annotated[Swap, Form()],
    unmasked: bool = False,
) -> Response:
    """Exchange agent and customer, or name the agent's voice; the kept words are judged again."""
    visitor.listed(call_id)
    target = "" if form.voice is None else str(form.voice)
    said = action(call_id, ReviewAction.SWAP_ROLES, visitor.account.name, target=target, id=form.id)
    return _acted(request, visitor, said, unmasked=unmasked)


@router.post("/withdraw/{call_id:path}")
def withdraw(
    request: Request,
    visitor: Judge,
    call_id: str,
    form: Annotated[Withdrawal, Form()],
    unmasked: bool = False,
) -> Response:
    """Take back an action of one's own."""
    visitor.listed(call_id)
    said = action(call_id, ReviewAction.WITHDRAW, visitor.account.name, target=form.target, id=form.id)
    return _acted(request, visitor, said, unmasked=unmasked)


@router.post("/finish/{call_id:path}")
def finish_and_next(visitor: Judge, call_id: str, form: Annotated[Finish, Form()]) -> Response:
    """End the review of this call and open the next one: an own task first, else the most urgent of all."""
    visitor.listed(call_id)
    said = action(call_id, ReviewAction.FINISH, visitor.account.name, id=form.id)
    visitor.desk.review.act(said, visitor.reviewer, seen=form.seen)
    visitor.log("review.finish", call_id)
    return Response(headers={"HX-Redirect": _next_address(visitor)})


@router.post("/release/{call_id:path}")
def release(
    request: Request,
    visitor: Releaser,
    call_id: str,
    form: Annotated[Act, Form()],
    unmasked: bool = False,
) -> Response:
    """Give the call to its agent."""
    visitor.listed(call_id)
    said = action(call_id, ReviewAction.RELEASE, visitor.account.name, id=form.id)
    return _acted(request, visitor, said, unmasked=unmasked)


@router.post("/take-back/{call_id:path}")
def take_release_back(
    request: Request,
    visitor: Releaser,
    call_id: str,
    form: Annotated[Act, Form()],
    unmasked: bool = False,
) -> Response:
    """Take the call back from its agent."""
    visitor.listed(call_id)
    call = visitor.desk.review.call(call_id)
    given = call.last(ReviewAction.RELEASE) if call else None
    target = given.id if given else ""
    said = action(call_id, ReviewAction.WITHDRAW, visitor.account.name, target=target, id=form.id)
    return _acted(request, visitor, said, unmasked=unmasked)


@router.post("/acknowledge/{call_id:path}")
def acknowledge(request: Request, visitor: OwnAgent, call_id: str, form: Annotated[Act, Form()]) -> Response:
    """The agent has seen the result."""
    visitor.listed(call_id)
    said = action(call_id, ReviewAction.ACKNOWLEDGE, visitor.account.name, id=form.id)
    return _acted(request, visitor, said)


def view_of(visitor: Visitor, call_id: str, *, unmasked: bool = False) -> CallView:
    """The call as this visitor may see it.

    Raises:
        AccessError: call_not_found.
    """
    listed = visitor.listed(call_id)
    call = visitor.desk.review.call(call_id)
    if call is None:
        raise AccessError(
            "call_not_found",
            message("There is no call {call} here, or it is not yours to see.", call=call_id),
        )
    agent_id = visitor.account.agent_id
    own = agent_id is not None and agent_id == call.inspection.call.agent_id
    return call_view(
        call,
        listed,
        name=visitor.account.name,
        judge=visitor.may(Permission.REVIEW)
        and not own
        and listed.state not in _GIVEN
        and call.inspection.scorecard is not None,
        book=rule_book(visitor.desk.settings.rule_pack),
        forms=visitor.desk.review.forms,
        unmasked=unmasked and visitor.may(Permission.UNMASK),
        for_agent=visitor.account.role is DeskRole.AGENT,
    )


def _acted(
    request: Request, visitor: Visitor, said: Review, *, seen: int | None = None, unmasked: bool = False
) -> Response:
    parts = visitor.desk
    perform(said, visitor.reviewer, seen=seen, desk=parts.review, store=parts.store, engine=parts.engine)
    visitor.log(f"review.{said.action.value}", said.call_id, detail=said.reason.value if said.reason else "")
    return _parts(request, visitor, said.call_id, unmasked=unmasked)


def _parts(request: Request, visitor: Visitor, call_id: str, *, unmasked: bool) -> Response:
    return _shown(request, "call/parts.html", view_of(visitor, call_id, unmasked=unmasked), visitor)


def _shown(request: Request, template: str, view: CallView, visitor: Visitor) -> Response:
    return page(
        request,
        template,
        view=view,
        path_id=quote(view.call_id),
        masked="?unmasked=1" if view.unmasked else "",
        new_id=new_review_id,
        book=rule_book(visitor.desk.settings.rule_pack),
        reject_reasons=REJECT_REASONS,
    )


def _next_address(visitor: Visitor) -> str:
    listings, name = visitor.desk.store.listings, visitor.account.name
    mine = CallFilter(assigned_to=name, states=(ReviewState.WAITING, ReviewState.IN_REVIEW))
    own = listings.page(mine, visitor.scope, limit=1)
    following = own[0].call_id if own else None
    if following is None and visitor.may(Permission.TAKE):
        following = listings.take_next(visitor.account, CallFilter(), visitor.scope)
        if following is not None:
            visitor.log("call.take", following)
    return "/?empty=1" if following is None else f"/calls/{quote(following)}"


def _verdict(call_id: str, name: str, form: Verdict, call: ReviewedCall | None) -> Review:
    """What the form says; of category and severity only what differs from the machine's."""
    if form.rejected_for is not None:
        return action(
            call_id,
            ReviewAction.REJECT,
            name,
            target=form.target,
            id=form.id,
            reason=form.rejected_for,
            note=form.note,
        )
    found = call.finding(form.target) if call else None
    category, severity, reason = None, None, ReasonCode.AS_FOUND
    if found is not None:
        machine = found.machine
        category = form.category if form.category not in ("", machine.category) else None
        severity = form.severity if form.severity not in (None, machine.severity) else None
        if category is not None:
            reason = ReasonCode.OTHER_CATEGORY
        elif severity is not None and severity.rank < machine.severity.rank:
            reason = ReasonCode.TOO_SEVERE
    return action(
        call_id,
        ReviewAction.CONFIRM,
        name,
        target=form.target,
        id=form.id,
        reason=reason,
        category=category,
        severity=severity,
        note=form.note,
    )


def _place(inspection: Inspection | None, form: Addition) -> Place:
    """The words as they were heard; the page may show them masked, with the same length."""
    transcript = inspection.transcript if inspection else None
    utterances = transcript.utterances if transcript else ()
    said = next((one for one in utterances if one.id == form.utterance), None)
    if said is None:
        return Place(utterance_id=form.utterance)
    return Place(
        utterance_id=said.id,
        span=said.span,
        quote=said.text[form.start : form.end],
        start_char=form.start,
        end_char=form.end,
    )
