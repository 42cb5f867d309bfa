"""Regions of speech cut where the speaker changes, so that each is one voice's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from qa_pipeline.types import SpeakerTurn, SpeechRegion, TimeSpan

SHORTEST_MS = 200
"""A turn with less of a region cuts nothing out of it: nothing that short is understood by itself."""


def by_speaker(region: SpeechRegion, turns: Sequence[SpeakerTurn]) -> tuple[SpeechRegion, ...]:
    """The region cut between turns that do not sound alike, in the middle of what lies between them.

    Args:
        turns: without overlap, in order of time; none leave the region as it is.

    Returns:
        Parts that together are the region, each with its speaker. A region under which no turn was found is
        the speaker's of the turn nearest to it, with the confidence of a guess.
    """
    if not turns:
        return (region,)
    own = [turn for turn in turns if turn.span.overlap_ms(region.span)]
    if not own:
        nearest = min(turns, key=lambda turn: _apart(turn.span, region.span))
        return (replace(region, speaker=nearest.speaker, speaker_confidence=0.5, stretch=nearest.stretch),)
    long_enough = [turn for turn in own if turn.span.overlap_ms(region.span) >= SHORTEST_MS]
    return tuple(
        replace(
            region,
            span=span,
            speaker=group[0].speaker,
            speaker_confidence=_confidence(group, region.span),
            stretch=group[0].stretch,
        )
        for span, group in _parts(region.span, long_enough or [own[0]])
    )


def _parts(span: TimeSpan, turns: Sequence[SpeakerTurn]) -> Iterator[tuple[TimeSpan, list[SpeakerTurn]]]:
    start_ms = span.start_ms
    groups = [list(group) for _, group in groupby(turns, key=lambda turn: (turn.speaker, turn.stretch))]
    for group, following in pairwise(groups):
        cut_ms = (group[-1].span.end_ms + following[0].span.start_ms) // 2
        yield TimeSpan(start_ms=start_ms, end_ms=cut_ms), group
        start_ms = cut_ms
    yield TimeSpan(start_ms=start_ms, end_ms=span.end_ms), groups[-1]


def _confidence(turns: Sequence[SpeakerTurn], span: TimeSpan) -> float:
    """The mean of the turns' confidences, by how long each speaks in the region."""
    weights = [turn.span.overlap_ms(span) for turn in turns]
    together = sum(turn.confidence * weight for turn, weight in zip(turns, weights, strict=True))
    return round(together / sum(weights), 3) if sum(weights) else 0.5


def _apart(one: TimeSpan, other: TimeSpan) -> int:
    return max(one.start_ms - other.end_ms, other.start_ms - one.end_ms)
