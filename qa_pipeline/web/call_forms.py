"""What the page of a call sends when somebody acts."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from qa_pipeline.types import CriterionOutcome, ReasonCode, Severity

Key = Annotated[str, Field(max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]

REJECT_REASONS = (
    ReasonCode.MISHEARD,
    ReasonCode.WRONG_SPEAKER,
    ReasonCode.QUOTED,
    ReasonCode.NEGATED,
    ReasonCode.QUESTION,
    ReasonCode.LAWFUL_NOTICE,
    ReasonCode.CASE_DATA,
    ReasonCode.CONTEXT,
    ReasonCode.DUPLICATE,
    ReasonCode.OTHER,
)
"""In the order of their keys, 1 to 9 and 0."""


class Act(BaseModel):
    """Any action.

    Args:
        id: made with the page, so that what is sent twice is done once.
    """

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


class Finish(Act):
    """The end of a review; `seen` is the last action that the page showed."""

    seen: Annotated[int, Field(ge=0)]


class Verdict(Act):
    """On a flag: ``confirm``, or ``reject.`` with its reason."""

    seen: Annotated[int, Field(ge=0)]
    target: Key
    decision: Annotated[str, Field(pattern=rf"^(confirm|reject\.({'|'.join(REJECT_REASONS)}))$")]
    category: Key = ""
    severity: Severity | None = None
    note: Note = ""

    @property
    def rejected_for(self) -> ReasonCode | None:
        """The reason of a rejection; None confirms."""
        kind, _, reason = self.decision.partition(".")
        return ReasonCode(reason) if kind == "reject" else None


class Addition(Act):
    """Words from `start` to `end` of an utterance, in characters."""

    utterance: Key
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    category: Key
    severity: Severity
    note: Note = ""


class Correction(Act):
    """A line of the form as it should be."""

    seen: Annotated[int, Field(ge=0)]
    target: Key
    outcome: CriterionOutcome


class Comment(Act):
    """Words on the call."""

    note: Note


class Swap(Act):
    """An exchange of the speakers; `voice` names the agent's where nobody has a role."""

    voice: Annotated[int | None, Field(ge=0)] = None


class Withdrawal(Act):
    """Taking back the action `target`."""

    target: Key
