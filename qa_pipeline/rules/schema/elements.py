"""Script elements: what the agent has to say, when, and what counts as having said it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from qa_pipeline.rules.grammar import Condition, Form, PromisePart, Text
from qa_pipeline.rules.schema.examples import ElementExamples
from qa_pipeline.rules.schema.shared import Basis, Count, Ends, Identifier
from qa_pipeline.types import CallType


class Window(Ends):
    """Where in the call something counts.

    Args:
        before: not after any of these elements was first said.
        after: not before all of these elements that are said in the call were last said.
    """

    before: tuple[Identifier, ...] = ()
    after: tuple[Identifier, ...] = ()


class Need(StrEnum):
    """How an element stands to a call type; a call type left out means not applicable."""

    REQUIRED = "required"
    CONDITIONAL = "conditional"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


class Occasion(Form):
    """When a conditional element is due: a trigger was said, an element was or was not, or all of these.

    Args:
        promise: that part of the promise to pay was agreed (see `PromiseCondition`).
    """

    trigger: Identifier | None = None
    element: Identifier | None = None
    no_element: Identifier | None = None
    promise: PromisePart | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if all(name is None for name in (self.trigger, self.element, self.no_element, self.promise)):
            raise ValueError("give at least one of trigger, element, no_element, promise")
        return self


class Acknowledgement(Form):
    """How the agent shows that the customer's answer was the right one, whatever was recognised of it.

    Args:
        by: triggers, with one of which the agent goes on.
        unless: triggers that show that it was no answer, a question back or a refusal.
    """

    by: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    unless: tuple[Identifier, ...] = ()


class Element(Form):
    """A script element: something the agent has to say.

    Args:
        applies: by call type.
        when: a conditional element is due when one of these holds.
        excused_by: triggers that make the element not applicable.
        window: where it counts.
        met: what fulfils it.
        partial: what fulfils it half.
        meant_where: what must hold of an utterance besides, for the second ear to count it.
        near_misses: phrases that look like it; an utterance with one of them never counts.
        customer_agreement: triggers, with one of which the customer must answer.
        acknowledgement: what stands for it where the answer itself was not understood.
        answer_turns: in how many of the customer's next turns; a question may come before the answer.
    """

    id: Identifier
    version: Count
    title: Text
    rationale: Text
    basis: Annotated[tuple[Basis, ...], Field(min_length=1)]
    applies: Annotated[dict[CallType, Need], Field(min_length=1)]
    when: tuple[Occasion, ...] = ()
    excused_by: tuple[Identifier, ...] = ()
    window: Window | None = None
    met: Condition
    partial: Condition | None = None
    meant_where: Condition | None = None
    near_misses: tuple[Text, ...] = ()
    customer_agreement: tuple[Identifier, ...] = ()
    acknowledgement: Acknowledgement | None = None
    answer_turns: Count = 1
    examples: ElementExamples

    @model_validator(mode="after")
    def _conditional(self) -> Self:
        if (Need.CONDITIONAL in self.applies.values()) != bool(self.when):
            raise ValueError("`when` goes with a call type that is conditional")
        return self
