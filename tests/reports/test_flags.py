"""Flags: everything a reviewer needs, worst first."""

from __future__ import annotations

from qa_pipeline.reports.flags import flags
from qa_pipeline.types import FindingOutcome, Role
from tests import builders


def test_flags_come_worst_first_with_words_time_and_doubts() -> None:
    arrest, exposure, label, promise = flags(builders.threatening_call())
    assert [one.severity for one in (arrest, exposure, label, promise)] == [
        "fatal",
        "fatal",
        "serious",
        "serious",
    ]
    assert arrest.category == "拘留/逮捕/坐牢/网逃/报警"
    (words,) = arrest.occurrences
    assert (words.role, words.quote, words.heard_as, words.distance) == (Role.AGENT, "炸片罪", "诈骗罪", 0.17)
    around = words.quotation
    assert (around.before, around.after) == ("你那笔借款", "都够得上了")
    assert arrest.span is not None
    assert arrest.span.start_ms == 5100
    assert arrest.doubts == ()
    assert promise.outcome is FindingOutcome.UNCERTAIN
    assert promise.doubts == ("缺少案件数据：已批准的还款方案", "表述仅为疑似")


def test_a_finding_from_the_call_record_has_no_words() -> None:
    (flag,) = flags(builders.hours_call())
    assert flag.occurrences == ()
    assert flag.span is None
    assert flag.category == "非合规时段联系"
