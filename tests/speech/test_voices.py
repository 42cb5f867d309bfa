"""Regions are cut where the speaker changes, and no part of one is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.speech.diarization import exclusive
from qa_pipeline.speech.voices import by_speaker
from qa_pipeline.types import SpeakerTurn, SpeechRegion, TimeSpan


def turn(speaker: int, start_ms: int, end_ms: int, confidence: float = 1.0, stretch: int = 0) -> SpeakerTurn:
    span = TimeSpan(start_ms=start_ms, end_ms=end_ms)
    return SpeakerTurn(speaker=speaker, span=span, confidence=confidence, stretch=stretch)


def region(start_ms: int, end_ms: int) -> SpeechRegion:
    return SpeechRegion(channel=0, span=TimeSpan(start_ms=start_ms, end_ms=end_ms), probability=0.9)


CASES = [
    pytest.param([], [(None, 1000, 5000)], id="nobody listened"),
    pytest.param([turn(1, 900, 5100)], [(1, 1000, 5000)], id="one speaker"),
    pytest.param([turn(0, 1000, 2800), turn(1, 3200, 5000)], [(0, 1000, 3000), (1, 3000, 5000)], id="two"),
    pytest.param(
        [turn(0, 1000, 2000), turn(0, 2200, 3000), turn(1, 3000, 5000)],
        [(0, 1000, 3000), (1, 3000, 5000)],
        id="two turns of one",
    ),
    pytest.param(
        [turn(0, 1000, 2900), turn(1, 2900, 3000), turn(0, 3000, 5000)],
        [(0, 1000, 5000)],
        id="too short to be understood",
    ),
    pytest.param([turn(0, 100, 600), turn(1, 6000, 9000)], [(0, 1000, 5000)], id="no turn under it"),
    pytest.param(
        [turn(0, 1000, 2800), turn(0, 3200, 5000, stretch=1)],
        [(0, 1000, 3000), (0, 3000, 5000)],
        id="two that do not sound alike under one voice",
    ),
]


@pytest.mark.parametrize(("turns", "expected"), CASES)
def test_regions_by_speaker(turns: list[SpeakerTurn], expected: list[tuple[int | None, int, int]]) -> None:
    parts = by_speaker(region(1000, 5000), turns)
    assert [(part.speaker, part.span.start_ms, part.span.end_ms) for part in parts] == expected


def test_a_part_is_as_sure_as_its_turns() -> None:
    first, second = by_speaker(
        region(0, 4000), [turn(0, 0, 1000, 0.5), turn(0, 1000, 2000), turn(1, 2000, 4000)]
    )
    assert (first.speaker_confidence, second.speaker_confidence) == (0.75, 1.0)
    (guessed,) = by_speaker(region(5000, 6000), [turn(1, 0, 100)])
    assert guessed.speaker_confidence == 0.5


TURNS = st.lists(
    st.builds(
        lambda speaker, start, length: turn(speaker, start, start + length),
        st.integers(0, 2),
        st.integers(0, 20_000),
        st.integers(100, 6_000),
    ),
    max_size=12,
)


@given(turns=TURNS)
def test_the_exclusive_view_covers_the_same_time_once(turns: list[SpeakerTurn]) -> None:
    alone = exclusive(turns)
    assert all(one.span.end_ms <= other.span.start_ms for one, other in pairwise(alone))
    covered = {at for one in turns for at in range(one.span.start_ms, one.span.end_ms, 50)}
    kept = [at for at in covered if any(one.span.start_ms <= at < one.span.end_ms for one in alone)]
    assert len(kept) == len(covered)


@given(turns=TURNS)
def test_parts_together_are_the_region(turns: list[SpeakerTurn]) -> None:
    parts = by_speaker(region(2_000, 9_000), exclusive(turns))
    edges = [part.span for part in parts]
    assert (edges[0].start_ms, edges[-1].end_ms) == (2_000, 9_000)
    assert all(one.end_ms == other.start_ms for one, other in pairwise(edges))
