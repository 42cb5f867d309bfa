"""The evaluation as a page: every share with its counts, tables of confusion, in two languages."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from qa_pipeline.evaluation.comparison import CallComparison, Evaluation, Flag
from qa_pipeline.evaluation.document import evaluation_document
from qa_pipeline.i18n import use_language
from qa_pipeline.reports.evaluation import UNANSWERED, confusion, evaluation_page
from qa_pipeline.types import CallType, CriterionOutcome, Severity
from tests.reports.conftest import Page

ARREST = Flag(category="threat.arrest", severity=Severity.FATAL, manner="direct")
MET, MISSED = CriterionOutcome.MET, CriterionOutcome.MISSED


def compared(call_id: str, **changes: Any) -> CallComparison:
    whole: dict[str, Any] = {
        "call_id": call_id,
        "status": "scored",
        "expected_type": CallType.RIGHT_PARTY,
        "answered_type": CallType.RIGHT_PARTY,
        "layout": "stereo",
        "clean": True,
        **dict.fromkeys(("hits", "doubts", "misses", "false_hits", "false_doubts"), frozenset()),
        "num_uncertain": 0,
        "criteria": (("greeting", MET, MET),),
        **dict.fromkeys(("characters", "likely_characters")),
    }
    return CallComparison(**{**whole, **changes})


@pytest.fixture
def document() -> dict[str, Any]:
    calls = (
        compared("a"),
        compared("b", hits=frozenset({ARREST}), clean=False, layout="mono"),
        compared("c", criteria=(("greeting", MET, MISSED),), answered_type=CallType.THIRD_PARTY),
    )
    return evaluation_document(Evaluation(calls=calls, unanswered=("d",)))


def test_the_page_shows_shares_with_counts_and_needs_nothing_else(document: dict[str, Any]) -> None:
    use_language("en")
    page = Page(evaluation_page(document))

    for text in ("66.7% 2/3", "Threat of arrest, prison or police", "Third party"):
        assert text in page.text
    assert "One channel" in page.text
    assert "labels without a result: 1" in page.text


def test_the_page_speaks_chinese(document: dict[str, Any]) -> None:
    use_language("zh_CN")

    assert "问候" in Page(evaluation_page(document)).text


def test_confusion_keeps_the_order_and_drops_what_is_empty() -> None:
    pairs = Counter({("missed", "met"): 2, ("met", "met"): 5, ("met", None): 1})
    table = confusion(
        [{"expected": one, "answered": other, "count": n} for (one, other), n in pairs.items()],
        list(CriterionOutcome),
    )

    assert table.columns == ("met", UNANSWERED)
    assert table.rows == (("met", (5, 1)), ("missed", (2, 0)))
