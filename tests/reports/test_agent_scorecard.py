"""An agent's scorecard: figures by their definitions, with what they rest on."""

from __future__ import annotations

import os
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.reports.agent_rows import rows
from qa_pipeline.reports.agent_scorecard import AgentScorecard, Period, build, write_page
from qa_pipeline.reports.page import call_anchor
from qa_pipeline.types import Inspection
from tests import builders
from tests.reports.conftest import Page

AGENT = "2035"


def _at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=builders.BEIJING)


def _month() -> list[Inspection]:
    """Clean, after hours, red line, without roles, silent, broken; the last of another agent."""
    own = {"agent_id": AGENT, "agent_name": "林晓"}
    return [
        builders.model_call("a", started_at=_at(2), **own),
        builders.model_call("b", started_at=_at(3), **own),
        builders.hours_call("c", started_at=_at(3, 22), **own),
        builders.threatening_call("d", started_at=_at(20), **own),
        builders.unknown_roles_call("e", started_at=_at(21), **own),
        builders.excluded_call("f"),
        replace(builders.failed_call(), call=builders.metadata("g", started_at=_at(21), **own)),
        builders.model_call("h", agent_id="2048", started_at=_at(2)),
    ]


@pytest.fixture(scope="module")
def card() -> AgentScorecard:
    return build(_month(), AGENT)


def test_a_scorecard_keeps_no_call_that_it_has_counted() -> None:
    def red_lines() -> Iterator[Inspection]:
        return (builders.threatening_call(f"c{number}", agent_id=AGENT) for number in range(60))

    def peak(made: Callable[[], object]) -> int:
        tracemalloc.start()
        try:
            made()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert build(red_lines(), AGENT).calls == 60
    assert peak(lambda: build(red_lines(), AGENT)) < 0.3 * peak(lambda: list(red_lines()))


def test_calls_are_counted_by_status_and_others_are_left_out(card: AgentScorecard) -> None:
    assert (card.calls, card.scored, card.needs_review, card.excluded, card.failed) == (7, 3, 2, 1, 1)
    assert card.judged == 5
    assert card.agent_name == "林*"


def test_scores_and_passes_are_ranges_while_a_red_line_waits(card: AgentScorecard) -> None:
    expected = card.expected
    threatening = builders.threatening_call().scorecard
    assert threatening is not None
    of_its_form = 100 * threatening.raw / threatening.potential
    assert expected.score.n == 4
    assert expected.score.lowest == pytest.approx((95.83 * 2 + 75.83) / 4)
    assert expected.score.highest == pytest.approx((95.83 * 2 + 75.83 + of_its_form) / 4)
    assert (expected.pass_rate.lowest, expected.pass_rate.highest) == (0.75, 1.0)
    assert (expected.passed.count, expected.waiting) == (3, 1)


def test_of_only_waiting_calls_no_figure_praises() -> None:
    card = build([builders.threatening_call("d", agent_id=AGENT)], AGENT)
    assert (card.expected.score.lowest, card.expected.pass_rate.lowest) == (0.0, 0.0)


def test_a_polite_threat_is_not_respectful() -> None:
    threatening = builders.threatening_call("d", agent_id=AGENT)
    assert threatening.scorecard is not None
    line = builders.criterion("service.respect", 4, 4)
    marked = replace(threatening.scorecard, criteria=(line,))
    (rate,) = build([replace(threatening, scorecard=marked)], AGENT).elements
    assert (rate.met.count, rate.met.total, rate.undecided) == (0, 0, 1)


def test_promises_of_red_line_calls_are_summed_apart() -> None:
    clean = builders.model_call("a", agent_id=AGENT)
    red = builders.threatening_call("d", agent_id=AGENT)
    card = build([clean, replace(red, promise_to_pay=clean.promise_to_pay)], AGENT)
    assert (card.promised_amount, card.red_line_amount) == (Decimal("736.00"), Decimal("368.00"))
    assert build([clean], AGENT).red_line_amount is None


def test_a_machine_red_line_is_not_counted_before_a_person_confirmed_it(card: AgentScorecard) -> None:
    assert (card.red_lines.count, card.red_lines.total) == (0, 5)
    assert (card.unreviewed_red_lines.count, card.unreviewed_red_lines.total) == (1, 5)
    threatening = builders.threatening_call("d", agent_id=AGENT)
    assert threatening.scorecard is not None
    confirmed = replace(threatening, scorecard=replace(threatening.scorecard, provisional=False))
    card = build([confirmed], AGENT)
    assert (card.red_lines.count, card.unreviewed_red_lines.count) == (1, 0)
    assert (card.expected.passed.count, card.expected.passed.total) == (0, 1)
    assert card.expected.score.highest == 0.0


def test_violations_are_counted_per_hundred_judged_calls(card: AgentScorecard) -> None:
    assert card.violations_per_100 == pytest.approx(80.0)
    assert card.weighted_per_100 == pytest.approx((5 + 5 + 2 + 2) / 5 * 100)
    assert [(one.category, one.hits, one.uncertain, one.per_100) for one in card.violations] == [
        ("threat.arrest", 1, 1, 20.0),
        ("abuse.humiliation", 1, 0, 20.0),
        ("contact.hours", 1, 0, 20.0),
        ("threat.exposure", 1, 0, 20.0),
        ("promise.unauthorised", 0, 1, 0.0),
    ]


def test_elements_count_where_they_applied_and_were_decided(card: AgentScorecard) -> None:
    rates = {one.criterion_id: (one.met.count, one.met.total, one.undecided) for one in card.elements}
    assert rates["greeting"] == (3, 4, 1)
    assert rates["identity_verification"] == (0, 3, 1)
    assert rates["empathy"] == (0, 1, 0)


def test_promises_are_listed_with_their_sum(card: AgentScorecard) -> None:
    assert [one.call_id for one in card.promises] == ["a", "b", "c"]
    assert card.promised_amount == Decimal("1104.00")
    assert (card.promise_rate.count, card.promise_rate.total) == (3, 5)


def test_the_trend_goes_by_days_or_weeks(card: AgentScorecard) -> None:
    assert not card.daily
    assert [(one.start, one.calls, one.score.n, one.red_lines) for one in card.trend] == [
        (date(2026, 3, 2), 3, 3, 0),
        (date(2026, 3, 16), 2, 0, 1),
    ]
    assert card.trend[1].score.value is None
    assert all(one.score.small_sample for one in card.trend)
    short = build(_month(), AGENT, Period(first=date(2026, 3, 2), last=date(2026, 3, 8)))
    assert short.daily
    assert [(one.start.day, one.calls) for one in short.trend] == [(2, 1), (3, 2)]


@pytest.mark.parametrize(
    ("first", "last", "calls"),
    [
        (None, None, 7),
        (date(2026, 3, 3), date(2026, 3, 3), 2),
        (date(2026, 3, 20), None, 3),
        (None, date(2026, 3, 2), 1),
        (date(2027, 1, 1), None, 0),
    ],
)
def test_periods_include_both_ends(first: date | None, last: date | None, calls: int) -> None:
    assert build(_month(), AGENT, Period(first=first, last=last)).calls == calls


def test_a_call_without_a_time_belongs_to_no_dated_period() -> None:
    call = builders.model_call("x", started_at=None)
    assert build([call], AGENT).calls == 1
    assert build([call], AGENT, Period(first=date(2026, 1, 1))).calls == 0


def test_quotes_are_the_worst_hits_masked(card: AgentScorecard) -> None:
    assert [(one.call_id, one.category, one.text) for one in card.quotes] == [
        ("d", "threat.exposure", "我明天就打给你们单位前台"),
        ("d", "threat.arrest", "你那笔借款炸片罪都够得上了"),
        ("d", "abuse.humiliation", "你这种人就是老赖"),
    ]


@pytest.mark.parametrize("inspections", [[], [builders.failed_call()]])
def test_of_no_judged_call_nothing_is_known(tmp_path: Path, inspections: list[Inspection]) -> None:
    own = [replace(one, call=builders.metadata("x")) for one in inspections]
    card = build(own, AGENT)
    for undefined in (
        *(
            card.expected.score.lowest,
            card.expected.pass_rate.highest,
            card.red_lines.rate,
            card.violations_per_100,
        ),
        *(card.weighted_per_100, card.promised_amount, card.mean_duration_ms, card.agent_talk_share),
    ):
        assert undefined is None
    values = {(row.section, row.name): row.value for row in rows(card)}
    assert values["质量", "平均分"] == "—"
    assert values["还款承诺", "承诺金额"] == "—"
    page = Page(write_page(card, tmp_path / "card.html").read_text(encoding="utf-8"))
    assert page.text.count("—") >= 5


def test_rows_say_what_each_figure_rests_on(card: AgentScorecard) -> None:
    notes = {(row.section, row.name): (row.value, row.note) for row in rows(card)}
    assert notes["质量", "平均分"] == ("66.9–75.2", "n = 4，样本偏小")
    assert notes["质量", "合格率"] == ("75–100%", "合格 3 通 · 待确认红线 1 通 · 未定 1 通")
    assert notes["质量", "待确认红线"] == ("1/5", "1/5，95% 置信区间 4–62%")
    assert next(iter(notes)) == ("质量", "待确认红线")
    assert notes["话术（含人工更正）", "问候开场"] == ("75%", "3/4")
    assert notes["违规", "拘留/逮捕/坐牢/网逃/报警"] == ("20", "命中 1，疑似 1")
    assert notes["趋势", "2026-03-16 当周"] == ("—", "n = 0，样本偏小")
    assert notes["典型原话", "曝光/公开/通知单位、邻居、通讯录"] == ("我明天就打给你们单位前台", "d 0:24.6")


def test_the_page_shows_chart_figures_and_links_to_calls(tmp_path: Path, card: AgentScorecard) -> None:
    path = write_page(card, tmp_path / "agents" / "2035.html", report="../report.html")
    page = Page(path.read_text(encoding="utf-8"))
    assert [one.name for one in path.parent.iterdir()] == ["2035.html"]
    assert "坐席 2035 评分卡" in page.text
    assert page.text.index("待确认红线") < page.text.index("平均分")
    links = {one["href"] for one in page.all("a")}
    quoted = {f"../report.html#{one.anchor}" for one in card.quotes}
    promised = {f"../report.html#{call_anchor(one.call_id)}" for one in card.promises}
    assert links == quoted | promised
    assert [one["class"] for one in page.all("circle")] == ["small"]
    assert not [one for _, one in page.tags if "style" in one]


def test_the_page_is_for_its_owner_alone(tmp_path: Path, card: AgentScorecard) -> None:
    before = os.umask(0)
    try:
        path = write_page(card, tmp_path / "agents" / "card.html")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


@pytest.mark.parametrize("special", ["folder", "pipe"])
def test_what_is_no_file_is_not_replaced_by_the_page(
    tmp_path: Path, card: AgentScorecard, special: str
) -> None:
    path = tmp_path / "card.html"
    if special == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(ConfigurationError) as raised:
        write_page(card, path)
    assert raised.value.code == "output_unwritable"
    assert not path.is_file()
