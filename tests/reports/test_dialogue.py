"""Lines of a call: every word once, flagged words with their worst flag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.reports.dialogue import Piece, dialogue, worst_first
from qa_pipeline.types import FindingOutcome, Inspection, Role, Severity, SpeechRegion, TimeSpan
from tests import builders

SENTENCE = "你不还就等着坐牢，等着坐牢吧"
LINES = ((builders.AGENT, SENTENCE), (builders.CUSTOMER, "我没钱"))


def _pieces(*found: tuple[str, Severity, FindingOutcome]) -> tuple[Piece, ...]:
    text = builders.transcript(LINES)
    findings = tuple(
        builders.finding(
            "threat.arrest", builders.evidence(text, 1, quote), severity=severity, outcome=outcome
        )
        for quote, severity, outcome in found
    )
    return dialogue(builders.inspection(lines=LINES, findings=findings))[0].pieces


@pytest.mark.parametrize("inspection", builders.every_status(), ids=lambda one: one.call.call_id)
def test_pieces_together_are_the_words_that_were_said(inspection: Inspection) -> None:
    said = inspection.transcript.utterances if inspection.transcript else ()
    lines = dialogue(inspection, unmasked=True)
    assert ["".join(piece.text for piece in line.pieces) for line in lines] == [one.text for one in said]
    assert [line.role for line in lines] == [one.role for one in said]


HIT, UNCERTAIN = FindingOutcome.HIT, FindingOutcome.UNCERTAIN


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], [(SENTENCE, None)]),
        (
            [("等着坐牢", Severity.FATAL, HIT)],
            [("你不还就", None), ("等着坐牢", Severity.FATAL), ("，等着坐牢吧", None)],
        ),
        (
            [("等着坐牢", Severity.MINOR, HIT), ("坐牢，等着", Severity.FATAL, HIT)],
            [("你不还就", None), ("等着", Severity.MINOR), ("坐牢，等着", Severity.FATAL), ("坐牢吧", None)],
        ),
        (
            [("你不还就等着坐牢", Severity.FATAL, UNCERTAIN), ("坐牢", Severity.MINOR, HIT)],
            [("你不还就等着", Severity.FATAL), ("坐牢", Severity.MINOR), ("，等着坐牢吧", None)],
        ),
        ([("一句跨越两次发言的话", Severity.SERIOUS, HIT)], [(SENTENCE, Severity.SERIOUS)]),
    ],
    ids=["plain", "one", "overlap", "hit before doubt", "beyond the utterance"],
)
def test_words_carry_their_worst_flag(
    found: list[tuple[str, Severity, FindingOutcome]], expected: list[tuple[str, Severity | None]]
) -> None:
    assert [(piece.text, piece.severity) for piece in _pieces(*found)] == expected


def test_the_same_words_twice_are_marked_twice() -> None:
    text = builders.transcript(LINES)
    part = builders.evidence(text, 1, "等着坐牢")
    found = builders.finding("threat.arrest", part, part)
    pieces = dialogue(builders.inspection(lines=LINES, findings=(found,)))[0].pieces
    assert [piece.text for piece in pieces if piece.severity] == ["等着坐牢", "等着坐牢"]


def test_what_could_not_be_heard_stands_where_it_was() -> None:
    inspection = builders.inspection(lines=LINES)
    assert inspection.transcript is not None
    first, second = inspection.transcript.utterances
    assert first.span is not None
    assert second.span is not None
    gap = TimeSpan(start_ms=first.span.end_ms + 10, end_ms=second.span.start_ms - 10)
    silent = replace(inspection.transcript, inaudible=(SpeechRegion(channel=1, span=gap, probability=0.9),))
    lines = dialogue(replace(inspection, transcript=silent))
    assert [line.inaudible for line in lines] == [False, True, False]
    assert lines[1].role is Role.CUSTOMER


def test_what_was_lost_before_the_first_word_stands_before_it() -> None:
    inspection = builders.threatening_call()
    assert inspection.transcript is not None
    first = inspection.transcript.utterances[0].span
    assert first is not None
    begun = TimeSpan(start_ms=first.start_ms, end_ms=first.start_ms + 1)
    lost = replace(inspection.transcript, inaudible=(SpeechRegion(channel=0, span=begun, probability=0.9),))
    lines = dialogue(replace(inspection, transcript=lost))
    assert [line.inaudible for line in lines[:2]] == [True, False]


def test_worst_first_is_stable() -> None:
    found = builders.threatening_call().findings
    assert [one.category for one in worst_first(found[::-1])] == [
        "threat.exposure",
        "threat.arrest",
        "abuse.humiliation",
        "promise.unauthorised",
    ]


def test_what_was_most_likely_said_stands_under_its_line() -> None:
    inspection = builders.spelled(builders.inspection(lines=LINES), "u0002", "我没前")
    assert [line.likely for line in dialogue(inspection)] == [None, "我没前"]
