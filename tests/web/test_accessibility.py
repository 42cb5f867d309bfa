"""No page has a serious fault by axe-core's rules, wide and narrow, and none says anything in the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.config import Settings
from qa_pipeline.store.repository import Store
from tests.web.desk_calls import LONG, VIOLENCE, sample_desk

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SERIOUS = {"serious", "critical"}
PAGES = {
    "admin": ("/accounts", "/audit-log", "/account/password"),
    "reviewer": ("/", f"/calls/{VIOLENCE}", f"/calls/{LONG}", "/calls/05_mono", "/calls/08_broken"),
    "qa_lead": ("/?view=all", "/scorecards", "/scorecards/3258", "/nights"),
}


@pytest.fixture
def store(settings: Settings, judged: Path, password_hash: str) -> Iterator[Store]:
    with sample_desk(settings, judged, password_hash) as opened:
        yield opened


def faults(page: Any) -> list[str]:
    told = list(page.console_errors)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run()")
    page.wait_for_timeout(50)
    page.console_errors[:] = told  # what axe itself tries and the policy refuses it
    return [
        f"{page.url} {one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_pages_have_no_serious_fault(
    page: Any, sign_in: Callable[[str], None], name: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/login")
    told = faults(page)
    sign_in(name)
    for address in PAGES[name]:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        told += faults(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), address
    assert told == []


def test_every_panel_and_dialog_of_a_call_has_no_serious_fault(
    page: Any, sign_in: Callable[[str], None]
) -> None:
    sign_in("reviewer")
    page.goto(f"/calls/{VIOLENCE}")
    page.wait_for_selector("#player[data-ready]")
    told: list[str] = []
    for key in ("2", "3", "4", "1", "x", "?"):
        page.keyboard.press(key)
        told += faults(page)
    assert told == []
