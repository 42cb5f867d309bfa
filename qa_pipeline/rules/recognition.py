"""How sure the recogniser was of the words behind a stretch of a passage."""

from __future__ import annotations

from qa_pipeline.language.word_places import placed_words
from qa_pipeline.rules.passages import Passage
from qa_pipeline.types import Utterance, Word

GUESSED = 0.5
"""Below this a recognised word is more likely another one than itself."""

UNSURE = 0.8
"""Below this it may well be another one. Of 21,954 words that Whisper base heard in 84 spoken development
calls 18 % are below the first figure and 42 % below the second."""


def words_in(utterance: Utterance, first: int, last: int) -> list[Word]:
    """The recognised words that the raw characters [first, last) touch."""
    return [word for begin, end, word in placed_words(utterance) if begin < last and first < end]


def least_probability(passage: Passage, start: int, end: int) -> float | None:
    """The probability of the least sure word behind the characters [start, end); None where nobody said."""
    found: list[float] = []
    for position, low, high in passage.split(start, end):
        offsets = passage.conversation.normalized[position].offsets
        utterance = passage.conversation.transcript.utterances[position]
        words = words_in(utterance, offsets[low], offsets[high - 1] + 1)
        found += [word.probability for word in words]
    return min(found, default=None)


def guessed(passage: Passage, start: int, end: int) -> bool:
    """Whether a word behind the characters [start, end) was a guess; never where no probability is known."""
    least = least_probability(passage, start, end)
    return least is not None and least < GUESSED
