"""The kept calls of agents over a period, and where their scorecards are written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qa_pipeline.types import Inspection

if TYPE_CHECKING:
    from qa_pipeline.reports.agent_scorecard import Period
    from qa_pipeline.store.repository import Store

_UNSAFE = re.compile(r"[^\w.-]")


def calls_of(
    store: Store, period: Period, *, timezone: str, agent_id: str | None = None
) -> Iterator[Inspection]:
    """The calls whose start lies in the period; those without a start time only where the period is open.

    Args:
        timezone: whose days the period counts.
        agent_id: of one agent; all when left out.
    """
    after_last = None if period.last is None else period.last + timedelta(days=1)
    return store.inspections(
        agent_id=agent_id, since=_midnight(period.first, timezone), until=_midnight(after_last, timezone)
    )


def agents_of(store: Store, period: Period, *, timezone: str) -> tuple[str, ...]:
    """Every agent with a call in the period, in order."""
    inspections = calls_of(store, period, timezone=timezone)
    return tuple(sorted({one.call.agent_id for one in inspections if one.call.agent_id is not None}))


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


def _midnight(day: date | None, timezone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tzinfo=ZoneInfo(timezone))
