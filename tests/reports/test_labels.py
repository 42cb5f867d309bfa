"""Every code that can reach a reader has a name in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from qa_pipeline.i18n import use_language
from qa_pipeline.reports import labels
from qa_pipeline.rules.doubts import DOUBTS
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.scoring.form import load_form
from qa_pipeline.types import (
    CallStatus,
    CallType,
    CriterionOutcome,
    FindingOutcome,
    Grade,
    MatchKind,
    Role,
    Severity,
)
from tests import builders

Label = Callable[[str], str]

CODES: list[tuple[Label, list[str]]] = [
    (labels.category, sorted({rule.category for rule in load_pack().rules})),
    (labels.criterion, [line.id for kind in CallType for line in load_form(kind).criteria]),
    (labels.doubt, list(DOUBTS)),
    (labels.status, list(CallStatus)),
    (labels.grade, list(Grade)),
    (labels.severity, list(Severity)),
    (labels.finding_outcome, list(FindingOutcome)),
    (labels.criterion_outcome, list(CriterionOutcome)),
    (labels.call_type, list(CallType)),
    (labels.role, list(Role)),
    (labels.match_kind, list(MatchKind)),
]


@pytest.mark.parametrize(
    ("label", "code"),
    [(label, code) for label, codes in CODES for code in dict.fromkeys(codes)],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_code_has_a_name_in_both_languages(label: Label, code: str) -> None:
    chinese = label(code)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    use_language("en")
    try:
        assert label(code).isascii()
    finally:
        use_language("zh_CN")


def test_review_reasons_of_scoring_are_known(repository: Path) -> None:
    source = (repository / "qa_pipeline" / "scoring" / "review.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', source)) & {
        *("uncertain_finding", "uncertain_element", "unreviewed_fatal", "role_unknown"),
        *("role_low_confidence", "low_recognition", "inaudible", "call_type_unsure"),
    }
    assert len(codes) == 8
    assert [code for code in codes if labels.review_reason(code) == code] == []


@pytest.mark.parametrize(
    ("label", "code", "name"),
    [
        (labels.category, "house.rule", "house.rule"),
        (labels.doubt, "needs_case_data:legal_stage", "缺少案件数据：法律阶段"),
        (labels.doubt, "needs_case_data:house_key", "缺少案件数据：house_key"),
        (labels.excluded_reason, "audio_too_short", "不足一秒"),
    ],
)
def test_unknown_codes_are_shown_as_they_are(label: Label, code: str, name: str) -> None:
    assert label(code) == name


@pytest.mark.parametrize(
    ("inspection", "expected"),
    [
        (builders.model_call(), ()),
        (builders.excluded_call(), ("录音中没有人声",)),
        (
            builders.unknown_roles_call(),
            ("有疑似违规待判定", "无法区分坐席与客户"),
        ),
    ],
)
def test_reasons_say_why_a_call_has_its_status(
    inspection: builders.Inspection, expected: tuple[str, ...]
) -> None:
    assert labels.reasons(inspection) == expected
