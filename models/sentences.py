"""The sentences and dialogues violations are learned from, and the development turns they are measured on."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.stretches import windows
from qa_pipeline.types import CallType

HERE = Path(__file__).parent
TRAINING = HERE / "violations" / "training"
ELEMENTS = HERE / "elements"
DIALOGUES = HERE / "dialogues"
"""Labelled dialogues that served as development sets once and are learned from since."""
CORPUS = HERE.parent / "tests" / "corpus"
DEVELOPMENT = ("dev", "dev2", "dev7", "dev8")
"""Sets whose errors may be read, and from which nothing is learned."""
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
        raw: as it was written, marks included; empty of what is a part of a turn.
        spoken: whether it was said in a whole dialogue.
    """

    text: str
    label: str
    raw: str = ""
    near: str | None = None
    manner: str | None = None
    hand: str = ""
    spoken: bool = False


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
            raw=row["text"],
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


def read_spoken(labels: Collection[str]) -> list[Sentence]:
    """What agents say in the dialogues that are learned from, window by window.

    A turn with two violations, or with one somewhere in a turn too long to be read at once, is no lesson:
    nobody said which window is which. Nor is one with a violation that case data tell and not words.

    Args:
        labels: the violations that words tell.
    """
    found: dict[str, Sentence] = {}
    for folder in sorted(path.name for path in DIALOGUES.iterdir()):
        for turn in _turns(DIALOGUES / folder):
            text = normalize(turn.raw)
            read = windows(turn.raw, text)
            if len(turn.findings) > 1 or (turn.findings and len(read) > 1):
                continue
            label, manner = next(iter(turn.findings.items()), (NONE, None))
            if label not in {NONE, *labels}:
                continue
            for window in read:
                words = window.of(text.text)
                found[words] = Sentence(text=words, label=label, manner=manner, hand=folder, spoken=True)
    return list(found.values())


def read_turns() -> list[Turn]:
    """The agents' turns of the development dialogues."""
    return [turn for folder in DEVELOPMENT for turn in _turns(CORPUS / folder)]


def _turns(folder: Path) -> list[Turn]:
    return [
        Turn(
            call=f"{folder.name}/{call['call_id']}",
            call_type=CallType(call["expected"]["call_type"]),
            clean_call=not call["expected"]["findings"],
            raw=said["text"],
            findings={
                finding["category"]: finding["manner"]
                for finding in call["expected"]["findings"]
                if finding["utterance"] == index
            },
        )
        for path in sorted(folder.glob("*.jsonl"))
        for call in _rows(path)
        for index, said in enumerate(call["utterances"])
        if said["role"] == "agent"
    ]


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
