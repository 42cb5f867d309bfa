"""Violations: what a finding says of one, and how words show it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qa_pipeline.rules.grammar import Condition, Form, MetadataCondition, Text
from qa_pipeline.rules.schema.examples import HeardExamples, RuleExamples
from qa_pipeline.rules.schema.shared import Basis, Count, Ends, Identifier
from qa_pipeline.types import AgentMeaning, CallType, Severity


class Scope(Form):
    """Where a rule looks: always the agent's words; in all call types and all the time unless it says more.

    Args:
        call_types: in these calls.
        answers: where the agent answers one of these triggers: right after the turn that holds it.
        after: once one of these triggers was said.
        until: as long as none of these triggers was said.
        window: at the beginning or at the end of the call.
        about: in calls with the debtor only where one of these triggers was said by anybody, before or after.
    """

    call_types: tuple[CallType, ...] = ()
    window: Ends | None = None
    answers: tuple[Identifier, ...] = ()
    after: tuple[Identifier, ...] = ()
    until: tuple[Identifier, ...] = ()
    about: tuple[Identifier, ...] = ()


class Charge(Form):
    """What a finding says of the violation it found.

    Args:
        id: stable; findings, reviews and appeals refer to it.
        category: a key of the pack's `categories`; several rules may share one.
        version: counts up when the meaning changes.
        exemptions: names of the pack's exemptions that apply.
        ladder: names of the pack's ladder steps that apply.
    """

    id: Identifier
    category: Identifier
    version: Count
    title: Text
    rationale: Text
    severity: Severity
    ladder: tuple[Identifier, ...] = ()
    basis: Annotated[tuple[Basis, ...], Field(min_length=1)]
    scope: Scope = Scope()
    exemptions: tuple[Identifier, ...] = ()


class Rule(Charge):
    """One way to commit a violation, recognised by a condition.

    Args:
        ear_ignored: why what the classifier makes of the words is not asked; None where it is.
    """

    condition: Condition
    ear_ignored: Text | None = None
    examples: RuleExamples


class HeardOtherwise(Charge):
    """A violation that the classifier recognises where no rule of its category does.

    Args:
        meaning: what the classifier hears, where that is a violation only in the charge's scope; None where
            it hears the category itself.
        may_hit: whether its word alone is enough for a hit where it is certain; else a person is asked.
        given: case data without which the words are none; doubted where the case data are silent.
    """

    meaning: Annotated[AgentMeaning | None, Field(strict=False)] = None
    may_hit: bool = False
    given: MetadataCondition | None = None
    examples: HeardExamples = HeardExamples()

    @property
    def heard_as(self) -> str:
        """The label of the predictions it rests on."""
        return self.meaning or self.category
