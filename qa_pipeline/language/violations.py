"""A trained second ear for violations: which category the words of an agent may belong to.

Rules find violations by phrases; this hears those that are worded otherwise. A long utterance is read in
windows of a few clauses, so that one threat among courtesies does not drown, and the best window is what a
person is shown. The model is TF-IDF over characters, words and toneless syllables, which survive a homophone
written for another, with one multinomial logistic regression. Training: ``models/train_violations.py``;
figures: ``models/cards/violations.md``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.normalization import normalize
from qa_pipeline.resources import models_folder
from qa_pipeline.types import NormalizedText, Prediction, Role, Token, Utterance

FEATURES = "violation-features/1"

SHORTEST = 8
"""Clauses shorter than this are read together with their neighbours."""

LONGEST = 26
"""Clauses are read together up to so many characters; a longer clause is read in steps of half of it."""

WHOLE = 60
"""Utterances up to here are read as a whole too: as long as the longest training sentence."""

_MARK = re.compile("[，,。！？!?；;、：:…—\\s]")


@dataclass(frozen=True, slots=True)
class Window:
    """Characters [start, end) of an utterance's normalised text, and what the model reads of them."""

    start: int
    end: int
    words: str
    characters: str
    syllables: str


def windows(raw: str, normalized: NormalizedText, tokens: Sequence[Token]) -> tuple[Window, ...]:
    """The stretches of an utterance that are classified one by one.

    Args:
        raw: the text that was normalised; its marks part clauses.
        tokens: the words of the normalised text.
    """
    size = len(normalized.text)
    spans = {(0, size)} if 0 < size <= WHOLE else set()
    edges = [0, *_marks(raw, normalized), size]
    clauses = [(low, high) for low, high in itertools.pairwise(edges) if low < high]
    for index, (low, end) in enumerate(clauses):
        spans.update((low, high) for _, high in clauses[index:] if SHORTEST <= high - low <= LONGEST)
        if end - low > LONGEST:
            steps = range(low, max(low + 1, end - LONGEST // 2), LONGEST // 2)
            spans.update((step, min(end, step + LONGEST)) for step in steps)
            spans.add((low, min(end, low + WHOLE)))
    return tuple(_window(low, high, normalized, tokens) for low, high in sorted(spans))


def _marks(raw: str, normalized: NormalizedText) -> list[int]:
    offsets = normalized.offsets
    return [
        index
        for index in range(1, len(normalized.text))
        if _MARK.search(raw, offsets[index - 1] + 1, max(offsets[index], offsets[index - 1] + 1))
    ]


def _window(low: int, high: int, normalized: NormalizedText, tokens: Sequence[Token]) -> Window:
    return Window(
        start=low,
        end=high,
        words=" ".join(token.text for token in tokens if low <= token.start_char < high),
        characters=normalized.text[low:high],
        syllables=" ".join(normalized.syllables[low:high]),
    )


class ViolationClassifier:
    """The trained classifier of violations.

    Args:
        model: what `models/train_violations.py` stored: labels, thresholds, vectorisers, weights, intercepts.
    """

    def __init__(self, model: StoredModel) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path | None = None) -> ViolationClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first prediction."""
        return cls(StoredModel.open(folder or models_folder() / "violations"))

    @property
    def digest(self) -> str:
        """Of the artefact and of how utterances are presented to it."""
        return f"{FEATURES} {self._model.reference.sha256}"

    def predict(
        self, utterances: Sequence[Utterance], tokens: Sequence[Sequence[Token]]
    ) -> tuple[Prediction, ...]:
        """The violations that utterances may be, at or above each category's threshold, by their best window.

        Customers cannot violate, so what a customer said is not looked at.

        Args:
            tokens: the words of each utterance; runs parallel.
        """
        read = [
            (utterance, window)
            for utterance, words in zip(utterances, tokens, strict=True)
            if utterance.role is not Role.CUSTOMER and words
            for window in windows(utterance.text, normalize(utterance.text), words)
        ]
        if not read:
            return ()
        artefact = self._model.artefact
        probabilities = violation_probabilities(artefact, [window for _, window in read])
        best: dict[tuple[str, str], Prediction] = {}
        for row, column in zip(*(probabilities >= artefact["thresholds"]).nonzero(), strict=True):
            utterance, window = read[row]
            label, probability = artefact["labels"][column], float(probabilities[row, column])
            known = best.get((utterance.id, label))
            if known is None or known.probability < probability:
                best[utterance.id, label] = Prediction(
                    label=label,
                    probability=probability,
                    threshold=float(artefact["thresholds"][column]),
                    utterance_id=utterance.id,
                    model=self._model.reference,
                    start_char=window.start,
                    end_char=window.end,
                )
        return tuple(best.values())


def violation_probabilities(artefact: dict[str, Any], read: Sequence[Window]) -> Any:
    """Probabilities as an array of windows by labels; what remains to 1 is that it is no violation."""
    from scipy.special import softmax  # noqa: PLC0415

    scores = violation_matrix(artefact, read) @ artefact["weights"].astype("float32").T
    return softmax(scores + artefact["intercepts"], axis=1)[:, 1:]


def violation_matrix(artefact: dict[str, Any], read: Sequence[Window]) -> Any:
    """What the vectorisers make of windows: a sparse array of windows by features."""
    from scipy.sparse import hstack  # noqa: PLC0415

    return hstack(
        [
            artefact[kind].transform([getattr(window, kind) for window in read])
            for kind in ("words", "characters", "syllables")
        ]
    ).tocsr()
