"""What the header of a pack says of context: what acquits, what else was said, what makes it weigh more."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qa_pipeline.rules.grammar import Condition, Form, Text
from qa_pipeline.rules.schema.shared import Identifier
from qa_pipeline.types import CallType, Role, Severity


class Cues(Form):
    """Words around a match that change what it means: phrases or, written /so/, regular expressions.

    Args:
        before, after: stand at most `reach` characters before or after the match, in the same sentence.
        around: stand anywhere in the match's sentence, the match itself included.
    """

    before: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()
    around: tuple[Text, ...] = ()
    reach: Annotated[int, Field(ge=1, le=60)] = 10


class CancellingCues(Form):
    """Words that show that a context only looks as if it acquitted.

    Args:
        around: stand in the clauses of cue and match or, with `across_clauses`, anywhere in the sentence.
    """

    around: tuple[Text, ...] = ()


def is_pattern(cue: str) -> bool:
    """Whether a cue is a regular expression, written /so/."""
    return len(cue) > 2 and cue.startswith("/") and cue.endswith("/")


class Exemption(Form):
    """A context that acquits: negation, quotation, question, lawful notice.

    Args:
        cues: what shows the context.
        across_clauses: whether cues bear on the match, and are cancelled, over the end of a clause.
        unless: what shows that it only looks like it ("不是我吓唬你" introduces a threat); cancels it.
        outcome: `acquitted` drops the match; `doubtful` keeps it as uncertain (`exemption_unsure`).
    """

    id: Identifier
    title: Text
    cues: Cues
    unless: CancellingCues = CancellingCues()
    across_clauses: bool = False
    outcome: Literal["acquitted", "doubtful"] = "acquitted"


class Trigger(Form):
    """Something said in the call that other entries refer to by name ("the customer asked to stop").

    Args:
        role: who says it.
        condition: what is said.
        until: it counts only as long as none of these triggers was said.
        ends_call: it counts only where the agent says nothing more.
    """

    id: Identifier
    title: Text
    role: Role = Role.CUSTOMER
    condition: Condition
    until: tuple[Identifier, ...] = ()
    ends_call: bool = False


class LadderStep(Form):
    """When the same words weigh more (domain 1.0, severity ladder); exactly one of the four tests.

    Args:
        lifts: from this severity.
        to: to that one.
        repeated: at least so many occurrences in the call.
        call_types: in these calls.
        after: any of these triggers came before the words.
        beside: a hit of any of these categories is in the call too.
    """

    id: Identifier
    lifts: Severity
    to: Severity
    repeated: Annotated[int, Field(ge=2)] | None = None
    call_types: tuple[CallType, ...] | None = None
    after: tuple[Identifier, ...] | None = None
    beside: tuple[Identifier, ...] | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = (self.repeated, self.call_types, self.after, self.beside)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("give exactly one of repeated, call_types, after, beside")
        if self.to.rank <= self.lifts.rank:
            raise ValueError("a step of the ladder leads up: `to` must be worse than `lifts`")
        return self
