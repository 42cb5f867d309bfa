"""A trained ear for answers: what an agent's words are after what the other side has just said.

Some violations do not lie in the words. 您说个日子 is a fair question, and harassment right after 我在开车;
是的 is nothing, and gives a debt away right after 他是不是欠你们钱. This ear reads both turns, as vectors
of the ear for violations side by side, with small networks on them. Training: ``models/train_answers.py``;
figures: ``models/cards/answers.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.stretches import SHORTEST, WHOLE, most_likely, stretches
from qa_pipeline.language.trained_ears import TrainedEar
from qa_pipeline.resources import models_folder
from qa_pipeline.types import NormalizedText, Prediction, Role, Utterance

FEATURES = "answer-features/1"


class AnswerClassifier(TrainedEar):
    """The trained classifier of answers."""

    presented = FEATURES

    @classmethod
    def load(cls, encoder: SentenceEncoder, folder: Path | None = None) -> AnswerClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first prediction."""
        return cls(StoredModel.open(folder or models_folder() / "answers"), encoder)

    def predict(
        self, utterances: Sequence[Utterance], normalized: Sequence[NormalizedText]
    ) -> tuple[Prediction, ...]:
        """What an agent's utterances may be as answers, at or above each label's threshold.

        Args:
            normalized: the text of each utterance; runs parallel.
        """
        read = stretches(utterances, normalized, of=Role.AGENT)
        if not read:
            return ()
        before = {
            utterance.id: words
            for utterance, words in zip(utterances, said_before(utterances, normalized), strict=True)
        }
        probabilities = self.probabilities(
            [before[stretch.utterance.id] for stretch in read], [stretch.words for stretch in read]
        )
        return tuple(
            self._quoted(
                stretch, column, probability, partial(self._as_answers, before[stretch.utterance.id])
            )
            for stretch, column, probability in most_likely(read, probabilities, self._thresholds)
        )

    def _as_answers(self, answered: str, answers: Sequence[str]) -> Any:
        return self.probabilities([answered] * len(answers), answers)

    def probabilities(self, answered: Sequence[str], answers: Sequence[str]) -> Any:
        """An array of answers by labels.

        Args:
            answered: what was said before each answer, normalised; empty where nothing was.
            answers: normalised.
        """
        return self._head.chances(exchange_vectors(self.encoder, answered, answers))


def exchange_vectors(encoder: SentenceEncoder, answered: Sequence[str], answers: Sequence[str]) -> Any:
    """The vectors of answers, each beside that of what it answers: zeros where nothing was said before."""
    own = encoder.encode(answers)
    before = np.zeros_like(own)
    said = [row for row, words in enumerate(answered) if words]
    if said:
        before[said] = encoder.encode([answered[row] for row in said])
    return np.hstack([own, before])


def said_before(utterances: Sequence[Utterance], normalized: Sequence[NormalizedText]) -> Iterator[str]:
    """Of each utterance what the other side said last before it, at most the last `WHOLE` characters.

    One side may say several utterances in a row. Words shorter than `SHORTEST`, as 嗯 or 喂, are read with
    what that side said before them.

    Args:
        normalized: the text of each utterance; runs parallel.
    """
    for position, utterance in enumerate(utterances):
        words = ""
        for earlier in range(position - 1, -1, -1):
            if utterances[earlier].role is not utterance.role:
                words = normalized[earlier].text + words
            elif len(words) >= SHORTEST:
                break
        yield words[-WHOLE:]
