"""What rules, elements and case rules share: names, basis, and the beginning and end of a call."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from qa_pipeline.rules.grammar import Form, Text

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
Count = Annotated[int, Field(ge=1)]


class Basis(Form):
    """Why a rule exists; `grade` says how well the source was seen."""

    kind: Literal["law", "standard", "practice"]
    cite: Text
    grade: Literal["text", "press", "secondary", "code", "seed", "memory"]


class Ends(Form):
    """The beginning or the end of a call.

    Turns are the agent's. `first_turns` or `first_seconds`: one of them suffices, and so with `last_*`.
    """

    first_turns: Count | None = None
    first_seconds: Count | None = None
    last_turns: Count | None = None
    last_seconds: Count | None = None
