"""What the classifier makes of words that a rule found.

Rules know wordings and the classifier the sense of a sentence, so each is worth more where the other agrees:
what a rule is sure of and the classifier takes for ordinary talk goes to a person, and what a rule only
suspects counts where the classifier hears the same category, and is dropped where it hears ordinary talk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from qa_pipeline.rules.matches import Match
from qa_pipeline.rules.passages import Passage
from qa_pipeline.types import ORDINARY, MatchKind, Prediction

WORDING_DOUBTS = frozenset({"pattern_weak", "phonetic", "homophone_common_word", "exemption_unsure"})
"""Doubts whether words of this kind were said at all; others are about speaker, call or case data."""

AGREES = 0.6
"""From this probability of the category on, what a rule only suspects is a hit: of such words by people whom
the classifier had not read, 34 of 35 were rightly found (`python models/veto.py`)."""


class Opinion(Enum):
    """What the classifier says of a match."""

    NONE = "none"
    SAME = "same"
    ORDINARY = "ordinary"
    SURELY_ORDINARY = "surely ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The doubts that are left when both were asked; `dropped` where nothing is."""

    doubts: frozenset[str]
    dropped: bool = False


def weigh(doubts: frozenset[str], opinion: Opinion) -> Weighed:
    """What a match with these doubts becomes under an opinion."""
    match opinion:
        case Opinion.SAME:
            return Weighed(doubts=doubts - {"pattern_weak"})
        case Opinion.SURELY_ORDINARY if doubts & WORDING_DOUBTS:
            return Weighed(doubts=doubts | {"heard_ordinary"}, dropped=True)
        case Opinion.ORDINARY | Opinion.SURELY_ORDINARY:
            return Weighed(doubts=doubts | {"heard_ordinary"})
        case _:
            return Weighed(doubts=doubts)


def opinion_on(match: Match, passage: Passage, category: str) -> Opinion:
    """What the classifier says of the words a match rests on.

    They are ordinary talk when everything it read of them is. It has no opinion where it read nothing, and
    none on what it heard itself.
    """
    if any(part.kind is MatchKind.CLASSIFIER for part in match.parts):
        return Opinion.NONE
    read = [
        prediction for prediction in passage.conversation.predictions if _reads(prediction, match, passage)
    ]
    if any(one.label == category and one.probability >= AGREES for one in read):
        return Opinion.SAME
    ordinary = [one for one in read if one.label == ORDINARY]
    if not ordinary or any(one.probability < one.threshold for one in ordinary):
        return Opinion.NONE
    sure = all(one.probability >= one.certain for one in ordinary)
    return Opinion.SURELY_ORDINARY if sure else Opinion.ORDINARY


def _reads(prediction: Prediction, match: Match, passage: Passage) -> bool:
    """Whether a prediction is about characters of the match."""
    return any(
        start < stop and begin < end
        for start, end in _stretches(match)
        for begin, stop in _stretch_of(prediction, passage)
        if begin < end and start < stop
    )


def _stretches(match: Match) -> Iterator[tuple[int, int]]:
    return ((part.start, part.end) for part in match.parts)


def _stretch_of(prediction: Prediction, passage: Passage) -> Iterator[tuple[int, int]]:
    for position, begin in zip(passage.utterances, passage.starts, strict=True):
        if passage.conversation.transcript.utterances[position].id == prediction.utterance_id:
            length = len(passage.conversation.normalized[position].text)
            end = length if prediction.end_char is None else prediction.end_char
            yield begin + (prediction.start_char or 0), begin + end
