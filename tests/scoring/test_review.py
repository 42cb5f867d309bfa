"""When a person has to look, and where a call stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qa_pipeline.scoring.form import load_form
from qa_pipeline.scoring.review import REASONS, ReviewOptions, review_reasons, status_of
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.types import (
    CallMetadata,
    CallStatus,
    CallType,
    Conversation,
    ConversationCharacteristics,
    DecodingQuality,
    ElementResult,
    Failure,
    Finding,
    Judgement,
    SpeechRegion,
    TimeSpan,
    Transcript,
    message,
)

from .builders import elements, finding, talk
from .test_scorecard import PERFECT


def reasons(
    transcript: Transcript | None = None,
    *findings: Finding,
    script: str = PERFECT,
    call_type_confidence: float = 0.95,
    **options: Any,
) -> tuple[str, ...]:
    transcript = transcript or talk("acac")
    results: tuple[ElementResult, ...] = elements(script)
    conversation = Conversation(
        call=CallMetadata(call_id="r"),
        recording=None,
        transcript=transcript,
        normalized=(),
        tokens=(),
        characteristics=ConversationCharacteristics(),
        predictions=(),
        call_type=CallType.RIGHT_PARTY,
        call_type_confidence=call_type_confidence,
    )
    return review_reasons(
        conversation=conversation,
        judgement=Judgement(findings=findings, elements=results, promise_to_pay=None),
        scorecard=score(
            form=load_form(CallType.RIGHT_PARTY), elements=results, findings=findings, transcript=transcript
        ),
        **options,
    )


def with_quality(transcript: Transcript, *logprobs: float) -> Transcript:
    utterances = tuple(
        replace(
            utterance,
            quality=DecodingQuality(
                avg_logprob=logprob, no_speech_prob=0.1, compression_ratio=1.2, temperature=0.0
            ),
        )
        for utterance, logprob in zip(transcript.utterances, logprobs, strict=True)
    )
    return replace(transcript, utterances=utterances)


def with_regions(transcript: Transcript, *, heard_ms: int, inaudible_ms: int) -> Transcript:
    def regions(duration: int) -> tuple[SpeechRegion, ...]:
        span = TimeSpan(start_ms=0, end_ms=duration)
        return (SpeechRegion(channel=0, span=span, probability=0.9),) if duration else ()

    return replace(transcript, regions=regions(heard_ms), inaudible=regions(inaudible_ms))


def with_role_confidence(transcript: Transcript, *confidences: float) -> Transcript:
    utterances = tuple(
        replace(utterance, role_confidence=confidence)
        for utterance, confidence in zip(transcript.utterances, confidences, strict=True)
    )
    return replace(transcript, utterances=utterances)


TALKS = [
    (talk("acac"), ()),
    (talk("acac", times=False), ()),
    (talk("xxxx"), ("role_unknown",)),
    (talk("acacacacx"), ("role_unknown",)),  # one utterance of nine is more than a tenth
    (talk("acacacacacx"), ()),  # one of eleven is less
    (with_role_confidence(talk("acac"), 1.0, 0.7, 1.0, 1.0), ("role_low_confidence",)),
    (with_role_confidence(talk("acac"), 0.8, 0.8, 0.9, 0.8), ()),
    (with_quality(talk("acac"), -0.3, -0.5, -0.9, -0.4), ()),
    (with_quality(talk("acac"), -0.3, -0.5, -1.2, -0.4), ("low_recognition",)),
    (with_regions(talk("acac"), heard_ms=60_000, inaudible_ms=0), ()),
    (with_regions(talk("acac"), heard_ms=60_000, inaudible_ms=5_900), ()),
    (with_regions(talk("acac"), heard_ms=60_000, inaudible_ms=6_000), ("inaudible",)),
]


@pytest.mark.parametrize(("transcript", "expected"), TALKS)
def test_doubts_about_the_talk(transcript: Transcript, expected: tuple[str, ...]) -> None:
    assert reasons(transcript) == expected


FINDINGS = [
    (finding("serious", at="u1"), ()),
    (finding("minor", at="u1"), ()),
    (finding("fatal", at="u1"), ("unreviewed_fatal",)),
    (finding("fatal", at="u1", uncertain=True), ("uncertain_finding",)),
    (finding("info", uncertain=True), ()),
    (finding("serious", uncertain=True, doubts=("phonetic",)), ("uncertain_finding",)),
    (
        finding(
            "serious", uncertain=True, doubts=("role_unknown", "inaudible", "needs_case_data:contact_role")
        ),
        ("uncertain_finding", "role_unknown", "inaudible"),
    ),
]


@pytest.mark.parametrize(("found", "expected"), FINDINGS)
def test_doubts_about_findings(found: Finding, expected: tuple[str, ...]) -> None:
    assert reasons(None, found) == expected


def test_a_confirmed_fatal_needs_nobody() -> None:
    assert reasons(None, finding("fatal", key="k", at="u1"), confirmed={"k"}) == ()


def test_an_uncertain_element_needs_a_person() -> None:
    assert reasons(script=PERFECT.replace("+amount", "?amount")) == ("uncertain_element",)


@pytest.mark.parametrize(("confidence", "expected"), [(0.8, ()), (0.79, ("call_type_unsure",))])
def test_an_unsure_call_type_needs_a_person(confidence: float, expected: tuple[str, ...]) -> None:
    assert reasons(call_type_confidence=confidence) == expected
    assert reasons(call_type_confidence=0.79, options=ReviewOptions(call_type_confidence=0.7)) == ()


def test_a_call_too_short_to_score_needs_nobody() -> None:
    assert reasons(script="+greeting +purpose") == ()


def test_reasons_come_in_one_order_and_once() -> None:
    found = (
        finding("minor", key="a", uncertain=True, doubts=("role_unknown",)),
        finding("fatal", key="b", at="u1"),
        finding("minor", key="c", uncertain=True),
    )
    got = reasons(talk("xxxx"), *found, script="?greeting", call_type_confidence=0.1)
    assert got == (
        "unreviewed_fatal",
        "uncertain_finding",
        "uncertain_element",
        "role_unknown",
        "call_type_unsure",
    )
    assert [REASONS.index(reason) for reason in got] == sorted(REASONS.index(reason) for reason in got)


FAILURE = Failure(code="audio_unreadable", message=message("it is broken"))


@pytest.mark.parametrize(
    ("failure", "excluded", "why", "status"),
    [
        (None, None, (), CallStatus.SCORED),
        (None, None, ("inaudible",), CallStatus.NEEDS_REVIEW),
        (None, "no_speech", ("inaudible",), CallStatus.EXCLUDED),
        (FAILURE, "no_speech", ("inaudible",), CallStatus.FAILED),
        (FAILURE, None, (), CallStatus.FAILED),
    ],
)
def test_status_precedence(
    failure: Failure | None, excluded: str | None, why: tuple[str, ...], status: CallStatus
) -> None:
    assert status_of(failure=failure, excluded_reason=excluded, review_reasons=why) is status
