"""The shape of a rule pack: what the YAML files may say, checked on load.

Everything here is frozen and strict, and an unknown key is an error: a misspelt key that is silently ignored
is a wrong score. `docs/rules.md` is the reference for people who write packs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from qa_pipeline.types import CallType, Role, Severity

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
Count = Annotated[int, Field(ge=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


# --- conditions ---


class PhraseCondition(_Model):
    """One of these phrases is heard, letter by letter or, unless `phonetic` is false, by its sound.

    Args:
        phrase: phrases; ``@name`` stands for a word list of the pack.
        phonetic: false for words whose homophones are everyday words.
        weak: a match alone never makes a hit, only something to look at.
    """

    phrase: Annotated[tuple[Text, ...], Field(min_length=1)]
    phonetic: bool = True
    weak: bool = False


class RegexCondition(_Model):
    """The pattern is found in the normalised text, and not inside a match of `exclude`."""

    regex: Text
    exclude: Text | None = None
    weak: bool = False


class EntityKind(StrEnum):
    """What `language.entities` finds in normalised text."""

    AMOUNT = "amount"
    DATE = "date"
    OVERDUE_DAYS = "overdue_days"
    CHANNEL = "channel"
    STAFF_NUMBER = "staff_number"


class EntityCondition(_Model):
    """An amount, date, number of days, channel or staff number is said."""

    entity: EntityKind


class MetadataField(StrEnum):
    """The case data a rule may ask for; the names of the metadata contract."""

    CONTACT_ROLE = "contact_role"
    DIRECTION = "direction"
    PRODUCT = "product"
    STAGE = "stage"
    AGENCY = "agency"
    LEGAL_STAGE = "legal_stage"
    APPROVED_PLANS = "approved_plans"
    GUARANTOR = "guarantor"
    COMPLAINT_OPEN = "complaint_open"
    NO_CONTACT = "no_contact"
    STARTED_AT = "started_at"


class MetadataCondition(_Model):
    """The case data say so; where they are silent, the finding is uncertain and names what it needs.

    Args:
        metadata: the field.
        is_in: the value, or one of a list value, is one of these; true and false for yes or no.
        present: a value other than nothing, false or an empty list is there.
        outside: local time of day outside [from, to); only for started_at.
    """

    metadata: MetadataField
    is_in: tuple[str | bool, ...] | None = None
    present: bool | None = None
    outside: tuple[TimeOfDay, TimeOfDay] | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.is_in, self.present, self.outside)) != 1:
            raise ValueError("give exactly one of is_in, present, outside")
        if (self.outside is not None) != (self.metadata is MetadataField.STARTED_AT):
            raise ValueError("outside goes with started_at, and started_at with outside")
        return self


class PromiseCondition(_Model):
    """A part of the promise to pay was agreed (elements only); see `promise.py`."""

    promise: Literal["date", "amount", "channel"]


class NearCondition(_Model):
    """All parts are heard close together.

    Args:
        near: two parts or more.
        gap: at most so many characters between one part and the next.
        ordered: the parts stand in this order.
    """

    near: Annotated[tuple[Condition, ...], Field(min_length=2)]
    gap: Annotated[int, Field(ge=0, le=60)] = 12
    ordered: bool = False


class AllCondition(_Model):
    """Every part holds in the same passage."""

    all: Annotated[tuple[Condition, ...], Field(min_length=1)]


class AnyCondition(_Model):
    """One part at least holds."""

    any: Annotated[tuple[Condition, ...], Field(min_length=1)]


class NotCondition(_Model):
    """The part does not hold in the passage; stands inside `all` beside something that does."""

    not_: Annotated[Condition, Field(alias="not")]


CONDITION_KINDS: dict[str, type[_Model]] = {
    "phrase": PhraseCondition,
    "regex": RegexCondition,
    "entity": EntityCondition,
    "metadata": MetadataCondition,
    "promise": PromiseCondition,
    "near": NearCondition,
    "all": AllCondition,
    "any": AnyCondition,
    "not": NotCondition,
}


def _condition_kind(value: Any) -> str | None:
    """The one key that names the kind of a condition; None (an error) when there is none or more than one."""
    if isinstance(value, _Model):
        return next((name for name, kind in CONDITION_KINDS.items() if isinstance(value, kind)), None)
    named = [name for name in CONDITION_KINDS if name in value] if isinstance(value, dict) else []
    return named[0] if len(named) == 1 else None


Condition = Annotated[
    Annotated[PhraseCondition, Tag("phrase")]
    | Annotated[RegexCondition, Tag("regex")]
    | Annotated[EntityCondition, Tag("entity")]
    | Annotated[MetadataCondition, Tag("metadata")]
    | Annotated[PromiseCondition, Tag("promise")]
    | Annotated[NearCondition, Tag("near")]
    | Annotated[AllCondition, Tag("all")]
    | Annotated[AnyCondition, Tag("any")]
    | Annotated[NotCondition, Tag("not")],
    Discriminator(
        _condition_kind,
        custom_error_type="condition_kind",
        custom_error_message=f"a condition has exactly one of {', '.join(CONDITION_KINDS)}",
    ),
]


# --- shared parts of a pack ---


class Basis(_Model):
    """Why a rule exists; `grade` says how well the source was seen."""

    kind: Literal["law", "standard", "practice"]
    cite: Text
    grade: Literal["text", "press", "secondary", "code", "seed", "memory"]


class Cues(_Model):
    """Words around a match that change what it means: phrases or, written /so/, regular expressions.

    Args:
        before, after: stand at most `reach` characters before or after the match, in the same sentence.
        around: stand anywhere in the match's sentence, the match itself included.
    """

    before: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()
    around: tuple[Text, ...] = ()
    reach: Annotated[int, Field(ge=1, le=60)] = 10


class Exemption(_Model):
    """A context that acquits: negation, quotation, question, lawful notice.

    Args:
        cues: what shows the context.
        unless: what shows that it only looks like it ("不是我吓唬你" introduces a threat); cancels it.
        outcome: `acquitted` drops the match; `doubtful` keeps it as uncertain (`exemption_unsure`).
    """

    id: Identifier
    title: Text
    cues: Cues
    unless: Cues = Cues()
    outcome: Literal["acquitted", "doubtful"] = "acquitted"


class Trigger(_Model):
    """Something said in the call that other entries refer to by name ("the customer asked to stop").

    Args:
        role: who says it.
        condition: what is said.
    """

    id: Identifier
    title: Text
    role: Role = Role.CUSTOMER
    condition: Condition


class LadderStep(_Model):
    """When the same words weigh more (domain 1.0, severity ladder); exactly one of the three tests.

    Args:
        lifts: from this severity.
        to: to that one.
        repeated: at least so many occurrences in the call.
        call_types: in these calls.
        after: any of these triggers came before the words.
    """

    id: Identifier
    lifts: Severity
    to: Severity
    repeated: Annotated[int, Field(ge=2)] | None = None
    call_types: tuple[CallType, ...] | None = None
    after: tuple[Identifier, ...] | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.repeated, self.call_types, self.after)) != 1:
            raise ValueError("give exactly one of repeated, call_types, after")
        if self.to.rank <= self.lifts.rank:
            raise ValueError("a step of the ladder leads up: `to` must be worse than `lifts`")
        return self


class Window(_Model):
    """Where in the call something counts.

    Turns are the agent's. `first_turns` or `first_seconds`: one of them suffices, and so with `last_*`.

    Args:
        before: not after any of these elements was first said.
        after: not before all of these elements that are said in the call were last said.
    """

    first_turns: Count | None = None
    first_seconds: Count | None = None
    last_turns: Count | None = None
    last_seconds: Count | None = None
    before: tuple[Identifier, ...] = ()
    after: tuple[Identifier, ...] = ()


# --- examples ---


class _ExampleModel(_Model):
    # A validator that runs before the others hands on Python values; strictness would refuse lists and names.
    model_config = ConfigDict(strict=False)


class Line(_ExampleModel):
    """One utterance of an example dialogue."""

    role: Role
    text: Text


class Example(_ExampleModel):
    """A sentence, or a short dialogue, with what must come of it.

    Args:
        text: said by `role`.
        dialogue: instead of `text`.
        why: the reason in a few words; required where nothing must be found.
        call_type: the first one of the scope when left out.
        metadata: case data of the example, as in a sidecar file.
    """

    text: Text | None = None
    role: Role = Role.AGENT
    dialogue: Annotated[tuple[Line, ...], Field(min_length=1)] | None = None
    why: Text | None = None
    call_type: CallType | None = None
    metadata: dict[str, str | int | bool | tuple[str, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _text_or_dialogue(self) -> Self:
        if (self.text is None) == (self.dialogue is None):
            raise ValueError("give either text or dialogue")
        return self


class CounterExample(Example):
    """An example of which nothing must come, and why."""

    @model_validator(mode="after")
    def _why(self) -> Self:
        if self.why is None:
            raise ValueError("say why this must not match")
        return self


class RuleExamples(_Model):
    """`hit` must be found, `uncertain` found but doubted, `miss` not found by any rule of the category."""

    hit: Annotated[tuple[Example, ...], Field(min_length=1)]
    uncertain: tuple[Example, ...] = ()
    miss: Annotated[tuple[CounterExample, ...], Field(min_length=1)]


class ElementExamples(_Model):
    """`met` and `partial` must come out so; `miss` must come out missed or not applicable."""

    met: Annotated[tuple[Example, ...], Field(min_length=1)]
    partial: tuple[Example, ...] = ()
    miss: Annotated[tuple[CounterExample, ...], Field(min_length=1)]


# --- rules and elements ---


class Scope(_Model):
    """Where a rule looks: always the agent's words; in all call types and anywhere unless said."""

    call_types: tuple[CallType, ...] = ()
    window: Window | None = None
    after: Identifier | None = None
    after_turns: Count | None = None

    @model_validator(mode="after")
    def _trigger(self) -> Self:
        if self.after_turns is not None and self.after is None:
            raise ValueError("after_turns goes with after, the trigger it counts from")
        return self


class Rule(_Model):
    """One way to commit a violation.

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
    condition: Condition
    exemptions: tuple[Identifier, ...] = ()
    examples: RuleExamples


class Need(StrEnum):
    """How an element stands to a call type; a call type left out means not applicable."""

    REQUIRED = "required"
    CONDITIONAL = "conditional"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


class Occasion(_Model):
    """When a conditional element is due: a trigger was said, or an element was or was not said."""

    trigger: Identifier | None = None
    element: Identifier | None = None
    no_element: Identifier | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(name is not None for name in (self.trigger, self.element, self.no_element)) != 1:
            raise ValueError("give exactly one of trigger, element, no_element")
        return self


class Element(_Model):
    """A script element: something the agent has to say.

    Args:
        applies: by call type.
        when: a conditional element is due when one of these holds.
        excused_by: triggers that make the element not applicable.
        window: where it counts.
        met: what fulfils it.
        partial: what fulfils it half.
        near_misses: phrases that look like it; an utterance with one of them never counts.
        customer_agreement: triggers, with one of which the customer must answer in the next turn.
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
    near_misses: tuple[Text, ...] = ()
    customer_agreement: tuple[Identifier, ...] = ()
    examples: ElementExamples

    @model_validator(mode="after")
    def _conditional(self) -> Self:
        if (Need.CONDITIONAL in self.applies.values()) != bool(self.when):
            raise ValueError("`when` goes with a call type that is conditional")
        return self


# --- files ---


class PackHeader(_Model):
    """pack.yaml: identity and what rules and elements share.

    Args:
        categories: violation ids with their titles.
        words: named word lists, used as ``@name`` in phrases and cues.
        slots: for a word with everyday homophones, the words beside which a homophone counts.
        breaks: words that end the reach of a cue ("但是", "否则").
    """

    id: Identifier
    version: Text
    language: Literal["zh"]
    title: Text
    categories: dict[Identifier, Text] = {}
    words: dict[Identifier, Annotated[tuple[Text, ...], Field(min_length=1)]] = {}
    slots: dict[Text, Annotated[tuple[Text, ...], Field(min_length=1)]] = {}
    breaks: tuple[Text, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    ladder: tuple[LadderStep, ...] = ()


class RuleFile(_Model):
    """violations/*.yaml."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


class ElementFile(_Model):
    """elements/*.yaml."""

    elements: Annotated[tuple[Element, ...], Field(min_length=1)]


for _kind in (NearCondition, AllCondition, AnyCondition, NotCondition, Trigger, Rule, Element, PackHeader):
    _kind.model_rebuild()
