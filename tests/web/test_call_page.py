"""The page of a call in a real browser, on sample calls that were really judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.config import Settings
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CriterionOutcome, FindingState, ReviewAction, Role, Severity
from tests.web.conftest import until
from tests.web.desk_calls import LONG, VIOLENCE, sample_desk

SignIn = Callable[[str], None]


@pytest.fixture
def store(settings: Settings, judged: Path, password_hash: str) -> Iterator[Store]:
    with sample_desk(settings, judged, password_hash) as opened:
        yield opened


def open_call(page: Any, call_id: str) -> None:
    page.goto(f"/calls/{call_id}")
    page.wait_for_selector("#player[data-ready]")


def now_ms(page: Any) -> float:
    return float(page.evaluate("() => window.player.nowMs()"))


def keys_of(desk: ReviewDesk, call_id: str) -> dict[str, str]:
    call = desk.call(call_id)
    assert call is not None
    return {one.machine.category: one.key for one in call.findings}


def settle(page: Any, act: Callable[[], object], path: str) -> None:
    """Do something, and wait for the answer of the desk and until the page has taken it in."""
    with page.expect_response(lambda answer: f"/{path}/" in answer.url) as waited:
        act()
    assert waited.value.status == 200, waited.value.text()
    under_way = page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")
    until(page, lambda: under_way.count() == 0)


def test_sound_plays_from_two_seconds_before_the_words(page: Any, sign_in: SignIn) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    assert page.locator("#wave").evaluate("wave => wave.firstElementChild.shadowRoot !== null")
    page.select_option("#speed", "2")
    flag = page.locator("article.flag", has_text="打断").first
    start = int(flag.get_attribute("data-start"))
    flag.locator(".listen").first.click()
    page.wait_for_selector("#player[data-playing]")
    until(page, lambda: now_ms(page) > start - 1_500)
    assert now_ms(page) <= start + 4_000
    page.wait_for_selector(".line.playing")
    seen = """line => { const pane = document.querySelector(".talk").getBoundingClientRect(),
    own = line.getBoundingClientRect(); return own.top >= pane.top && own.bottom <= pane.bottom; }"""
    assert page.locator(".line.playing").last.evaluate(seen), "the dialogue follows"
    page.keyboard.press("Space")
    page.wait_for_selector("#player:not([data-playing])")
    line = page.locator(".line.agent").nth(1)
    line.locator(".at").click()
    page.wait_for_selector("#player[data-playing]")
    assert now_ms(page) < int(line.get_attribute("data-start")) + 1_000


def test_flags_are_decided_by_keyboard_and_undone(page: Any, sign_in: SignIn, desk: ReviewDesk) -> None:
    keys = keys_of(desk, VIOLENCE)
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    first = page.locator("article.flag.current").get_attribute("data-key")
    settle(page, lambda: page.keyboard.press("c"), "verdict")
    page.wait_for_selector("#player[data-playing]")  # the next flag plays by itself
    second = page.locator("article.flag.current").get_attribute("data-key")
    assert second != first
    page.keyboard.press("x")
    settle(page, lambda: page.keyboard.press("3"), "verdict")
    call = desk.call(VIOLENCE)
    assert call is not None
    assert [(one.action, one.target, one.reason.value if one.reason else "") for one in call.history] == [
        (ReviewAction.CONFIRM, first, "as_found"),
        (ReviewAction.REJECT, second, "quoted"),
    ]
    assert set(keys.values()) >= {first, second}
    page.wait_for_selector(f'article.flag[data-key="{second}"] .verdict')
    settle(page, lambda: page.keyboard.press("z"), "withdraw")
    after = desk.call(VIOLENCE)
    assert after is not None
    assert [one.target for one in after.actions] == [first]
    page.keyboard.press("4")
    assert page.locator("#history .taken-back").count() == 1


def test_scores_of_machine_and_people_stand_side_by_side(page: Any, sign_in: SignIn) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    scores = page.locator("#callhead .score b")
    assert scores.all_inner_texts() == ["0"]
    while page.locator("article.flag[data-undecided]").count():
        current = page.locator("article.flag.current").get_attribute("data-key")
        page.keyboard.press("x")
        settle(page, lambda: page.keyboard.press("8"), "verdict")
        page.wait_for_selector(f'article.flag[data-key="{current}"] .verdict')
    machine, reviewed = map(float, scores.all_inner_texts())
    assert machine == 0.0
    page.keyboard.press("3")
    assert page.locator("#scoring dl").count() >= 2
    assert reviewed == 0.0, "one person alone does not lift a red line"


def test_words_that_the_machine_missed_are_flagged(page: Any, sign_in: SignIn, desk: ReviewDesk) -> None:
    sign_in("reviewer")
    open_call(page, "01_model_promise")
    said = page.locator("[data-utterance]").first
    text = said.inner_text()
    said.evaluate(
        """said => { const range = document.createRange(); range.setStart(said.firstChild, 1);
        range.setEnd(said.firstChild, 4); getSelection().removeAllRanges();
        getSelection().addRange(range); }"""
    )
    page.wait_for_selector("#offer-add:not([hidden])")
    page.keyboard.press("a")
    assert page.locator("#addition-quote").inner_text() == text[1:4]
    page.select_option("#addition [name=category]", "service.tone")
    page.fill("#addition [name=note]", "语气生硬")
    settle(page, lambda: page.click("#addition button.primary"), "add")
    call = desk.call("01_model_promise")
    assert call is not None
    added = call.findings[-1]
    assert (added.machine.category, added.machine.evidence[0].quote) == ("service.tone", text[1:4])
    assert added.state is FindingState.CONFIRMED
    page.wait_for_selector("article.flag.is-confirmed")
    assert page.locator("#addition[open]").count() == 0


def test_category_and_severity_are_changed(page: Any, sign_in: SignIn, desk: ReviewDesk) -> None:
    key = keys_of(desk, VIOLENCE)["service.hangup"]
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    flag = page.locator(f'article.flag[data-key="{key}"]')
    flag.locator("h2").click()
    page.keyboard.press("e")
    flag.locator("[name=category]").select_option("service.tone")
    flag.locator("[name=severity]").select_option("minor")
    settle(page, lambda: flag.locator(".confirm").click(), "verdict")
    call = desk.call(VIOLENCE)
    assert call is not None
    found = call.finding(key)
    assert found is not None
    assert found.standing is not None
    assert (found.standing.category, found.standing.severity) == ("service.tone", Severity.MINOR)


def test_a_line_of_the_form_is_corrected(page: Any, sign_in: SignIn, desk: ReviewDesk) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    page.keyboard.press("2")
    line = page.locator("#checklist .item", has_text="录音").first
    settle(page, lambda: line.locator("button.met").click(), "correct")
    call = desk.call(VIOLENCE)
    assert call is not None
    assert call.corrections["recording_notice"].outcome is CriterionOutcome.MET
    page.wait_for_selector("#checklist .item.met .was")
    assert page.locator("#callhead .score").count() == 2


def test_speakers_are_exchanged_and_judged_again_and_back(
    page: Any, sign_in: SignIn, desk: ReviewDesk
) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    page.on("dialog", lambda dialog: dialog.accept())
    assert page.locator(".line").first.get_attribute("class") == "line agent"
    found = page.locator("article.flag.fatal").count()
    settle(page, lambda: page.keyboard.press("s"), "swap")
    page.locator(".line.customer").first.wait_for()
    swapped = desk.call(VIOLENCE)
    assert swapped is not None
    assert swapped.inspection.transcript is not None
    assert swapped.inspection.transcript.utterances[0].role is Role.CUSTOMER
    assert page.locator("article.flag.fatal").count() < found
    page.locator("#swap").wait_for()
    settle(page, lambda: page.keyboard.press("s"), "swap")
    back = desk.call(VIOLENCE)
    assert back is not None
    assert len(back.inspection.findings) >= found
    assert [one.action for one in back.history] == [ReviewAction.SWAP_ROLES] * 2


def test_a_red_line_takes_a_second_person_and_the_next_call_opens(
    page: Any, sign_in: SignIn, desk: ReviewDesk, store: Store
) -> None:
    call = desk.call(VIOLENCE)
    assert call is not None
    for finding in call.findings:
        one = action(VIOLENCE, ReviewAction.CONFIRM, "second", target=finding.key)
        desk.act(one, Reviewer(name="second"))
    key = keys_of(desk, VIOLENCE)["threat.violence"]
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    flag = page.locator(f'article.flag[data-key="{key}"]')
    assert "is-awaits_second" in flag.get_attribute("class")
    flag.locator("h2").click()
    settle(page, lambda: page.keyboard.press("c"), "verdict")
    page.wait_for_selector(f'article.flag[data-key="{key}"].is-confirmed')
    for each in call.findings:
        if each.key != key:
            again = action(VIOLENCE, ReviewAction.CONFIRM, "reviewer", target=each.key)
            desk.act(again, Reviewer(name="reviewer"))
    page.keyboard.press("f")
    page.wait_for_url(re.compile(rf"/calls/(?!{VIOLENCE})"))
    listed = store.listings.call(VIOLENCE)
    assert listed is not None
    assert listed.state.value == "finished"
    open_call(page, VIOLENCE)
    left = page.locator("#callhead .reasons").all_inner_texts()
    assert not any("红线" in reason or "待复核" in reason for reason in left)


def test_what_another_person_did_meanwhile_is_told_and_not_overwritten(
    page: Any, sign_in: SignIn, desk: ReviewDesk
) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    key = page.locator("article.flag.current").get_attribute("data-key")
    meanwhile = action(VIOLENCE, ReviewAction.CONFIRM, "second", target=key)
    desk.act(meanwhile, Reviewer(name="second"))
    page.locator(f'article.flag[data-key="{key}"] [name=note]').fill("我的备注")
    page.locator("article.flag.current h2").click()
    with page.expect_response(lambda answer: "/verdict/" in answer.url) as waited:
        page.keyboard.press("c")
    assert waited.value.status == 409
    problem = page.locator("article.flag.current .problem")
    problem.wait_for()
    assert "second" in problem.inner_text()
    assert page.locator("article.flag.current [name=note]").input_value() == "我的备注"
    settle(page, lambda: problem.locator("button").click(), "parts")
    page.wait_for_selector("article.flag.current .verdict")
    history = desk.call(VIOLENCE)
    assert history is not None
    assert [one.reviewer for one in history.history] == ["second"]
    page.console_errors.clear()  # Chromium and htmx report the 409


def test_an_unfinished_review_says_what_is_left(page: Any, sign_in: SignIn) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    page.keyboard.press("f")
    problem = page.locator("#callhead .problem")
    problem.wait_for()
    assert re.search(r"\d", problem.inner_text())
    assert page.locator("#told p").count() == 1
    settle(page, lambda: page.keyboard.press("c"), "verdict")
    until(page, lambda: page.locator("#told p").count() == 0, seconds=4)  # it goes by itself after eight
    page.console_errors.clear()  # Chromium and htmx report the 422


def test_keys_can_be_listed_and_switched_off(page: Any, sign_in: SignIn, desk: ReviewDesk) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.wait_for_timeout(200)
    call = desk.call(VIOLENCE)
    assert call is not None
    assert call.history == ()


def test_language_is_switched_on_the_call(page: Any, sign_in: SignIn) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    assert page.locator("#play").inner_text().startswith("播放")
    page.click("text=English")
    page.wait_for_selector("#player[data-ready]")
    assert page.url.endswith(f"/calls/{VIOLENCE}")
    assert page.locator("#play").inner_text().startswith("Play")


def test_an_agent_sees_an_own_call_once_it_is_given_and_no_other(
    page: Any, sign_in: SignIn, desk: ReviewDesk
) -> None:
    sign_in("agent")
    for call_id in (VIOLENCE, "01_model_promise"):
        answer = page.goto(f"/calls/{call_id}")
        assert answer.status == 404
    page.console_errors.clear()  # Chromium itself reports the 404
    call = desk.call(VIOLENCE)
    assert call is not None
    for name in ("reviewer", "second"):
        for finding in call.findings:
            verdict = action(VIOLENCE, ReviewAction.CONFIRM, name, target=finding.key, note="只给质检看")
            desk.act(verdict, Reviewer(name=name))
        desk.act(action(VIOLENCE, ReviewAction.FINISH, name), Reviewer(name=name))
    desk.act(action(VIOLENCE, ReviewAction.RELEASE, "qa_lead"), Reviewer(name="qa_lead"))
    open_call(page, VIOLENCE)
    assert page.locator(".decide, #finish, #tab-history, #checklist form").count() == 0
    assert "只给质检看" not in page.content()
    assert "赵磊" in page.content() or "赵*" in page.content()
    settle(page, lambda: page.click("#callhead button.primary"), "acknowledge")
    page.wait_for_selector("#callhead .chip.state-acknowledged")


def test_a_recording_that_is_gone_leaves_the_rest(
    page: Any, sign_in: SignIn, store: Store, tmp_path: Path
) -> None:
    sign_in("reviewer")
    page.goto("/calls/05_mono")
    assert page.locator("#no-sound").is_visible()
    assert page.locator("article.flag").count() == 1
    page.goto(f"/calls/{LONG}")
    assert page.locator("#no-sound").is_visible()
    page.goto("/calls/08_broken")
    assert page.locator(".reasons").is_visible()
