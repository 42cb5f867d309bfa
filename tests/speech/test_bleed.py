"""What leaks from one channel into the other is silenced, and nobody's own words are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.speech.bleed import without_bleed
from qa_pipeline.speech.vad import VadOptions, detect_speech
from qa_pipeline.types import TimeSpan

Samples = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def call(repository: Path) -> Samples:
    """Half a minute of a clean sample call."""
    blocks = decode_blocks(repository / "sample_audio" / "06_false_police.wav")
    samples: Samples = np.concatenate([block.samples for block in blocks], axis=1)[:, : 30 * 16_000]
    return samples


def leaked(call: Samples, gain: float, delay: int) -> Samples:
    mixed = call.copy()
    for number in (0, 1):
        mixed[number, delay:] += gain * call[1 - number, : call.shape[1] - delay]
    return mixed


def speech(samples: Samples, number: int) -> list[TimeSpan]:
    return [region.span for region in detect_speech(samples[number], number, 0, VadOptions())]


def talk_ms(spans: list[TimeSpan]) -> int:
    return sum(span.duration_ms for span in spans)


@pytest.mark.parametrize(("gain", "delay"), [(0.1, 0), (0.2, 40), (0.25, 1_600), (0.1, 4_000)])
def test_a_leak_makes_no_second_utterance(call: Samples, gain: float, delay: int) -> None:
    heard = without_bleed(leaked(call, gain, delay))
    for number in (0, 1):
        true, found = speech(call, number), speech(heard, number)
        strange = sum(span.duration_ms - sum(span.overlap_ms(own) for own in true) for span in found)
        lost = sum(span.duration_ms - sum(span.overlap_ms(one) for one in found) for span in true)
        assert strange < 0.1 * talk_ms(true)
        assert lost < 0.1 * talk_ms(true)


def test_the_leak_is_there_before(call: Samples) -> None:
    mixed = leaked(call, 0.2, 40)
    assert talk_ms(speech(mixed, 1)) > 1.25 * talk_ms(speech(call, 1))


def test_a_clean_call_keeps_every_sample(call: Samples) -> None:
    assert without_bleed(call) is call


@pytest.mark.parametrize("channels", [1, 3])
def test_other_layouts_are_left_alone(call: Samples, channels: int) -> None:
    samples = np.resize(call, (channels, 1_600)).astype(np.float32)
    assert without_bleed(samples) is samples


def test_silence_stays_silence() -> None:
    silent = np.zeros((2, 32_000), np.float32)
    assert without_bleed(silent) is silent
