"""Whether a person has to look at a call, and where the call stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from qa_pipeline.types import (
    CallStatus,
    Conversation,
    CriterionOutcome,
    Failure,
    Finding,
    FindingOutcome,
    Judgement,
    Role,
    Scorecard,
    Severity,
    Transcript,
    Utterance,
)

REASONS = (
    "unreviewed_fatal",
    "uncertain_finding",
    "uncertain_element",
    "role_unknown",
    "role_low_confidence",
    "low_recognition",
    "inaudible",
    "call_type_unsure",
)
"""Every review reason, the most urgent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOptions:
    """From where on a doubt about a whole call is worth a person's time.

    Args:
        call_type_confidence: below it the form itself may be the wrong one.
        role_confidence: below it an utterance counts as doubtful.
        recognition: below it an utterance counts as badly recognised; Whisper's own limit for a failed
            decoding, a mean log probability of -1.0, is 0.37.
        share: of the characters spoken, or of the time of speech for what is inaudible, from which such
            utterances make the call doubtful. A single doubtful utterance that matters shows as an uncertain
            finding or element anyway.
    """

    call_type_confidence: float = 0.8
    role_confidence: float = 0.8
    recognition: float = 0.37
    share: float = 0.1


def review_reasons(
    *,
    conversation: Conversation,
    judgement: Judgement,
    scorecard: Scorecard,
    options: ReviewOptions | None = None,
    confirmed: Collection[str] = (),
) -> tuple[str, ...]:
    """Why a person should look at this call, as codes of `REASONS` in their order; empty: nobody needs to.

    A call that ended before enough of the form applied has no score, but nothing in it is in doubt.

    Args:
        confirmed: keys of findings a person has confirmed.
    """
    options = options or ReviewOptions()
    found = {
        *_from_findings(judgement.findings, confirmed),
        *_from_transcript(conversation.transcript, options),
    }
    if any(result.outcome is CriterionOutcome.UNCERTAIN for result in scorecard.criteria):
        found.add("uncertain_element")
    if conversation.call_type_confidence < options.call_type_confidence:
        found.add("call_type_unsure")
    return tuple(reason for reason in REASONS if reason in found)


def status_of(
    *,
    failure: Failure | None = None,
    excluded_reason: str | None = None,
    review_reasons: Sequence[str] = (),
) -> CallStatus:
    """Where a call stands; failed goes before excluded, excluded before needs_review, that before scored."""
    if failure is not None:
        return CallStatus.FAILED
    if excluded_reason is not None:
        return CallStatus.EXCLUDED
    return CallStatus.NEEDS_REVIEW if review_reasons else CallStatus.SCORED


def _from_findings(findings: Sequence[Finding], confirmed: Collection[str]) -> Iterator[str]:
    for finding in findings:
        if finding.severity is Severity.INFO:
            continue
        if finding.outcome is FindingOutcome.UNCERTAIN:
            yield "uncertain_finding"
            yield from finding.doubts
        elif finding.severity is Severity.FATAL and finding.key not in confirmed:
            yield "unreviewed_fatal"


def _from_transcript(transcript: Transcript, options: ReviewOptions) -> Iterator[str]:
    utterances = transcript.utterances
    if _share(utterances, lambda one: one.role is Role.UNKNOWN) >= options.share:
        yield "role_unknown"
    if _share(utterances, lambda one: _doubtful_role(one, options)) >= options.share:
        yield "role_low_confidence"
    if _share(utterances, lambda one: one.confidence < options.recognition) >= options.share:
        yield "low_recognition"
    heard = sum(region.span.duration_ms for region in transcript.regions)
    inaudible = sum(region.span.duration_ms for region in transcript.inaudible)
    if inaudible and inaudible >= options.share * heard:
        yield "inaudible"


def _doubtful_role(utterance: Utterance, options: ReviewOptions) -> bool:
    return utterance.role is not Role.UNKNOWN and utterance.role_confidence < options.role_confidence


def _share(utterances: Sequence[Utterance], doubtful: Callable[[Utterance], bool]) -> float:
    """The share of the characters that are in doubtful utterances."""
    characters = sum(len(utterance.text) for utterance in utterances)
    return sum(len(one.text) for one in utterances if doubtful(one)) / characters if characters else 0.0
