"""Bodies of the routes under /api/v1."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from qa_pipeline.reports.masking import Masking
from qa_pipeline.review.call import ReviewedCall, ReviewedFinding
from qa_pipeline.store.listings import ListedCall
from qa_pipeline.types import (
    Account,
    AuditEntry,
    CriterionOutcome,
    DeskRole,
    FindingState,
    Place,
    ReasonCode,
    Review,
    ReviewAction,
    ReviewState,
    Scorecard,
    Severity,
    TimeSpan,
)
from qa_pipeline.web.disclosure import findings_told, history_told, review_told


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorDetail(_Body):
    """What went wrong: a stable code, and a sentence in the reader's language."""

    code: str
    message: str


class ErrorBody(_Body):
    """The one shape of every error."""

    error: ErrorDetail


class Me(_Body):
    """Who is signed in, and what this person may do."""

    name: str
    role: DeskRole
    permissions: list[str]


class FlagSummary(_Body):
    """One finding in a list of calls."""

    category: str
    severity: Severity
    outcome: str


class CallSummary(_Body):
    """One call of the queue."""

    call_id: str
    agent_id: str | None
    team: str | None
    started_at: datetime | None
    duration_ms: int | None
    status: str | None
    call_type: str | None
    layout: str | None
    score: float | None
    grade: str | None
    reviewed_score: float | None
    reviewed_grade: str | None
    state: ReviewState
    priority: float
    control: bool
    assigned_to: str | None
    flags: list[FlagSummary]

    @classmethod
    def of(cls, call: ListedCall) -> Self:
        """From a line of the queue."""
        flags = [
            FlagSummary(category=one.category, severity=Severity(one.severity), outcome=one.outcome)
            for one in call.flags
        ]
        fields = {name: getattr(call, name) for name in cls.model_fields if name != "flags"}
        return cls(**fields, flags=flags)


class CallPage(_Body):
    """A page of calls, most urgent first."""

    calls: list[CallSummary]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class Counts(_Body):
    """How many calls meet a query, by state, whatever state the query names."""

    total: int
    states: dict[ReviewState, int]


class PlaceBody(_Body):
    """Words in a call."""

    utterance_id: str | None = Field(default=None, max_length=50)
    start_ms: int | None = Field(default=None, ge=0, le=2**31 - 1)
    end_ms: int | None = Field(default=None, ge=0, le=2**31 - 1)
    quote: str = Field(default="", max_length=2000)
    start_char: int | None = Field(default=None, ge=0, le=10**6)
    end_char: int | None = Field(default=None, ge=0, le=10**6)

    def record(self) -> Place:
        """The same as a record; half a time is no time."""
        timed = self.start_ms is not None and self.end_ms is not None and self.start_ms <= self.end_ms
        return Place(
            utterance_id=self.utterance_id,
            span=TimeSpan(start_ms=self.start_ms or 0, end_ms=self.end_ms or 0) if timed else None,
            quote=self.quote,
            start_char=self.start_char,
            end_char=self.end_char,
        )


class ActionBody(_Body):
    """Something to do on a call.

    `id` is chosen by the sender, so that an action sent twice is done once. `seen` is `seq` of the call as
    the sender knows it; what another person did on the same thing since then is answered with 409.
    """

    id: str = Field(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")
    action: ReviewAction
    target: str = Field(default="", max_length=200, description="Finding key, criterion id or action id.")
    seen: int = Field(ge=0, le=2**31 - 1)
    reason: ReasonCode | None = None
    note: str = Field(default="", max_length=4000)
    category: str | None = Field(default=None, max_length=100)
    severity: Severity | None = None
    outcome: CriterionOutcome | None = None
    place: PlaceBody | None = None


class ReviewBody(_Body):
    """One action of the history."""

    seq: int
    id: str
    action: ReviewAction
    target: str
    reviewer: str
    at: datetime
    reason: ReasonCode | None
    note: str
    category: str | None
    severity: Severity | None
    outcome: CriterionOutcome | None

    @classmethod
    def of(cls, review: Review, masking: Masking, *, to_agent: bool) -> Self:
        """From the record, as `web.disclosure` tells it."""
        told = review_told(review, masking, to_agent=to_agent)
        return cls(**{name: getattr(told, name) for name in cls.model_fields})


class FindingReview(_Body):
    """Where one finding stands with people."""

    key: str
    category: str
    severity: Severity
    state: FindingState
    added: bool
    verdicts: list[ReviewBody]

    @classmethod
    def of(cls, finding: ReviewedFinding, masking: Masking, *, to_agent: bool) -> Self:
        """From the finding; an added one without its adding, which is in the history."""
        standing = finding.standing or finding.machine
        return cls(
            key=finding.key,
            category=standing.category,
            severity=standing.severity,
            state=finding.state,
            added=finding.added is not None,
            verdicts=[ReviewBody.of(one, masking, to_agent=to_agent) for one in finding.verdicts],
        )


class ScoreBody(_Body):
    """A score; null where the form gives none."""

    normalised: float | None
    grade: str
    fatal: bool
    provisional: bool

    @classmethod
    def of(cls, card: Scorecard | None) -> Self | None:
        """From the scorecard."""
        if card is None:
            return None
        return cls(
            normalised=card.normalised, grade=card.grade.value, fatal=card.fatal, provisional=card.provisional
        )


class CallReview(_Body):
    """A call between machine and people."""

    call_id: str
    seq: int = Field(description="Of the last action; send it back as `seen`.")
    state: ReviewState
    machine_score: ScoreBody | None
    reviewed_score: ScoreBody | None
    undecided: list[str] = Field(description="Keys of findings to decide before the review can be finished.")
    findings: list[FindingReview]
    to_confirm_again: list[ReviewBody]
    history: list[ReviewBody]

    @classmethod
    def of(
        cls, call: ReviewedCall, *, state: ReviewState, reviewed: Scorecard | None, to_agent: bool
    ) -> Self:
        """From the call, as `web.disclosure` tells it."""
        masking = Masking(call.inspection)
        said = partial(ReviewBody.of, masking=masking, to_agent=to_agent)
        lost = () if to_agent else call.to_confirm_again
        return cls(
            call_id=call.inspection.call.call_id,
            seq=call.history[-1].seq if call.history else 0,
            state=state,
            machine_score=ScoreBody.of(call.inspection.scorecard),
            reviewed_score=ScoreBody.of(reviewed),
            undecided=[one.key for one in call.undecided],
            findings=[
                FindingReview.of(one, masking, to_agent=to_agent)
                for one in findings_told(call, to_agent=to_agent)
            ],
            to_confirm_again=[said(one) for one in lost],
            history=[said(one) for one in history_told(call, to_agent=to_agent)],
        )


class CallBody(_Body):
    """The machine's document of a call (docs/qa.call.schema.json), masked, and what people made of it."""

    document: dict[str, Any]
    review: CallReview


class AccountBody(_Body):
    """An account without its password."""

    name: str
    role: DeskRole
    agent_id: str | None
    team: str | None
    must_change_password: bool
    disabled: bool
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        """From the record."""
        return cls(**{name: getattr(account, name) for name in cls.model_fields})


class AuditLine(_Body):
    """One line of the audit log."""

    seq: int
    at: datetime
    account: str
    action: str
    subject: str
    detail: str
    address: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """From the record."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class AuditPage(_Body):
    """A page of the audit log, the latest first."""

    lines: list[AuditLine]
    next: int | None = Field(description="Give it as `before` for the next page; null on the last one.")
