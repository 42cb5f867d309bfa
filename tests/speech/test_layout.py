"""Two channels of one voice are told from two voices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_pipeline.speech.audio import read_recording
from qa_pipeline.speech.layout import ChannelComparison
from qa_pipeline.types import CallMetadata, Layout
from tests.speech.conftest import Samples, write_audio

RNG = np.random.default_rng(7)
ONE, OTHER = (RNG.normal(scale=0.1, size=80_000).astype(np.float32) for _ in range(2))
NOISE = RNG.normal(scale=0.001, size=80_000).astype(np.float32)
SILENCE = np.zeros(80_000, dtype=np.float32)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([ONE], Layout.MONO),
        ([ONE, ONE], Layout.DUAL_MONO),
        ([ONE, -ONE], Layout.DUAL_MONO),
        ([ONE, 0.7 * ONE + NOISE], Layout.DUAL_MONO),
        ([ONE, OTHER], Layout.STEREO),
        ([ONE + 0.2 * OTHER, OTHER + 0.2 * ONE], Layout.STEREO),
        ([ONE, 0.1 * ONE + NOISE], Layout.STEREO),
        ([ONE, SILENCE], Layout.MONO),
        ([NOISE, ONE], Layout.MONO),
        ([SILENCE, SILENCE], Layout.STEREO),
        ([SILENCE, ONE, OTHER, 0.3 * ONE], Layout.STEREO),
        ([ONE, SILENCE, SILENCE], Layout.MONO),
    ],
    ids=[
        "mono",
        "copy",
        "turned copy",
        "quieter copy",
        "two",
        "leaking",
        "echo alone",
        "one silent",
        "one with noise alone",
        "silent",
        "the louder two of four",
        "one of three",
    ],
)
def test_layout(channels: list[Samples], expected: Layout) -> None:
    comparison = ChannelComparison()
    for part in np.split(np.stack(channels), 4, axis=1):
        comparison.add(part)
    assert comparison.layout(comparison.loudest()) is expected


@pytest.mark.parametrize(
    ("channels", "loudest", "silent"),
    [
        ([ONE, OTHER], (0, 1), ()),
        ([SILENCE, ONE], (1,), (0,)),
        ([SILENCE, SILENCE], (0, 1), ()),
        ([0.2 * ONE, OTHER, SILENCE, ONE], (1, 3), (2,)),
    ],
)
def test_channels_worth_hearing(
    channels: list[Samples], loudest: tuple[int, ...], silent: tuple[int, ...]
) -> None:
    comparison = ChannelComparison()
    comparison.add(np.stack(channels))
    assert (comparison.loudest(), comparison.silent()) == (loudest, silent)


def test_one_word_in_an_hour_is_not_silence() -> None:
    comparison = ChannelComparison()
    hour = np.tile(np.stack([NOISE, NOISE]), 45)
    comparison.add(hour)
    comparison.add(np.stack([ONE, ONE[::-1]])[:, :8_000])
    comparison.add(hour)
    assert comparison.silent() == ()


def test_sample_call_mixed_down_and_doubled(tmp_path: Path, spoken: Samples) -> None:
    mixed = spoken.mean(axis=0)
    path = write_audio(tmp_path / "a.mp3", np.stack([mixed, mixed]), "libmp3lame", 16_000)
    assert read_recording(path, CallMetadata(call_id="c")).layout is Layout.DUAL_MONO


def test_sample_calls_are_stereo(sample_calls: tuple[Path, Path]) -> None:
    for path in sample_calls:
        assert read_recording(path, CallMetadata(call_id="c")).layout is Layout.STEREO
