"""Tones and music are told from speech by their sound alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.speech.line_sounds import LineSounds
from qa_pipeline.types import LineSound, LineSoundKind
from tests.speech.conftest import Samples, tone

RATE_HZ = 16_000


def cadence(on: float, off: float, times: int, *, frequency_hz: float = 450.0) -> Samples:
    """A tone on and off, so many times."""
    pause = np.zeros(round(off * RATE_HZ), dtype=np.float32)
    return np.concatenate([tone(on, RATE_HZ, frequency_hz=frequency_hz, level=0.1), pause] * times)


def heard(samples: Samples, *, block: int = 50_000) -> tuple[LineSound, ...]:
    sounds = LineSounds(1)
    for start in range(0, len(samples), block):
        sounds.add(samples[start : start + block])
    return sounds.heard()


def recorded(path: Path) -> list[tuple[LineSound, ...]]:
    samples = np.concatenate([block.samples for block in decode_blocks(path)], axis=1)
    return [heard(channel) for channel in samples]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (cadence(1, 4, 6), [(LineSoundKind.RING_BACK, 0, 26)]),
        (cadence(1, 4, 1), [(LineSoundKind.RING_BACK, 0, 1)]),
        (cadence(0.35, 0.35, 10), [(LineSoundKind.BUSY, 0, 6.65)]),
        (
            np.concatenate([cadence(1, 4, 2), cadence(0.35, 0.35, 8)]),
            [(LineSoundKind.RING_BACK, 0, 6), (LineSoundKind.BUSY, 10, 15.25)],
        ),
        (cadence(0.35, 0.35, 2), []),
        (cadence(1, 4, 6, frequency_hz=1_000), []),
        (cadence(8, 1, 1), []),
        (np.zeros(10 * RATE_HZ, dtype=np.float32), []),
        (0.0002 * cadence(1, 4, 6), []),
        (np.zeros(100, dtype=np.float32), []),
    ],
)
def test_tones(samples: Samples, expected: list[tuple[LineSoundKind, float, float]]) -> None:
    found = heard(samples)
    assert [(sound.kind, sound.channel) for sound in found] == [(kind, 1) for kind, _, _ in expected]
    for sound, (_, start, end) in zip(found, expected, strict=True):
        assert sound.span.start_ms / 1000 == pytest.approx(start, abs=0.15)
        assert sound.span.end_ms / 1000 == pytest.approx(end, abs=0.15)


def test_blocks_do_not_matter() -> None:
    samples = cadence(1, 4, 4)
    assert heard(samples, block=7_001) == heard(samples, block=1_000_000)


def test_hold_music_of_the_samples(repository: Path) -> None:
    agent, customer = recorded(repository / "sample_audio" / "19_menu_and_music.mp3")
    assert agent == ()
    assert {sound.kind for sound in customer} == {LineSoundKind.MUSIC}
    seconds = sum(sound.span.duration_ms for sound in customer) / 1000
    assert 15 < seconds < 30


@pytest.mark.parametrize("name", ["01_model_promise.wav", "03_threats_reported.wav", "15_mono.amr"])
def test_speech_is_neither(repository: Path, name: str) -> None:
    assert all(sounds == () for sounds in recorded(repository / "sample_audio" / name))


def test_ring_back_before_a_call(repository: Path) -> None:
    customer, agent = recorded(repository / "sample_audio" / "20_long_wait.opus")
    assert agent == ()
    assert [(sound.kind, sound.span.end_ms // 1000) for sound in customer] == [(LineSoundKind.RING_BACK, 16)]
