"""What comes between costs nothing: restarts, lost answers, a second person, unknown roles."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from qa_pipeline.config import Settings
from qa_pipeline.pipeline import inspect_heard
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import FindingState, ReviewAction, Role, RoleBasis
from qa_pipeline.web.app import create_app
from tests.web.conftest import PASSWORD, until
from tests.web.desk_calls import VIOLENCE, engine, sample_desk
from tests.web.test_call_page import keys_of, open_call, settle

SignIn = Callable[[str], None]


@pytest.fixture
def store(settings: Settings, judged: Path, password_hash: str) -> Iterator[Store]:
    with sample_desk(settings, judged, password_hash) as opened:
        yield opened


def said(desk: ReviewDesk) -> list[tuple[str, ReviewAction, str]]:
    call = desk.call(VIOLENCE)
    assert call is not None
    return [(one.reviewer, one.action, one.note) for one in call.history]


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[None]:
    """The desk as a process would run it, with a store of its own; stopped at the end."""
    with socket.socket() as listening, open_store(settings.store) as store:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        configured = uvicorn.Config(create_app(settings, store), log_level="warning", access_log=False)
        server = uvicorn.Server(configured)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield
        server.force_exit = server.should_exit = True
        thread.join(timeout=10)


@contextmanager
def visitor(chromium: Any, address: str, name: str) -> Iterator[Any]:
    """A browser of somebody who has signed in."""
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto("/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/")
    yield page
    context.close()


def test_a_restart_in_the_middle_of_a_review_loses_nothing(
    chromium: Any, settings: Settings, desk: ReviewDesk
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    first = serving(settings, port)
    first.__enter__()
    with visitor(chromium, f"http://127.0.0.1:{port}", "reviewer") as page:
        open_call(page, VIOLENCE)
        settle(page, lambda: page.keyboard.press("c"), "verdict")
        page.locator("article.flag.current [name=note]").fill("写到一半")
        page.locator("article.flag.current h2").click()
        first.__exit__(None, None, None)
        page.keyboard.press("c")
        page.locator("#told p").wait_for()
        assert "未保存" in page.locator("#told").inner_text()
        assert len(said(desk)) == 1
        with serving(settings, port):
            assert page.locator("article.flag.current [name=note]").input_value() == "写到一半"
            settle(page, lambda: page.keyboard.press("c"), "verdict")
            assert said(desk) == [
                ("reviewer", ReviewAction.CONFIRM, ""),
                ("reviewer", ReviewAction.CONFIRM, "写到一半"),
            ]


def test_what_is_sent_again_over_a_slow_line_is_done_once(
    page: Any, sign_in: SignIn, desk: ReviewDesk
) -> None:
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    lost: list[int] = []

    def lose_the_answer(route: Any) -> None:
        answer = route.fetch()
        lost.append(answer.status)
        route.abort("connectionreset")

    page.route("**/verdict/**", lose_the_answer)
    page.keyboard.press("c")
    page.locator("#told p").wait_for()
    assert lost == [200]
    assert len(said(desk)) == 1
    page.unroute("**/verdict/**")
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 600, "downloadThroughput": 30_000, "uploadThroughput": 10_000}
    line.send("Network.emulateNetworkConditions", slow)
    page.keyboard.press("c")
    page.keyboard.press("c")
    page.wait_for_selector("article.flag.is-awaits_second, article.flag.is-confirmed", timeout=15_000)
    until(page, lambda: page.locator(".htmx-request").count() == 0)
    assert said(desk) == [("reviewer", ReviewAction.CONFIRM, "")]
    page.console_errors.clear()  # Chromium and htmx report the lost answer


def test_two_people_on_one_call_are_told_and_nothing_is_overwritten(
    chromium: Any, address: str, desk: ReviewDesk
) -> None:
    key = keys_of(desk, VIOLENCE)["threat.violence"]
    with visitor(chromium, address, "reviewer") as one, visitor(chromium, address, "second") as other:
        flag = f'article.flag[data-key="{key}"]'
        for page in (one, other):
            open_call(page, VIOLENCE)
            page.locator(f"{flag} h2").click()
        settle(one, lambda: one.keyboard.press("c"), "verdict")
        other.keyboard.press("x")
        with other.expect_response(lambda answer: "/verdict/" in answer.url) as waited:
            other.keyboard.press("1")
        assert waited.value.status == 409
        problem = other.locator(f"{flag} .problem")
        problem.wait_for()
        assert "reviewer" in problem.inner_text()
        assert [who for who, _, _ in said(desk)] == ["reviewer"]
        settle(other, lambda: problem.locator("button").click(), "parts")
        other.wait_for_selector(f"{flag} .verdict")
        other.keyboard.press("x")
        settle(other, lambda: other.keyboard.press("1"), "verdict")
        call = desk.call(VIOLENCE)
        assert call is not None
        finding = call.finding(key)
        assert finding is not None
        assert finding.state is FindingState.CONFLICT
        assert [one.reviewer for one in finding.verdicts] == ["reviewer", "second"]


def test_a_person_says_who_the_agent_is_and_takes_it_back(
    page: Any, sign_in: SignIn, desk: ReviewDesk, store: Store
) -> None:
    inspection = store.inspection(VIOLENCE)
    assert inspection is not None
    assert inspection.recording is not None
    assert inspection.transcript is not None
    wrong = replace(inspection.recording, call=replace(inspection.call, agent_channel=1))
    nobody = inspect_heard(wrong, inspection.transcript, engine())
    assert {voice.basis for voice in nobody.voices} == {RoleBasis.CONTRADICTED}
    store.save(nobody, fingerprint="f", listing=listing_of(nobody))
    sign_in("reviewer")
    open_call(page, VIOLENCE)
    choices = page.locator(".voices button")
    assert choices.count() == 2
    assert "你好" in choices.first.inner_text()
    assert page.locator(".line.unknown").count() > 0
    settle(page, choices.first.click, "swap")
    page.locator(".line.agent").first.wait_for()
    told = desk.call(VIOLENCE)
    assert told is not None
    assert {voice.voice: voice.role for voice in told.inspection.voices} == {0: Role.AGENT, 1: Role.CUSTOMER}
    assert page.locator(".voices").count() == 0
    settle(page, lambda: page.keyboard.press("z"), "withdraw")
    page.locator(".voices").wait_for()
    page.keyboard.press("4")
    assert page.locator("#history .taken-back").count() == 1
    assert page.locator("#history li").count() == 2
