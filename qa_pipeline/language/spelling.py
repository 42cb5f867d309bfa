"""What was most likely said, where recognition wrote other characters of the same sound.

A recogniser that has heard little of this trade writes 对部队 for 对不对 and 正见 for 证件: half of its
errors keep the syllable. Which of the characters that sound alike was said, their neighbours tell. So the
spelling is sought that is most probable by a model of how such calls are worded (`ngrams`) and by how sure
the recogniser was of what it wrote: a noisy channel (Kernighan, Church and Gale 1990), searched with a beam.

* As many characters as were heard, one for one: quotes, times and clauses stay where they are.
* A character gives way to one that the recogniser itself nearly wrote, at their odds; to one of the same
  folded syllable; or at a higher cost to one of a near syllable.
* Numbers and letters never change, and none is put in: amounts and dates rest on what was heard.
* Text that nobody recognised, as in a given transcript, is read as it stands.

The transcript itself stays as it was heard; what rests on another spelling is shown with both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.ngrams import START, CharacterNgrams, appended, symbols
from qa_pipeline.language.normalization import NUMBER_CHARACTERS
from qa_pipeline.language.phonetics import syllables
from qa_pipeline.language.word_places import normal_place, placed_words
from qa_pipeline.resources import models_folder
from qa_pipeline.types import Alternative, NormalizedText, Utterance

SPELLING = "spelling/2"
"""Of how texts are searched; counts up when that changes."""

SAME_SOUND_COST = 2.5
"""What another character of the syllable costs at even odds that the one heard is right, in nats: those of a
sound share what is left, and the recogniser is believed that much. Set on spoken development calls, where 2
does as well (docs/decisions/0016)."""

NEAR_SOUND_COST = 2.0
"""What a near syllable costs on top."""

LEAST_SURE, MOST_SURE = 0.05, 0.995
"""The recogniser's probabilities are taken to lie between these: it is never quite sure, nor quite lost."""

BEAM = 24
"""Spellings followed at once; twice as many find no better one."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What may stand at a position: the characters, their numbers, and what each costs by its sound."""

    characters: str
    numbers: Any
    costs: Any


_NOTHING = _Step("", np.zeros(0, np.int64), np.zeros(0, np.float32))


class Speller:
    """Spells what was recognised as it was most likely said.

    Args:
        model: what `models/train_spelling.py` stored: n-grams, and the characters of each syllable.
    """

    def __init__(self, model: StoredModel) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path | None = None) -> Speller:
        """Check the artefact of a folder, the packaged one when None; it is built at the first spelling."""
        return cls(StoredModel.open(folder or models_folder() / "spelling"))

    @property
    def digest(self) -> str:
        """Of the artefact and of how it is asked."""
        return f"{SPELLING} {self._model.reference.sha256}"

    def spell(self, utterance: Utterance, normalized: NormalizedText) -> NormalizedText:
        """The text as it was most likely said; as it stands where no recogniser wrote it.

        Args:
            normalized: of the utterance.

        Returns:
            Text of the same length and offsets; what was heard in `heard` where it is another.
        """
        if not utterance.words:
            return normalized
        certainties, alternatives = _recognised(utterance, normalized)
        text = self.most_likely(normalized.text, normalized.syllables, certainties, alternatives)
        if text == normalized.text:
            return normalized
        return replace(normalized, text=text, syllables=syllables(text), heard=normalized.text)

    def most_likely(
        self,
        text: str,
        sounds: Sequence[str],
        certainties: Sequence[float],
        alternatives: Sequence[Sequence[Alternative]] | None = None,
    ) -> str:
        """The most likely spelling of a text.

        Args:
            text: normalised.
            sounds: its folded syllables.
            certainties: how probable each character is by the recogniser.
            alternatives: what the recogniser nearly wrote for each; nothing when None.
        """
        scores = np.zeros(1, np.float32)
        contexts = np.array([START])
        way: list[tuple[str, Any, Any]] = []
        own = map(self.ngrams.number, symbols(text))
        others = alternatives or [()] * len(text)
        for step in itertools.starmap(self._step, zip(text, own, sounds, certainties, others, strict=True)):
            costs = scores[:, None] + step.costs + self.ngrams.costs(contexts, step.numbers)
            order = np.argsort(costs, axis=None, kind="stable")
            before, chosen = np.divmod(order, len(step.numbers))
            after = appended(contexts[before], step.numbers[chosen])
            # Of the spellings that look alike to what comes, only the best one can win.
            _, first = np.unique(after, return_index=True)
            kept = np.sort(first)[:BEAM]
            scores, contexts = costs.ravel()[order[kept]], after[kept]
            way.append((step.characters, before[kept], chosen[kept]))
        return "".join(_back(way, int(scores.argmin())))[::-1]

    def _step(
        self, character: str, own: int, sound: str, certainty: float, alternatives: Sequence[Alternative]
    ) -> _Step:
        if not _may_change(character):
            return _Step(character, np.array([own]), np.zeros(1, np.float32))
        nearly = [(other, odds) for other, odds in alternatives if _may_change(other)]
        alike = self._others.get(sound, _NOTHING)
        sure = min(max(certainty, LEAST_SURE), MOST_SURE)
        return _Step(
            "".join((character, *(other for other, _ in nearly), alike.characters)),
            np.concatenate(([own, *(self.ngrams.number(other) for other, _ in nearly)], alike.numbers)),
            np.concatenate(
                ([0.0, *(-math.log(odds) for _, odds in nearly)], alike.costs + math.log(sure / (1 - sure))),
                dtype=np.float32,
            ),
        )

    @cached_property
    def ngrams(self) -> CharacterNgrams:
        """The model of how calls are worded."""
        return CharacterNgrams(self._model.artefact["ngrams"])

    @cached_property
    def _others(self) -> Mapping[str, _Step]:
        """What may stand for each syllable, at even odds that the recogniser is right."""
        return {
            sound: self._any_of(alike["same"], alike["near"])
            for sound, alike in self._model.artefact["sounds"].items()
        }

    def _any_of(self, same: str, near: str) -> _Step:
        numbers = np.array([self.ngrams.number(character) for character in same + near])
        costs = np.full(len(numbers), SAME_SOUND_COST, np.float32)
        costs[len(same) :] += NEAR_SOUND_COST
        return _Step(same + near, numbers, costs)


def _back(way: Sequence[tuple[str, Any, Any]], last: int) -> Iterator[str]:
    """The characters of the way that ends at a spelling, the last one first."""
    for characters, before, chosen in reversed(way):
        yield characters[chosen[last]]
        last = before[last]


def _may_change(character: str) -> bool:
    """Whether the character may become another one, or another one this."""
    return character not in NUMBER_CHARACTERS and not character.isascii()


def _recognised(
    utterance: Utterance, normalized: NormalizedText
) -> tuple[list[float], list[Sequence[Alternative]]]:
    """How sure the recogniser was of each normalised character, and what it nearly wrote.

    Quite sure, and nothing else, where it does not say.
    """
    certainties = [1.0] * len(normalized.text)
    alternatives: list[Sequence[Alternative]] = [()] * len(normalized.text)
    for begin, end, word in placed_words(utterance):
        first, after = normal_place(normalized, begin, end)
        certainties[first:after] = [word.probability] * (after - first)
        # Only where the normaliser kept the word's characters one for one.
        if word.alternatives and after - first == end - begin:
            margin = len(word.text) - len(word.text.lstrip())
            alternatives[first:after] = word.alternatives[margin : margin + after - first]
    return certainties, alternatives
