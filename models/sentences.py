"""The sentences and dialogues violations are learned from, and the development turns they are measured on."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_pipeline.language.answers import said_before
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.stretches import Clauses, Window
from qa_pipeline.types import CallType, NormalizedText, Role, Utterance

HERE = Path(__file__).parent
TRAINING = HERE / "violations" / "training"
ELEMENTS = HERE / "elements"
DIALOGUES = HERE / "dialogues"
"""Labelled dialogues that served as development sets once and are learned from since."""
CORPUS = HERE.parent / "tests" / "corpus"
DEVELOPMENT = ("dev", "dev2", "dev7", "dev8", "dev9", "dev10")
"""Sets whose errors may be read, and from which nothing is learned."""
NONE = "none"
MOST = 0.7
"""Who reads so much of a violation's words has read it."""
UNREAD = frozenset({"turns_z", "turns_ac", "turns_ad", "turns_ae", "wordings_f", "wordings_h"})
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
    """An agent's turn of a dialogue; findings map a category to direct or evasive, quotes to its words.

    Args:
        answered: what the other side said before, normalised.
    """

    call: str
    call_type: CallType
    clean_call: bool
    raw: str
    answered: str
    findings: dict[str, str] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)


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

    A turn with a violation is read by its clauses, too: what holds the words that are quoted is the
    violation, what is beside them is ordinary talk. What holds a part of them, or two violations, is no
    lesson; nor is a violation that case data tell and not words.

    Args:
        labels: the violations that words tell.
    """
    found: dict[str, Sentence] = {}
    for folder in sorted(path.name for path in DIALOGUES.iterdir()):
        for turn in turns_in(DIALOGUES / folder):
            for words, label in lessons(turn):
                if label in {NONE, *labels}:
                    manner = turn.findings.get(label)
                    found[words] = Sentence(text=words, label=label, manner=manner, hand=folder, spoken=True)
    return list(found.values())


def lessons(turn: Turn) -> Iterator[tuple[str, str]]:
    """The stretches of a turn of which is known what they are, with what that is."""
    text = normalize(turn.raw)
    places = {label: _place(turn.raw, text, quote) for label, quote in turn.quotes.items()}
    cut = Clauses.of(turn.raw, text)
    read = cut.windows()
    runs = {*read, *(run for window in read for run in cut.runs(window))}
    for run in sorted(runs) if places else read:
        shares = {label: run.share_of(place) for label, place in places.items()}
        held = [label for label, share in shares.items() if share >= MOST]
        if len(held) <= 1 and not any(0 < share < MOST for share in shares.values()):
            yield run.of(text.text), held[0] if held else NONE


def _place(raw: str, text: NormalizedText, quote: str) -> Window:
    """Where the words of a quote stand in a normalised text."""
    first = raw.index(quote)
    return Window(
        *(bisect_left(text.offsets, edge, hi=len(text.text)) for edge in (first, first + len(quote)))
    )


def read_turns() -> list[Turn]:
    """The agents' turns of the development dialogues."""
    return [turn for folder in DEVELOPMENT for turn in turns_in(CORPUS / folder)]


def turns_in(folder: Path) -> list[Turn]:
    """The agents' turns of the dialogues of a folder."""
    return [
        Turn(
            call=f"{folder.name}/{call['call_id']}",
            call_type=CallType(call["expected"]["call_type"]),
            clean_call=not call["expected"]["findings"],
            raw=said["text"],
            answered=answered,
            findings={finding["category"]: finding["manner"] for finding in found},
            quotes={finding["category"]: finding["quote"] for finding in found},
        )
        for path in sorted(folder.glob("*.jsonl"))
        for call in _rows(path)
        for index, (said, answered) in enumerate(zip(call["utterances"], _answered(call), strict=True))
        if said["role"] == "agent"
        for found in [[one for one in call["expected"]["findings"] if one["utterance"] == index]]
    ]


def _answered(call: Any) -> Iterator[str]:
    """What each utterance of a call answers."""
    utterances = [
        Utterance(
            id=str(index),
            role=Role(said["role"]),
            role_confidence=1.0,
            channel=None,
            span=None,
            text=said["text"],
        )
        for index, said in enumerate(call["utterances"])
    ]
    return said_before(utterances, [normalize(utterance.text) for utterance in utterances])


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
