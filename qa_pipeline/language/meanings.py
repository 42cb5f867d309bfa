"""Trained ears for what is meant: which of some meanings the words of one side may have.

One of them hears which script elements an agent fulfils, one what a customer says that an agent must answer
(hardship, a complaint, a refusal). Both read the vectors of the ear for violations, so each turn is encoded
once, with small networks on it. What is told by figures or names (amounts, days, institutions)
is left to the rules. Training: ``models/train_elements.py`` and ``models/train_customers.py``; figures:
``models/cards``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.stretches import most_likely, stretches
from qa_pipeline.language.trained_ears import TrainedEar
from qa_pipeline.resources import models_folder
from qa_pipeline.types import NormalizedText, Prediction, Role, Utterance

FEATURES = "meaning-features/1"


class MeaningClassifier(TrainedEar):
    """A trained classifier of what one side means.

    Args:
        model: what training stored: labels, two thresholds each, and the arrays of networks.
        encoder: the one it was trained with.
        role: whose words it reads; those of a speaker who is not known are read, too.
    """

    presented = FEATURES

    def __init__(self, model: StoredModel, encoder: SentenceEncoder, role: Role) -> None:
        super().__init__(model, encoder)
        self._role = role

    @classmethod
    def of_elements(cls, encoder: SentenceEncoder, folder: Path | None = None) -> MeaningClassifier:
        """The ear for script elements; of a folder, the packaged one when None."""
        return cls(StoredModel.open(folder or models_folder() / "elements"), encoder, Role.AGENT)

    @classmethod
    def of_customers(cls, encoder: SentenceEncoder, folder: Path | None = None) -> MeaningClassifier:
        """The ear for what customers say; of a folder, the packaged one when None."""
        return cls(StoredModel.open(folder or models_folder() / "customers"), encoder, Role.CUSTOMER)

    def predict(
        self, utterances: Sequence[Utterance], normalized: Sequence[NormalizedText]
    ) -> tuple[Prediction, ...]:
        """What utterances may mean, at or above each meaning's threshold, by the best window.

        Args:
            normalized: the text of each utterance; runs parallel.
        """
        read = stretches(utterances, normalized, of=self._role)
        if not read:
            return ()
        probabilities = self.probabilities([stretch.words for stretch in read])
        return tuple(
            self._prediction(stretch, column, probability, stretch.window)
            for stretch, column, probability in most_likely(read, probabilities, self._thresholds)
        )

    def probabilities(self, texts: Sequence[str]) -> Any:
        """An array of normalised texts by meanings."""
        return self._head.chances(self.encoder.encode(texts))
