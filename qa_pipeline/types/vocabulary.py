"""The words of the field that records are made of: roles, severities, outcomes, time, messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. The customer is whoever answers, third parties included."""

    AGENT = "agent"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"


class CustomerMeaning(StrEnum):
    """What a customer may say that an agent owes an answer to; models/cards/customers.md tells them apart."""

    HARDSHIP = "hardship"
    DISTRESS = "distress"
    CRISIS = "crisis"
    ILLNESS = "illness"
    REFUSES = "refuses"
    COMPLAINS = "complains"
    QUESTIONS_BILL = "questions_bill"
    ASKS_RELIEF = "asks_relief"
    INCONVENIENT = "inconvenient"
    ASKS_WHY = "asks_why"
    ASKED_TO_STOP = "asked_to_stop"
    WILLING = "willing"
    AGREES = "agrees"
    HANGS_UP = "hangs_up"


class AgentMeaning(StrEnum):
    """What an agent may mean besides what the script asks for: models/cards/elements.md and answers.md."""

    DEBT_TOLD = "debt_told"
    """That the listener, or somebody he knows, has a debt to pay."""
    DEBT_CONFIRMED = "debt_confirmed"
    """... told in answer to somebody who asks, guesses or does not know."""
    PRESSES_ON = "presses_on"
    """Pressing or pestering who has just refused."""


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


class LineSoundKind(StrEnum):
    """What a telephone line sends without anybody speaking."""

    RING_BACK = "ring_back"
    BUSY = "busy"
    MUSIC = "music"


class TalkMomentKind(StrEnum):
    """What may strike in how somebody talks, apart from the words."""

    INTERRUPTION = "interruption"
    SILENCE = "silence"
    MONOLOGUE = "monologue"
    SPEED = "speed"
    LOUDNESS = "loudness"
    FILLERS = "fillers"


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
