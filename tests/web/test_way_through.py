"""The way of a reviewer through the queue: search and jump, decide by keys alone, finish, next, all done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.config import Settings
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CriterionOutcome, FindingState
from tests.web.conftest import until
from tests.web.desk_calls import sample_desk
from tests.web.test_call_page import settle

UNKNOWN = "05_mono"


@pytest.fixture
def store(settings: Settings, judged: Path, password_hash: str) -> Iterator[Store]:
    with sample_desk(settings, judged, password_hash) as opened:
        yield opened


def test_a_word_is_searched_and_the_call_opens_at_it(page: Any, sign_in: Callable[[str], None]) -> None:
    sign_in("reviewer")
    page.fill("input[name=q]", "起诉")
    page.click("form[role=search] button.primary")
    page.locator(".snippet").first.click()
    page.wait_for_selector("#player[data-ready]")
    line = page.locator(".line.found")
    assert "起诉" in line.inner_text()
    line.locator(".at").click()
    page.wait_for_selector("#player[data-playing]")
    page.click("a.back")
    page.wait_for_url("**/?q=*")


def test_flags_and_checklist_are_decided_by_keys_until_all_is_done(
    page: Any, sign_in: Callable[[str], None], store: Store
) -> None:
    sign_in("reviewer")
    page.goto(f"/calls/{UNKNOWN}?agent=2035&status=needs_review")
    assert re.search(r"1 处标记、2 项话术", page.locator("#left").inner_text())
    page.keyboard.press("f")
    page.locator("#callhead .problem").wait_for()
    page.console_errors.clear()  # Chromium and htmx report the 422
    page.keyboard.press("x")
    settle(page, lambda: page.keyboard.press("2"), "verdict")
    page.wait_for_selector("#tab-checklist[aria-selected=true]")
    assert page.locator("#checklist .item.current[data-undecided]").count() == 1
    settle(page, lambda: page.keyboard.press("c"), "correct")
    until(page, lambda: page.locator("#checklist .item[data-undecided]").count() == 1)
    settle(page, lambda: page.keyboard.press("x"), "correct")
    assert page.locator("#left").count() == 0
    page.keyboard.press("f")
    page.wait_for_url("**/?agent=2035&status=needs_review&done=1")
    assert "都看完了" in page.locator(".note").inner_text()
    call = ReviewDesk(store).call(UNKNOWN)
    assert call is not None
    assert [one.outcome for one in call.corrections.values()] == [
        CriterionOutcome.MET,
        CriterionOutcome.MISSED,
    ]
    assert {one.state for one in call.findings} == {FindingState.REJECTED}
    page.goto(f"/calls/{UNKNOWN}")
    assert page.locator("form.decide, #checklist form:not([hidden])").count() == 0
    assert page.locator("#callhead .reasons.done").count() == 1
    page.keyboard.press("c")
    assert page.locator("form.decide").count() == 1, "shown again first"
    assert len(call.history) == len(store.reviews.of(UNKNOWN))
