"""From a file to windows: blocks, channels, and the part of a cut file that is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_pipeline.errors import AudioError
from qa_pipeline.speech import preparation
from qa_pipeline.speech.audio import decode_blocks, read_recording
from qa_pipeline.speech.line_sounds import LineSounds
from qa_pipeline.speech.preparation import Preparation, channels_to_hear
from qa_pipeline.speech.vad import VadOptions, detect_speech
from qa_pipeline.types import CallMetadata, Layout, SpeechRegion, TimeSpan
from tests.speech.conftest import Samples, recording_of, tone, write_audio


@pytest.fixture
def call(tmp_path: Path, spoken: Samples) -> Path:
    return write_audio(tmp_path / "call.wav", spoken, "pcm_s16le", 16_000)


def regions_of(prepared: Preparation, channel: int) -> list[SpeechRegion]:
    regions = [placed.region for sound in prepared.windows() for placed in sound.window.placed]
    return [region for region in regions if region.channel == channel]


@pytest.mark.parametrize(
    ("layout", "channels", "expected"),
    [
        (Layout.STEREO, 2, (0, 1)),
        (Layout.DUAL_MONO, 2, (0,)),
        (Layout.MONO, 1, (0,)),
        (Layout.STEREO, 3, (0, 1, 2)),
    ],
)
def test_channels_to_hear(layout: Layout, channels: int, expected: tuple[int, ...]) -> None:
    recording = recording_of(Path("a.wav"), channels=channels, duration_ms=1_000, layout=layout)
    assert channels_to_hear(recording) == expected


def test_windows_hold_one_channel_and_its_sound(call: Path, spoken: Samples) -> None:
    recording = recording_of(call, channels=2, duration_ms=60_000)
    sounds = list(Preparation(recording, VadOptions()).windows())
    assert {placed.region.channel for sound in sounds for placed in sound.window.placed} == {0, 1}
    for sound in sounds:
        assert len({placed.region.channel for placed in sound.window.placed}) == 1
        assert len(sound.sound) == sound.window.duration_ms * 16
        for placed in sound.window.placed:
            span = placed.region.span
            heard = sound.sound[placed.offset_ms * 16 : placed.end_ms * 16]
            own = spoken[placed.region.channel, span.start_ms * 16 : span.end_ms * 16]
            np.testing.assert_allclose(heard[: len(own)], own, atol=1e-3)


@pytest.mark.parametrize("block_ms", [7_000, 13_300, 60_000])
def test_known_speech_is_taken_as_it_is(call: Path, spoken: Samples, block_ms: int) -> None:
    recording = recording_of(call, channels=2, duration_ms=60_000)
    known = [
        SpeechRegion(
            channel=channel, span=TimeSpan(start_ms=start_ms, end_ms=start_ms + 5_000), probability=1.0
        )
        for channel, start_ms in ((0, 500), (1, 6_000), (0, 11_000), (0, 17_500))
    ]
    sounds = list(Preparation(recording, VadOptions(), speech=known, block_ms=block_ms).windows())
    placed = [(sound, one) for sound in sounds for one in sound.window.placed]
    assert sorted((one.region for _, one in placed), key=lambda region: region.span) == known
    for sound, one in placed:
        heard = sound.sound[one.offset_ms * 16 : one.end_ms * 16]
        span = one.region.span
        own = spoken[one.region.channel, span.start_ms * 16 : span.end_ms * 16]
        np.testing.assert_allclose(heard[: len(own)], own, atol=1e-3)


@pytest.mark.parametrize("block_ms", [7_000, 13_300, 25_000])
def test_blocks_cut_no_speech(call: Path, block_ms: int) -> None:
    vad = VadOptions()
    samples = next(decode_blocks(call)).samples
    recording = recording_of(call, channels=2, duration_ms=60_000)
    for channel in (0, 1):
        whole = detect_speech(samples[channel], channel, 0, vad)
        blocks = regions_of(Preparation(recording, vad, block_ms=block_ms), channel)
        edges = [edge for region in blocks for edge in (region.span.start_ms, region.span.end_ms)]
        assert edges == sorted(edges)
        lost = [
            region
            for region in whole
            if sum(region.span.overlap_ms(other.span) for other in blocks) < 0.9 * region.span.duration_ms
        ]
        assert lost == []
        # A block's end may fall into a pause and part two regions; no block adds more than one.
        assert len(blocks) <= len(whole) + 60_000 // block_ms


def test_dual_mono_is_heard_once(tmp_path: Path, spoken: Samples) -> None:
    path = write_audio(tmp_path / "a.wav", np.stack([spoken[0], spoken[0]]), "pcm_s16le", 16_000)
    recording = read_recording(path, CallMetadata(call_id="c"))
    channels = {
        placed.region.channel
        for sound in Preparation(recording, VadOptions()).windows()
        for placed in sound.window.placed
    }
    assert channels == {0}


@pytest.mark.parametrize(("promised_ms", "missing"), [(60_000, []), (60_900, []), (75_000, [0, 1])])
def test_missing_tail(call: Path, promised_ms: int, missing: list[int]) -> None:
    preparation = Preparation(recording_of(call, channels=2, duration_ms=promised_ms), VadOptions())
    assert list(preparation.windows())
    tail = preparation.missing_tail()
    assert [region.channel for region in tail] == missing
    assert all((region.span.start_ms, region.span.end_ms) == (60_000, promised_ms) for region in tail)


def test_a_file_that_vanished(tmp_path: Path) -> None:
    recording = recording_of(tmp_path / "gone.wav", channels=1, duration_ms=1_000, layout=Layout.MONO)
    with pytest.raises(AudioError, match="audio_missing"):
        list(Preparation(recording, VadOptions()).windows())


@pytest.mark.parametrize(
    ("probability", "music", "left_out"),
    [
        (0.6, (0, 10_000), True),
        (0.6, (1_300, 10_000), False),
        (0.9, (0, 10_000), False),
        (0.6, None, False),
    ],
    ids=["music", "half of it", "somebody speaks over it", "no music"],
)
def test_music_is_not_heard_as_speech(
    probability: float,
    music: tuple[int, int] | None,
    left_out: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    region = SpeechRegion(channel=0, span=TimeSpan(start_ms=500, end_ms=2_000), probability=probability)
    spans = () if music is None else (TimeSpan(start_ms=music[0], end_ms=music[1]),)
    monkeypatch.setattr(preparation, "detect_speech", lambda *_: (region,))
    monkeypatch.setattr(LineSounds, "music", lambda _self: spans)
    path = write_audio(tmp_path / "a.wav", tone(3, 8_000)[np.newaxis], "pcm_s16le", 8_000)
    recording = read_recording(path, CallMetadata(call_id="c"))
    windows = list(Preparation(recording, VadOptions()).windows())
    assert (windows == []) is left_out
