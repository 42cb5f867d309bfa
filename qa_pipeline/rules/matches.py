"""What conditions are checked against and what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.phrases import Heard
from qa_pipeline.rules.readings import Reading
from qa_pipeline.types import Conversation, MatchKind, Prediction, TimeSpan


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a passage, characters [start, end), and how it was found.

    Args:
        heard_as: the phrase it was taken for, when it is not that phrase letter by letter.
        restored: rests on a word put back (see `readings.py`).
        prediction: the classifier's word it rests on.
    """

    start: int
    end: int
    kind: MatchKind
    distance: float = 0.0
    heard_as: str | None = None
    restored: bool = False
    prediction: Prediction | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One way in which a condition holds: the parts it rests on, in order, and what speaks against it.

    `parts` is empty where the condition is not about words.
    """

    parts: tuple[Part, ...] = ()
    doubts: frozenset[str] = frozenset()

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return max(part.end for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A trigger that was said.

    Args:
        passage: index of the passage it was said in.
        order: number of the turn among those of all speakers.
        span: when it was said, where the talk has times.
    """

    passage: int
    order: int
    span: TimeSpan | None
    doubts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """A passage with what was heard in it.

    Args:
        phrases: of `PhraseIndex.search`.
        reading: the passage with misheard words put back; None where none was.
        said: where each trigger of the pack was said in the call.
        promised: positions of the utterances on which a part of the promise to pay rests, by part.
    """

    conversation: Conversation
    passage: Passage
    phrases: Mapping[str, Sequence[Heard]]
    said: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    promised: Mapping[str, frozenset[int]] = field(default_factory=dict)
    reading: Reading | None = None


Check = Callable[[Hearing], tuple[Match, ...]]
