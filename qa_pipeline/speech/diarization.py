"""Who speaks when on a channel that carries several speakers.

Ten seconds at a time a network tells who starts and stops speaking. Each piece of speech between two such
changes is described by a vector, and the vectors are clustered over the whole recording. Two people on a
telephone are the rule, so two groups are made however alike they sound, and each piece joins the group it is
nearer to once the mean of the call is taken off; a further voice (an announcement, a colleague who takes
over) counts only where it sounds clearly different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qa_pipeline.speech.speakers import (
    CHUNK_SAMPLES,
    FIRST_FRAME_CENTRE,
    FRAME_SAMPLES,
    RATE_HZ,
    SpeakerModels,
    energies_of,
    filter_bank,
)
from qa_pipeline.types import SpeakerTurn, TimeSpan

Samples = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]

_MARGIN = RATE_HZ
"""What a chunk sees beyond its own part on either side: no edge is judged without its surroundings."""
_HOP = CHUNK_SAMPLES - 2 * _MARGIN


SETTLING_ROUNDS = 10

SURENESS_OF_LIKENESS = 6.0
"""How fast a lead in likeness becomes sure (logistic); chosen on the sample calls, see docs/roles.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiarizationOptions:
    """How voices are told apart; every figure was chosen on the voices named in docs/roles.md.

    Args:
        bridged_ms: a pause up to this long does not end a piece. Higher may join two speakers.
        min_piece_ms: a shorter piece is a fault of the segmentation.
        min_founder_ms: a shorter piece founds no voice, it joins the one that fits best. Lower blurs voices.
        max_embedded_ms: what is listened to of a piece. Higher costs time and tells little more.
        other_voice: cosine distance from which a third voice is another person.
        min_voice_ms: a voice with less speech in the whole recording is no voice of its own.
        max_voices: more than these are the fault of noise.
        another_voice: two pieces in a row that are less alike than this once the mean of the call is taken
            off, -1..1, need not be one person's. Higher cuts what one person says.
        min_judged_ms: a shorter piece says nothing of that.
        timbre_parts: figures kept of how a turn sounds. With 16 speakers who sound alike blur; 40 change
            nothing.
    """

    bridged_ms: int = 120
    min_piece_ms: int = 120
    min_founder_ms: int = 700
    max_embedded_ms: int = 3_000
    other_voice: float = 0.45
    min_voice_ms: int = 2_500
    max_voices: int = 4
    another_voice: float = 0.1
    min_judged_ms: int = 400
    timbre_parts: int = 24


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Speech of one local speaker without a pause, and how it sounds where that could be told.

    Args:
        local: the chunk and which of its speakers; who is who differs from chunk to chunk.
        alone_ms: what of it nobody else speaks over, as far as it was listened to.
    """

    local: tuple[int, int]
    span: TimeSpan
    vector: Vectors | None
    alone_ms: int


class Diarizer:
    """Tells the voices of one-channel recordings apart; the networks are loaded on first use.

    Args:
        models: verified networks.
    """

    def __init__(self, models: SpeakerModels, options: DiarizationOptions | None = None) -> None:
        self._models = models
        self.options = options or DiarizationOptions()

    @property
    def digest(self) -> str:
        """Of everything that could change the turns."""
        return f"{self._models.digest} {self.options}"

    def turns(self, blocks: Iterable[Samples]) -> tuple[SpeakerTurn, ...]:
        """The turns of every voice, overlaps kept, in order of time; voices are numbered as they come.

        Args:
            blocks: a channel's samples, one dimension, 16 kHz, in order.
        """
        pieces = [
            piece
            for start, samples, is_last in _chunks(blocks)
            for piece in self._pieces(start, samples, is_last)
        ]
        return self._turns(pieces)

    def _turns(self, pieces: list[_Piece]) -> tuple[SpeakerTurn, ...]:
        """Pieces with their voices, numbered as they come."""
        ordered = sorted(pieces, key=lambda piece: piece.span)
        numbers: dict[int, int] = {}
        return tuple(
            SpeakerTurn(
                speaker=numbers.setdefault(voice, len(numbers)),
                span=piece.span,
                confidence=round(sure, 3),
                stretch=stretch,
                timbre=timbre,
            )
            for piece, (voice, sure), stretch, timbre in zip(
                ordered, self._voices(ordered), self._stretches(ordered), self._timbres(ordered), strict=True
            )
        )

    def _pieces(self, start: int, samples: Samples, is_last: bool) -> Iterator[_Piece]:
        activity = self._models.activity(samples)
        energies = filter_bank(samples)
        alone = activity & (activity.sum(axis=1) == 1)[:, np.newaxis]
        own_start = 0 if start == 0 else _frame_at(_MARGIN)
        own_end = len(activity) if is_last else _frame_at(CHUNK_SAMPLES - _MARGIN)
        for speaker in range(activity.shape[1]):
            for first, end in self._runs(activity[:, speaker]):
                low, high = max(first, own_start), min(end, own_end)
                span = TimeSpan(start_ms=_ms(start, low), end_ms=max(_ms(start, low), _ms(start, high)))
                if span.duration_ms < self.options.min_piece_ms:
                    continue
                # A piece that a chunk's edge cuts is heard in both chunks, each with what it sees of it.
                heard = np.zeros(len(activity), dtype=bool)
                heard[first:end] = alone[first:end, speaker]
                own = energies_of(energies, heard)[: self.options.max_embedded_ms // 10]
                vector = self._models.embed(own) if len(own) >= 25 else None
                yield _Piece((start, speaker), span, vector, len(own) * 10)

    def _runs(self, active: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
        bridged = self.options.bridged_ms * RATE_HZ // 1000 // FRAME_SAMPLES
        runs: list[tuple[int, int]] = []
        for first, end in edges.reshape(-1, 2).tolist():
            if runs and first - runs[-1][1] <= bridged:
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((first, end))
        yield from runs

    def _voices(self, pieces: list[_Piece]) -> list[tuple[int, float]]:
        """The voice of each piece, and how sure that is."""
        embedded = [index for index, piece in enumerate(pieces) if piece.vector is not None]
        if not embedded:
            return [(0, 0.0)] * len(pieces)
        vectors = np.stack([piece.vector for piece in pieces if piece.vector is not None])
        lengths = np.array([pieces[index].alone_ms for index in embedded])
        founders = lengths >= min(self.options.min_founder_ms, int(lengths.max()))
        labels = self._groups(vectors[founders], lengths[founders])
        means = _settled(vectors[founders], labels, lengths[founders])
        middle = means.mean(axis=0)
        alike = _unit(vectors - middle) @ _unit(means - middle).T
        voices = {
            index: (int(row.argmax()), _sureness(row)) for index, row in zip(embedded, alike, strict=True)
        }

        def voice_of(index: int) -> tuple[int, float]:
            if index in voices:
                return voices[index]
            beside = min(voices, key=lambda other: _apart(pieces[index].span, pieces[other].span))
            return voices[beside][0], 0.5

        return [voice_of(index) for index in range(len(pieces))]

    def _groups(self, vectors: Vectors, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Two groups, and more where a further one clearly is another person."""
        if len(vectors) < 2:
            return np.zeros(len(vectors), dtype=np.int64)
        from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - slow to import

        tree = linkage(vectors, method="ward")
        labels: npt.NDArray[np.int64] = fcluster(tree, 2, "maxclust") - 1
        for count in range(3, self.options.max_voices + 1):
            finer = fcluster(tree, count, "maxclust") - 1
            centroids = _centroids(vectors, finer, lengths)
            apart = 1 - (centroids @ centroids.T)[np.triu_indices(len(centroids), 1)]
            spoken = [lengths[finer == label].sum() for label in range(finer.max() + 1)]
            if apart.min() < self.options.other_voice or min(spoken) < self.options.min_voice_ms:
                break
            labels = finer
        return labels

    def _stretches(self, pieces: Sequence[_Piece]) -> list[int]:
        """Numbers of stretches that sound alike, for pieces in order of time."""
        numbers, number = [], 0
        before: Vectors | None = None
        for piece, apart in zip(pieces, _off_the_mean(pieces), strict=True):
            if apart is not None and piece.alone_ms >= self.options.min_judged_ms:
                if before is not None and _likeness(apart, before) < self.options.another_voice:
                    number += 1
                before = apart
            numbers.append(number)
        return numbers

    def _timbres(self, pieces: Sequence[_Piece]) -> list[tuple[float, ...]]:
        """The vectors in the few directions in which they differ most (principal components)."""
        apart = _off_the_mean(pieces)
        heard = [vector for vector in apart if vector is not None]
        if len(heard) < 2:
            return [() for _ in pieces]
        directions = np.linalg.svd(np.stack(heard), full_matrices=False)[2][: self.options.timbre_parts]
        return [
            () if vector is None else tuple(round(float(part), 3) for part in directions @ vector)
            for vector in apart
        ]


def exclusive(turns: Iterable[SpeakerTurn]) -> tuple[SpeakerTurn, ...]:
    """The turns without overlap, for text: where two speak, the shorter turn has the time."""
    taken: list[SpeakerTurn] = []
    for turn in sorted(turns, key=lambda one: (one.span.duration_ms, one.span)):
        pieces = [turn.span]
        for other in taken:
            pieces = [left for piece in pieces for left in _without(piece, other.span)]
        taken += [replace(turn, span=piece) for piece in pieces]
    return tuple(sorted(taken, key=lambda one: one.span))


def _without(span: TimeSpan, other: TimeSpan) -> list[TimeSpan]:
    if not span.overlap_ms(other):
        return [span]
    parts = (
        (span.start_ms, min(span.end_ms, other.start_ms)),
        (max(span.start_ms, other.end_ms), span.end_ms),
    )
    return [TimeSpan(start_ms=start, end_ms=end) for start, end in parts if start < end]


def _chunks(blocks: Iterable[Samples]) -> Iterator[tuple[int, Samples, bool]]:
    """Ten seconds each, overlapping by both margins: start, samples, and whether it is the last."""
    held = np.empty(0, dtype=np.float32)
    start = 0
    for block in blocks:
        held = np.concatenate([held, block])
        # A chunk is given away only when more follows, since the last one must be known as such.
        while len(held) > CHUNK_SAMPLES + _HOP:
            yield start, held[:CHUNK_SAMPLES], False
            held, start = held[_HOP:], start + _HOP
    while len(held) > CHUNK_SAMPLES:
        yield start, held[:CHUNK_SAMPLES], False
        held, start = held[_HOP:], start + _HOP
    if len(held) > RATE_HZ // 10:
        yield start, held, True


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Vectors = vectors / np.maximum(lengths, 1e-9)
    return units


def _centroids(vectors: Vectors, labels: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Vectors:
    weighted = vectors * lengths[:, np.newaxis]
    return _unit(np.stack([weighted[labels == label].sum(axis=0) for label in range(labels.max() + 1)]))


def _settled(vectors: Vectors, labels: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Vectors:
    """The means of the groups once every vector is with the mean it is nearest to (spherical k-means)."""
    means = _means(vectors, labels, lengths)
    for _ in range(SETTLING_ROUNDS):
        middle = means.mean(axis=0)
        nearest = (_unit(vectors - middle) @ _unit(means - middle).T).argmax(axis=1)
        if len(np.unique(nearest)) < len(means) or (nearest == labels).all():
            break
        labels = nearest
        means = _means(vectors, labels, lengths)
    return means


def _means(vectors: Vectors, labels: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Vectors:
    return np.stack(
        [
            np.average(vectors[labels == label], axis=0, weights=lengths[labels == label])
            for label in range(labels.max() + 1)
        ]
    )


def _off_the_mean(pieces: Sequence[_Piece]) -> list[Vectors | None]:
    """How each piece differs from the mean of the call."""
    heard = [piece.vector for piece in pieces if piece.vector is not None]
    middle = np.mean(heard, axis=0) if heard else None
    return [None if piece.vector is None or middle is None else piece.vector - middle for piece in pieces]


def _likeness(one: Vectors, other: Vectors) -> float:
    return float(one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9))


def _sureness(alike: npt.NDArray[np.float32]) -> float:
    """How sure a piece is of its voice, from its likeness to each: 0.5 where two are as near."""
    if len(alike) < 2:
        return 1.0
    best, second = np.sort(alike)[::-1][:2]
    return float(1 / (1 + np.exp(-SURENESS_OF_LIKENESS * (best - second))))


def _apart(one: TimeSpan, other: TimeSpan) -> int:
    return max(one.start_ms - other.end_ms, other.start_ms - one.end_ms)


def _frame_at(sample: int) -> int:
    return max(0, (sample - FIRST_FRAME_CENTRE + FRAME_SAMPLES // 2) // FRAME_SAMPLES)


def _ms(start: int, frame: int) -> int:
    """The time at which a frame of a chunk begins."""
    return max(0, start + FIRST_FRAME_CENTRE - FRAME_SAMPLES // 2 + frame * FRAME_SAMPLES) * 1000 // RATE_HZ
