"""The queue as people see it: what is found, who gets what, and what an agent sees."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.review.listing import listing_of
from qa_pipeline.review.score import reviewed_scorecard, undecided_lines
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CallStatus, CriterionOutcome, ReasonCode, Review, ReviewAction
from tests.builders import model_call, threatening_call
from tests.web.conftest import OWN_AGENT, SignedIn, both_databases

pytestmark = both_databases


def listed(html: str) -> list[str]:
    return re.findall(r'<td class="call">\s*<a href="/calls/[^"]*">([^<]*)</a>', html)


def counts(html: str) -> dict[str, int]:
    found = re.search(r'<nav class="tabs".*?</nav>', html, re.DOTALL)
    assert found is not None
    return {name.strip(): int(number) for name, number in re.findall(r">([^<>]+) <b>(\d+)</b>", found[0])}


def test_what_is_open_comes_worst_first_and_is_counted(signed_in: SignedIn) -> None:
    page = signed_in("reviewer").get("/").text
    assert listed(page) == ["03_threats", "05_mono"]
    shown = counts(page)
    assert (shown["待办"], shown["我的"], shown["待复核"], shown["全部"]) == (2, 0, 2, 7)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("view=all&q=坐牢", ["03_threats", "05_mono"]),
        ("view=all&q=坐", ["03_threats", "05_mono"]),
        ("q=老赖 单位前台", ["03_threats", "05_mono"]),
        ("q=没人这么说", []),
        ("view=all&q=13800138000", []),
        ("view=all&category=contact.hours", ["04_after_hours"]),
        ("view=all&grade=red_line", ["03_threats"]),
        ("view=all&status=failed", ["08_broken"]),
        ("view=all&since=2026-03-16&until=2026-03-16&grade=red_line", ["03_threats"]),
        ("view=all&since=2026-03-17", []),
        ("view=all&since=0001-01-01&until=9999-12-31&grade=red_line", ["03_threats"]),
        ("view=all&until=0001-01-01", []),
        ("view=all&since=9999-12-31", []),
        ("view=all&agent=3107", ["03_threats"]),
        ("assigned=me", []),
        ("state=waiting&team=一组", ["03_threats", "05_mono"]),
        ("view=all&since=&until=&agent=&team=&grade=&q=", None),
    ],
)
def test_filters_stand_in_the_url(signed_in: SignedIn, query: str, found: list[str] | None) -> None:
    answer = signed_in("qa_lead").get(f"/?{query}")
    assert answer.status_code == 200
    assert found is None or listed(answer.text) == found


def test_hits_are_shown_with_their_words_and_no_numbers(signed_in: SignedIn) -> None:
    page = signed_in("reviewer").get("/?q=手机号").text
    assert "<mark>手机号</mark>" in page
    assert "零零幺三八" not in page
    assert "**" in page


def test_what_people_and_machines_write_is_only_text(signed_in: SignedIn, store: Store) -> None:
    call = replace(threatening_call("<script>alert(1)</script>").call, team="<b>组</b>")
    inspection = replace(threatening_call(call.call_id), call=call)
    store.save(inspection, fingerprint="f", listing=listing_of(inspection))
    page = signed_in("reviewer").get("/?q=<img src=x>").text + signed_in("reviewer").get("/").text
    assert "<script>alert" not in page
    assert "<b>组" not in page
    assert "<img src=x" not in page


def test_a_wrong_filter_is_told(signed_in: SignedIn) -> None:
    for query in ("grade=best", "since=yesterday", "after=nowhere", "view=some"):
        answer = signed_in("reviewer").get(f"/?{query}")
        assert answer.status_code == 422
        assert "无法完成" in answer.text


def test_pages_lead_on(signed_in: SignedIn, store: Store) -> None:
    for number in range(55):
        inspection = model_call(f"many/{number:03}")
        store.save(inspection, fingerprint="f", listing=listing_of(inspection))
    client = signed_in("reviewer")
    first = client.get("/?view=all").text
    following = re.search(r'href="([^"]*)" rel="next"', first)
    assert following is not None
    second = client.get(following[1].replace("&amp;", "&")).text
    both = listed(first) + listed(second)
    assert (len(listed(first)), len(both), len(set(both))) == (50, 62, 62)
    assert 'rel="next"' not in second


def test_taking_giving_back_and_giving_out(signed_in: SignedIn, store: Store) -> None:
    reviewer, lead = signed_in("reviewer"), signed_in("qa_lead")
    assert reviewer.post("/take").headers["location"] == "/calls/03_threats"
    assert listed(reviewer.get("/?assigned=me").text) == ["03_threats"]
    assert lead.post("/take").headers["location"] == "/calls/05_mono"
    assert "empty=1" in reviewer.post("/take").headers["location"]
    assert "暂无可领取" in reviewer.get("/?empty=1").text
    assert "归还" in reviewer.get("/").text
    assert "收回" in lead.get("/").text
    assert signed_in("compliance").post("/hand-over/03_threats").status_code == 403
    assert reviewer.post("/hand-over/03_threats").status_code == 303
    assert lead.post("/hand-over/05_mono", data={"to": "nobody", "csrf": csrf(lead)}).status_code == 422
    assert lead.post("/hand-over/05_mono", data={"to": "reviewer", "csrf": csrf(lead)}).status_code == 303
    assert lead.post("/assign", data={"to": ["agent"], "csrf": csrf(lead)}).status_code == 422
    given = {"to": ["compliance", "reviewer"], "number": "5", "csrf": csrf(lead)}
    assert lead.post("/assign?grade=red_line", data=given).status_code == 303
    people = {call_id: store.listings.call(call_id) for call_id in ("03_threats", "05_mono")}
    assert {one.assigned_to for one in people.values() if one} == {"compliance", "reviewer"}


def csrf(client: object) -> str:
    return str(client.headers["x-csrf-token"])  # type: ignore[attr-defined]


def test_an_agent_sees_own_released_calls_and_answers(signed_in: SignedIn, store: Store) -> None:
    desk = ReviewDesk(store)
    agent = signed_in("agent")
    assert listed(agent.get("/").text) == []
    for call_id in ("01_model_promise", "03_threats"):
        if call_id == "03_threats":
            for key in ("threat.arrest#u0003", "threat.exposure#u0005", "abuse.humiliation#u0005"):
                for name in ("wang", "li"):
                    desk.act(said(call_id, "reject", name, key), Reviewer(name=name))
            desk.act(said(call_id, "reject", "wang", "promise.unauthorised#u0007"), Reviewer(name="wang"))
            line = said(call_id, "correct", "wang", "identity_verification", outcome=CriterionOutcome.MET)
            desk.act(line, Reviewer(name="wang"))
            desk.act(said(call_id, "finish", "wang"), Reviewer(name="wang"))
    body = {"id": "release-0001", "action": "release", "seen": 0}
    assert signed_in("reviewer").post("/api/v1/reviews/01_model_promise", json=body).status_code == 403
    released = signed_in("supervisor").post("/api/v1/reviews/01_model_promise", json=body)
    assert released.json()["state"] == "released"
    body |= {"id": "release-0002", "seen": 9}
    assert signed_in("qa_lead").post("/api/v1/reviews/03_threats", json=body).status_code == 200
    assert listed(agent.get("/").text) == ["01_model_promise"], OWN_AGENT
    shown = agent.get("/api/v1/reviews/01_model_promise").json()
    assert [one["reviewer"] for one in shown["history"]] == [""]
    answer = {"id": "answer-0001", "action": "acknowledge", "seen": 1, "note": "已知悉"}
    assert agent.post("/api/v1/reviews/01_model_promise", json=answer).json()["state"] == "acknowledged"
    assert agent.post("/api/v1/reviews/03_threats", json=answer).status_code == 404
    verdict = {"id": "verdict-0001", "action": "confirm", "seen": 1, "target": "x"}
    assert agent.post("/api/v1/reviews/01_model_promise", json=verdict).status_code == 403


def said(call_id: str, kind: str, name: str, target: str = "", **more: object) -> Review:
    return action(call_id, ReviewAction(kind), name, target=target, reason=ReasonCode.OTHER, **more)


def finish(client: TestClient, store: Store, call_id: str, view: str) -> str:
    """Decide on everything and finish; the address of what comes next."""
    desk, name = ReviewDesk(store), "reviewer"
    call = desk.call(call_id)
    assert call is not None
    for flag in call.undecided:
        desk.act(said(call_id, "confirm", name, flag.key), Reviewer(name=name))
    for line in undecided_lines(reviewed_scorecard(call, desk.forms)):
        fixed = said(call_id, "correct", name, line.criterion_id, outcome=CriterionOutcome.MET)
        desk.act(fixed, Reviewer(name=name))
    form = {"id": secrets.token_hex(12), "seen": len(store.reviews.of(call_id))}
    answer = client.post(f"/finish/{call_id}{view}", data=form)
    assert answer.status_code == 200, answer.text
    return answer.headers["hx-redirect"]


def test_the_next_call_comes_from_the_same_view_until_it_is_done(signed_in: SignedIn, store: Store) -> None:
    client = signed_in("reviewer")
    view = "?team=%E4%B8%80%E7%BB%84"
    first = model_call("own/first")
    first = replace(first, call=replace(first.call, team="一组"), status=CallStatus.NEEDS_REVIEW)
    elsewhere = replace(first, call=replace(first.call, call_id="own/elsewhere", team="九组"))
    for one in (first, elsewhere):
        store.save(one, fingerprint="f", listing=listing_of(one))
    page = client.get(f"/{view}").text
    opened = [one for one in listed(page) if one != "own/first"]
    assert f'href="/calls/{opened[0]}{view}"' in page
    assert f'href="/{view}"' in client.get(f"/calls/{opened[0]}{view}").text
    after = finish(client, store, opened[0], view)
    while after.startswith("/calls/"):
        assert after.endswith(view)
        done = after.removeprefix("/calls/").removesuffix(view)
        assert done != "own/elsewhere"
        listed_now = store.listings.call(done)
        assert listed_now is not None
        assert listed_now.assigned_to == "reviewer"
        after = finish(client, store, done, view)
    assert after == f"/{view}&done=1"
    assert "本筛选下的都看完了" in client.get(after).text
    rest = client.post("/next").headers["location"]
    assert rest == "/calls/own/elsewhere"
    assert finish(client, store, "own/elsewhere", "") == "/?done=1"
    assert "今天的都看完了" in client.get("/?done=1").text
    page = client.get("/calls/own/elsewhere").text
    assert "data-undecided" not in page
    assert 'action="/next"' in page
    assert "完成复核" in page


def test_two_reviewers_on_one_call_are_told_of_each_other(signed_in: SignedIn) -> None:
    one, other = signed_in("reviewer"), signed_in("qa_lead")
    verdict = {"action": "confirm", "target": "abuse.humiliation#u0005", "seen": 0}
    address = "/api/v1/reviews/03_threats"
    first = one.post(address, json=verdict | {"id": "verdict-0001"})
    assert first.status_code == 200
    late = other.post(address, json=verdict | {"action": "reject", "reason": "quoted", "id": "verdict-0002"})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "review_conflict")
    assert "reviewer" in late.json()["error"]["message"]
    again = one.post(address, json=verdict | {"id": "verdict-0001"})
    assert again.json()["history"] == first.json()["history"]


@pytest.mark.parametrize("query", ["state=bogus", "since=yesterday", "view=some", "grade=7"])
def test_a_value_that_means_nothing_is_told_in_words(signed_in: SignedIn, query: str) -> None:
    answer = signed_in("reviewer").get(f"/?{query}")
    assert answer.status_code == 422
    assert f"{query.partition('=')[0]} 须为" in answer.text
    assert not any(word in answer.text for word in ("Value error", "Input should"))
