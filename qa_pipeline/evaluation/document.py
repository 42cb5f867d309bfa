"""An evaluation as a document: every share with its counts and its interval, ready for JSON or a page."""

from __future__ import annotations

from collections import Counter
from typing import Any

from qa_pipeline.evaluation.comparison import GRADES, Evaluation, FindingCounts, OutcomeTable
from qa_pipeline.evaluation.tables import by_criterion, by_layout, by_recognition
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import Severity

SCHEMA = "qa.evaluation/1"


def evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    """The figures, all calls together and taken apart; codes are those of qa.call/1."""
    return {
        "schema": SCHEMA,
        "unanswered": list(evaluation.unanswered),
        **_figures(evaluation),
        "findings": {
            "by_severity": {
                severity.value: {
                    "all": _counts(evaluation.findings(severity=severity)),
                    "direct": _counts(evaluation.findings(severity=severity, manner="direct")),
                    "evasive": _counts(evaluation.findings(severity=severity, manner="evasive")),
                }
                for severity in GRADES
            },
            "by_category": {
                category: _counts(evaluation.findings(category=category))
                for category in evaluation.categories
            },
            "uncertain_per_call": evaluation.uncertain_per_call,
        },
        "criteria": {
            **_outcomes(evaluation.criteria),
            "by_criterion": {name: _outcomes(table) for name, table in by_criterion(evaluation).items()},
        },
        "call_type": {
            "right": _share(evaluation.call_type_right),
            "confusion": _confusion(evaluation.call_type_confusion),
        },
        "by_layout": {name: _group(group) for name, group in by_layout(evaluation).items()},
        "by_recognition": {name: _group(group) for name, group in by_recognition(evaluation).items()},
    }


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    characters, likely = evaluation.characters, evaluation.likely_characters
    return {
        "calls": len(evaluation.calls),
        "character_error_rate": characters.rate,
        "character_errors": characters.errors,
        "likely_character_error_rate": likely.rate,
        "likely_character_errors": likely.errors,
        "characters": characters.reference_length,
        "reviewed": _share(evaluation.reviewed),
        "clean_reviewed": _share(evaluation.clean_reviewed),
    }


def _group(evaluation: Evaluation) -> dict[str, Any]:
    return {
        **_figures(evaluation),
        "fatal": _counts(evaluation.findings(severity=Severity.FATAL)),
        "criteria_right": _share(evaluation.criteria.right),
        "call_type_right": _share(evaluation.call_type_right),
    }


def _outcomes(table: OutcomeTable) -> dict[str, Any]:
    return {
        "right": _share(table.right),
        "uncertain": _share(table.uncertain),
        "confusion": _confusion(table.confusion),
    }


def _share(share: Proportion) -> dict[str, Any]:
    return {"count": share.count, "total": share.total, "rate": share.rate, "interval": share.interval}


def _counts(counts: FindingCounts) -> dict[str, Any]:
    return {
        "precision": _share(counts.precision),
        "recall": _share(counts.recall),
        "recall_with_uncertain": _share(counts.recall_with_doubts),
        "false_uncertain": counts.false_doubts,
    }


def _confusion(pairs: Counter[Any]) -> list[dict[str, Any]]:
    return [
        {"expected": expected, "answered": answered, "count": count}
        for (expected, answered), count in sorted(
            pairs.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or "")
        )
    ]
