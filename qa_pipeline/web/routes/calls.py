"""The page of a call."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from qa_pipeline.review.desk import new_review_id
from qa_pipeline.types import ReviewState
from qa_pipeline.web.any_text import quoted
from qa_pipeline.web.call_forms import REJECT_REASONS
from qa_pipeline.web.call_query import CallAddress
from qa_pipeline.web.call_view import CallView, call_view
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import Permission
from qa_pipeline.web.rule_book import rule_book

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))]

_GIVEN = frozenset({ReviewState.RELEASED, ReviewState.ACKNOWLEDGED})


class CallPlace:
    """Which call a request is about, and from which view of the queue it was opened."""

    def __init__(self, request: Request, call_id: str, address: Annotated[CallAddress, Query()]) -> None:
        self.request = request
        self.call_id = call_id
        self.address = address

    def shown(self, visitor: Visitor, template: str) -> Response:
        """The call, or its changing parts, as this visitor may see it."""
        view = view_of(visitor, self.call_id, unmasked=self.address.unmasked)
        path_id, shown, other = quoted(view.call_id), view.unmasked or None, None if view.unmasked else 1
        return page(
            self.request,
            template,
            view=view,
            path_id=path_id,
            queue_address=self.address.view_of_queue.url(),
            mask_address=f"/calls/{path_id}{self.address.url('', unmasked=other)}",
            trail=self.address.url("", unmasked=shown),
            new_id=new_review_id,
            book=rule_book(visitor.desk.settings.rule_pack),
            reject_reasons=REJECT_REASONS,
        )

    def parts(self, visitor: Visitor) -> Response:
        """What changes on the page when somebody acts, and a look of its own where none is noted."""
        answer = self.shown(visitor, "call/parts.html")
        visitor.log_look("call.view", self.call_id, self.extent(visitor))
        return answer

    def extent(self, visitor: Visitor) -> str:
        """How much of the call is shown, as the audit log has it."""
        return "unmasked" if self.address.unmasked and visitor.may(Permission.UNMASK) else ""


AtCall = Annotated[CallPlace, Depends()]


@router.get("/calls/{call_id:path}")
def call_page(visitor: Reader, at: AtCall) -> Response:
    """The whole page."""
    answer = at.shown(visitor, "call.html")
    visitor.log("call.view", at.call_id, at.extent(visitor))
    return answer


@router.get("/parts/{call_id:path}")
def call_parts(visitor: Reader, at: AtCall) -> Response:
    """What changes on the page when somebody acts."""
    return at.parts(visitor)


def view_of(visitor: Visitor, call_id: str, *, unmasked: bool = False) -> CallView:
    """The call as this visitor may see it.

    Raises:
        AccessError: call_not_found.
    """
    call, listed = visitor.reviewed(call_id), visitor.listed(call_id)
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
        for_agent=visitor.is_agent,
    )
