"""The desk in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_person_signs_in_changes_the_language_and_signs_out(
    page: Any, sign_in: Callable[..., None]
) -> None:
    sign_in("reviewer")
    assert page.locator("h1").inner_text() == "待办"
    page.click("text=English")
    assert page.locator("h1").inner_text() == "Queue"
    page.click("details.menu summary")
    page.click("text=Sign out")
    page.wait_for_url("**/login")
    page.goto("/")
    page.wait_for_url("**/login?next=%2F")
