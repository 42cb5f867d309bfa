"""What people say of a call after the machine: verdicts, corrections, and where the call stands with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa_pipeline.types.vocabulary import CriterionOutcome, Severity, TimeSpan


class ReviewAction(StrEnum):
    """What a person did.

    CONFIRM and REJECT decide on a finding, ADD names one that the machine missed, CORRECT sets a line of the
    form, SWAP_ROLES exchanges agent and customer, COMMENT says something without deciding, FINISH ends a
    person's review, RELEASE gives the call to its agent, ACKNOWLEDGE is the agent's answer, WITHDRAW takes
    back one earlier action of the same person, or a RELEASE of anybody.
    """

    CONFIRM = "confirm"
    REJECT = "reject"
    ADD = "add"
    CORRECT = "correct"
    SWAP_ROLES = "swap_roles"
    COMMENT = "comment"
    FINISH = "finish"
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"
    WITHDRAW = "withdraw"


class ReasonCode(StrEnum):
    """Why a person decided as they did; false alarms by their cause lead back to the rule."""

    AS_FOUND = "as_found"
    OTHER_CATEGORY = "other_category"
    MISHEARD = "misheard"
    WRONG_SPEAKER = "wrong_speaker"
    QUOTED = "quoted"
    NEGATED = "negated"
    QUESTION = "question"
    LAWFUL_NOTICE = "lawful_notice"
    CASE_DATA = "case_data"
    CONTEXT = "context"
    TOO_SEVERE = "too_severe"
    DUPLICATE = "duplicate"
    MISSED = "missed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The words an action is about, kept so that it finds its place again after another transcription.

    Args:
        start_char, end_char: of the words in the text of the utterance; None for all of it.
    """

    utterance_id: str | None = None
    span: TimeSpan | None = None
    quote: str = ""
    start_char: int | None = None
    end_char: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One action of one person on one call; the history only grows.

    Args:
        id: chosen by who acts, so that an action sent twice is kept once.
        target: key of the finding, id of the criterion, or id of the review that is withdrawn; empty where
            the whole call is meant. An added finding has its own review's id as key.
        reviewer: name of the account, or of the user of the command line.
        category, severity: of the finding as this person sees it; None: as the machine has it.
        found_as: category the machine gave, by which a verdict finds its place again.
        outcome: of a corrected criterion.
        seq: place in the history of the call, given by the store; 0 before.
    """

    id: str
    call_id: str
    action: ReviewAction
    target: str = ""
    reviewer: str
    at: datetime
    reason: ReasonCode | None = None
    note: str = ""
    category: str | None = None
    severity: Severity | None = None
    found_as: str | None = None
    place: Place | None = None
    outcome: CriterionOutcome | None = None
    seq: int = 0


class FindingState(StrEnum):
    """Where a finding stands with the people who looked at it.

    AWAITS_SECOND: decided by one person where two are needed. CONFLICT: two do not agree. CONFIRM_AGAIN:
    decided once, but the words are no longer where they were.
    """

    OPEN = "open"
    AWAITS_SECOND = "awaits_second"
    CONFLICT = "conflict"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CONFIRM_AGAIN = "confirm_again"


class ReviewState(StrEnum):
    """Where a call stands with people."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    IN_REVIEW = "in_review"
    AWAITS_SECOND = "awaits_second"
    CONFLICT = "conflict"
    FINISHED = "finished"
    RELEASED = "released"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a call stands after its history, as the queue needs it.

    Args:
        seq: of the last action that counts in it; 0 before any.
        score, grade: as reviewed; None while the machine's stand alone.
    """

    state: ReviewState
    seq: int = 0
    score: float | None = None
    grade: str | None = None
    reviewers: tuple[str, ...] = ()

    @property
    def ends_assignment(self) -> bool:
        """Whether nobody in particular has to do anything: a second person is anybody else."""
        return self.state not in (ReviewState.WAITING, ReviewState.IN_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What queue and search know of an inspection beyond its own columns.

    Args:
        risk: 0..1, how bad what was found may be.
        doubt: 0..1, how unsure the machine is.
        priority: what comes first in the queue, highest first.
        needed: a person has to look at it.
        control: picked at random, whatever was found, so that misses are measured.
        words: search tokens in order, one tuple an utterance; personal numbers and names are masked in them.
    """

    risk: float
    doubt: float
    priority: float
    needed: bool
    control: bool
    words: tuple[tuple[str, ...], ...]
