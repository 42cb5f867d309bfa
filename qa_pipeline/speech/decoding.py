"""From the bytes of a file to samples: containers, packets, frames. With `audio` the only home of PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from qa_pipeline.errors import AudioError
from qa_pipeline.speech.headers import has_audio_signature
from qa_pipeline.types import Reading, message

Samples = npt.NDArray[np.float32]

_FIXED_SHAPE = frozenset({"gsm", "g722", "g729"})
"""Codings of one channel at one rate, whose demuxers take no options."""


@contextmanager
def opened(path: Path, reading: Reading) -> Iterator[Any]:
    """A container with at least one stream of sound that can be decoded.

    Raises:
        AudioError: audio_missing, audio_permission, audio_unreadable, audio_truncated.
    """
    try:
        container = _raw(path, reading) if reading.raw else av.open(str(path))
    except av.error.PermissionError:
        raise forbidden(path) from None
    except av.error.FileNotFoundError:
        raise missing(path) from None
    except (av.error.FFmpegError, ValueError):
        raise (damaged if has_audio_signature(path) else unreadable)(path) from None
    with container:
        if not container.streams.audio:
            raise unreadable(path)
        context = container.streams.audio[0].codec_context
        if context is None:
            # The header names a coding that FFmpeg does not know.
            raise unreadable(path)
        # A header that was overwritten may promise a rate or channels that nothing can be made of.
        if not 1_000 <= context.sample_rate <= 768_000 or not 1 <= context.layout.nb_channels <= 64:
            raise damaged(path)
        yield container


def decoded(path: Path, container: Any, reading: Reading, rate_hz: int) -> Iterator[Samples]:
    """Samples (channels, samples) at `rate_hz`, only those channels that the reading asks for.

    Raises:
        AudioError: audio_unreadable where nothing can be decoded, audio_channels where a channel is missing.
    """
    empty = True
    for _, samples in timed(container, reading, rate_hz):
        if reading.channels and max(reading.channels) >= samples.shape[0]:
            raise AudioError(
                "audio_channels",
                message(
                    "{file} has {channels} channels, numbered from 0; channel {channel} is none of them."
                    " Correct --channels.",
                    file=path,
                    channels=samples.shape[0],
                    channel=max(reading.channels),
                ),
            )
        empty = False
        yield samples[list(reading.channels)] if reading.channels else samples
    if empty:
        raise unreadable(path)


def timed(container: Any, reading: Reading, rate_hz: int) -> Iterator[tuple[int, Samples]]:
    """Decoded samples, each with the time in ms of its first; damaged packets are left out."""
    resampler: Any = None
    shape: tuple[int, str, str] | None = None
    layout: Any = None
    stretch = 1.0
    at = 0
    for frame in _frames(container):
        if (frame.sample_rate, frame.layout.name, frame.format.name) != shape:
            # Joined MP3 files may change rate and channels on the way; the first frame's channels are kept.
            shape = (frame.sample_rate, frame.layout.name, frame.format.name)
            if reading.sampling_rate_hz is not None and resampler is None:
                stretch = frame.sample_rate / reading.sampling_rate_hz
            if layout is None:
                layout = frame.layout
                at = 0 if frame.pts is None else round(frame.pts * frame.time_base * stretch * rate_hz)
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate_hz)
        if stretch != 1.0:
            frame.sample_rate = round(frame.sample_rate / stretch)
            frame.pts = None
        for resampled in resampler.resample(frame):
            samples = _bounded(resampled.to_ndarray())
            yield at * 1000 // rate_hz, samples
            at += samples.shape[1]
    if resampler is not None:
        for resampled in resampler.resample(None):
            yield at * 1000 // rate_hz, _bounded(resampled.to_ndarray())


def _bounded(samples: Samples) -> Samples:
    """Samples within -1..1: broken floating-point files hold any number, and what is none."""
    return np.clip(np.nan_to_num(samples, copy=False, nan=0.0), -1.0, 1.0)


def missing(path: Path) -> AudioError:
    return AudioError(
        "audio_missing", message("{file} is not a file that can be opened. Check the path.", file=path)
    )


def forbidden(path: Path) -> AudioError:
    return AudioError(
        "audio_permission", message("{file} may not be read. Give this user the right to read it.", file=path)
    )


def unreadable(path: Path) -> AudioError:
    return AudioError(
        "audio_unreadable",
        message(
            "{file} holds no audio that can be decoded. Check that it is a recording "
            "(WAV, MP3, M4A, OGG, FLAC, AMR); a headerless one needs --raw, for example --raw mulaw@8000.",
            file=path,
        ),
    )


def damaged(path: Path) -> AudioError:
    return AudioError(
        "audio_truncated",
        message(
            "{file} begins like a recording but is damaged or cut, and cannot be opened. "
            "Copy or export it again.",
            file=path,
        ),
    )


def _raw(path: Path, reading: Reading) -> Any:
    """Open a file without header; what the demuxer would read in a header is told to it."""
    if reading.raw in _FIXED_SHAPE:
        return av.open(str(path), format=reading.raw)
    options = {"sample_rate": str(reading.sampling_rate_hz), "ch_layout": f"{reading.raw_channels} channels"}
    return av.open(str(path), format=reading.raw, options=options)


def _frames(container: Any) -> Iterator[Any]:
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, ValueError):
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except (av.error.FFmpegError, ValueError):
            continue
