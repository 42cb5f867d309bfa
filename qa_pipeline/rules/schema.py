"""The shape of a rule pack: what the YAML files may say, checked on load.

Everything here is frozen and strict, and an unknown key is an error: a misspelt key that is silently ignored
is a wrong score. `docs/rules.md` is the reference for people who write packs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from qa_pipeline.rules.grammar import Condition, Form, MetadataCondition, Text
from qa_pipeline.types import CallType, Role, Severity, TalkMomentKind

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
Count = Annotated[int, Field(ge=1)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


# --- shared parts of a pack ---


class Basis(Form):
    """Why a rule exists; `grade` says how well the source was seen."""

    kind: Literal["law", "standard", "practice"]
    cite: Text
    grade: Literal["text", "press", "secondary", "code", "seed", "memory"]


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


class Ends(Form):
    """The beginning or the end of a call.

    Turns are the agent's. `first_turns` or `first_seconds`: one of them suffices, and so with `last_*`.
    """

    first_turns: Count | None = None
    first_seconds: Count | None = None
    last_turns: Count | None = None
    last_seconds: Count | None = None


class Window(Ends):
    """Where in the call something counts.

    Args:
        before: not after any of these elements was first said.
        after: not before all of these elements that are said in the call were last said.
    """

    before: tuple[Identifier, ...] = ()
    after: tuple[Identifier, ...] = ()


# --- examples ---


class _ExampleForm(Form):
    # A validator that runs before the others hands on Python values; strictness would refuse lists and names.
    model_config = ConfigDict(strict=False)


class Line(_ExampleForm):
    """One utterance of an example dialogue.

    Args:
        acoustic: how it is said strikes: kinds of moments with their values.
    """

    role: Role
    text: Text
    acoustic: dict[TalkMomentKind, float] = Field(default_factory=dict)


class Example(_ExampleForm):
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
    metadata: dict[str, str | int | bool | tuple[str, ...]] = Field(default_factory=dict)

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


class RuleExamples(Form):
    """`hit` must be found, `uncertain` found but doubted, `miss` not found by any rule of the category."""

    hit: tuple[Example, ...] = ()
    uncertain: tuple[Example, ...] = ()
    miss: Annotated[tuple[CounterExample, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _something_found(self) -> Self:
        if not self.hit and not self.uncertain:
            raise ValueError("give an example that is found, in hit or, for a weak rule, in uncertain")
        return self


class ElementExamples(Form):
    """`met` and `partial` must come out so; `miss` must come out missed or not applicable."""

    met: Annotated[tuple[Example, ...], Field(min_length=1)]
    partial: tuple[Example, ...] = ()
    miss: Annotated[tuple[CounterExample, ...], Field(min_length=1)]


# --- rules and elements ---


class Scope(Form):
    """Where a rule looks: always the agent's words; in all call types and all the time unless it says more.

    Args:
        call_types: in these calls.
        answers: where the agent answers one of these triggers: right after the turn that holds it.
        after: once one of these triggers was said.
        until: as long as none of these triggers was said.
        window: at the beginning or at the end of the call.
    """

    call_types: tuple[CallType, ...] = ()
    window: Ends | None = None
    answers: tuple[Identifier, ...] = ()
    after: tuple[Identifier, ...] = ()
    until: tuple[Identifier, ...] = ()


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
        may_hit: whether its word alone is enough for a hit where it is certain; else a person is asked.
    """

    may_hit: bool = False


class Clock(Form):
    """The call was started in these hours, unless they were agreed.

    Args:
        starts, ends: times of day, HH:MM; the hours may reach over midnight.
        zone: of the clock.
        agreed_by: triggers by which the customer agreed in the call; `agreed_window` counts too.
    """

    starts: ClockTime
    ends: ClockTime
    zone: Text = "Asia/Shanghai"
    agreed_by: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {self.zone}; give a name such as Asia/Shanghai") from error
        return self


class CaseTest(Form):
    """What case data and call log must say: the hours, or all of these conditions; exactly one of the two."""

    clock: Clock | None = None
    all: tuple[MetadataCondition, ...] = ()

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if (self.clock is None) == (not self.all):
            raise ValueError("give exactly one of clock, all")
        return self


class CaseExample(_ExampleForm):
    """Case data, and a short dialogue where the talk matters, of which a finding comes or not."""

    metadata: dict[str, str | int | bool | tuple[str, ...]] = Field(default_factory=dict)
    dialogue: tuple[Line, ...] = ()
    why: Text | None = None
    call_type: CallType | None = None


class CaseExamples(Form):
    """`hit` must be found, `uncertain` found but doubted, `miss` not found."""

    hit: Annotated[tuple[CaseExample, ...], Field(min_length=1)]
    uncertain: tuple[CaseExample, ...] = ()
    miss: Annotated[tuple[CaseExample, ...], Field(min_length=1)]


class CaseRule(Charge):
    """A violation that case data and call log show without any words.

    Args:
        hinted_by: triggers that make it worth asking a person where the data are silent; else nothing is
            found then, since every call without data would be.
    """

    case: CaseTest
    hinted_by: tuple[Identifier, ...] = ()
    examples: CaseExamples


class Need(StrEnum):
    """How an element stands to a call type; a call type left out means not applicable."""

    REQUIRED = "required"
    CONDITIONAL = "conditional"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


class Occasion(Form):
    """When a conditional element is due: a trigger was said, an element was or was not, or all of these."""

    trigger: Identifier | None = None
    element: Identifier | None = None
    no_element: Identifier | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if all(name is None for name in (self.trigger, self.element, self.no_element)):
            raise ValueError("give at least one of trigger, element, no_element")
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


# --- files ---


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


class RuleFile(Form):
    """violations/*.yaml."""

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    case_rules: tuple[CaseRule, ...] = ()


class HeardOtherwiseFile(Form):
    """heard_otherwise.yaml."""

    heard_otherwise: Annotated[tuple[HeardOtherwise, ...], Field(min_length=1)]


class ElementFile(Form):
    """elements/*.yaml."""

    elements: Annotated[tuple[Element, ...], Field(min_length=1)]
