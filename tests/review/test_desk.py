"""What people decide, what it takes, and what is told instead of being overwritten."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from qa_pipeline.errors import QAError
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.review.listing import keep
from qa_pipeline.review.score import open_reasons, reviewed_scorecard
from qa_pipeline.store.repository import Store
from qa_pipeline.types import (
    CriterionOutcome,
    Place,
    ReviewAction,
    Severity,
    TimeSpan,
)
from tests.builders import threatening_call
from tests.review.conftest import ARREST, CALL, EXPOSURE, HUMILIATION, PROMISE, Act

# Who does what, one after the other, and where the finding stands then.
FINDINGS = {
    "nobody has looked": (ARREST, "", "open"),
    "a sure red line, confirmed once": (ARREST, "wang+", "awaits_second"),
    "and by a second person": (ARREST, "wang+ li+", "confirmed"),
    "twice by the same person is once": (ARREST, "wang+ wang+", "awaits_second"),
    "a sure red line, rejected once": (ARREST, "wang-", "awaits_second"),
    "and by a second person too": (ARREST, "wang- li-", "rejected"),
    "two do not agree": (ARREST, "wang+ li-", "conflict"),
    "one of them thinks again": (ARREST, "wang+ li- li+", "confirmed"),
    "a third one settles it": (ARREST, "wang+ li- zhao-!", "rejected"),
    "a serious hit needs one": (HUMILIATION, "wang+", "confirmed"),
    "a serious hit rejected by one": (HUMILIATION, "wang-", "rejected"),
    "a second opinion against it": (HUMILIATION, "wang+ li-", "conflict"),
    "an uncertain one rejected by one": (PROMISE, "wang-", "rejected"),
    "an uncertain one confirmed by one": (PROMISE, "wang+", "confirmed"),
    "raised to a red line it needs two": (PROMISE, "wang^", "awaits_second"),
    "and both must mean the same": (PROMISE, "wang^ li+", "conflict"),
    "both raise it": (PROMISE, "wang^ li^", "confirmed"),
}


@pytest.mark.parametrize(("target", "said", "state"), FINDINGS.values(), ids=FINDINGS.keys())
def test_where_a_finding_stands(act: Act, desk: ReviewDesk, target: str, said: str, state: str) -> None:
    for word in said.split():
        name, sign = word.rstrip("!")[:-1], word.rstrip("!")[-1]
        raised = {"severity": Severity.FATAL} if sign == "^" else {}
        person = Reviewer(name=name, settles=word.endswith("!"))
        act(name, "reject" if sign == "-" else "confirm", target, as_=person, **raised)
    call = desk.call(CALL)
    assert call is not None
    finding = call.finding(target)
    assert finding is not None
    assert finding.state == state


REFUSED = {
    "an unknown finding": ("confirm", "nothing", {}, {}, "review_target_unknown"),
    "rejecting without a reason": ("reject", ARREST, {"reason": None}, {}, "review_incomplete"),
    "the own call": ("confirm", HUMILIATION, {}, {"agent_id": "3107"}, "review_not_allowed"),
    "a red line of the own team": ("confirm", ARREST, {}, {"team": "一组"}, "review_not_allowed"),
    "a correction without outcome": ("correct", "greeting", {}, {}, "review_incomplete"),
    "an unknown line of the form": ("correct", "nothing", {}, {}, "review_target_unknown"),
    "adding without words": ("add", "", {"category": "abuse.profanity"}, {}, "review_incomplete"),
    "adding words nobody said": (
        "add",
        "",
        {
            "category": "abuse.profanity",
            "severity": Severity.MINOR,
            "place": Place(utterance_id="u0001", quote="没人说过的话"),
        },
        {},
        "review_target_unknown",
    ),
    "an empty comment": ("comment", "", {"note": "  "}, {}, "review_incomplete"),
    "finishing with flags undecided": ("finish", "", {}, {}, "review_unfinished"),
    "releasing what still waits": ("release", "", {}, {}, "review_unfinished"),
    "acknowledging another's call": ("acknowledge", "", {}, {"agent_id": "1"}, "review_not_allowed"),
    "acknowledging before release": ("acknowledge", "", {}, {"agent_id": "3107"}, "review_not_allowed"),
    "taking back what was not done": ("withdraw", "nothing", {}, {}, "review_target_unknown"),
    "a name that would break the list": (
        "comment",
        "",
        {"note": "x", "name": "a,b"},
        {},
        "review_incomplete",
    ),
}


@pytest.mark.parametrize(("kind", "target", "said", "person", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_leaves_no_trace(
    act: Act,
    store: Store,
    kind: str,
    target: str,
    said: dict[str, object],
    person: dict[str, str],
    code: str,
) -> None:
    said = dict(said)
    name = str(said.pop("name", "wang"))
    with pytest.raises(QAError) as raised:
        act(name, kind, target, as_=Reviewer(name=name, **person), **said)  # type: ignore[arg-type]
    assert raised.value.code == code
    assert store.reviews.of(CALL) == ()


def test_a_stranger_does_not_settle_a_conflict_but_a_lead_does(act: Act) -> None:
    act("wang", "confirm", HUMILIATION)
    act("li", "reject", HUMILIATION)
    with pytest.raises(QAError, match="review_not_allowed"):
        act("zhao", "confirm", HUMILIATION)
    assert act("zhao", "confirm", HUMILIATION, as_=Reviewer(name="zhao", settles=True)).final >= {HUMILIATION}


def test_what_another_did_meanwhile_is_told_and_nothing_is_overwritten(act: Act, store: Store) -> None:
    act("wang", "confirm", HUMILIATION, seen=0)
    with pytest.raises(QAError, match="review_conflict") as raised:
        act("li", "reject", HUMILIATION, seen=0)
    assert "wang" in str(raised.value)
    act("li", "confirm", PROMISE, seen=0)
    act("li", "reject", HUMILIATION, seen=1)
    assert [(one.seq, one.reviewer) for one in store.reviews.of(CALL)] == [(1, "wang"), (2, "li"), (3, "li")]


def test_the_same_action_sent_again_is_done_once(act: Act, store: Store) -> None:
    first = act("wang", "confirm", HUMILIATION, id="abcdefgh", seen=0)
    again = act("wang", "confirm", HUMILIATION, id="abcdefgh", seen=0)
    assert first.history == again.history
    assert len(store.reviews.of(CALL)) == 1
    with pytest.raises(QAError, match="review_incomplete"):
        act("li", "confirm", HUMILIATION, id="abcdefgh")


def test_an_action_is_taken_back_by_who_did_it(act: Act) -> None:
    act("wang", "confirm", HUMILIATION, id="abcdefgh")
    with pytest.raises(QAError, match="review_not_allowed"):
        act("li", "withdraw", "abcdefgh")
    call = act("wang", "withdraw", "abcdefgh")
    finding = call.finding(HUMILIATION)
    assert finding is not None
    assert finding.state == "open"
    assert [one.action for one in call.history] == ["confirm", "withdraw"]


def state(store: Store) -> str:
    listed = store.listings.call(CALL)
    assert listed is not None
    return listed.state.value


def test_a_call_goes_all_the_way(act: Act, store: Store) -> None:
    assert state(store) == "waiting"
    act("wang", "confirm", ARREST)
    assert state(store) == "in_review"
    for target in (EXPOSURE, HUMILIATION):
        act("wang", "confirm", target)
    act("wang", "reject", PROMISE)
    with pytest.raises(QAError, match="Checklist items still to decide: 1"):
        act("wang", "finish")
    act("wang", "correct", "identity_verification", outcome=CriterionOutcome.MISSED)
    act("wang", "finish")
    assert state(store) == "awaits_second"
    with pytest.raises(QAError, match="review_unfinished"):
        act("lead", "release")
    act("li", "confirm", ARREST)
    act("li", "confirm", EXPOSURE)
    assert state(store) == "finished"
    act("lead", "release", id="release-1")
    assert state(store) == "released"
    with pytest.raises(QAError, match="review_released"):
        act("li", "reject", ARREST)
    act("chen", "acknowledge", as_=Reviewer(name="chen", agent_id="3107"), note="已知悉")
    assert state(store) == "acknowledged"
    act("lead", "withdraw", "release-1")
    assert state(store) == "finished"
    act("lead", "release")
    assert state(store) == "released"


@pytest.fixture
def released(act: Act, store: Store) -> None:
    """The call was given to its agent by the lead, as `release-1`."""
    for name in ("wang", "li"):
        for target in (ARREST, EXPOSURE):
            act(name, "confirm", target)
    act("wang", "confirm", HUMILIATION)
    act("wang", "reject", PROMISE)
    act("wang", "correct", "identity_verification", outcome=CriterionOutcome.MISSED)
    act("wang", "finish")
    act("lead", "release", id="release-1")
    assert state(store) == "released"


@pytest.mark.usefixtures("released")
def test_a_release_is_taken_back_by_anybody_who_may_give_calls(act: Act, store: Store) -> None:
    agent = Reviewer(name="chen", agent_id="3107")
    for person in (agent, Reviewer(name="wang"), Reviewer(name="zhao", settles=True)):
        with pytest.raises(QAError, match="review_not_allowed"):
            act(person.name, "withdraw", "release-1", as_=person)
    call = act("compliance", "withdraw", "release-1", as_=Reviewer(name="compliance", releases=True))
    assert (call.history[-1].reviewer, call.history[-1].target) == ("compliance", "release-1")
    assert state(store) == "finished"
    act("li", "reject", HUMILIATION)
    assert state(store) == "conflict"


@pytest.mark.usefixtures("released")
def test_who_may_give_calls_takes_back_nothing_else_of_others(act: Act) -> None:
    lead = Reviewer(name="lead", releases=True)
    act("lead", "comment", note="先收回")
    call = act("lead", "withdraw", "release-1", as_=lead)
    confirmed = next(one.id for one in call.history if one.target == HUMILIATION)
    with pytest.raises(QAError, match="review_not_allowed"):
        act("lead", "withdraw", confirmed, as_=lead)


def test_the_reviewed_score_stands_beside_the_machines(act: Act, store: Store) -> None:
    before = store.listings.call(CALL)
    assert before is not None
    for name in ("wang", "li"):
        for target in (ARREST, EXPOSURE):
            act(name, "reject", target)
    act("wang", "confirm", HUMILIATION)
    act("wang", "reject", PROMISE)
    after = store.listings.call(CALL)
    assert after is not None
    assert (after.score, after.grade) == (before.score, before.grade) == (0.0, "red_line")
    assert after.reviewed_grade != "red_line"


def test_corrections_count_in_the_reviewed_score(act: Act, store: Store) -> None:
    desk = ReviewDesk(store)
    call = act("wang", "correct", "amount", outcome=CriterionOutcome.MET)
    card = reviewed_scorecard(call, desk.forms)
    assert card is not None
    lines = {line.criterion_id: (line.outcome, line.points) for line in card.criteria}
    assert lines["amount"] == ("met", 7.0)
    call = act("wang", "correct", "amount", outcome=CriterionOutcome.NOT_APPLICABLE)
    card = reviewed_scorecard(call, desk.forms)
    assert card is not None
    assert {line.criterion_id: line.potential for line in card.criteria}["amount"] == 0


def test_what_the_machine_missed_is_added_and_decided_like_any_other(act: Act, desk: ReviewDesk) -> None:
    place = Place(utterance_id="u0005", span=TimeSpan(start_ms=1, end_ms=2), quote="缓什么缓")
    said = {"category": "service.tone", "severity": Severity.MINOR, "place": place}
    call = act("wang", "add", id="added-flag", **said)
    added = call.finding("added-flag")
    assert added is not None
    assert (added.state, added.machine.evidence[0].quote) == ("confirmed", "缓什么缓")
    call = act("li", "reject", "added-flag")
    added = call.finding("added-flag")
    assert added is not None
    assert added.state == "conflict"
    call = act("wang", "add", id="added-fatal", **(said | {"severity": Severity.FATAL}))
    fatal = call.finding("added-fatal")
    assert fatal is not None
    assert fatal.state == "awaits_second"
    assert fatal.standing is not None
    assert fatal.standing.outcome == "uncertain"


def test_a_verdict_on_an_addition_goes_with_it_when_it_is_taken_back(act: Act, desk: ReviewDesk) -> None:
    machine = next(one for one in threatening_call(CALL).findings if one.key == EXPOSURE)
    words = machine.evidence[0]
    place = Place(utterance_id=words.utterance_id, span=words.span, quote=words.quote)
    act("wang", "add", id="same-words", category=machine.category, severity=Severity.FATAL, place=place)
    act("li", "confirm", "same-words")
    call = act("wang", "withdraw", "same-words")
    finding = call.finding(EXPOSURE)
    assert finding is not None
    assert (finding.state, finding.verdicts) == ("open", ())
    assert call.to_confirm_again == ()
    assert [one.verdicts for one in call.findings] == [()] * 4


def again(store: Store, desk: ReviewDesk, **changes: object) -> None:
    inspection = replace(threatening_call(CALL), **changes)  # type: ignore[arg-type]
    keep(store, inspection, desk, fingerprint="new")


def test_verdicts_survive_a_new_inspection(act: Act, store: Store, desk: ReviewDesk) -> None:
    act("wang", "confirm", HUMILIATION)
    act("wang", "reject", PROMISE)
    old = threatening_call(CALL).findings
    moved = tuple(replace(one, key=f"new-{one.key}") for one in old if one.key != PROMISE)
    again(store, desk, findings=moved)
    call = desk.call(CALL)
    assert call is not None
    found = call.finding(f"new-{HUMILIATION}")
    assert found is not None
    assert found.state == "confirmed"
    assert [(one.reviewer, one.found_as) for one in call.to_confirm_again] == [
        ("wang", "promise.unauthorised")
    ]
    again(store, desk, findings=old)
    call = desk.call(CALL)
    assert call is not None
    assert call.to_confirm_again == ()


def test_a_finding_that_comes_up_later_reopens_a_finished_call(
    act: Act, store: Store, desk: ReviewDesk
) -> None:
    old = threatening_call(CALL).findings
    again(store, desk, findings=old[2:])
    act("wang", "confirm", HUMILIATION)
    act("wang", "reject", PROMISE)
    act("wang", "correct", "identity_verification", outcome=CriterionOutcome.MET)
    act("wang", "finish")
    assert state(store) == "finished"
    again(store, desk, findings=old)
    assert state(store) == "waiting"


def test_a_new_inspection_is_kept_with_its_place_in_the_queue_or_not_at_all(
    act: Act, store: Store, desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = threatening_call(CALL).findings
    again(store, desk, findings=old[2:])
    act("wang", "confirm", HUMILIATION)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ReviewDesk, "_stand", killed)
    with pytest.raises(KeyboardInterrupt):
        again(store, desk, findings=old)
    kept = store.inspection(CALL)
    assert kept is not None
    assert kept.findings == old[2:]


def test_a_call_nobody_inspected_cannot_be_reviewed(desk: ReviewDesk) -> None:
    with pytest.raises(QAError, match="store_unknown_call"):
        desk.act(action("nothing", ReviewAction.COMMENT, "wang", note="x"), Reviewer(name="wang"))
    assert desk.call("nothing") is None


# Who does what, and what a person still has to look at: the call has two red lines, a serious hit, an
# uncertain finding and an uncertain line of the form.
OPEN_REASONS = {
    "nobody has looked": ("", "uncertain_finding uncertain_element unreviewed_fatal"),
    "the uncertain finding is decided": (f"li-{PROMISE}", "uncertain_element unreviewed_fatal"),
    "one person on each red line is not enough": (
        f"li+{ARREST} li+{EXPOSURE}",
        "uncertain_finding uncertain_element unreviewed_fatal",
    ),
    "two people on one of two red lines": (
        f"li+{ARREST} wang+{ARREST}",
        "uncertain_finding uncertain_element unreviewed_fatal",
    ),
    "two people on both, the line corrected": (
        f"li+{ARREST} wang+{ARREST} li-{EXPOSURE} wang-{EXPOSURE} li=identity_verification",
        "uncertain_finding",
    ),
    "two people who do not agree": (
        f"li-{PROMISE} li+{ARREST} wang-{ARREST} li+{EXPOSURE} wang+{EXPOSURE}",
        "uncertain_element unreviewed_fatal",
    ),
}


@pytest.mark.parametrize(("said", "left"), OPEN_REASONS.values(), ids=OPEN_REASONS.keys())
def test_what_people_have_settled_is_no_reason_any_more(
    act: Act, desk: ReviewDesk, said: str, left: str
) -> None:
    for word in said.split():
        name, sign, target = re.split("([-+=])", word, maxsplit=1)
        kind = {"-": "reject", "+": "confirm", "=": "correct"}[sign]
        act(name, kind, target, **({"outcome": CriterionOutcome.MET} if sign == "=" else {}))
    call = desk.call(CALL)
    assert call is not None
    assert open_reasons(call, reviewed_scorecard(call, desk.forms)) == tuple(left.split())
