"""Recordings as bytes: facts, samples in blocks, and clips to play. The only home of PyAV."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from qa_pipeline.errors import AudioError
from qa_pipeline.speech.headers import counts_its_frames, has_audio_signature, promised_duration_ms
from qa_pipeline.speech.layout import ChannelComparison
from qa_pipeline.types import CallMetadata, Recording, TimeSpan, message

_log = logging.getLogger(__name__)

Samples = npt.NDArray[np.float32]

SAMPLING_RATE_HZ = 16_000
"""What Whisper and the voice detector expect."""

MAX_BLOCK_MS = 600_000
"""Ten minutes of stereo at 16 kHz are 77 MB: the most that is held of one recording at a time."""

MIN_DURATION_MS = 1_000
TRUNCATION_TOLERANCE_MS = 1_000
"""A recorder that closes a file late leaves a header up to a second off."""

MIN_SHARE_TO_INSPECT = 0.5
"""A cut file is inspected if half of what its header promises is there; the rest then counts as inaudible, so
that nothing is held against the agent for words nobody could hear. With less, only a new copy helps."""

CLIP_MEDIA_TYPE = "audio/mpeg"
CLIP_SUFFIX = ".mp3"
_CLIP_BIT_RATE = 32_000
_HASH_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AudioBlock:
    """Samples shaped (channels, samples) float32 in -1..1, beginning `start_ms` into the recording."""

    start_ms: int
    samples: Samples


def read_recording(path: Path, call: CallMetadata) -> Recording:
    """Read the facts of a recording: its digest, codec, length and how the speakers lie on its channels.

    `duration_ms` is what the header promises where the file was cut but is still worth inspecting
    (`MIN_SHARE_TO_INSPECT`), else what can be heard.

    Raises:
        AudioError: audio_missing, audio_permission, audio_empty, audio_unreadable, audio_truncated,
            audio_too_short; each names the file and the next step.
    """
    sha256 = _sha256(path)
    with _opened(path) as container:
        stream = container.streams.audio[0]
        codec, sampling_rate_hz = str(stream.codec_context.name), int(stream.codec_context.sample_rate)
        num_channels = int(stream.codec_context.layout.nb_channels)
        promised_ms = _promised_ms(path, container, stream)
        comparison = ChannelComparison()
        heard = 0
        for samples in _decoded(path, container, sampling_rate_hz):
            heard += samples.shape[1]
            comparison.add(samples)
    heard_ms = heard * 1000 // sampling_rate_hz
    return Recording(
        id=call.call_id,
        sha256=sha256,
        uri=str(path.absolute()),
        codec=codec,
        sampling_rate_hz=sampling_rate_hz,
        num_channels=num_channels,
        layout=comparison.layout(num_channels),
        duration_ms=_worth_inspecting(path, heard_ms, promised_ms),
        call=call,
    )


def decode_blocks(
    path: Path, *, block_ms: int = MAX_BLOCK_MS, sampling_rate_hz: int = SAMPLING_RATE_HZ
) -> Iterator[AudioBlock]:
    """Decode a recording block by block, every channel apart, resampled.

    Args:
        block_ms: length of a block, at most ten minutes; the last may be shorter.
    """
    if not 0 < block_ms <= MAX_BLOCK_MS:
        raise ValueError(f"a block lasts 1 to {MAX_BLOCK_MS} ms, not {block_ms}")
    block_size = block_ms * sampling_rate_hz // 1000
    with _opened(path) as container:
        pending: list[Samples] = []
        pending_size = start_ms = 0
        for samples in _decoded(path, container, sampling_rate_hz):
            pending.append(samples)
            pending_size += samples.shape[1]
            while pending_size >= block_size:
                joined = np.concatenate(pending, axis=1)
                yield AudioBlock(start_ms=start_ms, samples=joined[:, :block_size])
                pending, pending_size = [joined[:, block_size:].copy()], pending_size - block_size
                start_ms += block_ms
        if pending_size:
            yield AudioBlock(start_ms=start_ms, samples=np.concatenate(pending, axis=1))


def cut_clip(uri: str, span: TimeSpan, *, padding_ms: int = 0) -> bytes:
    """Cut a part of a recording as a small mono MP3, which every browser plays.

    Args:
        uri: path of the recording.
        span: what to cut; the end of the recording ends it earlier.
        padding_ms: what to add before and after.
    """
    path = Path(uri)
    start_ms, end_ms = max(0, span.start_ms - padding_ms), span.end_ms + padding_ms
    with _opened(path) as container:
        # PyAV seeks to a packet at or before the time; times of frames tell what to drop.
        container.seek(start_ms * 1000)
        parts: list[Samples] = []
        for at_ms, samples in _timed(container, SAMPLING_RATE_HZ):
            if at_ms >= end_ms:
                break
            first = max(0, (start_ms - at_ms) * SAMPLING_RATE_HZ // 1000)
            parts.append(samples[:, first : max(0, (end_ms - at_ms) * SAMPLING_RATE_HZ // 1000)])
    if not any(part.size for part in parts):
        raise AudioError(
            "audio_unreadable",
            message(
                "{file} has nothing to play at {start_ms} ms. Copy it again.", file=path, start_ms=start_ms
            ),
        )
    return _mp3(np.concatenate(parts, axis=1).mean(axis=0))


def _mp3(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as output:
        stream = output.add_stream("libmp3lame", rate=SAMPLING_RATE_HZ, layout="mono")
        stream.bit_rate = _CLIP_BIT_RATE
        pcm = np.clip(samples * 32767, -32768, 32767).astype(np.int16)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16p", layout="mono")
        frame.sample_rate = SAMPLING_RATE_HZ
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
            empty = file.tell() == 0
    except PermissionError:
        raise _forbidden(path) from None
    except OSError:
        raise _missing(path) from None
    if empty:
        raise AudioError("audio_empty", message("{file} has 0 bytes. Export the recording again.", file=path))
    return digest.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        container = av.open(str(path))
    except av.error.PermissionError:
        raise _forbidden(path) from None
    except av.error.FileNotFoundError:
        raise _missing(path) from None
    except av.error.FFmpegError:
        raise (_damaged if has_audio_signature(path) else _unreadable)(path) from None
    with container:
        if not container.streams.audio:
            raise _unreadable(path)
        yield container


def _decoded(path: Path, container: Any, sampling_rate_hz: int) -> Iterator[Samples]:
    empty = True
    for _, samples in _timed(container, sampling_rate_hz):
        empty = False
        yield samples
    if empty:
        raise _unreadable(path)


def _timed(container: Any, sampling_rate_hz: int) -> Iterator[tuple[int, Samples]]:
    """Decoded samples, each with the time in ms of its first; damaged packets are left out."""
    resampler: Any = None
    shape: tuple[int, str, str] | None = None
    layout: Any = None
    at = 0
    for frame in _frames(container):
        if (frame.sample_rate, frame.layout.name, frame.format.name) != shape:
            # Joined MP3 files may change rate and channels on the way; the first frame's channels are kept.
            shape = (frame.sample_rate, frame.layout.name, frame.format.name)
            if layout is None:
                layout = frame.layout
                at = 0 if frame.pts is None else round(frame.pts * frame.time_base * sampling_rate_hz)
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=sampling_rate_hz)
        for resampled in resampler.resample(frame):
            samples = resampled.to_ndarray()
            yield at * 1000 // sampling_rate_hz, samples
            at += samples.shape[1]
    if resampler is not None:
        for resampled in resampler.resample(None):
            yield at * 1000 // sampling_rate_hz, resampled.to_ndarray()


def _frames(container: Any) -> Iterator[Any]:
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def _promised_ms(path: Path, container: Any, stream: Any) -> int | None:
    """Length the header states as a count, not as a guess from the bit rate."""
    counted = container.format.name == "flac" or "mp4" in container.format.name
    if (
        counted or (container.format.name == "mp3" and counts_its_frames(path))
    ) and stream.duration is not None:
        return int(stream.duration * stream.time_base * 1000)
    return promised_duration_ms(path)


def _worth_inspecting(path: Path, heard_ms: int, promised_ms: int | None) -> int:
    if promised_ms is not None and promised_ms - heard_ms > TRUNCATION_TOLERANCE_MS:
        seconds = {"heard": heard_ms // 1000, "promised": promised_ms // 1000}
        if heard_ms < max(MIN_DURATION_MS, promised_ms * MIN_SHARE_TO_INSPECT):
            raise AudioError(
                "audio_truncated",
                message(
                    "{file} was cut: {heard} of {promised} seconds are there, too little to inspect. "
                    "Copy or export it again.",
                    file=path,
                    **seconds,
                ),
            )
        _log.warning(
            "%s was cut: %d of %d s are there; inspected, the missing part counts as inaudible",
            path,
            *seconds.values(),
        )
        return promised_ms
    if heard_ms < MIN_DURATION_MS:
        raise AudioError(
            "audio_too_short",
            message(
                "{file} lasts {heard_ms} ms, less than a second: there is no call to inspect.",
                file=path,
                heard_ms=heard_ms,
            ),
        )
    return heard_ms


def _missing(path: Path) -> AudioError:
    return AudioError(
        "audio_missing", message("{file} is not a file that can be opened. Check the path.", file=path)
    )


def _forbidden(path: Path) -> AudioError:
    return AudioError(
        "audio_permission", message("{file} may not be read. Give this user the right to read it.", file=path)
    )


def _unreadable(path: Path) -> AudioError:
    return AudioError(
        "audio_unreadable",
        message(
            "{file} holds no audio that can be decoded. Check that it is a recording "
            "(WAV, MP3, M4A, OGG, FLAC, AMR).",
            file=path,
        ),
    )


def _damaged(path: Path) -> AudioError:
    return AudioError(
        "audio_truncated",
        message(
            "{file} begins like a recording but is damaged or cut, and cannot be opened. "
            "Copy or export it again.",
            file=path,
        ),
    )
