"""A recording as a browser plays it: Opus made once, with the peaks its waveform is drawn from.

Browsers play neither AMR nor GSM nor ADPCM, and none computes the waveform of a long call quickly, so both
are made when a call is first opened, and kept by the recording's content.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from qa_pipeline.errors import AudioError
from qa_pipeline.speech.audio import SAMPLING_RATE_HZ, AudioBlock, decode_blocks, sha256_of_recording
from qa_pipeline.types import Recording, message

MEDIA_TYPE = "audio/ogg"
PEAKS_PER_SECOND = 20
"""A bar of the waveform on a wide screen stands for more than 50 ms in every call longer than a minute."""

_MAX_CHANNELS = 2
_BIT_RATE = 24_000
"""Per channel; telephone speech loses nothing audible."""

_FORMAT = 1
"""Of the two files; a file of another format is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """What a player needs.

    Args:
        sound: an Ogg Opus file with the recording's channels.
        peaks: a JSON file, {"duration_ms", "channels": [[the loudest sample of each twentieth of a second]]};
            samples reach from 0 to 1.
    """

    sound: Path
    peaks: Path


def playback(recording: Recording, folder: Path) -> Playback:
    """The player's files of a recording, made where they are not yet there.

    Two processes that make them at once do the work twice and harm nothing: a file appears whole or not at
    all.

    Args:
        folder: where they are kept, for its owner only; made where there is none.

    Raises:
        AudioError: another recording lies where this one was (``audio_changed``), or it cannot be read.
        OSError: the folder cannot be written.
    """
    name = f"{recording.sound_id}.{_FORMAT}"
    made = Playback(sound=folder / f"{name}.ogg", peaks=folder / f"{name}.json")
    if made.sound.exists() and made.peaks.exists():
        return made
    _check_unchanged(recording)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    heights: list[npt.NDArray[np.float32]] = []

    def write_sound(path: Path) -> None:
        blocks = decode_blocks(Path(recording.uri), reading=recording.reading)
        _encode(_measured(blocks, heights), path)

    _whole(made.sound, write_sound)
    drawn = np.concatenate(heights, axis=1)
    document = {"duration_ms": recording.duration_ms, "channels": np.round(drawn.astype(float), 3).tolist()}
    _whole(made.peaks, lambda path: path.write_text(json.dumps(document), encoding="utf-8"))
    return made


def _check_unchanged(recording: Recording) -> None:
    """Never let anybody hear another call under this one's name."""
    path = Path(recording.uri)
    if sha256_of_recording(path) != recording.sha256:
        told = message(
            "{file} has changed since the audit and may be another call; audit it again to hear it",
            file=path,
        )
        raise AudioError("audio_changed", told)


def _whole(target: Path, write: Callable[[Path], object]) -> None:
    part = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        part.touch(mode=0o600)
        write(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _measured(
    blocks: Iterator[AudioBlock], heights: list[npt.NDArray[np.float32]]
) -> Iterator[npt.NDArray[np.float32]]:
    """The samples of each block, whose peaks are added to `heights` on the way."""
    step = SAMPLING_RATE_HZ // PEAKS_PER_SECOND
    for block in blocks:
        samples = block.samples[:_MAX_CHANNELS]
        padded = np.pad(np.abs(samples), ((0, 0), (0, -samples.shape[1] % step)))
        heights.append(np.minimum(1.0, padded.reshape(samples.shape[0], -1, step).max(axis=2)))
        yield samples


def _encode(parts: Iterator[npt.NDArray[np.float32]], path: Path) -> None:
    with av.open(os.fspath(path), "w", format="ogg") as output:
        stream: Any = None
        for samples in parts:
            channels = samples.shape[0]
            layout = "stereo" if channels > 1 else "mono"
            if stream is None:
                stream = output.add_stream("libopus", rate=SAMPLING_RATE_HZ, layout=layout)
                stream.bit_rate = _BIT_RATE * channels
            interleaved = np.ascontiguousarray(np.clip(samples, -1, 1).T.reshape(1, -1), dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=layout)
            frame.sample_rate = SAMPLING_RATE_HZ
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
