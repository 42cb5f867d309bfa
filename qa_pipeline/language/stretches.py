"""What of an utterance a classifier reads at once, and where it says most.

A short utterance is read whole, a longer one by as many of its clauses as fit.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qa_pipeline.types import NormalizedText, Role, Utterance

SHORTEST = 6
"""Fewer characters say too little by themselves."""

WHOLE = 60
"""Longest stretch that is read at once, in characters: as long as the longest training sentence."""

STEP = 30
"""A clause longer than `WHOLE` is read in steps of so many characters."""

AS_MUCH = 0.9
"""Fewer clauses say as much as all when they are as probable, nearly."""

_MARK = re.compile("[，,。！？!?；;、：:…—\\s]")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Characters [start, end) of an utterance's normalised text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]

    def share_of(self, other: Window) -> float:
        """How much of another stretch lies within this one."""
        common = min(self.end, other.end) - max(self.start, other.start)
        return max(0, common) / (other.end - other.start)


@dataclass(frozen=True, slots=True)
class Clauses:
    """The normalised text of an utterance, cut into its clauses."""

    text: str
    cut: tuple[Window, ...]

    @classmethod
    def of(cls, raw: str, normalized: NormalizedText) -> Clauses:
        """Cut at the marks of the text that was normalised; a clause longer than `WHOLE` in steps."""
        return cls(normalized.text, tuple(_cut(raw, normalized)))

    def windows(self) -> tuple[Window, ...]:
        """The stretches that are classified one by one: all of the text, or as many clauses as fit."""
        size = len(self.text)
        if size <= WHOLE:
            return (Window(0, size),) if size else ()
        longest = {run.start: run for run in _runs(self.cut)}
        found: list[Window] = []
        for run in longest.values():
            if not found or run.end > found[-1].end:
                found.append(run)
        return tuple(found)

    def passages(self, window: Window) -> tuple[Window, ...]:
        """The runs of clauses within a window, shorter ones first."""
        runs = {run for run in _runs(self._within(window)) if run.end - run.start >= SHORTEST}
        return tuple(sorted(runs | {window}, key=lambda run: (run.end - run.start, run.start)))

    def runs(self, window: Window) -> tuple[Window, ...]:
        """The clauses within a window, one by one and two by two; too short ones only in twos."""
        clauses = self._within(window)
        pairs = (Window(first.start, second.end) for first, second in itertools.pairwise(clauses))
        return tuple(run for run in sorted({*clauses, *pairs}) if run.end - run.start >= SHORTEST)

    def parts(self, window: Window) -> tuple[str, ...]:
        """The words of those runs."""
        return tuple(run.of(self.text) for run in self.runs(window))

    def _within(self, window: Window) -> list[Window]:
        return [
            Window(max(clause.start, window.start), min(clause.end, window.end))
            for clause in self.cut
            if clause.start < window.end and clause.end > window.start
        ]


def _cut(raw: str, normalized: NormalizedText) -> Iterator[Window]:
    edges = [0, *_marks(raw, normalized), len(normalized.text)]
    for low, high in itertools.pairwise(edges):
        steps = [low, *range(low + STEP, high - STEP // 2, STEP)] if high - low > WHOLE else [low]
        for start, end in itertools.pairwise([*steps, high]):
            if start < end:
                yield Window(start, end)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A window of what somebody said, with what it is a part of."""

    utterance: Utterance
    clauses: Clauses
    window: Window

    @property
    def words(self) -> str:
        """The characters themselves."""
        return self.window.of(self.clauses.text)

    @property
    def parts(self) -> tuple[str, ...]:
        """Its clauses, one by one and two by two."""
        return self.clauses.parts(self.window)

    @property
    def passages(self) -> tuple[Window, ...]:
        """Its runs of clauses, shorter ones first, itself last."""
        return self.clauses.passages(self.window)


def stretches(
    utterances: Sequence[Utterance], normalized: Sequence[NormalizedText], *, of: Role
) -> tuple[Stretch, ...]:
    """All that is read of what one side said, in order.

    Args:
        normalized: the text of each utterance; runs parallel.
        of: the role; whoever is not known may have it.
    """
    return tuple(
        Stretch(utterance=utterance, clauses=clauses, window=window)
        for utterance, text in zip(utterances, normalized, strict=True)
        if utterance.role in {of, Role.UNKNOWN}
        for clauses in [Clauses.of(utterance.text, text)]
        for window in clauses.windows()
    )


def most_likely(
    read: Sequence[Stretch], probabilities: Any, thresholds: Any
) -> Iterator[tuple[Stretch, int, float]]:
    """Of each utterance and label at or above its threshold, the stretch that says most, and its probability.

    Args:
        probabilities: an array of stretches by labels.
        thresholds: one a label, or of every stretch one a label.
    """
    best: dict[tuple[str, int], tuple[float, int]] = {}
    for row, column in zip(*(probabilities >= thresholds).nonzero(), strict=True):
        key = (read[row].utterance.id, int(column))
        best[key] = max(best.get(key, (0.0, 0)), (float(probabilities[row, column]), int(row)))
    for (_, column), (probability, row) in best.items():
        yield read[row], column, probability


def shortest_run(runs: Sequence[Window], likely: Any, probability: float, threshold: float) -> Window:
    """The first run of a stretch that says as much as all of it; a person is shown no courtesies around it.

    Args:
        runs: `Stretch.passages`.
        likely: how probable a label is in each.
        probability: ... in the whole.
        threshold: from which on it counts.
    """
    enough = max(min(threshold, probability), AS_MUCH * probability)
    return next((run for run, value in zip(runs, likely, strict=True) if value >= enough), runs[-1])
