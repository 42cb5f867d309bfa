"""The kept calls of agents over a period, and where their scorecards are written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qa_pipeline.days import beginning, end
from qa_pipeline.review.score import as_reviewed
from qa_pipeline.types import CallType, Inspection

if TYPE_CHECKING:
    from qa_pipeline.reports.agent_scorecard import Period
    from qa_pipeline.scoring.form import Form
    from qa_pipeline.store.repository import Store

_UNSAFE = re.compile(r"[^\w.-]")


def calls_of(
    store: Store, agent_id: str, period: Period, *, timezone: str, forms: Mapping[CallType, Form]
) -> Iterator[Inspection]:
    """The calls of an agent in a period, as people left them.

    Args:
        period: a call without a start time lies in it only where it is open.
        timezone: whose days the period counts.
        forms: by which calls that people decided on are scored again.
    """
    since, until = _bounds(period, timezone)
    calls = store.inspections(agent_id=agent_id, since=since, until=until)
    return as_reviewed(calls, store.reviews, forms)


def agents_of(store: Store, period: Period, *, timezone: str) -> tuple[str, ...]:
    """Every agent with a call in the period, in order."""
    since, until = _bounds(period, timezone)
    return tuple(one.agent_id for one in store.agents.calls(since=since, until=until))


def month_before(day: date) -> tuple[date, date]:
    """The first and the last day of the month before that of `day`."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def page_name(agent_id: str) -> str:
    """A file name for an agent's scorecard; another one for every agent, whatever the id contains."""
    safe = _UNSAFE.sub("_", agent_id).lstrip(".")[:80]
    if safe != agent_id:
        safe = f"{safe}-{hashlib.sha256(agent_id.encode()).hexdigest()[:8]}"
    return f"scorecard-{safe}.html"


def _bounds(period: Period, timezone: str) -> tuple[datetime | None, datetime | None]:
    zone = ZoneInfo(timezone)
    return beginning(period.first, zone), end(period.last, zone)
