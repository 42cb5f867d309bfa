"""Packing of regions into windows loses nothing, mixes nothing, and times find their way back."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.speech.windows import GAP_MS, WINDOW_MS, Window, assemble, pack
from qa_pipeline.types import SpeechRegion, TimeSpan


def region(start_ms: int, end_ms: int, channel: int = 0) -> SpeechRegion:
    return SpeechRegion(channel=channel, span=TimeSpan(start_ms=start_ms, end_ms=end_ms), probability=0.9)


@st.composite
def region_lists(draw: st.DrawFn) -> list[SpeechRegion]:
    """Regions of one channel, in order, none longer than a window."""
    at = 0
    regions = []
    for pause, length in draw(
        st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, WINDOW_MS)), max_size=30)
    ):
        regions.append(region(at + pause, at + pause + length))
        at += pause + length
    return regions


@given(region_lists())
def test_every_region_lies_once_in_order_in_a_window(regions: list[SpeechRegion]) -> None:
    windows = pack(regions)
    assert [placed.region for window in windows for placed in window.placed] == regions
    assert all(0 < window.duration_ms <= WINDOW_MS for window in windows)
    for window in windows:
        length = window.placed[0].region.span.duration_ms
        assert window.placed[0].offset_ms == min(GAP_MS, WINDOW_MS - length)
        for before, after in pairwise(window.placed):
            assert after.offset_ms - before.end_ms == GAP_MS


@given(region_lists())
def test_windows_are_full(regions: list[SpeechRegion]) -> None:
    for before, after in pairwise(pack(regions)):
        assert before.duration_ms + GAP_MS + after.placed[0].region.span.duration_ms > WINDOW_MS


@given(region_lists().filter(bool), st.data())
def test_times_find_their_way_back(regions: list[SpeechRegion], data: st.DataObject) -> None:
    window = data.draw(st.sampled_from(pack(regions)))
    index = data.draw(st.integers(0, len(window.placed) - 1))
    placed = window.placed[index]
    within = data.draw(st.integers(0, placed.region.span.duration_ms))
    at = placed.offset_ms + within
    assert window.recording_ms(at, window.place_of(at)) == placed.region.span.start_ms + within


@given(region_lists().filter(bool), st.integers(-5_000, 40_000))
def test_times_never_leave_their_region(regions: list[SpeechRegion], window_ms: int) -> None:
    window = pack(regions)[0]
    index = window.place_of(window_ms)
    span = window.placed[index].region.span
    assert span.start_ms <= window.recording_ms(window_ms, index) <= span.end_ms


@pytest.mark.parametrize(
    ("regions", "problem"),
    [
        ([region(0, 1_000, 0), region(2_000, 3_000, 1)], r"\(0, None\) and \(1, None\)"),
        ([replace(region(0, 1_000, 0), speaker=0), replace(region(2_000, 3_000, 0), speaker=1)], "speaker"),
        ([region(0, WINDOW_MS + 1)], "does not fit"),
    ],
)
def test_what_may_not_be_packed(regions: list[SpeechRegion], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        pack(regions)


def test_sound_lies_where_its_region_lies() -> None:
    regions = [region(0, 1_000), region(5_000, 5_500)]
    (window,) = pack(regions)
    sound = assemble(window, [np.full(16_000, 1.0, np.float32), np.full(8_000, 2.0, np.float32)])
    gap = GAP_MS * 16
    assert len(sound) == window.duration_ms * 16 == gap + 16_000 + gap + 8_000
    assert set(sound[:gap]) == set(sound[gap + 16_000 : -8_000]) == {0.0}
    assert set(sound[gap : gap + 16_000]) == {1.0}
    assert set(sound[-8_000:]) == {2.0}


def test_a_region_alone() -> None:
    window = Window.of(region(3_000, 4_000))
    assert window.recording_ms(GAP_MS + 250, 0) == 3_250
    assert window.recording_ms(0, 0) == 3_000
    assert window.duration_ms == GAP_MS + 1_000
