"""The records that walk through the house: frozen, slotted, keyword-only, integer milliseconds.

Every room takes records from the room before it and returns new ones; none is changed after it is made.
This module imports the standard library only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. The customer is whoever answers, third parties included."""

    AGENT = "agent"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"


class Layout(StrEnum):
    """How the speakers lie on the channels of a recording."""

    STEREO = "stereo"
    DUAL_MONO = "dual_mono"
    MONO = "mono"


class CallType(StrEnum):
    """Whom the agent reached; it decides which form applies (domain 2.0)."""

    RIGHT_PARTY = "right_party"
    THIRD_PARTY = "third_party"
    WRONG_NUMBER = "wrong_number"
    NO_CONTACT = "no_contact"
    INBOUND = "inbound"


class Severity(StrEnum):
    """How bad a violation is, apart from how sure we are."""

    FATAL = "fatal"
    SERIOUS = "serious"
    MINOR = "minor"
    INFO = "info"

    @property
    def rank(self) -> int:
        """3 for fatal down to 0 for info."""
        return _SEVERITY_ORDER.index(self)


_SEVERITY_ORDER = (Severity.INFO, Severity.MINOR, Severity.SERIOUS, Severity.FATAL)


class FindingOutcome(StrEnum):
    """HIT may hurt a score; UNCERTAIN only asks a person to look."""

    HIT = "hit"
    UNCERTAIN = "uncertain"


class CriterionOutcome(StrEnum):
    """What the form says about one criterion; not applicable is never zero points."""

    MET = "met"
    PARTIAL = "partial"
    MISSED = "missed"
    NOT_APPLICABLE = "not_applicable"
    UNCERTAIN = "uncertain"


class MatchKind(StrEnum):
    """By what means words were found."""

    EXACT = "exact"
    PHONETIC = "phonetic"
    PATTERN = "pattern"
    CLASSIFIER = "classifier"
    METADATA = "metadata"
    ACOUSTIC = "acoustic"


class Grade(StrEnum):
    """Grades of domain 4.2."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"  # noqa: S105
    IMPROVE = "improve"
    FAIL = "fail"
    RED_LINE = "red_line"
    UNSCORED = "unscored"


class CallStatus(StrEnum):
    """Where a call stands; precedence failed > excluded > needs_review > scored."""

    SCORED = "scored"
    NEEDS_REVIEW = "needs_review"
    EXCLUDED = "excluded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a person, kept as its English text and values so that any language can render it.

    Args:
        text: English sentence, also the key in the catalogue; ``{name}`` marks a value.
        values: names and their values as text.
    """

    text: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.text.format(**dict(self.values))


def message(text: str, /, **values: object) -> Message:
    """Make a `Message`; this name is what the catalogue extractor looks for."""
    return Message(text, tuple((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TimeSpan:
    """Half-open time [start_ms, end_ms) since the start of the recording."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms <= self.end_ms:
            raise ValueError(f"not a time span: {self.start_ms}..{self.end_ms} ms")

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms

    def overlap_ms(self, other: TimeSpan) -> int:
        """Milliseconds that both spans cover; 0 where they only touch."""
        return max(0, min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMetadata:
    """What the call log and the case record say; None means not stated.

    Args:
        call_id: identity of the call; the path under the given root without extension when not stated.
        contact_role: debtor, guarantor, spouse_liable, contact, unknown or wrong.
        direction: out or in.
        started_at: with zone.
        agent_channel: 0, 1 or None when not known.
        amount_due, min_due: yuan.
        extra: unknown keys with their values as text, kept and listed once, never an error.
    """

    call_id: str
    agent_id: str | None = None
    agent_name: str | None = None
    team: str | None = None
    agency: str | None = None
    institution: str | None = None
    product: str | None = None
    stage: str | None = None
    customer_id: str | None = None
    contact_role: str | None = None
    direction: str | None = None
    started_at: datetime | None = None
    agent_channel: int | None = None
    connected: bool | None = None
    effective: bool | None = None
    talk_seconds: int | None = None
    amount_due: Decimal | None = None
    min_due: Decimal | None = None
    overdue_days: int | None = None
    due_date: date | None = None
    legal_stage: str | None = None
    approved_plans: tuple[str, ...] | None = None
    guarantor: bool | None = None
    complaint_open: bool | None = None
    no_contact: bool | None = None
    agreed_window: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRef:
    """A machine-learning artefact, named so that a result can be computed again."""

    name: str
    revision: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Facts about one recording; no samples.

    Args:
        id: the call id.
        sha256: of the file's bytes, lower-case hex.
        uri: where it was read, an absolute path.
        codec: as the decoder names it, for example pcm_mulaw.
        layout: as far as the channels tell; roles come later.
    """

    id: str
    sha256: str
    uri: str
    codec: str
    sampling_rate_hz: int
    num_channels: int
    layout: Layout
    duration_ms: int
    call: CallMetadata


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRegion:
    """Where one channel has speech; probability is the mean of the detector's frames, 0..1."""

    channel: int
    span: TimeSpan
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingQuality:
    """Whisper's own evidence on a segment; never dropped, since it decides what a finding may claim."""

    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A recognised word with its time and probability."""

    text: str
    span: TimeSpan
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one speaker said in one go.

    Args:
        id: unique in its transcript and stable over re-scores, for example u0007.
        channel: None when the text was given without audio.
        span: None when the text was given without times.
        quality: None when the text was given, not recognised.
    """

    id: str
    role: Role
    role_confidence: float
    channel: int | None
    span: TimeSpan | None
    text: str
    words: tuple[Word, ...] = ()
    quality: DecodingQuality | None = None

    @property
    def confidence(self) -> float:
        """Mean probability of the recognised tokens, 0..1; 1 for given text."""
        return 1.0 if self.quality is None else min(1.0, math.exp(self.quality.avg_logprob))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """All that was heard in one recording, in order of time.

    Args:
        asr: None when the text was given.
        options_digest: of every option that could change the text.
        regions: where speech was detected, whether or not text came of it.
        inaudible: the regions with a second of speech or more and no text, after a second try.
    """

    recording_id: str
    language: str
    utterances: tuple[Utterance, ...]
    asr: ArtifactRef | None
    options_digest: str
    regions: tuple[SpeechRegion, ...] = ()
    inaudible: tuple[SpeechRegion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizedText:
    """The text that rules read, with the way back to what was transcribed.

    Args:
        text: normalised characters.
        syllables: one folded toneless syllable for each character; the character itself where it has none.
        offsets: for each normalised character the index of its source in the raw text.
    """

    text: str
    syllables: tuple[str, ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of the normalised text; `tag` is the lexicon's category or an empty string."""

    text: str
    start_char: int
    end_char: int
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCharacteristics:
    """Figures about the talk itself; None where a role or times are not known."""

    duration_ms: int | None
    agent_talk_ms: int | None
    customer_talk_ms: int | None
    non_talk_ms: int | None
    longest_silence: TimeSpan | None
    overlap_ms: int | None
    agent_chars_per_minute: float | None
    customer_chars_per_minute: float | None
    longest_agent_monologue_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A classifier's word on one utterance; at or above `threshold` it counts."""

    label: str
    probability: float
    threshold: float
    utterance_id: str
    model: ArtifactRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything the rule engine may look at; built once, complete.

    `normalized` and `tokens` run parallel to `transcript.utterances`. `recording` is None when only a
    transcript was given; `call` is always there.
    """

    call: CallMetadata
    recording: Recording | None
    transcript: Transcript
    normalized: tuple[NormalizedText, ...]
    tokens: tuple[tuple[Token, ...], ...]
    characteristics: ConversationCharacteristics
    predictions: tuple[Prediction, ...]
    call_type: CallType
    call_type_confidence: float


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
    `review_reasons` and `excluded_reason` are codes.
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
