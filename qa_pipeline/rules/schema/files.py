"""The files of a pack."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa_pipeline.rules.grammar import Form, Pattern, Text
from qa_pipeline.rules.schema.case_rules import CaseRule
from qa_pipeline.rules.schema.charges import HeardOtherwise, Rule
from qa_pipeline.rules.schema.context import Exemption, LadderStep, Trigger
from qa_pipeline.rules.schema.elements import Element
from qa_pipeline.rules.schema.shared import Identifier


class PackHeader(Form):
    """pack.yaml: identity and what rules and elements share.

    Args:
        categories: violation ids with their titles.
        agreement: the trigger that counts as the customer's yes to a promise to pay.
        provocation: the trigger of which a reviewer is told where the agent answers it; it excuses nothing.
        words: named word lists, used as ``@name`` in phrases and cues.
        slots: for a word with everyday homophones, the words beside which a homophone counts.
        breaks: words that end the reach of a cue ("但是", "否则").
    """

    id: Identifier
    version: Text
    language: Literal["zh"]
    title: Text
    categories: dict[Identifier, Text] = Field(default_factory=dict)
    agreement: Identifier | None = None
    provocation: Identifier | None = None
    words: dict[Identifier, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)
    slots: dict[Text, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)
    breaks: tuple[Text, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    ladder: tuple[LadderStep, ...] = ()


class PatternFile(Form):
    """patterns.yaml: parts that patterns share, used in them as ``(?&name)``, and in those after it here."""

    patterns: Annotated[dict[Identifier, Pattern], Field(min_length=1)]


class ExemptionFile(Form):
    """exemptions.yaml, where pack.yaml would grow too long."""

    exemptions: Annotated[tuple[Exemption, ...], Field(min_length=1)]


class TriggerFile(Form):
    """triggers.yaml, likewise."""

    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)]


class RuleFile(Form):
    """violations/*.yaml."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    case_rules: tuple[CaseRule, ...] = ()


class HeardOtherwiseFile(Form):
    """heard_otherwise.yaml, or heard_otherwise/*.yaml."""

    heard_otherwise: Annotated[tuple[HeardOtherwise, ...], Field(min_length=1)]


class ElementFile(Form):
    """elements/*.yaml."""

    elements: Annotated[tuple[Element, ...], Field(min_length=1)]
