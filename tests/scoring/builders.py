"""Element results, findings and talks in one line each, for this room's tables."""

from __future__ import annotations

from qa_pipeline.types import (
    CriterionOutcome,
    ElementResult,
    Evidence,
    Finding,
    FindingOutcome,
    MatchKind,
    Role,
    Severity,
    TimeSpan,
    Transcript,
    Utterance,
    message,
)

OUTCOMES = {
    "+": CriterionOutcome.MET,
    "~": CriterionOutcome.PARTIAL,
    "-": CriterionOutcome.MISSED,
    "?": CriterionOutcome.UNCERTAIN,
    "/": CriterionOutcome.NOT_APPLICABLE,
}


def elements(script: str) -> tuple[ElementResult, ...]:
    """``+greeting ~identity_verification -amount ?closing /empathy``: met, half, missed, uncertain, n/a."""
    return tuple(ElementResult(element_id=word[1:], outcome=OUTCOMES[word[0]]) for word in script.split())


def finding(
    severity: str,
    *,
    key: str = "k",
    category: str = "legal.false_credit",
    at: str | None = None,
    uncertain: bool = False,
    doubts: tuple[str, ...] = (),
    match: MatchKind = MatchKind.EXACT,
) -> Finding:
    """A finding; `at` is the utterance it was said in, None one known from metadata."""
    evidence = Evidence(
        utterance_id=at or "",
        role=Role.AGENT,
        span=None,
        quote="…",
        heard_as=None,
        match=match,
        distance=0.0,
        confidence=0.9,
    )
    return Finding(
        key=key,
        rule_id=category,
        rule_version="1",
        category=category,
        outcome=FindingOutcome.UNCERTAIN if uncertain else FindingOutcome.HIT,
        severity=Severity(severity),
        confidence=0.9,
        match=match,
        evidence=(evidence,) if at else (),
        explanation=(message("because"),),
        doubts=doubts,
        basis=("CBA26",),
    )


def talk(speakers: str, *, times: bool = True, channels: str = "two") -> Transcript:
    """A talk of one letter an utterance, named u1, u2 ...: a agent, c customer, x unknown.

    Args:
        channels: "two", "one" (mono) or "none" (a given transcript).
    """
    roles = {"a": Role.AGENT, "c": Role.CUSTOMER, "x": Role.UNKNOWN}
    channel_of = {
        "two": {"a": 0, "c": 1, "x": 0},
        "one": dict.fromkeys("acx", 0),
        "none": dict.fromkeys("acx"),
    }[channels]
    return Transcript(
        recording_id="r",
        language="zh",
        utterances=tuple(
            Utterance(
                id=f"u{number}",
                role=roles[letter],
                role_confidence=0.0 if letter == "x" else 1.0,
                channel=channel_of[letter],
                span=TimeSpan(start_ms=number * 1000, end_ms=number * 1000 + 900) if times else None,
                text="好的",
            )
            for number, letter in enumerate(speakers, start=1)
        ),
        asr=None,
        options_digest="given",
    )
