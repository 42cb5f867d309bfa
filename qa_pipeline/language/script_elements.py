"""A trained ear for script elements: which of them the words of an agent may fulfil, by what they mean.

It reads the same vectors as the ear for violations, so each turn is encoded once, with one logistic
regression an element. What is told by figures or names (amounts, days, institutions) is left to the rules.
Training: ``models/train_elements.py``; figures: ``models/cards/elements.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.stretches import most_likely, stretches
from qa_pipeline.resources import models_folder
from qa_pipeline.types import Prediction, Token, Utterance

FEATURES = "element-features/2"


class ElementClassifier:
    """The trained classifier of script elements.

    Args:
        model: what `models/train_elements.py` stored: labels, two thresholds each, a scale and a regression
            an element.
        encoder: the one it was trained with.
    """

    def __init__(self, model: StoredModel, encoder: SentenceEncoder) -> None:
        self._model = model
        self._encoder = encoder

    @classmethod
    def load(cls, encoder: SentenceEncoder, folder: Path | None = None) -> ElementClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first prediction."""
        return cls(StoredModel.open(folder or models_folder() / "elements"), encoder)

    @property
    def digest(self) -> str:
        """Of the artefact and of how utterances are presented to it."""
        return f"{FEATURES} {self._model.reference.sha256}"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The elements it knows."""
        return tuple(self._model.artefact["labels"])

    def predict(
        self, utterances: Sequence[Utterance], tokens: Sequence[Sequence[Token]]
    ) -> tuple[Prediction, ...]:
        """The elements that utterances may fulfil, at or above each element's threshold, by the best window.

        Customers fulfil no script, so what a customer said is not looked at.

        Args:
            tokens: the words of each utterance; runs parallel.
        """
        read = stretches(utterances, tokens)
        if not read:
            return ()
        artefact = self._model.artefact
        probabilities = self.probabilities([stretch.words for stretch in read])
        return tuple(
            Prediction(
                label=self.labels[column],
                probability=probability,
                threshold=float(artefact["thresholds"][column]),
                certain=float(artefact["certain"][column]),
                utterance_id=stretch.utterance.id,
                model=self._model.reference,
                start_char=stretch.window.start,
                end_char=stretch.window.end,
            )
            for stretch, column, probability in most_likely(read, probabilities, artefact["thresholds"])
        )

    def probabilities(self, texts: Sequence[str]) -> Any:
        """An array of normalised texts by elements."""
        return element_probabilities(self._model.artefact, self._encoder.encode(texts))


def element_probabilities(artefact: dict[str, Any], vectors: Any) -> Any:
    """Probabilities as an array of vectors by elements."""
    import numpy as np  # noqa: PLC0415

    scaled = artefact["scale"].transform(vectors)
    return np.column_stack([model.predict_proba(scaled)[:, 1] for model in artefact["models"]])
