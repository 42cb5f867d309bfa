"""What the trained ears have in common: a stored model that knows labels, each with its two thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.perceptron import Perceptrons
from qa_pipeline.language.stretches import Stretch, Window, shortest_run
from qa_pipeline.types import Prediction


class TrainedEar:
    """An ear that hears labels in stretches of talk.

    Args:
        model: what training stored: labels, from where on each counts and is certain, and the head.
        encoder: makes its vectors.

    Attributes:
        presented: names how utterances are presented to it; counts up when that changes.
    """

    presented: ClassVar[str]

    def __init__(self, model: StoredModel, encoder: SentenceEncoder) -> None:
        self._model = model
        self.encoder = encoder

    @property
    def digest(self) -> str:
        """Of the artefact and of how utterances are presented to it."""
        return f"{self.presented} {self._model.reference.sha256}"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What it knows."""
        return tuple(self._model.artefact["labels"])

    @cached_property
    def _head(self) -> Perceptrons:
        return Perceptrons(self._model.artefact["head"])

    @property
    def _thresholds(self) -> Any:
        return self._model.artefact["thresholds"]

    def _prediction(self, stretch: Stretch, column: int, probability: float, words: Window) -> Prediction:
        """That a label is heard in a stretch, at some of its words."""
        return Prediction(
            label=self.labels[column],
            probability=probability,
            threshold=float(self._thresholds[column]),
            certain=float(self._model.artefact["certain"][column]),
            utterance_id=stretch.utterance.id,
            model=self._model.reference,
            start_char=words.start,
            end_char=words.end,
        )

    def _quoted(
        self, stretch: Stretch, column: int, probability: float, hear: Callable[[Sequence[str]], Any]
    ) -> Prediction:
        """That a label is heard in a stretch, at the shortest run of its clauses that says as much.

        Args:
            hear: the probabilities of all labels in texts.
        """
        runs = stretch.passages
        likely = hear([run.of(stretch.clauses.text) for run in runs])[:, column]
        words = shortest_run(runs, likely, probability, float(self._thresholds[column]))
        return self._prediction(stretch, column, probability, words)
