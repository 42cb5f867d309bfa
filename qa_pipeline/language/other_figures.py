"""The figures of an utterance as its second hearing has them (see `speech.second_hearing`).

The first hearing writes digits and slips at their joints, the second writes characters and mishears others:
which of the two is right, nobody can tell by themselves, but a figure of the case data that either of them
has was said.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from qa_pipeline.language.normalization import NUMBER_CHARACTERS, normal_characters
from qa_pipeline.language.word_places import PlacedWord, normal_place, placed_words
from qa_pipeline.types import NormalizedText, OtherFigures, Utterance

OTHER_FIGURES = "other-figures/1"
"""Counts up when the same words give other figures."""


def other_figures(utterance: Utterance, normalized: NormalizedText) -> OtherFigures | None:
    """The utterance's normalised text with the figures of its second hearing; None where it has the same."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    done = 0
    for begin, end, again in _figures(utterance):
        first, after = normal_place(normalized, begin, end)
        figure, _ = normal_characters(again)
        if first == after or figure == normalized.text[first:after]:
            continue
        pieces += (normalized.text[done:first], figure)
        places += itertools.pairwise(range(done, first + 1))
        places += [(first, after)] * len(figure)
        done = after
    if not pieces:
        return None
    pieces.append(normalized.text[done:])
    places += itertools.pairwise(range(done, len(normalized.text) + 1))
    return OtherFigures(text="".join(pieces), places=tuple(places))


def _figures(utterance: Utterance) -> Iterator[tuple[int, int, str]]:
    """Stretches of words in which either hearing has a figure: start and end in the raw text, heard again."""
    for is_figure, group in itertools.groupby(placed_words(utterance), key=_has_figure):
        if is_figure:
            words = list(group)
            yield words[0][0], words[-1][1], "".join(_again(placed) for placed in words)


def _has_figure(placed: PlacedWord) -> bool:
    return not NUMBER_CHARACTERS.isdisjoint(placed[2].text + _again(placed))


def _again(placed: PlacedWord) -> str:
    word = placed[2]
    return word.text if word.again is None else word.again
