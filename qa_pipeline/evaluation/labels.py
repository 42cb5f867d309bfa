"""Labelled calls: the reference text and the expected judgement that stand beside a recording."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.types import CallType, CriterionOutcome, Message, Role, Severity, message

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


class _Identity(_Label):
    call_id: str | None = None


class _Reference(_Label):
    utterances: tuple[ReferenceUtterance, ...] = ()


class _Sidecar(_Label):
    """The labels in the JSON beside a recording."""

    metadata: _Identity = _Identity()
    reference: _Reference = _Reference()
    expected: Expectation


class _Dialogue(_Label):
    """One line of a corpus."""

    call_id: str
    utterances: tuple[ReferenceUtterance, ...]
    expected: Expectation


def read_labels(folder: Path) -> dict[str, CallLabels]:
    """Read the labels of a folder, by call id.

    They are sidecars, `<call>.json` with an `expected` object beside `metadata` and `reference`, or corpora,
    `<name>.jsonl` with a dialogue a line: `call_id`, `metadata`, `utterances`, `expected`.

    Raises:
        ConfigurationError: `no_labels_found`, or `labels_invalid`, with file and line, where one cannot be
            read or is not of that shape.
    """
    beside = (_labels_beside_a_call(path) for path in sorted(folder.glob("*.json")))
    found = [labels for labels in beside if labels is not None]
    for path in sorted(folder.glob("*.jsonl")):
        found += _labels_of_a_corpus(path)
    if not found:
        told = message(
            "{folder}: no labelled calls; expected CALL.json with an `expected` object, or JSON lines",
            folder=folder,
        )
        raise ConfigurationError("no_labels_found", told)
    return {labels.call_id: labels for labels in found}


def _labels_beside_a_call(path: Path) -> CallLabels | None:
    """Those of one sidecar; None where it says nothing of what is expected."""
    with _told_where(f"{path}"):
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text)
        if not isinstance(document, dict) or "expected" not in document:
            return None
        sidecar = _Sidecar.model_validate_json(text)
    return CallLabels(
        call_id=sidecar.metadata.call_id or path.stem,
        reference=sidecar.reference.utterances,
        expected=sidecar.expected,
    )


def _labels_of_a_corpus(path: Path) -> list[CallLabels]:
    with _told_where(f"{path}"):
        lines = tuple(numbered_lines(path))
    found = []
    for number, line in lines:
        with _told_where(f"{path}:{number}"):
            dialogue = _Dialogue.model_validate_json(line)
        found.append(
            CallLabels(call_id=dialogue.call_id, reference=dialogue.utterances, expected=dialogue.expected)
        )
    return found


@contextmanager
def _told_where(where: str) -> Iterator[None]:
    """Tells what is wrong with labels, where, and what to do.

    Raises:
        ConfigurationError: `labels_invalid`.
    """
    try:
        yield
    except OSError as error:
        told = message("{file} cannot be read: {problem}", file=where, problem=error)
        raise ConfigurationError("labels_invalid", told) from error
    except ValidationError as error:
        raise ConfigurationError("labels_invalid", _problem(where, error)) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError("labels_invalid", _no_json(where, error)) from error


def _problem(where: str, error: ValidationError) -> Message:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return _no_json(where, first["ctx"]["error"])
    return message(
        "{file}: {place}: {problem}; see the sidecars in sample_audio for the shape",
        file=where,
        place=".".join(str(part) for part in first["loc"]) or "JSON",
        problem=first["msg"],
    )


def _no_json(where: str, reason: object) -> Message:
    return message("{where}: not readable as JSON ({reason}); correct the line", where=where, reason=reason)
