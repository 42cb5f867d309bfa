"""How the calls of agents stand, counted by either database."""

from __future__ import annotations

from datetime import timedelta

from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.review.listing import listing_of
from qa_pipeline.review.score import as_reviewed
from qa_pipeline.store.call_filter import Scope
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CallStatus, CriterionOutcome, ReasonCode, ReviewAction
from tests.builders import failed_call, hours_call, metadata, model_call, threatening_call

MONDAY = metadata().started_at
assert MONDAY is not None


def fill(store: Store) -> None:
    for inspection in (
        model_call("a"),
        hours_call("b", started_at=MONDAY + timedelta(days=7)),
        threatening_call("c", team="二组"),
        failed_call("d"),
    ):
        store.save(inspection, fingerprint="f", listing=listing_of(inspection))


def test_calls_are_counted_by_agent_within_period_and_team(store: Store) -> None:
    fill(store)
    good, bad = store.agents.calls()
    assert (good.agent_id, good.calls, good.open, good.scored) == ("2035", 2, 0, 2)
    assert round(good.mean_score or 0, 2) == 85.83
    assert (bad.agent_id, bad.team, bad.open, bad.waiting_red_lines, bad.red_lines) == (
        "3107",
        "二组",
        1,
        1,
        0,
    )
    assert (bad.scored, bad.mean_score) == (0, None)
    assert [one.calls for one in store.agents.calls(since=MONDAY + timedelta(days=1))] == [1]
    assert [one.agent_id for one in store.agents.calls(Scope(team="一组"))] == ["2035"]
    assert store.agents.calls(Scope(team="三组")) == ()


def test_the_latest_call_is_known(store: Store) -> None:
    assert store.agents.latest_call() is None
    fill(store)
    assert store.agents.latest_call() == MONDAY + timedelta(days=7)
    assert store.agents.latest_call(agent_id="3107") == MONDAY


def test_figures_rest_on_what_people_left(store: Store) -> None:
    fill(store)
    desk = ReviewDesk(store)
    call = desk.call("c")
    assert call is not None
    for name in ("wang", "li"):
        for finding in call.findings:
            rejected = action("c", ReviewAction.REJECT, name, target=finding.key, reason=ReasonCode.CONTEXT)
            desk.act(rejected, Reviewer(name=name))
    line = {"target": "identity_verification", "outcome": CriterionOutcome.MET}
    desk.act(action("c", ReviewAction.CORRECT, "li", **line), Reviewer(name="li"))
    desk.act(action("c", ReviewAction.FINISH, "li"), Reviewer(name="li"))
    left = {one.call.call_id: one for one in as_reviewed(store.inspections(), store.reviews, desk.forms)}
    assert left["c"].findings == ()
    assert left["c"].status is CallStatus.SCORED
    assert left["a"] == model_call("a")
    assert [(one.red_lines, one.waiting_red_lines) for one in store.agents.calls()] == [(0, 0), (0, 0)]
