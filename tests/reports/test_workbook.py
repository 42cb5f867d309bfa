"""The workbook: four sheets to filter, and no cell that a spreadsheet would compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from qa_pipeline.reports import workbook
from qa_pipeline.reports.audit import WORKBOOK_NAME, write_report
from tests import builders

FORMULAS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://x")',
    "{=1}",
    "http://x.example",
)


def _open(folder: Path) -> Any:
    return openpyxl.load_workbook(folder / WORKBOOK_NAME)


def _column(sheet: Any, title: str) -> list[object]:
    titles = [cell.value for cell in sheet[1]]
    return [row[titles.index(title)].value for row in sheet.iter_rows(min_row=2)]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("report")
    write_report(builders.every_status(), folder)
    return _open(folder)


def test_sheets_have_frozen_headers_filters_and_widths(book: Any) -> None:
    assert book.sheetnames == ["通话", "违规", "话术", "汇总"]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        assert sheet.column_dimensions["A"].width >= 10


def test_each_call_finding_and_line_has_its_row_in_the_order_given(book: Any) -> None:
    calls = builders.every_status()
    assert _column(book["通话"], "通话") == [one.call.call_id for one in calls]
    assert _column(book["通话"], "状态") == [
        "已评分",
        "待复核",
        "已评分",
        "待复核",
        "已评分",
        "不纳入",
        "失败",
    ]
    assert book["违规"].max_row - 1 == sum(len(one.findings) for one in calls)
    assert book["话术"].max_row - 1 == sum(len(one.scorecard.criteria) for one in calls if one.scorecard)


def test_figures_are_numbers_and_what_is_undefined_is_empty(book: Any) -> None:
    assert _column(book["通话"], "得分") == [95.83, 0, 75.83, None, None, None, None]
    assert _column(book["通话"], "承诺还款金额")[0] == 368
    assert _column(book["话术"], "得分")[book["话术"].max_row - 2] is None


def test_a_near_miss_is_told_from_evidence(book: Any) -> None:
    rows = dict(zip(_column(book["话术"], "最接近的话"), _column(book["话术"], "相似度"), strict=True))
    assert rows["我这边是青禾消费金融的"] == 0.58


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    lines = ((builders.AGENT, text),)
    heard = builders.transcript(lines, call_id=text)
    found = builders.finding("abuse.profanity", builders.evidence(heard, 1, text), key=text)
    call = builders.metadata(text, agent_id=text, agent_name=None, team=text, product=text)
    write_report([builders.inspection(call, lines=lines, findings=(found,))], tmp_path)
    book = _open(tmp_path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [cell for cell in cells if cell.hyperlink] == []
    assert _column(book["通话"], "通话") == [text]
    assert _column(book["违规"], "原话") == [text]


def test_text_the_format_cannot_hold_is_made_to_fit(tmp_path: Path) -> None:
    lines = ((builders.AGENT, "长" * 40_000),)
    heard = builders.transcript(lines)
    found = builders.finding("service.tone", builders.evidence(heard, 1, "长" * 40_000), key="\ud800\x07")
    call = builders.metadata(agent_name=None)
    write_report([builders.inspection(call, lines=lines, findings=(found,))], tmp_path)
    sheet = _open(tmp_path)["违规"]
    assert len(str(_column(sheet, "原话")[0])) == 32_767
    assert str(_column(sheet, "标记编号")[0]).startswith("?")


def test_a_full_sheet_goes_on_in_a_further_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_ROWS_A_SHEET", 4)
    write_report([builders.model_call(f"call-{number}") for number in range(5)], tmp_path)
    book = _open(tmp_path)
    assert [_column(book[name], "通话") for name in ("通话", "通话 2")] == [
        ["call-0", "call-1", "call-2"],
        ["call-3", "call-4"],
    ]
