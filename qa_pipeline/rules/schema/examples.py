"""Examples that a pack carries: what must come of a sentence or a dialogue, and of what nothing may come."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from qa_pipeline.rules.grammar import Form, Text
from qa_pipeline.types import CallType, Role, TalkMomentKind


class ExampleForm(Form):
    """What examples have in common."""

    # A validator that runs before the others hands on Python values; strictness would refuse lists and names.
    model_config = ConfigDict(strict=False)


class Line(ExampleForm):
    """One utterance of an example dialogue.

    Args:
        acoustic: how it is said strikes: kinds of moments with their values.
    """

    role: Role
    text: Text
    acoustic: dict[TalkMomentKind, float] = Field(default_factory=dict)


class Example(ExampleForm):
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


class HeardExamples(Form):
    """What must come of words that the classifier is certain of: `hit` is found, `miss` acquitted."""

    hit: tuple[Example, ...] = ()
    miss: tuple[CounterExample, ...] = ()


class ElementExamples(Form):
    """`met` and `partial` must come out so; `miss` must come out missed or not applicable."""

    met: Annotated[tuple[Example, ...], Field(min_length=1)]
    partial: tuple[Example, ...] = ()
    miss: Annotated[tuple[CounterExample, ...], Field(min_length=1)]
