"""Agents with their calls of a period, and the scorecard of one: the same figures as `qa scorecard`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict

from qa_pipeline.days import beginning, end
from qa_pipeline.errors import AccessError
from qa_pipeline.reports.agent_scorecard import Period, build
from qa_pipeline.review.score import as_reviewed
from qa_pipeline.types import message
from qa_pipeline.web.any_text import quoted
from qa_pipeline.web.call_query import nothing
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import Permission

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visitor, Depends(Needs(Permission.READ_SCORECARDS))]
Day = Annotated[date | None, BeforeValidator(nothing)]

_DAYS = 90
"""Of a period that nobody named, back from the latest call."""


class Days(BaseModel):
    """A period as it stands in the URL."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: Day = None
    until: Day = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    first: date | None
    last: date | None
    since: datetime | None
    until: datetime | None


@router.get("/scorecards")
def scorecards(request: Request, visitor: Reader, days: Annotated[Days, Query()]) -> Response:
    """The agents of a period."""
    agents = visitor.desk.store.agents
    bounds = _bounds(visitor, days, agents.latest_call(visitor.scope))
    found = agents.calls(visitor.scope, since=bounds.since, until=bounds.until)
    return page(request, "scorecards.html", agents=found, period=bounds)


@router.get("/scorecards/{agent_id:path}")
def agent_scorecard(
    request: Request, visitor: Reader, agent_id: str, days: Annotated[Days, Query()]
) -> Response:
    """The scorecard of one agent, as people left the calls."""
    store, team = visitor.desk.store, visitor.scope.team
    latest = store.agents.latest_call(visitor.scope, agent_id=agent_id)
    bounds = _bounds(visitor, days, latest)
    found = store.inspections(agent_id=agent_id, since=bounds.since, until=bounds.until)
    own = (one for one in found if team is None or one.call.team == team)
    reviewed = as_reviewed(own, store.reviews, visitor.desk.review.forms)
    card = build(reviewed, agent_id, Period(first=bounds.first, last=bounds.last))
    if not card.calls and latest is None:
        told = message("There is no agent {agent} here with calls that are yours to see.", agent=agent_id)
        raise AccessError("call_not_found", told)
    visitor.log("scorecard.view", agent_id)
    return page(
        request,
        "scorecard.html",
        card=card,
        period=bounds,
        call_address=lambda call_id: f"/calls/{quoted(call_id)}",
    )


def _bounds(visitor: Visitor, days: Days, latest: datetime | None) -> _Bounds:
    zone = ZoneInfo(visitor.desk.settings.timezone)
    first, last = days.since, days.until
    if first is None and last is None and latest is not None:
        last = latest.astimezone(zone).date()
        first = last - timedelta(days=_DAYS - 1)
    return _Bounds(first=first, last=last, since=beginning(first, zone), until=end(last, zone))
