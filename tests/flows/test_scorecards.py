"""Agents and periods, and the flow that writes their scorecards."""

# ruff: noqa: PLC0415 - Prefect reads its settings when it is imported
from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flows.agents import agents_of, calls_of, month_before, page_name
from flows.running import RunningAudit, prepare
from qa_pipeline.config import load_settings
from qa_pipeline.reports.agent_scorecard import Period
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.types import ReasonCode, ReviewAction
from tests.flows.conftest import MODEL, THREAT

ZONE = "Asia/Shanghai"


@pytest.fixture
def audit(calls: Path, engine: object) -> RunningAudit:
    """The two calls inspected: 05 by agent 3116, 02 by agent 2048."""
    audit = prepare([calls], load_settings())
    audit.begin({})
    audit.inspect([MODEL, THREAT])
    return audit


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 4, 1), date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
        (date(2028, 3, 15), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_the_month_before(day: date, first: date, last: date) -> None:
    assert month_before(day) == (first, last)


def test_a_period_holds_its_last_day_in_the_callers_zone(audit: RunningAudit) -> None:
    inspection = audit.store.inspection(THREAT)
    assert inspection is not None
    assert inspection.call.started_at is not None
    assert inspection.call.agent_id is not None
    day = inspection.call.started_at.date()
    period = Period(first=day, last=day)
    agents = agents_of(audit.store, period, timezone=ZONE)
    assert inspection.call.agent_id in agents
    forms = ReviewDesk(audit.store).forms
    assert THREAT in [
        one.call.call_id
        for one in calls_of(audit.store, inspection.call.agent_id, period, timezone=ZONE, forms=forms)
    ]
    later = Period(first=date(2030, 1, 1), last=None)
    assert agents_of(audit.store, later, timezone=ZONE) == ()


def test_calls_are_as_people_left_them(audit: RunningAudit) -> None:
    desk = ReviewDesk(audit.store)
    call = desk.call(THREAT)
    assert call is not None
    assert call.inspection.findings
    for finding in call.findings:
        for name in ("wang", "li"):
            said = action(THREAT, ReviewAction.REJECT, name, target=finding.key, reason=ReasonCode.CONTEXT)
            desk.act(said, Reviewer(name=name))
    agent_id = call.inspection.call.agent_id
    assert agent_id is not None
    (left,) = calls_of(audit.store, agent_id, Period(), timezone=ZONE, forms=desk.forms)
    assert left.findings == ()


@pytest.mark.parametrize(
    ("agent_id", "plain"),
    [
        ("A1001", True),
        ("3107", True),
        ("张三", True),
        ("../../etc", False),
        ("a/b", False),
        ("a b", False),
        ("", True),
    ],
)
def test_page_names_stay_in_their_folder(agent_id: str, plain: bool) -> None:
    name = page_name(agent_id)
    assert Path(name).name == name
    assert (name == f"scorecard-{agent_id}.html") is plain


def test_page_names_differ_where_agents_do() -> None:
    assert len({page_name(agent_id) for agent_id in ("a/b", "a_b", "a b", "a\\b")}) == 4


def test_the_flow_writes_a_page_for_each_agent(
    audit: RunningAudit, prefect_server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.scorecards import agent_scorecards

    monkeypatch.setenv("QA_REPORTS", str(tmp_path / "papers"))
    state = agent_scorecards(date(2026, 3, 1), date(2026, 3, 31), return_state=True)
    assert state.message == "2026-03-01 to 2026-03-31: 2 scorecards"
    agents = agents_of(audit.store, Period(first=None, last=None), timezone=ZONE)
    folder = tmp_path / "papers" / "scorecards" / "2026-03-01_2026-03-31"
    assert sorted(path.name for path in folder.iterdir()) == [page_name(agent) for agent in agents]
