"""Where in the text of an utterance, raw and normalised, its recognised words stand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from qa_pipeline.types import NormalizedText, Utterance, Word

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


def normal_place(normalized: NormalizedText, begin: int, end: int) -> tuple[int, int]:
    """Where the raw characters [begin, end) stand in the normalised text; nowhere, where it dropped them."""
    return bisect_left(normalized.offsets, begin), bisect_left(normalized.offsets, end)
