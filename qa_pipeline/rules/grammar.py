"""The condition language of rule packs: what may stand under `condition`, `met` and `partial`.

A condition is a mapping with exactly one kind. Kinds are part of every pack ever written: one may be added,
none may change its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from qa_pipeline.rules.figures import Figure, Trait
from qa_pipeline.types import CustomerMeaning, TalkMomentKind

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _one_pattern(value: Any) -> Any:
    """Alternatives written as a list are one pattern."""
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return "|".join(value)
    return value


Pattern = Annotated[Text, BeforeValidator(_one_pattern)]
"""A regular expression, or a list of which one must match."""


class Form(BaseModel):
    """A part of a pack: frozen, strict, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Within(StrEnum):
    """What the words of a condition may not reach beyond."""

    CLAUSE = "clause"
    SENTENCE = "sentence"
    PASSAGE = "passage"


class PhraseCondition(Form):
    """One of these phrases is heard, letter by letter or, unless `phonetic` is false, by its sound.

    Args:
        phrase: phrases; ``@name`` stands for a word list of the pack.
        phonetic: false for words whose homophones are everyday words; then their sound counts only where what
            was recognised is no words (see `readings.py`).
        weak: a match alone never makes a hit, only something to look at.
    """

    phrase: Annotated[tuple[Text, ...], Field(min_length=1)]
    phonetic: bool = True
    weak: bool = False


class RegexCondition(Form):
    """The pattern is found in the normalised text, and not inside a match of `exclude`.

    It is tried on what was most likely said too (see `readings.py`).

    Args:
        within: what it matches stays within this.
    """

    regex: Pattern
    exclude: Pattern | None = None
    weak: bool = False
    within: Annotated[Within, Field(strict=False)] = Within.SENTENCE


class EntityKind(StrEnum):
    """What `language.entities` finds in normalised text."""

    AMOUNT = "amount"
    DATE = "date"
    OVERDUE_DAYS = "overdue_days"
    CHANNEL = "channel"
    STAFF_NUMBER = "staff_number"
    DIGITS = "digits"
    PHONE = "phone"
    INSTITUTION = "institution"


class EntityCondition(Form):
    """A fact of this kind is said."""

    entity: EntityKind


class MetadataField(StrEnum):
    """The case data a rule may ask for, by the names of the metadata contract."""

    CONTACT_ROLE = "contact_role"
    LEGAL_STAGE = "legal_stage"
    APPROVED_PLANS = "approved_plans"
    GUARANTOR = "guarantor"
    AGENT_TYPE = "agent_type"
    DIRECTION = "direction"
    PRODUCT = "product"
    STAGE = "stage"
    NO_CONTACT = "no_contact"
    COMPLAINT_OPEN = "complaint_open"
    OVERDUE_DAYS = "overdue_days"
    TALK_SECONDS = "talk_seconds"
    EFFECTIVE_CALLS_TODAY = "effective_calls_today"
    ATTEMPTS_TODAY = "attempts_today"
    CALLS_TO_CONTACT = "calls_to_contact"


class MetadataCondition(Form):
    """The case data say so; where they are silent, the finding is uncertain and names what it needs.

    Args:
        metadata: the field.
        is_in: its value, or one of a list value, is one of these; true and false for yes or no.
        at_least, at_most: limits of a number.
    """

    metadata: MetadataField
    is_in: tuple[str | bool, ...] = ()
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _some_test(self) -> Self:
        if bool(self.is_in) == (self.at_least is not None or self.at_most is not None):
            raise ValueError("give either is_in or at_least and at_most")
        return self


class MisstatedCondition(Form):
    """An amount, a day or a time overdue is said that the case data contradict; never where they are silent.

    See `figures.py` for what counts as a contradiction.

    Args:
        exactly: whether a rounded amount contradicts too.
        traits: only an amount that is all of these: more than any in the case data; of four digits and more,
            which nobody says of anything but an account; of the digits of one of the case data, in another
            order.
    """

    misstated: Figure
    exactly: bool = False
    traits: tuple[Trait, ...] = ()

    @model_validator(mode="after")
    def _of_an_amount(self) -> Self:
        if self.traits and self.misstated != "amount":
            raise ValueError(f"traits: only an amount is {self.traits[0]}")
        return self


class StatedCondition(Form):
    """The figure of the case data is said, to the cent or to the day; never where they are silent.

    It needs no words around it: the figure tells what it is.

    Args:
        stated: an amount counts where it is what is due, not the minimum payment.
    """

    stated: Figure


class NamedCondition(Form):
    """The name that the case data give is said, with or without its legal form; never where they are silent.

    Args:
        named: a lender or an agency counts where it is not the debtor's (您在越川银行的卡).
        beginning: so many characters of a longer name are enough (北阜车金 for 北阜汽车金融), by sound too.
    """

    named: Literal["institution", "agency", "product"]
    beginning: Annotated[int, Field(ge=2, le=3)] | None = None


class AcousticCondition(Form):
    """How the agent talks strikes, apart from the words: see `TalkMomentKind`.

    Where one channel carries both speakers, times are estimates and the finding is uncertain.

    Args:
        acoustic: the kind of moment.
        at_least: the value from which a moment counts (see `TalkMoment`).
        times: so many of them in the call make one finding, at the last of them.
    """

    acoustic: TalkMomentKind
    at_least: Annotated[int, Field(ge=1)]
    times: Annotated[int, Field(ge=1)] = 1


PromisePart = Literal["date", "pay_day", "amount", "part_payment", "channel", "repetition", "part_repetition"]


class PromiseCondition(Form):
    """A part of the promise to pay was agreed, or the promise repeated, whole or in part (elements only).

    `pay_day` is the day on which the customer's own money comes, instead of a date; `part_payment` an amount
    below what the case data say is due. See `promise.py`.
    """

    promise: PromisePart


class MeantCondition(Form):
    """The classifier is certain that a customer means this, in whatever words."""

    meant: Annotated[CustomerMeaning, Field(strict=False)]


class NearCondition(Form):
    """All parts are heard close together.

    Args:
        near: two parts or more.
        gap: at most so many characters between one part and the next.
        ordered: the parts stand in this order.
        within: what lies between one part and the next stays within this.
    """

    near: Annotated[tuple[Condition, ...], Field(min_length=2)]
    gap: Annotated[int, Field(ge=0, le=60)] = 12
    ordered: bool = False
    within: Annotated[Within, Field(strict=False)] = Within.SENTENCE


class CountCondition(Form):
    """The condition holds so many times in the passage, at different words."""

    count: Condition
    at_least: Annotated[int, Field(ge=2)]


class SaidCondition(Form):
    """A trigger of the pack was said near the passage; stands inside `all` beside something in it.

    Args:
        said: triggers, of which one suffices.
        order: whether it was said before the passage, after it, or either; the passage itself counts as both.
        turns: at most so many turns of any speaker away; anywhere in that order when left out.
        seconds: at most so many seconds away, where the talk has times.
    """

    said: Annotated[tuple[Text, ...], Field(min_length=1)]
    order: Literal["before", "after", "either"] = "before"
    turns: Annotated[int, Field(ge=0)] | None = None
    seconds: Annotated[int, Field(ge=1)] | None = None


class AllCondition(Form):
    """Every part holds in the same passage."""

    all: Annotated[tuple[Condition, ...], Field(min_length=1)]


class AnyCondition(Form):
    """One part at least holds."""

    any: Annotated[tuple[Condition, ...], Field(min_length=1)]


class NotCondition(Form):
    """The part does not hold in the passage; stands inside `all` beside something that does."""

    not_: Annotated[Condition, Field(alias="not")]


Leaf = (
    AcousticCondition
    | PhraseCondition
    | RegexCondition
    | EntityCondition
    | MeantCondition
    | MetadataCondition
    | MisstatedCondition
    | NamedCondition
    | PromiseCondition
    | SaidCondition
    | StatedCondition
)
"""Conditions that have no parts."""

CONDITION_KINDS: dict[str, type[Form]] = {
    "phrase": PhraseCondition,
    "regex": RegexCondition,
    "entity": EntityCondition,
    "metadata": MetadataCondition,
    "misstated": MisstatedCondition,
    "stated": StatedCondition,
    "named": NamedCondition,
    "acoustic": AcousticCondition,
    "promise": PromiseCondition,
    "meant": MeantCondition,
    "near": NearCondition,
    "count": CountCondition,
    "said": SaidCondition,
    "all": AllCondition,
    "any": AnyCondition,
    "not": NotCondition,
}


def _condition_kind(value: Any) -> str | None:
    """The one key that names the kind of a condition; None (an error) when there is none or more than one."""
    if isinstance(value, Form):
        return next((name for name, kind in CONDITION_KINDS.items() if isinstance(value, kind)), None)
    named = [name for name in CONDITION_KINDS if name in value] if isinstance(value, dict) else []
    return named[0] if len(named) == 1 else None


Condition = Annotated[
    Annotated[PhraseCondition, Tag("phrase")]
    | Annotated[RegexCondition, Tag("regex")]
    | Annotated[EntityCondition, Tag("entity")]
    | Annotated[MetadataCondition, Tag("metadata")]
    | Annotated[MisstatedCondition, Tag("misstated")]
    | Annotated[StatedCondition, Tag("stated")]
    | Annotated[NamedCondition, Tag("named")]
    | Annotated[AcousticCondition, Tag("acoustic")]
    | Annotated[PromiseCondition, Tag("promise")]
    | Annotated[MeantCondition, Tag("meant")]
    | Annotated[NearCondition, Tag("near")]
    | Annotated[CountCondition, Tag("count")]
    | Annotated[SaidCondition, Tag("said")]
    | Annotated[AllCondition, Tag("all")]
    | Annotated[AnyCondition, Tag("any")]
    | Annotated[NotCondition, Tag("not")],
    Discriminator(
        _condition_kind,
        custom_error_type="condition_kind",
        custom_error_message=f"a condition has exactly one of {', '.join(CONDITION_KINDS)}",
    ),
]


for _kind in (NearCondition, CountCondition, AllCondition, AnyCondition, NotCondition):
    _kind.model_rebuild()


def parts_of(condition: Condition) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    """The conditions a condition is made of, with their paths in it."""
    match condition:
        case NearCondition():
            yield from ((("near", index), part) for index, part in enumerate(condition.near))
        case AllCondition():
            yield from ((("all", index), part) for index, part in enumerate(condition.all))
        case AnyCondition():
            yield from ((("any", index), part) for index, part in enumerate(condition.any))
        case NotCondition():
            yield ("not",), condition.not_
        case CountCondition():
            yield ("count",), condition.count


def leaves(condition: Condition) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    """The parts of a condition that have no parts, with their paths."""
    parts = list(parts_of(condition))
    if not parts:
        yield (), condition
    for step, part in parts:
        yield from (((*step, *path), leaf) for path, leaf in leaves(part))


def points_at_words(condition: Condition) -> bool:
    """Whether every way to fulfil the condition rests on words, so that a finding has a quote."""
    match condition:
        case AllCondition():
            return any(points_at_words(part) for part in condition.all)
        case NearCondition() | AnyCondition() | CountCondition():
            return all(points_at_words(part) for _, part in parts_of(condition))
        case NotCondition() | MetadataCondition() | SaidCondition():
            return False
        case _:
            return True
