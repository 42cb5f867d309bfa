"""Where someone speaks: Silero VAD, one channel and one block at a time.

The network is the ONNX file inside the faster-whisper distribution (Silero VAD v6, MIT), run here directly:
faster-whisper's own call holds the activations of 10,000 frames at once, a gigabyte on a long channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from qa_pipeline.errors import ModelError
from qa_pipeline.types import SpeechRegion, TimeSpan, message

_RATE_HZ = 16_000
_FRAME = 512
_CONTEXT = 64
_FRAMES_PER_RUN = 1_000
"""32 s a run: activations stay near 30 MB whatever the length of the recording."""

FRAME_MS = _FRAME * 1000 // _RATE_HZ

REPLY_SOFTER_DB = 15.0
"""A reply may be so much softer than the surer speech of its block. In 40 spoken development calls none is
softer by more than 1; what is left of a leak from the other channel once it is silenced (`bleed`), by 40."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VadOptions:
    """When a frame of 32 ms counts as speech, and when frames are one region.

    Args:
        threshold: probability, 0..1, that a region reaches somewhere. Higher misses quiet speakers; lower
            takes line noise for speech, on which Whisper then invents text.
        reply_threshold: probability that suffices where it is as loud as the surer speech beside it. Higher
            misses short replies, eight of 54 in 40 spoken development calls at 0.5 and two at 0.4; lower
            takes breath for speech.
        release_threshold: probability, 0..1, from which frames before and after such a place belong to the
            region. Closer to `threshold` cuts soft beginnings and endings; much lower joins turns.
        min_speech_ms: shorter regions are dropped. Higher loses replies like 嗯 and 对; lower keeps clicks.
        min_silence_ms: a shorter pause does not end a region. Lower cuts sentences at each breath, and more
            edges mean more lost syllables; higher joins what was said before and after a reply.
        padding_ms: kept before and after each region, at most half of the pause. Lower loses initial
            consonants; higher spends window on silence.
        max_region_ms: a longer region is cut at its least probable frame, so that it fits a window of 30 s.
    """

    threshold: float = 0.5
    reply_threshold: float = 0.4
    release_threshold: float = 0.25
    min_speech_ms: int = 130
    min_silence_ms: int = 600
    padding_ms: int = 200
    max_region_ms: int = 28_000

    def __post_init__(self) -> None:
        if not 0 < self.release_threshold <= self.reply_threshold <= self.threshold < 1:
            raise ValueError("0 < release_threshold <= reply_threshold <= threshold < 1 must hold")
        if min(self.min_speech_ms, self.min_silence_ms, self.padding_ms) < 0:
            raise ValueError("times may not be negative")
        if not 1_000 <= self.max_region_ms <= 29_000:
            raise ValueError(
                f"max_region_ms must be 1000 to 29000, so that a region fits a window: {self.max_region_ms}"
            )


def detect_speech(
    samples: npt.NDArray[np.float32], channel: int, start_ms: int, options: VadOptions
) -> tuple[SpeechRegion, ...]:
    """Find the speech in one block of one channel.

    Args:
        samples: one dimension, 16 kHz.
        channel: put into the regions.
        start_ms: where the block begins in the recording, from whose start the regions' times count.

    Returns:
        Regions in order of time that do not overlap, none longer than `max_region_ms` and its padding.
    """
    if samples.ndim != 1:
        raise ValueError(f"one channel at a time, not an array of {samples.ndim} dimensions")
    block_ms = len(samples) * 1000 // _RATE_HZ
    probabilities = speech_probabilities(samples)
    perhaps = speech_frames(probabilities, replace(options, threshold=options.reply_threshold))
    found = _loud_enough(perhaps, probabilities, samples, options)
    return tuple(
        SpeechRegion(
            channel=channel,
            span=TimeSpan(start_ms=start_ms + start, end_ms=start_ms + end),
            probability=round(float(probabilities[first:last].mean()), 4),
        )
        for (first, last), (start, end) in _padded(found, block_ms, options)
    )


def speech_probabilities(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Probability of speech for each frame of 32 ms, the last one padded with silence."""
    session = _session()
    hidden = np.zeros((1, 1, 128), dtype=np.float32)
    cell = np.zeros((1, 1, 128), dtype=np.float32)
    probabilities = [np.empty(0, dtype=np.float32)]
    step = _FRAME * _FRAMES_PER_RUN
    before = np.zeros(_CONTEXT, dtype=np.float32)
    for at in range(0, len(samples), step):
        piece = samples[at : at + step]
        padded = np.pad(piece, (0, -len(piece) % _FRAME)).reshape(-1, _FRAME)
        context = np.vstack([before, padded[:-1, -_CONTEXT:]])
        frames = np.concatenate([context, padded], axis=1)
        output, hidden, cell = session.run(None, {"input": frames, "h": hidden, "c": cell})
        probabilities.append(output.reshape(-1))
        before = padded[-1, -_CONTEXT:]
    return np.concatenate(probabilities)


def speech_frames(probabilities: npt.NDArray[np.float32], options: VadOptions) -> tuple[tuple[int, int], ...]:
    """Half-open ranges of speech frames: hysteresis, pauses bridged, clicks dropped, long ones cut.

    Hysteresis both ways: what may be speech belongs to it before the first certain frame as well as after
    the last, since a voice that sets in softly is certain only a word or two later.
    """
    longest_pause = max(1, round(options.min_silence_ms / FRAME_MS))
    perhaps = np.flatnonzero(probabilities >= options.release_threshold)
    runs = np.split(perhaps, np.flatnonzero(np.diff(perhaps) > longest_pause) + 1)
    certain = (run for run in runs if (probabilities[run] >= options.threshold).any())
    ranges = ((int(run[0]), int(run[-1]) + 1) for run in certain)
    kept = (found for found in ranges if (found[1] - found[0]) * FRAME_MS >= options.min_speech_ms)
    return tuple(part for found in kept for part in _cut(found, probabilities, options))


def _loud_enough(
    found: tuple[tuple[int, int], ...],
    probabilities: npt.NDArray[np.float32],
    samples: npt.NDArray[np.float32],
    options: VadOptions,
) -> tuple[tuple[int, int], ...]:
    """The ranges that are surely speech, and those that may be and are as loud."""

    def power(ranges: Iterable[tuple[int, int]]) -> float:
        sound = np.concatenate([samples[first * _FRAME : last * _FRAME] for first, last in ranges])
        return float(np.mean(sound**2, dtype=np.float64))

    sure = [one for one in found if (probabilities[slice(*one)] >= options.threshold).any()]
    if len(sure) in {0, len(found)}:
        return tuple(sure)
    least = power(sure) * 10 ** (-REPLY_SOFTER_DB / 10)
    return tuple(one for one in found if one in sure or power([one]) >= least)


def _cut(
    found: tuple[int, int], probabilities: npt.NDArray[np.float32], options: VadOptions
) -> list[tuple[int, int]]:
    """Cut a range that is too long at the least probable frame of the second half of what fits."""
    longest = max(2, options.max_region_ms // FRAME_MS)
    first, last = found
    parts = []
    while last - first > longest:
        middle = first + longest // 2
        cut = middle + int(np.argmin(probabilities[middle : first + longest]))
        parts.append((first, cut))
        first = cut
    return [*parts, (first, last)]


def _padded(
    ranges: tuple[tuple[int, int], ...], block_ms: int, options: VadOptions
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Each range of frames with its time in ms, padded without reaching into its neighbours."""
    edges = [0, *(edge * FRAME_MS for found in ranges for edge in found), block_ms]
    padded = []
    for index, found in enumerate(ranges):
        before, start, end, after = edges[2 * index : 2 * index + 4]
        room_before = start - before if index == 0 else (start - before) // 2
        room_after = after - end if index == len(ranges) - 1 else (after - end) // 2
        start -= min(options.padding_ms, room_before)
        end = min(end + min(options.padding_ms, max(0, room_after)), block_ms)
        padded.append((found, (start, end)))
    return padded


@cache
def _session() -> Any:
    settings = onnxruntime.SessionOptions()
    settings.inter_op_num_threads = settings.intra_op_num_threads = 1
    settings.enable_cpu_mem_arena = False
    settings.log_severity_level = 4
    return onnxruntime.InferenceSession(str(_model_path()), settings, providers=["CPUExecutionProvider"])


def _model_path() -> Path:
    spec = find_spec("faster_whisper")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"
        if path.is_file():
            return path
    raise ModelError(
        "vad_missing",
        message(
            "silero_vad_v6.onnx, which faster-whisper 1.2 carries, is missing. Install faster-whisper again."
        ),
    )
