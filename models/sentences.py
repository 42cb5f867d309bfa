"""The sentences violations are learned from, and the development turns they are measured on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_pipeline.language.normalization import normalize
from qa_pipeline.types import CallType

HERE = Path(__file__).parent
TRAINING = HERE / "violations" / "training"
ELEMENTS = HERE / "elements"
CORPUS = HERE.parent / "tests" / "corpus"
DEVELOPMENT = ("dev", "dev2", "dev3", "dev4", "dev5", "dev6", "dev7")
"""Sets whose errors may be read."""
NONE = "none"
UNREAD = frozenset({"turns_z", "turns_ac", "turns_ad", "turns_ae", "wordings_f"})
"""Hands that the encoder was not tuned on: what they wrote tells how words of strangers are heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A training sentence, normalised.

    Args:
        label: the violation it is, or none.
        near: the violation that a hard negative looks like.
        manner: direct or evasive, of a violation.
        hand: who wrote it: the folder it lies in.
    """

    text: str
    label: str
    near: str | None = None
    manner: str | None = None
    hand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An agent's turn of a development dialogue; findings map a category to direct or evasive."""

    call: str
    call_type: CallType
    clean_call: bool
    raw: str
    findings: dict[str, str] = field(default_factory=dict)


def read_sentences() -> list[Sentence]:
    """All training sentences; utterances that fulfil a script element are ordinary too."""
    found = [
        Sentence(
            text=normalize(row["text"]).text,
            label=row["label"],
            near=row.get("near"),
            manner=row.get("manner"),
            hand=path.parent.name,
        )
        for path in sorted(TRAINING.rglob("*.jsonl"))
        for row in _rows(path)
    ]
    found += [
        Sentence(text=normalize(row["text"]).text, label=NONE, hand="elements")
        for path in sorted(ELEMENTS.glob("*.jsonl"))
        for row in _rows(path)
        if row["labels"]
    ]
    return list({sentence.text: sentence for sentence in found}.values())


def read_turns() -> list[Turn]:
    """The agents' turns of the development dialogues."""
    return [
        Turn(
            call=f"{folder}/{call['call_id']}",
            call_type=CallType(call["expected"]["call_type"]),
            clean_call=not call["expected"]["findings"],
            raw=said["text"],
            findings={
                finding["category"]: finding["manner"]
                for finding in call["expected"]["findings"]
                if finding["utterance"] == index
            },
        )
        for folder in DEVELOPMENT
        for path in sorted((CORPUS / folder).glob("*.jsonl"))
        for call in _rows(path)
        for index, said in enumerate(call["utterances"])
        if said["role"] == "agent"
    ]


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
