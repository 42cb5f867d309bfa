"""A trained second ear for violations: which category the words of an agent may belong to.

Rules find violations by phrases; this hears those that are worded otherwise. `SentenceEncoder` makes a vector
of what was said in a turn, one multinomial logistic regression tells categories and ordinary talk apart. What
it takes for a violation is then read again by clauses, so that a person is shown the words and not the
courtesies around them. Training: ``models/train_encoder.py`` and ``models/train_violations.py``; figures:
``models/cards/violations.md``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.normalization import normalize
from qa_pipeline.resources import models_folder
from qa_pipeline.types import ORDINARY, NormalizedText, Prediction, Role, Token, Utterance

FEATURES = "violation-features/2"

READINGS = "violation-readings/2"
"""Of what is told beside the violations; counts up when it changes."""

SHORTEST = 6
"""Fewer characters say too little by themselves."""

WHOLE = 60
"""Longest stretch that is read at once, in characters: as long as the longest training sentence."""

STEP = 30
"""A clause longer than `WHOLE` is read in steps of so many characters."""

AS_MUCH = 0.9
"""Fewer clauses say as much as all when they are as probable, nearly."""

ORDINARY_FROM = 0.6
"""From this probability of ordinary talk on, what a rule found goes to a person (`python models/veto.py`)."""

SURELY_ORDINARY = 0.8
"""From this one on, what a rule only suspects is no violation (`python models/veto.py`)."""

UNHEARD_BELOW = 0.02
"""Below this probability of a category nothing of it is heard; what a rule found goes to a person then."""

_MARK = re.compile("[，,。！？!?；;、：:…—\\s]")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Characters [start, end) of an utterance's normalised text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]


def windows(raw: str, normalized: NormalizedText) -> tuple[Window, ...]:
    """The stretches of an utterance that are classified one by one: all of it, or as many clauses as fit.

    Args:
        raw: the text that was normalised; its marks part clauses.
    """
    size = len(normalized.text)
    if size <= WHOLE:
        return (Window(0, size),) if size else ()
    longest = {run.start: run for run in _runs(_clauses(raw, normalized))}
    found: list[Window] = []
    for run in longest.values():
        if not found or run.end > found[-1].end:
            found.append(run)
    return tuple(found)


def passages(raw: str, normalized: NormalizedText, window: Window) -> tuple[Window, ...]:
    """The runs of clauses within a window, shorter ones first."""
    clauses = [
        Window(max(clause.start, window.start), min(clause.end, window.end))
        for clause in _clauses(raw, normalized)
        if clause.start < window.end and clause.end > window.start
    ]
    runs = {run for run in _runs(clauses) if run.end - run.start >= SHORTEST}
    return tuple(sorted(runs | {window}, key=lambda run: (run.end - run.start, run.start)))


def _clauses(raw: str, normalized: NormalizedText) -> list[Window]:
    edges = [0, *_marks(raw, normalized), len(normalized.text)]
    clauses: list[Window] = []
    for low, high in itertools.pairwise(edges):
        steps = [low, *range(low + STEP, high - STEP // 2, STEP)] if high - low > WHOLE else [low]
        clauses += [Window(start, end) for start, end in itertools.pairwise([*steps, high]) if start < end]
    return clauses


def _runs(clauses: Sequence[Window]) -> Iterator[Window]:
    """Clauses next to each other, read together up to `WHOLE`; of one start the longer ones later."""
    for index, first in enumerate(clauses):
        for last in clauses[index:]:
            if last is not first and last.end - first.start > WHOLE:
                break
            yield Window(first.start, last.end)


def _marks(raw: str, normalized: NormalizedText) -> list[int]:
    offsets = normalized.offsets
    return [
        index
        for index in range(1, len(normalized.text))
        if _MARK.search(raw, offsets[index - 1] + 1, max(offsets[index], offsets[index - 1] + 1))
    ]


class ViolationClassifier:
    """The trained classifier of violations.

    Args:
        model: what `models/train_violations.py` stored: labels, two thresholds each, and the regression;
            beside it the encoder.

    Attributes:
        encoder: makes its vectors, and those of any other head.
    """

    def __init__(self, model: StoredModel) -> None:
        self._model = model
        self.encoder = SentenceEncoder(model.beside["encoder.onnx"], model.beside["pieces.json"])

    @classmethod
    def load(cls, folder: Path | None = None) -> ViolationClassifier:
        """Check the artefact of a folder, the packaged one when None; it is built at the first prediction."""
        return cls(StoredModel.open(folder or models_folder() / "violations"))

    @property
    def digest(self) -> str:
        """Of the artefact and of how utterances are presented to it."""
        return f"{FEATURES} {READINGS} {self._model.reference.sha256}"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The categories it knows."""
        return tuple(self._model.artefact["labels"])

    def predict(
        self, utterances: Sequence[Utterance], tokens: Sequence[Sequence[Token]]
    ) -> tuple[Prediction, ...]:
        """The violations that utterances may be, at or above each category's threshold, by their best window;
        and of every window that was read, whether it is ordinary talk.

        Customers cannot violate, so what a customer said is not looked at.

        Args:
            tokens: the words of each utterance; runs parallel.
        """
        heard = [
            (utterance, normalize(utterance.text))
            for utterance, words in zip(utterances, tokens, strict=True)
            if utterance.role is not Role.CUSTOMER and words
        ]
        read = [
            (utterance, text, window) for utterance, text in heard for window in windows(utterance.text, text)
        ]
        if not read:
            return ()
        thresholds = self._model.artefact["thresholds"]
        probabilities = self.probabilities([window.of(text.text) for _, text, window in read])
        best: dict[tuple[str, int], tuple[float, int]] = {}
        for row, column in zip(*(probabilities >= thresholds).nonzero(), strict=True):
            key = (read[row][0].id, int(column))
            best[key] = max(best.get(key, (0.0, 0)), (float(probabilities[row, column]), int(row)))
        violations = (
            self._prediction(*read[row], column, probability)
            for (_, column), (probability, row) in best.items()
        )
        ordinary = (
            self._ordinary(utterance, window, row)
            for (utterance, _, window), row in zip(read, probabilities, strict=True)
        )
        return (*violations, *ordinary)

    def probabilities(self, texts: Sequence[str]) -> Any:
        """An array of normalised texts by categories; what remains to 1 is that it is no violation."""
        vectors = self.encoder.encode(texts)
        return self._model.artefact["model"].predict_proba(vectors)[:, 1:]

    def _ordinary(self, utterance: Utterance, window: Window, likely: Any) -> Prediction:
        """Whether a window is ordinary talk, and what it is certainly not."""
        return Prediction(
            label=ORDINARY,
            probability=1 - float(likely.sum()),
            threshold=ORDINARY_FROM,
            certain=SURELY_ORDINARY,
            utterance_id=utterance.id,
            model=self._model.reference,
            start_char=window.start,
            end_char=window.end,
            unheard=tuple(
                label for label, value in zip(self.labels, likely, strict=True) if value < UNHEARD_BELOW
            ),
        )

    def _prediction(
        self, utterance: Utterance, text: NormalizedText, window: Window, column: int, probability: float
    ) -> Prediction:
        """What was heard in a window, at the shortest run of its clauses that says as much."""
        artefact = self._model.artefact
        threshold = float(artefact["thresholds"][column])
        runs = passages(utterance.text, text, window)
        likely = self.probabilities([run.of(text.text) for run in runs])[:, column]
        enough = max(threshold, AS_MUCH * probability)
        words = next((run for run, value in zip(runs, likely, strict=True) if value >= enough), window)
        return Prediction(
            label=self.labels[column],
            probability=probability,
            threshold=threshold,
            certain=float(artefact["certain"][column]),
            utterance_id=utterance.id,
            model=self._model.reference,
            start_char=words.start,
            end_char=words.end,
        )
