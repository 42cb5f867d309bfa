"""From a recording to windows of speech, ready for recognition, with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa_pipeline.speech.audio import SAMPLING_RATE_HZ, TRUNCATION_TOLERANCE_MS, decode_blocks
from qa_pipeline.speech.bleed import without_bleed
from qa_pipeline.speech.line_sounds import LineSounds
from qa_pipeline.speech.vad import VadOptions, detect_speech
from qa_pipeline.speech.voices import by_speaker
from qa_pipeline.speech.windows import Window, assemble, pack
from qa_pipeline.types import Layout, LineSound, Recording, SpeakerTurn, SpeechRegion, TimeSpan

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundWindow:
    """A window with its sound, one dimension, 16 kHz."""

    window: Window
    sound: Samples


BLOCK_MS = 300_000
"""Five minutes of stereo are 38 MB; most calls are one block, long ones never take more."""

WARM_UP_MS = 3_000
"""The detector is recurrent: begun in the middle of soft speech it misses it. So it hears a little twice."""


MUSIC_COVER = 0.9
MUSIC_PROBABILITY = 0.75
"""A region that lies in music and of whose speech the detector is less sure than this is the music itself, on
which Whisper would invent text. Somebody who speaks over music is found with more, and heard."""


def channels_to_hear(recording: Recording) -> tuple[int, ...]:
    """The channels worth hearing: the first alone where two carry the same."""
    return (0,) if recording.layout is Layout.DUAL_MONO else tuple(range(recording.num_channels))


class Preparation:
    """Decodes a recording block by block, finds its speech and packs it, each channel and speaker apart.

    Args:
        turns: who speaks when on the one channel of the recording, without overlap; empty where each channel
            is one speaker's.
        speech: where speech is known to be, in order of time; found by the detector when None.
    """

    def __init__(
        self,
        recording: Recording,
        vad: VadOptions,
        *,
        turns: Sequence[SpeakerTurn] = (),
        speech: Sequence[SpeechRegion] | None = None,
        block_ms: int = BLOCK_MS,
    ) -> None:
        self._recording = recording
        self._vad = vad
        self._turns = turns
        self._speech = speech
        self._block_ms = block_ms
        self._heard_ms = 0
        self._sounds: list[LineSounds] = []

    def windows(self) -> Iterator[SoundWindow]:
        """Windows of one channel each, as the blocks come.

        Raises:
            AudioError: the recording cannot be decoded.
        """
        channels = [
            _Channel(number, self._vad, self._turns, self._speech)
            for number in channels_to_hear(self._recording)
        ]
        self._sounds = [channel.sounds for channel in channels]
        blocks = decode_blocks(
            Path(self._recording.uri), reading=self._recording.reading, block_ms=self._block_ms
        )
        block = next(blocks, None)
        while block is not None:
            following = next(blocks, None)
            self._heard_ms = block.start_ms + block.samples.shape[1] * 1000 // SAMPLING_RATE_HZ
            samples = block.samples
            if self._recording.layout is Layout.STEREO:
                samples = without_bleed(samples)
            for channel in channels:
                yield from channel.take(samples[channel.number], last=following is None)
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

    def sounds(self) -> tuple[LineSound, ...]:
        """Tones and music on the line, in order of time; known after all windows."""
        heard = (sound for sounds in self._sounds for sound in sounds.heard())
        return tuple(sorted(heard, key=lambda sound: (sound.span, sound.channel)))


def _is_music(region: SpeechRegion, music: tuple[TimeSpan, ...]) -> bool:
    covered = sum(region.span.overlap_ms(span) for span in music)
    return region.probability < MUSIC_PROBABILITY and covered >= MUSIC_COVER * region.span.duration_ms


class _Channel:
    """One channel on its way into windows: what the end of a block may have cut waits for the next block."""

    def __init__(
        self,
        number: int,
        vad: VadOptions,
        turns: Sequence[SpeakerTurn],
        speech: Sequence[SpeechRegion] | None,
    ) -> None:
        self.number = number
        self.sounds = LineSounds(number)
        self._vad = vad
        self._turns = turns
        self._known = None if speech is None else [one for one in speech if one.channel == number]
        self._start_ms = 0
        self._heard_to_ms = 0
        self._samples = np.empty(0, dtype=np.float32)
        self._unpacked: dict[int | None, list[tuple[SpeechRegion, Samples]]] = {}

    def take(self, samples: Samples, *, last: bool) -> Iterator[SoundWindow]:
        """Take the next block in and give the windows that are full, or all of them after the last block."""
        self.sounds.add(samples)
        self._samples = np.concatenate([self._samples, samples])
        end_ms = self._start_ms + len(self._samples) * 1000 // SAMPLING_RATE_HZ
        regions, heard_to_ms = self._found(end_ms, last) if self._known is None else self._told(end_ms, last)
        for region in (part for whole in regions for part in by_speaker(whole, self._turns)):
            piece = self._samples[self._index(region.span.start_ms) : self._index(region.span.end_ms)]
            self._unpacked.setdefault(region.speaker, []).append((region, piece.copy()))
        self._heard_to_ms = heard_to_ms
        keep_from_ms = max(self._start_ms, heard_to_ms - WARM_UP_MS)
        self._samples = self._samples[self._index(keep_from_ms) :].copy()
        self._start_ms = keep_from_ms
        yield from self._packed(last)

    def _found(self, end_ms: int, last: bool) -> tuple[list[SpeechRegion], int]:
        """The speech that the detector finds, and to where it was heard for good."""
        regions = self._new_regions()
        if not last and regions and end_ms - regions[-1].span.end_ms < self._vad.min_silence_ms:
            # The block may end within a word: the next one hears this region again, whole.
            return regions[:-1], regions[-1].span.start_ms
        return regions, end_ms

    def _told(self, end_ms: int, last: bool) -> tuple[list[SpeechRegion], int]:
        """The known speech that has come whole, and where the next begins if its sound has come in part."""
        assert self._known is not None
        come = [region for region in self._known if last or region.span.end_ms <= end_ms]
        self._known = self._known[len(come) :]
        return come, min([end_ms, *(region.span.start_ms for region in self._known)])

    def _new_regions(self) -> list[SpeechRegion]:
        """Speech after what was heard already; the part before is there to let the detector settle."""
        regions = []
        music = self.sounds.music()
        for region in detect_speech(self._samples, self.number, self._start_ms, self._vad):
            start_ms = max(region.span.start_ms, self._heard_to_ms)
            if start_ms < region.span.end_ms and not _is_music(region, music):
                regions.append(replace(region, span=replace(region.span, start_ms=start_ms)))
        return regions

    def _packed(self, last: bool) -> Iterator[SoundWindow]:
        for unpacked in self._unpacked.values():
            windows = pack(region for region, _ in unpacked)
            for window in windows if last else windows[:-1]:
                count = len(window.placed)
                yield SoundWindow(
                    window=window, sound=assemble(window, [piece for _, piece in unpacked[:count]])
                )
                del unpacked[:count]

    def _index(self, recording_ms: int) -> int:
        return (recording_ms - self._start_ms) * SAMPLING_RATE_HZ // 1000
