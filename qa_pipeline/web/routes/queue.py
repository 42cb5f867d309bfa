"""The queue: calls that wait for a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from qa_pipeline.store.listings import CallFilter
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import Permission

router = APIRouter(include_in_schema=False)


@router.get("/")
def queue(request: Request, visitor: Annotated[Visitor, Depends(Needs(Permission.READ_CALLS))]) -> Response:
    """The first page of the queue."""
    calls = visitor.desk.store.listings.page(CallFilter(), visitor.scope)
    return page(request, "queue.html", calls=calls)
