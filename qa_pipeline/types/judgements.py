"""What is said of a call: findings, elements, the score, and the whole inspection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qa_pipeline.types.calls import (
    ArtifactRef,
    CallMetadata,
    ConversationCharacteristics,
    Recording,
    Transcript,
)
from qa_pipeline.types.vocabulary import (
    CallStatus,
    CallType,
    CriterionOutcome,
    FindingOutcome,
    Grade,
    MatchKind,
    Message,
    Role,
    Severity,
    TimeSpan,
)
from qa_pipeline.types.voices import VoiceRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words a judgement rests on.

    Args:
        quote: the words as transcribed.
        heard_as: the phrase they were taken for, when they are not that phrase letter by letter.
        distance: normalised phonetic distance, 0 for the same syllables, 1 for nothing alike.
        confidence: of the recognition of the quoted utterance, 0..1.
    """

    utterance_id: str
    role: Role
    span: TimeSpan | None
    quote: str
    heard_as: str | None
    match: MatchKind
    distance: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One violation found in one call.

    Args:
        key: stable over re-runs (recording, rule, normalised quote, occurrence).
        category: a violation id of the taxonomy.
        confidence: 0..1, how sure we are that this is a violation by the agent.
        evidence: the occurrences in order; empty on a metadata finding.
        explanation: why it was flagged, for a reviewer.
        doubts: why it is uncertain, as codes; empty on a hit.
        basis: the law, standard or practice behind the rule.
    """

    key: str
    rule_id: str
    rule_version: str
    category: str
    outcome: FindingOutcome
    severity: Severity
    confidence: float
    match: MatchKind
    evidence: tuple[Evidence, ...]
    explanation: tuple[Message, ...]
    doubts: tuple[str, ...]
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestMiss:
    """What came closest to a missing element, and why it does not count."""

    utterance_id: str
    span: TimeSpan | None
    quote: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementResult:
    """What the rules say about one script element, before any points."""

    element_id: str
    outcome: CriterionOutcome
    evidence: tuple[Evidence, ...] = ()
    nearest_miss: NearestMiss | None = None
    explanation: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseToPay:
    """What the customer agreed to pay; a part that was not said is None."""

    due: date | None
    amount: Decimal | None
    channel: str | None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rule engine returns for one conversation."""

    findings: tuple[Finding, ...]
    elements: tuple[ElementResult, ...]
    promise_to_pay: PromiseToPay | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One line of the form: `points` of `potential`; both 0 when not applicable, points None if uncertain."""

    criterion_id: str
    outcome: CriterionOutcome
    points: float | None
    potential: float
    evidence: tuple[Evidence, ...] = ()
    nearest_miss: NearestMiss | None = None
    explanation: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """Points taken after the criteria, with the finding that took them; `points` is positive."""

    finding_key: str
    category: str
    severity: Severity
    points: float
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A scored form.

    Args:
        raw: points reached; potential: points that could apply and were decided.
        normalised: 0..100 after deductions and caps; None when unscored.
        fatal: a fatal hit made it 0.
        provisional: something uncertain, or an unreviewed fatal, may still change it.
        passed: for pass/fail forms; None on forms with points.
    """

    form_id: str
    form_version: str
    criteria: tuple[CriterionResult, ...]
    raw: float
    potential: float
    deductions: tuple[Deduction, ...]
    normalised: float | None
    fatal: bool
    provisional: bool
    grade: Grade
    passed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What produced a result, so that it can be computed again or told apart."""

    package_version: str
    pack_id: str
    pack_digest: str
    form_id: str
    form_version: str
    asr: ArtifactRef | None
    options_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call could not be inspected."""

    code: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One call, finished: what the store keeps and the reports show.

    `transcript` and what follows from it are None on failed calls; `scorecard` is None on excluded ones.
    `review_reasons` and `excluded_reason` are codes. `voices` tells what each speaker's role rests on; it is
    empty where the transcript was given with its roles.
    """

    call: CallMetadata
    uri: str | None
    status: CallStatus
    review_reasons: tuple[str, ...] = ()
    excluded_reason: str | None = None
    failure: Failure | None = None
    recording: Recording | None = None
    transcript: Transcript | None = None
    characteristics: ConversationCharacteristics | None = None
    call_type: CallType | None = None
    call_type_confidence: float | None = None
    findings: tuple[Finding, ...] = ()
    scorecard: Scorecard | None = None
    promise_to_pay: PromiseToPay | None = None
    provenance: Provenance | None = None
    voices: tuple[VoiceRole, ...] = ()
