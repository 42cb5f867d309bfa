"""Violations that case data and call log show without any words."""

from __future__ import annotations

from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, model_validator

from qa_pipeline.rules.grammar import Form, MetadataCondition, Text
from qa_pipeline.rules.schema.charges import Charge
from qa_pipeline.rules.schema.examples import ExampleForm, Line
from qa_pipeline.rules.schema.shared import Identifier
from qa_pipeline.types import CallType

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


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


class CaseExample(ExampleForm):
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
