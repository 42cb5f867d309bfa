"""How right the results are, as one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa_pipeline.i18n import render
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports import labels
from qa_pipeline.reports.page import render_page
from qa_pipeline.types import CallType, CriterionOutcome, message

UNANSWERED = "unanswered"
"""The column of answers that a result does not give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """A table of counts: a row for each expected code, a column for each answered one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


def evaluation_page(document: Mapping[str, Any]) -> str:
    """The page of an evaluation in the language in force.

    Args:
        document: of schema qa.evaluation/1.
    """
    return render_page(
        "evaluation.html",
        document=document,
        share=share,
        group_name=labels.measured_group,
        outcomes=confusion(document["criteria"]["confusion"], list(CriterionOutcome)),
        call_types=confusion(document["call_type"]["confusion"], list(CallType)),
        outcome_name=_outcome_name,
        call_type_name=_call_type_name,
    )


def share(counted: Mapping[str, Any]) -> Proportion:
    """A share of the document, with its interval."""
    return Proportion(count=counted["count"], total=counted["total"])


def confusion(pairs: Iterable[Mapping[str, Any]], codes: Sequence[str]) -> Confusion:
    """The pairs as a table, in the order of the codes, without rows and columns that are empty."""
    counted = {(pair["expected"], pair["answered"] or UNANSWERED): pair["count"] for pair in pairs}
    columns = tuple(
        code for code in (*map(str, codes), UNANSWERED) if any(answered == code for _, answered in counted)
    )
    rows = tuple(
        (code, tuple(counted.get((code, column), 0) for column in columns))
        for code in map(str, codes)
        if any(expected == code for expected, _ in counted)
    )
    return Confusion(columns=columns, rows=rows)


def _outcome_name(code: str) -> str:
    return _unanswered() if code == UNANSWERED else labels.criterion_outcome(code)


def _call_type_name(code: str) -> str:
    return _unanswered() if code == UNANSWERED else labels.call_type(code)


def _unanswered() -> str:
    return render(message("No answer"))
