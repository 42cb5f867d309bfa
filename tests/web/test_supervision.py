"""Scorecards and runs at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event

from qa_pipeline.config import Settings
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.store.repository import Store
from qa_pipeline.types import ReasonCode, ReviewAction
from tests.builders import failed_call
from tests.web.conftest import SignedIn, until_true
from tests.web.desk_calls import VIOLENCE, sample_desk


@pytest.fixture
def store(settings: Settings, judged: Path, password_hash: str) -> Iterator[Store]:
    with sample_desk(settings, judged, password_hash) as opened:
        yield opened


def test_a_scorecard_counts_what_people_decided(signed_in: SignedIn, store: Store) -> None:
    client = signed_in("qa_lead")
    agents = {one.agent_id: one for one in store.agents.calls()}
    assert agents["3258"].waiting_red_lines == 3
    assert "3/3" in client.get("/scorecards/3258").text
    desk = ReviewDesk(store)
    call = desk.call(VIOLENCE)
    assert call is not None
    for name in ("reviewer", "second"):
        for finding in call.findings:
            verdict = action(
                VIOLENCE, ReviewAction.REJECT, name, target=finding.key, reason=ReasonCode.CONTEXT
            )
            desk.act(verdict, Reviewer(name=name))
    desk.act(action(VIOLENCE, ReviewAction.FINISH, "second"), Reviewer(name="second"))
    after = {one.agent_id: one for one in store.agents.calls()}["3258"]
    assert (after.waiting_red_lines, after.red_lines, after.open) == (2, 0, 2)
    page = client.get("/scorecards/3258").text
    assert "2/3" in page
    assert f'href="/calls/{VIOLENCE}"' not in page


def test_a_supervisor_sees_the_own_team_alone(signed_in: SignedIn) -> None:
    client = signed_in("supervisor")
    page = client.get("/scorecards").text
    assert 'href="/scorecards/3258' in page
    assert 'href="/scorecards/2035' not in page
    assert client.get("/scorecards/2035").status_code == 404
    assert client.get("/scorecards/3258?since=2026-03-17&until=2026-03-17").status_code == 200
    assert "3258" in client.get("/scorecards?since=0001-01-01&until=9999-12-31").text
    assert client.get("/scorecards/3258?since=0001-01-01&until=9999-12-31").status_code == 200


def test_runs_show_their_failures(signed_in: SignedIn, store: Store) -> None:
    run = store.start_run("audit", {"paths": ["/calls"]})
    store.save(failed_call("night/08_broken"), fingerprint="f", run_id=run)
    client = signed_in("qa_lead")
    assert "audio_unreadable" in client.get("/nights").text
    assert run in client.get("/nights").text
    page = client.get(f"/nights/{run}").text
    assert 'href="/calls/night/08_broken"' in page
    assert client.get("/nights/unknown").status_code == 404
    store.finish_run(run, {"inspected": 1, "failed": 1})
    assert "night/08_broken" not in signed_in("supervisor").get(f"/nights/{run}").text


def test_a_run_costs_no_more_statements_for_more_failures(signed_in: SignedIn, store: Store) -> None:
    client, counted = signed_in("supervisor"), []
    for count in (1, 12):
        run = store.start_run("audit", {"paths": ["/calls"]})
        for number in range(count):
            store.save(failed_call(f"night/{count}_{number}"), fingerprint="f", run_id=run)
        said: list[str] = []

        def note(*arguments: object, said: list[str] = said) -> None:
            said.append(str(arguments[2]))

        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert client.get(f"/nights/{run}").status_code == 200
            assert client.get("/nights").status_code == 200
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        counted.append(len(said))
    assert counted[0] == counted[1] > 0


@pytest.fixture
def newfoundland(monkeypatch: pytest.MonkeyPatch) -> ZoneInfo:
    """A house half an hour away from every other one."""
    monkeypatch.setenv("QA_TIMEZONE", "America/St_Johns")
    return ZoneInfo("America/St_Johns")


def test_times_are_told_in_the_zone_of_the_house(
    newfoundland: ZoneInfo, signed_in: SignedIn, store: Store
) -> None:
    run = store.start_run("audit", {"paths": ["/calls"]})
    begun = next(one.started_at for one in store.runs() if one.run_id == run).astimezone(newfoundland)
    client = signed_in("qa_lead")
    assert f"{begun:%Y-%m-%d %H:%M}" in client.get("/nights").text
    verdict = action(VIOLENCE, ReviewAction.COMMENT, "qa_lead", note="再听一遍")
    ReviewDesk(store).act(verdict, Reviewer(name="qa_lead"))
    assert f"{verdict.at.astimezone(newfoundland):%Y-%m-%d %H:%M}" in client.get(f"/calls/{VIOLENCE}").text


def test_failed_calls_are_inspected_again_by_the_command_itself(
    signed_in: SignedIn, store: Store, app: FastAPI
) -> None:
    client = signed_in("qa_lead")
    assert client.post("/nights/retry").status_code == 303
    retrying = app.state.desk.retrying
    assert not retrying.start(), "one at a time"
    until_true(lambda: retrying.exit_status is not None, seconds=120)
    told = retrying.log.read_text(encoding="utf-8")
    assert retrying.exit_status == 1, told  # the recording of the failed call is gone
    assert "path_not_found" in told
    assert "08_broken" in told
    assert retrying.log.stat().st_mode & 0o777 == 0o600
    assert [one.action for one in store.accounts.audit_log() if one.action == "run.retry"] == ["run.retry"]
