"""Labelled calls: the reference text and the expected judgement that stand beside a recording."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.types import CallType, CriterionOutcome, Role, Severity, message

Manner = Literal["direct", "evasive"]
"""Whether a violation is said outright or only to be understood."""


class _Label(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ReferenceUtterance(_Label):
    """What was really said, when, by whom."""

    role: Role
    start_ms: int | None = None
    end_ms: int | None = None
    text: str


class ExpectedFinding(_Label):
    """A violation that is in the call; `utterance` is an index into the reference."""

    category: str
    severity: Severity
    utterance: int | None = None
    quote: str | None = None
    manner: Manner = "direct"


class Expectation(_Label):
    """What a careful reviewer says of the call."""

    call_type: CallType
    findings: tuple[ExpectedFinding, ...] = ()
    criteria: dict[str, CriterionOutcome] = {}


class CallLabels(_Label):
    """The labels of one call."""

    call_id: str
    reference: tuple[ReferenceUtterance, ...]
    expected: Expectation

    def text_of(self, role: Role) -> str:
        """All that one role said, in order."""
        return "".join(utterance.text for utterance in self.reference if utterance.role is role)


def read_labels(folder: Path) -> dict[str, CallLabels]:
    """Read the labels of a folder, by call id.

    They are sidecars, `<call>.json` with an `expected` object beside `metadata` and `reference`, or corpora,
    `<name>.jsonl` with a dialogue a line: `call_id`, `metadata`, `utterances`, `expected`.

    Raises:
        ConfigurationError: `no_labels_found`, or `labels_invalid` where one is not of that shape.
    """
    labels = {}
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(document, dict) and "expected" in document:
            call_id = document.get("metadata", {}).get("call_id", path.stem)
            spoken = document.get("reference", {}).get("utterances", ())
            labels[call_id] = _labels(f"{path}", call_id, spoken, document["expected"])
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            document = json.loads(line)
            call_id = document["call_id"]
            labels[call_id] = _labels(
                f"{path}:{number}", call_id, document["utterances"], document["expected"]
            )
    if not labels:
        told = message(
            "{folder}: no labelled calls; expected CALL.json with an `expected` object, or JSON lines",
            folder=folder,
        )
        raise ConfigurationError("no_labels_found", told)
    return labels


def _labels(where: str, call_id: str, spoken: object, expected: object) -> CallLabels:
    try:
        return CallLabels.model_validate({"call_id": call_id, "reference": spoken, "expected": expected})
    except ValidationError as error:
        first = error.errors()[0]
        told = message(
            "{file}: {place}: {problem}; see the sidecars in sample_audio for the shape",
            file=where,
            place=".".join(str(part) for part in first["loc"]),
            problem=first["msg"],
        )
        raise ConfigurationError("labels_invalid", told) from error
