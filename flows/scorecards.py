"""The flow `agent_scorecards`: one page for each agent with calls in a period."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.agents import agents_of, calls_of, month_before, page_name
from flows.running import told_by_code
from qa_pipeline.assembly import open_configured_store
from qa_pipeline.config import load_settings
from qa_pipeline.reports.agent_scorecard import Period, build, write_page
from qa_pipeline.review.desk import ReviewDesk


@task(task_run_name="scorecards-{first}", retries=1, retry_delay_seconds=5, persist_result=False)
def write_scorecards(first: date, last: date, folder: str) -> int:
    """Write the scorecards of a period into a folder. Returns how many."""
    with told_by_code():
        settings = load_settings()
        period = Period(first=first, last=last)
        with open_configured_store(settings) as store:
            agents = agents_of(store, period, timezone=settings.timezone)
            forms = ReviewDesk(store).forms
            for agent_id in agents:
                calls = calls_of(store, agent_id, period, timezone=settings.timezone, forms=forms)
                write_page(build(calls, agent_id, period), Path(folder) / page_name(agent_id))
        return len(agents)


@flow(name="agent_scorecards", persist_result=False)
def agent_scorecards(first: date | None = None, last: date | None = None) -> State:
    """Write a scorecard for each agent of a period into the folder of reports.

    Args:
        first, last: days of the period, both included; the month before when not given.

    Returns:
        Completed, with the number of scorecards.

    Raises:
        FlowFailedError: with the code of what stopped it.
    """
    with told_by_code():
        settings = load_settings()
        begin, end = month_before(datetime.now(ZoneInfo(settings.timezone)).date())
    begin, end = first or begin, last or end
    folder = settings.reports.absolute() / "scorecards" / f"{begin}_{end}"
    count = write_scorecards(begin, end, str(folder))
    return Completed(message=f"{begin} to {end}: {count} scorecards")
