"""From a recording to windows of speech, ready for recognition, with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa_pipeline.speech.audio import SAMPLING_RATE_HZ, TRUNCATION_TOLERANCE_MS, decode_blocks
from qa_pipeline.speech.vad import VadOptions, detect_speech
from qa_pipeline.speech.windows import Window, assemble, pack
from qa_pipeline.types import Layout, Recording, SpeechRegion, TimeSpan

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundWindow:
    """A window with its sound, one dimension, 16 kHz."""

    window: Window
    sound: Samples


@dataclass(slots=True)
class _Channel:
    """What was heard on a channel but not yet packed: speech that the end of a block may have cut."""

    number: int
    start_ms: int = 0
    samples: Samples | None = None


def channels_to_hear(recording: Recording) -> tuple[int, ...]:
    """The channels worth hearing: the first alone where two carry the same."""
    return (0,) if recording.layout is Layout.DUAL_MONO else tuple(range(recording.num_channels))


class Preparation:
    """Decodes a recording block by block, finds its speech and packs it, each channel apart."""

    def __init__(self, recording: Recording, vad: VadOptions) -> None:
        self._recording = recording
        self._vad = vad
        self._heard_ms = 0

    def windows(self) -> Iterator[SoundWindow]:
        """Windows of one channel each, as the blocks come.

        Raises:
            AudioError: the recording cannot be decoded.
        """
        channels = [_Channel(number) for number in channels_to_hear(self._recording)]
        blocks = decode_blocks(Path(self._recording.uri))
        block = next(blocks, None)
        while block is not None:
            following = next(blocks, None)
            self._heard_ms = block.start_ms + block.samples.shape[1] * 1000 // SAMPLING_RATE_HZ
            for channel in channels:
                yield from _windows_of(channel, block.samples[channel.number], following is None, self._vad)
            block = following

    def missing_tail(self) -> tuple[SpeechRegion, ...]:
        """What a cut file promised and does not hold, a region for each channel; known after all windows."""
        if self._recording.duration_ms - self._heard_ms <= TRUNCATION_TOLERANCE_MS:
            return ()
        span = TimeSpan(start_ms=self._heard_ms, end_ms=self._recording.duration_ms)
        return tuple(
            SpeechRegion(channel=channel, span=span, probability=0.0)
            for channel in channels_to_hear(self._recording)
        )


def _windows_of(channel: _Channel, samples: Samples, last: bool, vad: VadOptions) -> Iterator[SoundWindow]:
    if channel.samples is not None:
        samples = np.concatenate([channel.samples, samples])
    start_ms = channel.start_ms
    end_ms = start_ms + len(samples) * 1000 // SAMPLING_RATE_HZ
    regions = detect_speech(samples, channel.number, start_ms, vad)
    carry_from_ms = end_ms
    if not last and regions and end_ms - regions[-1].span.end_ms < vad.min_silence_ms:
        # The block may end within a word: the next block hears this region again, whole.
        carry_from_ms = regions[-1].span.start_ms
        regions = regions[:-1]
    for window in pack(regions):
        yield SoundWindow(window=window, sound=assemble(window, samples, start_ms))
    channel.samples = samples[(carry_from_ms - start_ms) * SAMPLING_RATE_HZ // 1000 :].copy()
    channel.start_ms = carry_from_ms
