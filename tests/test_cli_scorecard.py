"""`qa scorecard`: what an agent's calls come to, as people left them, in the terminal and as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qa_pipeline.config import load_settings
from qa_pipeline.reports.agent_scorecard import Period, build
from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import CriterionOutcome, ReasonCode, ReviewAction
from tests.builders import model_call, threatening_call
from tests.command_line import keep, qa

pytestmark = pytest.mark.usefixtures("own_folder")


def test_scorecard_prints_and_writes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_REPORTS", str(tmp_path / "papers"))
    keep(model_call(), threatening_call())
    result = qa("scorecard", "--agent", "2035")
    assert result.exit_code == 0
    page = tmp_path / "papers" / "scorecard-2035.html"
    assert str(page) in result.stdout.replace("\n", "")
    assert "<html" in page.read_text(encoding="utf-8")
    card = build([model_call(), threatening_call()], "2035", Period(first=None, last=None))
    assert card is not None
    assert qa("scorecard", "--agent", "2035", "--html", "here.html").exit_code == 0
    assert Path("here.html").is_file()


FIGURES = ("Red lines not confirmed", "Red lines confirmed", "Per 100 calls")


@pytest.mark.parametrize(
    ("kind", "waiting", "confirmed", "per_100"),
    [("", "1/1", "0/1", "100"), ("confirm", "0/1", "1/1", "100"), ("reject", "0/1", "0/1", "0")],
)
def test_scorecard_counts_what_people_decided(kind: str, waiting: str, confirmed: str, per_100: str) -> None:
    whole = threatening_call()
    red_line = tuple(one for one in whole.findings if one.category == "threat.exposure")
    # The line of the form that nobody can decide keeps the score provisional; here all is decided.
    assert whole.scorecard is not None
    decided = tuple(one for one in whole.scorecard.criteria if one.outcome is not CriterionOutcome.UNCERTAIN)
    call = replace(whole, findings=red_line, scorecard=replace(whole.scorecard, criteria=decided))
    keep(call)
    with open_store(load_settings().store) as store:
        desk = ReviewDesk(store)
        for name in ("wang", "li") if kind else ():
            said = action(
                call.call.call_id,
                ReviewAction(kind),
                name,
                target=call.findings[0].key,
                reason=ReasonCode.CONTEXT,
            )
            desk.act(said, Reviewer(name=name))
    printed = qa("scorecard", "--agent", "3107").stdout
    figures = {name: re.search(rf"{name} +(\S+)", printed) for name in FIGURES}
    assert [found and found[1] for found in figures.values()] == [waiting, confirmed, per_100]


def test_scorecard_of_a_period_without_calls_is_told() -> None:
    keep(model_call())
    result = qa("scorecard", "--agent", "2035", "--since", "2031-01-01")
    assert result.exit_code == 2
    assert "agent_unknown" in result.stderr


def test_a_period_may_begin_on_the_first_day_of_all() -> None:
    keep(model_call())
    result = qa("scorecard", "--agent", "2035", "--since", "0001-01-01", "--until", "9999-12-31")
    assert result.exit_code == 0
