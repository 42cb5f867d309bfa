"""What the agent of a call is told of it, on pages and by /api/v1, after it was given out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qa_pipeline.reports import labels
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.review.listing import listing_of
from qa_pipeline.review.score import reviewed_scorecard, undecided_lines
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CriterionOutcome, Place, ReasonCode, ReviewAction, Severity
from tests.builders import threatening_call
from tests.web.conftest import OWN_AGENT, SignedIn

CALL, FIRST, SECOND, NOTE = "own/threats", "wang-jing", "li-mei", "这位坐席上月已谈过话"
REJECTED, ADDED = "abuse.humiliation", "service.attitude"


@pytest.fixture
def given_out(store: Store, desk: ReviewDesk) -> None:
    """A call that two people decided on: one flag rejected, one added, everything with notes."""
    inspection = threatening_call(CALL, agent_id=OWN_AGENT)
    store.save(inspection, fingerprint="f", listing=listing_of(inspection))

    def act(name: str, kind: ReviewAction, target: str = "", **said: object) -> None:
        settles = Reviewer(name=name, settles=True)
        desk.act(action(CALL, kind, name, target=target, note=NOTE, **said), settles)  # type: ignore[arg-type]

    place = Place(utterance_id="u0005", quote="你这种人就是老赖")
    act(FIRST, ReviewAction.ADD, place=place, category=ADDED, severity=Severity.MINOR)
    for finding in inspection.findings:
        for name in (FIRST, SECOND):
            if finding.category == REJECTED:
                act(name, ReviewAction.REJECT, finding.key, reason=ReasonCode.QUOTED)
            else:
                act(name, ReviewAction.CONFIRM, finding.key)
    call = desk.call(CALL)
    assert call is not None
    for line in undecided_lines(reviewed_scorecard(call, desk.forms)):
        act(FIRST, ReviewAction.CORRECT, line.criterion_id, outcome=CriterionOutcome.MET)
    act(SECOND, ReviewAction.COMMENT)
    act(SECOND, ReviewAction.FINISH)
    act(SECOND, ReviewAction.RELEASE)
    store.listings.hand_over(CALL, FIRST)


ADDRESSES = (
    "/",
    f"/calls/{CALL}",
    f"/parts/{CALL}",
    "/api/v1/calls",
    f"/api/v1/calls/{CALL}",
    f"/api/v1/reviews/{CALL}",
)


@pytest.mark.usefixtures("given_out")
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_agent_is_told_no_reviewer_and_no_note(signed_in: SignedIn, address: str) -> None:
    answer = signed_in("agent").get(address)
    assert answer.status_code == 200
    assert CALL in answer.text
    assert not [one for one in (FIRST, SECOND, NOTE) if one in answer.text]
    for_others = signed_in("qa_lead").get(address, params={"view": "all"}).text
    assert FIRST in for_others


@pytest.mark.usefixtures("given_out")
def test_an_agent_is_told_what_stands_alone(signed_in: SignedIn, store: Store) -> None:
    found = {}
    for name in ("agent", "qa_lead"):
        client = signed_in(name)
        whole = client.get(f"/api/v1/calls/{CALL}").json()
        assert whole["review"] == client.get(f"/api/v1/reviews/{CALL}").json()
        flags = {one["category"] for one in whole["review"]["findings"]}
        assert flags - {ADDED} == {one["category"] for one in whole["document"]["findings"]}
        found[name] = flags, {one["action"] for one in whole["review"]["history"]}
    everything = {one.category for one in threatening_call().findings} | {ADDED}
    assert found["qa_lead"] == (everything, {one.action.value for one in store.reviews.of(CALL)})
    assert found["agent"] == (everything - {REJECTED}, {"correct", "finish", "release"})


@pytest.mark.usefixtures("given_out")
def test_an_added_flag_is_shown_as_peoples(signed_in: SignedIn) -> None:
    page = signed_in("agent").get(f"/calls/{CALL}").text
    flags = re.findall(r"<article.*?</article>", page, re.DOTALL)
    (added,) = (one for one in flags if f"<h2>{labels.category(ADDED)}</h2>" in one)
    assert '<span class="sure">人工</span>' in added
    assert "by_hand" not in added


@pytest.mark.usefixtures("given_out")
@pytest.mark.parametrize("whose", [FIRST, "nobody", "me"])
def test_an_agent_cannot_ask_whose_task_a_call_is(signed_in: SignedIn, whose: str) -> None:
    found = signed_in("agent").get("/api/v1/calls", params={"assigned": whose}).json()["calls"]
    assert [one["call_id"] for one in found] == [CALL]


@pytest.fixture
def noted(store: Store, desk: ReviewDesk) -> str:
    """A call with a number and a name in every note, with a verdict that lost its flag, on half a number."""
    inspection = threatening_call("noted/threats")
    store.save(inspection, fingerprint="f", listing=listing_of(inspection))
    call_id, note = inspection.call.call_id, "周明的电话13812345678"
    arrest, exposure, *_ = inspection.findings
    half = Place(utterance_id="u0004", quote="幺三八零零幺三八")
    for kind, said in (
        (ReviewAction.CONFIRM, {"target": arrest.key, "place": half}),
        (ReviewAction.CONFIRM, {"target": exposure.key}),
        (ReviewAction.COMMENT, {}),
    ):
        desk.act(action(call_id, kind, FIRST, note=note, **said), Reviewer(name=FIRST))  # type: ignore[arg-type]
    again = replace(inspection, findings=inspection.findings[1:])
    store.save(again, fingerprint="g", listing=listing_of(again))
    return call_id


@pytest.mark.parametrize("address", ["/calls/{}", "/parts/{}", "/api/v1/calls/{}", "/api/v1/reviews/{}"])
def test_notes_and_lost_words_are_masked_like_the_call(signed_in: SignedIn, noted: str, address: str) -> None:
    place = address.format(noted)
    for name, masked in (("reviewer", True), ("qa_lead", "api" in address)):
        text = signed_in(name).get(place, params={"unmasked": 1}).text
        assert ("周*的电话***********" in text) is masked
        assert ("13812345678" in text) is not masked
        assert ("幺三八零零幺三八" in text) is not masked
