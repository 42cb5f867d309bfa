"""What came closest to a missing element."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from qa_pipeline.language.normalization import normalize
from qa_pipeline.rules.passages import Passage
from qa_pipeline.types import NearestMiss, Utterance

FAINTEST = 0.6
"""Less alike than this is no near miss: with two syllables of four in common anything resembles anything."""

_SHORTEST = 4
_LONGEST_QUOTE = 60


class NearMissFinder:
    """Finds the nearest miss of one element.

    Args:
        references: how the element is worded: its phrases and the examples that meet it.
    """

    def __init__(self, references: Iterable[str]) -> None:
        sounds = {normalize(reference).syllables for reference in references}
        self._references = sorted(sound for sound in sounds if len(sound) >= _SHORTEST)

    def find(self, passages: Sequence[Passage]) -> NearestMiss | None:
        """Where the largest share of syllables is in common with a reference, in their order."""
        best: NearestMiss | None = None
        for passage in passages:
            if len(passage.text) < _SHORTEST:
                continue
            cutoff = 100 * (FAINTEST if best is None else best.similarity)
            scored = process.extractOne(
                passage.sounds,
                self._references,
                scorer=fuzz.partial_ratio,
                processor=None,
                score_cutoff=cutoff,
            )
            if scored is not None and (best is None or scored[1] / 100 > best.similarity):
                alike = fuzz.partial_ratio_alignment(passage.sounds, scored[0])
                start = 0 if alike is None else alike.src_start
                best = near_miss(passage.utterance_at(start), scored[1] / 100)
        return best


def near_miss(utterance: Utterance, similarity: float) -> NearestMiss:
    """An utterance as a near miss."""
    quote = utterance.text.strip()
    return NearestMiss(
        utterance_id=utterance.id,
        span=utterance.span,
        quote=quote if len(quote) <= _LONGEST_QUOTE else quote[: _LONGEST_QUOTE - 1] + "…",
        similarity=round(similarity, 3),
    )
