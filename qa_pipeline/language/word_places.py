"""Where in the text of an utterance its recognised words stand."""

from __future__ import annotations

from collections.abc import Iterator

from qa_pipeline.types import Utterance, Word

PlacedWord = tuple[int, int, Word]
"""Start and end in characters of the raw text, and the word."""


def placed_words(utterance: Utterance) -> Iterator[PlacedWord]:
    """The recognised words in order, each with its place; a word that the text does not hold is left out."""
    cursor = 0
    for word in utterance.words:
        text = word.text.strip()
        begin = utterance.text.find(text, cursor) if text else -1
        if begin >= 0:
            cursor = begin + len(text)
            yield begin, cursor, word
