"""The form as lines, and the way from points to grade."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.reports.checklist import checklist, score_lines, score_text
from qa_pipeline.types import CriterionOutcome, Grade, Severity
from tests import builders


def test_lines_show_what_meets_them_or_what_came_closest() -> None:
    lines = {line.criterion_id: line for line in checklist(builders.threatening_call())}
    assert lines["self_ident.org"].quote == "青禾消费金融"
    assert lines["self_ident.org"].similarity is None
    assert lines["self_ident.agent"].quote == "我这边是青禾消费金融的"
    assert lines["self_ident.agent"].similarity == 0.58
    assert lines["greeting"].quote is None
    assert lines["identity_verification"].points is None
    assert lines["identity_verification"].outcome is CriterionOutcome.UNCERTAIN


def test_names_in_the_checklist_are_masked() -> None:
    inspection = builders.model_call()
    call = replace(inspection.call, extra=(("customer_name", "张伟"),))
    quotes = {line.criterion_id: line.quote for line in checklist(replace(inspection, call=call))}
    assert quotes["identity_verification"] == "请问是张*先生吗"


def test_score_lines_add_up_to_the_grade() -> None:
    lines = [(line.name, line.value, line.severity) for line in score_lines(builders.threatening_call())]
    assert lines == [
        ("评分表得分", "13 / 39", None),
        ("折算为百分制", "33.3", None),
        ("拘留/逮捕/坐牢/网逃/报警：红线：得分记 0", "−33.3", Severity.FATAL),
        ("侮辱人格/贴标签/嘲讽：严重违规", "0", Severity.SERIOUS),
        ("得分", "0（暂定）", None),
        ("等级", "红线", None),
    ]


@pytest.mark.parametrize(("passed", "word"), [(True, "合格"), (False, "不合格")])
def test_a_pass_or_fail_form_has_no_points(passed: bool, word: str) -> None:
    card = builders.scorecard((), normalised=None, grade=Grade.PASS if passed else Grade.FAIL)
    lines = score_lines(builders.inspection(card=replace(card, passed=passed)))
    assert [(line.name, line.value) for line in lines] == [
        ("评分表得分", "0 / 0"),
        ("通过制评分表", word),
        ("得分", "—"),
        ("等级", word),
    ]


@pytest.mark.parametrize("inspection", [builders.excluded_call(), builders.failed_call()])
def test_a_call_without_scorecard_has_no_lines(inspection: builders.Inspection) -> None:
    assert checklist(inspection) == ()
    assert score_lines(inspection) == ()
    assert score_text(inspection.scorecard) == "—"


def test_a_line_tells_what_its_words_were_taken_for() -> None:
    said = ((builders.AGENT, "这边功耗报给您"),)
    words = builders.evidence(builders.transcript(said), 1, "功耗", heard_as="工号")
    met = builders.criterion("self_ident.agent", 2, 2, words)
    card = builders.scorecard((met,), normalised=100.0, grade=Grade.EXCELLENT)
    (line,) = checklist(builders.inspection(lines=said, card=card))
    assert (line.quote, line.heard_as) == ("功耗", "工号")
