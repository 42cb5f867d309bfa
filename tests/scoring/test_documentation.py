"""The figures of docs/scoring.md, and of the Chinese page, are those of the forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.scoring.form import Criterion, DeductionRule, Form, FormMode, load_form
from qa_pipeline.types import CallType

PAGES = ("scoring.md", "scoring.zh-CN.md")
COLUMNS = (
    CallType.RIGHT_PARTY,
    CallType.INBOUND,
    CallType.THIRD_PARTY,
    CallType.WRONG_NUMBER,
    CallType.NO_CONTACT,
)
Table = list[list[str]]


@pytest.fixture(params=PAGES)
def tables(request: pytest.FixtureRequest, repository: Path) -> tuple[Table, Table, Table]:
    """Lines, deductions and grades of a page, each without its heading."""
    found: list[Table] = []
    before = ""
    for line in (repository / "docs" / request.param).read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        before = line
    lines, deductions, grades = (table[2:] for table in found)
    return lines, deductions, grades


def shown(form: Form, criterion: Criterion) -> str:
    if form.mode is FormMode.PASS_FAIL:
        return "✓"
    partly = f" ({criterion.partial_points:g})" if criterion.partial_points is not None else ""
    return f"{criterion.weight:g}{partly}"


@pytest.mark.parametrize(("column", "call_type"), list(enumerate(COLUMNS, start=2)))
def test_every_line_of_every_form(
    tables: tuple[Table, Table, Table], column: int, call_type: CallType
) -> None:
    form = load_form(call_type)
    written = {row[0].strip("`"): row[column] for row in tables[0] if row[column]}
    assert written == {one.id: shown(form, one) for one in form.criteria}


def test_deductions_and_grades(tables: tuple[Table, Table, Table]) -> None:
    _, (_fatal, serious, minor), grades = tables
    for call_type in COLUMNS:
        form = load_form(call_type)
        if form.deductions is not None:
            assert serious[1:] == cells(form.deductions.serious)
            assert minor[1:] == cells(form.deductions.minor)
            assert [float(lowest) for _, lowest in grades] == sorted(form.grades.values(), reverse=True)


def cells(rule: DeductionRule) -> list[str]:
    return ["" if one is None else f"{one:g}" for one in (rule.points, rule.at_most, rule.score_at_most)]


@pytest.mark.parametrize("page", PAGES)
def test_the_smallest_base_is_named(page: str, repository: Path) -> None:
    bases = {load_form(one).minimum_base for one in COLUMNS} - {None}
    (base,) = bases
    told = {"scoring.md": f"Fewer than {base:g} points that apply", "scoring.zh-CN.md": f"不足 {base:g} 分"}
    assert told[page] in (repository / "docs" / page).read_text(encoding="utf-8")
