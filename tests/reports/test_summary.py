"""Figures of a run."""

from __future__ import annotations

import pytest

from qa_pipeline.reports.summary import RunTally
from qa_pipeline.types import CallStatus, Grade, Severity
from tests import builders


def test_calls_grades_and_findings_are_counted() -> None:
    tally = RunTally()
    for inspection in builders.every_status():
        tally.add(inspection)
    summary = tally.summary()
    assert summary.calls == 7
    assert summary.statuses == {
        CallStatus.SCORED: 3,
        CallStatus.NEEDS_REVIEW: 2,
        CallStatus.EXCLUDED: 1,
        CallStatus.FAILED: 1,
    }
    assert summary.judged == 5
    assert summary.review_share == 0.4
    scores = summary.expected.score
    assert scores.n == 3
    assert scores.highest is not None
    assert scores.lowest == pytest.approx((95.83 + 75.83) / 3)
    assert scores.lowest is not None
    assert scores.lowest < scores.highest < (95.83 + 75.83 + 100) / 3
    assert summary.grades[Grade.RED_LINE] == summary.red_lines == summary.unreviewed_red_lines == 1
    assert (summary.hits, summary.uncertain) == (4, 2)
    assert [(one.category, one.total_hits, one.uncertain) for one in summary.categories] == [
        ("threat.arrest", 1, 1),
        ("threat.exposure", 1, 0),
        ("abuse.humiliation", 1, 0),
        ("contact.hours", 1, 0),
        ("promise.unauthorised", 0, 1),
    ]
    assert summary.categories[0].hits[Severity.FATAL] == 1
    (failed,) = summary.failures
    assert (failed.call_id, failed.code) == ("08_broken", "audio_unreadable")
    assert failed.text


def test_of_nothing_nothing_is_known() -> None:
    summary = RunTally().summary()
    assert summary.calls == 0
    assert summary.expected.score.highest is None
    assert summary.expected.pass_rate.lowest is None
    assert summary.review_share is None
