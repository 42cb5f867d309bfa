"""A trained second ear for violations: which category the words of an agent may belong to.

Rules find violations by phrases; this hears those that are worded otherwise. `SentenceEncoder` makes a vector
of what was said in a turn, a small network tells categories and ordinary talk apart. What it
takes for a violation is then read again by clauses, so that a person is shown the words and not the
courtesies around them. Training: ``models/tune_encoder.py`` and ``models/train_violations.py``; figures:
``models/cards/violations.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.perceptron import Perceptrons
from qa_pipeline.language.stretches import Stretch, most_likely, stretches
from qa_pipeline.language.trained_ears import TrainedEar
from qa_pipeline.resources import models_folder
from qa_pipeline.types import ORDINARY, NormalizedText, Prediction, Role, Utterance

FEATURES = "violation-features/3"

READINGS = "violation-readings/6"
"""Of what is told beside the violations and below their thresholds; counts up when it changes."""

OF_PARTS = 0.4
"""What the loudest clause, or two, counts beside the whole stretch: courtesies drown a threat, and what is a
threat by itself may be innocent in its turn (docs/decisions/0013)."""

READ_AGAIN_FROM = 0.1
"""From this probability of any violation on, a stretch is read again by clauses; more would cost time."""

FAINT_FROM = 0.15
"""From this probability on the category that is heard most is told below its threshold, too, for calls that
are opened anyway (docs/decisions/0015)."""

ORDINARY_FROM = 0.6
"""From this probability of ordinary talk on, what a rule found goes to a person (`python models/veto.py`)."""

SURELY_ORDINARY = 0.7
"""From this one on, what a rule only suspects is no violation (`python models/veto.py`)."""

UNHEARD_BELOW = 0.05
"""Below this probability of a category nothing of it is heard; what a rule found goes to a person then."""


class ViolationClassifier(TrainedEar):
    """The trained classifier of violations.

    Args:
        model: what `models/train_violations.py` stored: labels, two thresholds each, and the head;
            beside it the encoder.

    Attributes:
        encoder: makes its vectors, and those of any other head.
    """

    presented = f"{FEATURES} {READINGS}"

    def __init__(self, model: StoredModel) -> None:
        encoder = SentenceEncoder(model.beside["encoder.onnx"], model.beside["pieces.json"])
        super().__init__(model, encoder)

    @classmethod
    def load(cls, folder: Path | None = None) -> ViolationClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first prediction."""
        return cls(StoredModel.open(folder or models_folder() / "violations"))

    def predict(
        self, utterances: Sequence[Utterance], normalized: Sequence[NormalizedText]
    ) -> tuple[Prediction, ...]:
        """The violations that utterances may be, by their best window, and of every window that was read,
        whether it is ordinary talk.

        A violation is told from its category's threshold on; the one most heard in a window also below it,
        from `FAINT_FROM` on.

        Customers cannot violate, so what a customer said is not looked at.

        Args:
            normalized: the text of each utterance; runs parallel.
        """
        read = stretches(utterances, normalized, of=Role.AGENT)
        if not read:
            return ()
        texts, parts = [stretch.words for stretch in read], [stretch.parts for stretch in read]
        whole, weighed = heard(self._head, self.encoder, texts, parts)
        violations = (
            self._quoted(stretch, column, probability, self.probabilities)
            for stretch, column, probability in most_likely(read, weighed, self._levels(weighed))
        )
        ordinary = (self._ordinary(stretch, row) for stretch, row in zip(read, whole, strict=True))
        return (*violations, *ordinary)

    def probabilities(self, texts: Sequence[str]) -> Any:
        """An array of normalised texts by categories; what remains to 1 is that it is no violation."""
        return _probabilities(self._head, self.encoder, texts)

    def _levels(self, probabilities: Any) -> Any:
        """From where on each category is told, of each row of probabilities."""
        thresholds = np.array(self._thresholds)
        most = np.arange(len(thresholds)) == probabilities.argmax(axis=1)[:, None]
        return np.where(most, np.minimum(thresholds, FAINT_FROM), thresholds)

    def _ordinary(self, stretch: Stretch, likely: Any) -> Prediction:
        """Whether a stretch is ordinary talk, and what it is certainly not."""
        return Prediction(
            label=ORDINARY,
            probability=1 - float(likely.sum()),
            threshold=ORDINARY_FROM,
            certain=SURELY_ORDINARY,
            utterance_id=stretch.utterance.id,
            model=self._model.reference,
            start_char=stretch.window.start,
            end_char=stretch.window.end,
            unheard=tuple(
                label for label, value in zip(self.labels, likely, strict=True) if value < UNHEARD_BELOW
            ),
        )


def heard(
    head: Perceptrons, encoder: SentenceEncoder, texts: Sequence[str], parts: Sequence[Sequence[str]]
) -> tuple[Any, Any]:
    """How probable each category is in texts: by the texts as wholes, and weighed with their parts.

    Args:
        texts: normalised.
        parts: the clauses of each text; runs parallel.

    Returns:
        Two arrays of texts by categories. What remains of a row to 1 is that it is no violation; the second
        array does not add up so.
    """
    whole = _probabilities(head, encoder, texts)
    weighed = whole.copy()
    for row in map(int, np.flatnonzero(whole.sum(axis=1) >= READ_AGAIN_FROM)):
        if parts[row]:
            loudest = _probabilities(head, encoder, parts[row]).max(axis=0)
            weighed[row] = (1 - OF_PARTS) * whole[row] + OF_PARTS * loudest
    return whole, weighed


def _probabilities(head: Perceptrons, encoder: SentenceEncoder, texts: Sequence[str]) -> Any:
    return head.probabilities(encoder.encode(texts))[:, 1:]
