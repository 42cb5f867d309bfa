"""What people do on the page of a call; after each action the page shows the call as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.desk import action
from qa_pipeline.types import Inspection, Place, ReasonCode, Review, ReviewAction
from qa_pipeline.web.call_forms import (
    Act,
    Addition,
    Comment,
    Correction,
    Finish,
    Swap,
    Verdict,
    Withdrawal,
)
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.permissions import Permission
from qa_pipeline.web.routes.calls import AtCall, CallPlace
from qa_pipeline.web.routes.queue import next_address

router = APIRouter(include_in_schema=False)

Judge = Annotated[Visitor, Depends(Needs(Permission.REVIEW))]
Releaser = Annotated[Visitor, Depends(Needs(Permission.RELEASE))]
OwnAgent = Annotated[Visitor, Depends(Needs(Permission.ACKNOWLEDGE))]


@router.post("/verdict/{call_id:path}")
def decide(visitor: Judge, at: AtCall, form: Annotated[Verdict, Form()]) -> Response:
    """Confirm a flag, as it is or as something else, or reject it with a reason."""
    said = _verdict(at.call_id, visitor.account.name, form, visitor.reviewed(at.call_id))
    return _acted(visitor, at, said, seen=form.seen)


@router.post("/add/{call_id:path}")
def add(visitor: Judge, at: AtCall, form: Annotated[Addition, Form()]) -> Response:
    """Add what the machine missed: words of one utterance."""
    place = _place(visitor.reviewed(at.call_id).inspection, form)
    said = _action(visitor, at, ReviewAction.ADD, form, reason=ReasonCode.MISSED, place=place)
    return _acted(visitor, at, replace(said, category=form.category, severity=form.severity, note=form.note))


@router.post("/correct/{call_id:path}")
def correct(visitor: Judge, at: AtCall, form: Annotated[Correction, Form()]) -> Response:
    """Set a line of the form."""
    said = _action(visitor, at, ReviewAction.CORRECT, form, target=form.target, outcome=form.outcome)
    return _acted(visitor, at, said, seen=form.seen)


@router.post("/comment/{call_id:path}")
def comment(visitor: Judge, at: AtCall, form: Annotated[Comment, Form()]) -> Response:
    """Say something without deciding."""
    return _acted(visitor, at, _action(visitor, at, ReviewAction.COMMENT, form, note=form.note))


@router.post("/swap/{call_id:path}")
def swap_roles(visitor: Judge, at: AtCall, form: Annotated[Swap, Form()]) -> Response:
    """Exchange agent and customer, or name the agent's voice; the kept words are judged again."""
    target = "" if form.voice is None else str(form.voice)
    return _acted(visitor, at, _action(visitor, at, ReviewAction.SWAP_ROLES, form, target=target))


@router.post("/withdraw/{call_id:path}")
def withdraw(visitor: Judge, at: AtCall, form: Annotated[Withdrawal, Form()]) -> Response:
    """Take back an action of one's own."""
    return _acted(visitor, at, _action(visitor, at, ReviewAction.WITHDRAW, form, target=form.target))


@router.post("/finish/{call_id:path}")
def finish_and_next(visitor: Judge, at: AtCall, form: Annotated[Finish, Form()]) -> Response:
    """End the review of this call and open the next one of the view that it was opened from."""
    visitor.perform(_action(visitor, at, ReviewAction.FINISH, form), seen=form.seen)
    return Response(headers={"HX-Redirect": next_address(visitor, at.address.view_of_queue)})


@router.post("/release/{call_id:path}")
def release(visitor: Releaser, at: AtCall, form: Annotated[Act, Form()]) -> Response:
    """Give the call to its agent."""
    return _acted(visitor, at, _action(visitor, at, ReviewAction.RELEASE, form))


@router.post("/take-back/{call_id:path}")
def take_release_back(visitor: Releaser, at: AtCall, form: Annotated[Act, Form()]) -> Response:
    """Take the call back from its agent."""
    given = visitor.reviewed(at.call_id).last(ReviewAction.RELEASE)
    target = given.id if given else ""
    return _acted(visitor, at, _action(visitor, at, ReviewAction.WITHDRAW, form, target=target))


@router.post("/acknowledge/{call_id:path}")
def acknowledge(visitor: OwnAgent, at: AtCall, form: Annotated[Act, Form()]) -> Response:
    """The agent has seen the result."""
    return _acted(visitor, at, _action(visitor, at, ReviewAction.ACKNOWLEDGE, form))


def _action(visitor: Visitor, at: CallPlace, kind: ReviewAction, form: Act, **said: object) -> Review:
    return action(at.call_id, kind, visitor.account.name, id=form.id, **said)  # type: ignore[arg-type]


def _acted(visitor: Visitor, at: CallPlace, said: Review, *, seen: int | None = None) -> Response:
    visitor.perform(said, seen=seen)
    return at.parts(visitor)


def _verdict(call_id: str, name: str, form: Verdict, call: ReviewedCall) -> Review:
    """What the form says; of category and severity only what differs from the machine's."""
    kind = ReviewAction.CONFIRM if form.rejected_for is None else ReviewAction.REJECT
    said = action(call_id, kind, name, target=form.target, id=form.id, note=form.note)
    if form.rejected_for is not None:
        return replace(said, reason=form.rejected_for)
    found = call.finding(form.target)
    if found is None:
        return replace(said, reason=ReasonCode.AS_FOUND)
    machine = found.machine
    category = form.category if form.category not in ("", machine.category) else None
    severity = form.severity if form.severity not in (None, machine.severity) else None
    reason = ReasonCode.AS_FOUND
    if category is not None:
        reason = ReasonCode.OTHER_CATEGORY
    elif severity is not None and severity.rank < machine.severity.rank:
        reason = ReasonCode.TOO_SEVERE
    return replace(said, reason=reason, category=category, severity=severity)


def _place(inspection: Inspection, form: Addition) -> Place:
    """The words as they were heard; the page may show them masked, with the same length."""
    utterances = inspection.transcript.utterances if inspection.transcript else ()
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
