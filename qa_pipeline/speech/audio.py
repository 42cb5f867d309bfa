"""Recordings as bytes: facts, samples in blocks, and clips. With `decoding` the only home of PyAV."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from qa_pipeline.errors import AudioError
from qa_pipeline.speech.decoding import Samples, decoded, forbidden, missing, opened, timed
from qa_pipeline.speech.headers import counts_its_frames, has_header, promised_duration_ms
from qa_pipeline.speech.layout import ChannelComparison
from qa_pipeline.types import PLAIN, CallMetadata, Reading, Recording, TimeSpan, message

_log = logging.getLogger(__name__)

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

RATE_KEY = "sampling_rate"
"""Metadata field that stands for the header's rate; kept in `CallMetadata.extra`."""

_FRAMED_EXTENSIONS = frozenset({".mp3", ".aac", ".gsm"})
"""Files of frames that describe themselves without a header before them."""

CLIP_MEDIA_TYPE = "audio/mpeg"
CLIP_SUFFIX = ".mp3"
_CLIP_BIT_RATE = 32_000
_HASH_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AudioBlock:
    """Samples shaped (channels, samples) float32 in -1..1, beginning `start_ms` into the recording."""

    start_ms: int
    samples: Samples


def read_recording(
    path: Path, call: CallMetadata, *, reading: Reading = PLAIN, max_duration_ms: int | None = None
) -> Recording:
    """Read the facts of a recording: its digest, codec, length and how the speakers lie on its channels.

    `duration_ms` is what the header promises where the file was cut but is still worth inspecting
    (`MIN_SHARE_TO_INSPECT`), else what can be heard. The sampling rate that the metadata state stands for the
    header's. Channels silent throughout are left out; of more than two the two loudest are heard.

    Args:
        reading: what the user knows about files without header, and which channels to hear.
        max_duration_ms: a longer recording is refused; None for no limit.

    Raises:
        AudioError: audio_missing, audio_permission, audio_empty, audio_unreadable, audio_truncated,
            audio_too_short, audio_too_long, audio_channels; each names the file and the next step.
    """
    sha256 = sha256_of_recording(path)
    reading = _in_force(path, call, reading)
    with opened(path, reading) as container:
        stream = container.streams.audio[0]
        codec, header_rate_hz = str(stream.codec_context.name), int(stream.codec_context.sample_rate)
        rate_hz = reading.sampling_rate_hz or header_rate_hz
        promised_ms = _promised_ms(path, container, stream)
        if promised_ms is not None:
            promised_ms = promised_ms * header_rate_hz // rate_hz
            _refuse_too_long(path, promised_ms, max_duration_ms)
        comparison = ChannelComparison()
        heard = 0
        for samples in decoded(path, container, reading, rate_hz):
            heard += samples.shape[1]
            comparison.add(samples)
            _refuse_too_long(path, heard * 1000 // rate_hz, max_duration_ms)
    heard_ms = heard * 1000 // rate_hz
    duration_ms = _worth_inspecting(path, heard_ms, promised_ms)
    chosen, silent = comparison.loudest(), comparison.silent()
    in_file = reading.channels or tuple(range(comparison.num_channels))
    all_heard = len(chosen) == comparison.num_channels
    if not all_heard:
        reading = replace(reading, channels=tuple(in_file[channel] for channel in chosen))
    return Recording(
        id=call.call_id,
        sha256=sha256,
        uri=str(path.absolute()),
        codec=codec,
        sampling_rate_hz=rate_hz,
        num_channels=len(chosen),
        layout=comparison.layout(chosen),
        duration_ms=duration_ms,
        call=call,
        reading=reading,
        channel_numbers=() if all_heard else chosen,
        silent_channels=tuple(in_file[channel] for channel in silent),
        promised_ms=promised_ms if duration_ms > heard_ms else None,
    )


def decode_blocks(
    path: Path,
    *,
    reading: Reading = PLAIN,
    block_ms: int = MAX_BLOCK_MS,
    sampling_rate_hz: int = SAMPLING_RATE_HZ,
) -> Iterator[AudioBlock]:
    """Decode a recording block by block, every channel apart, resampled.

    Args:
        reading: of the `Recording`, since it says which channels are heard.
        block_ms: length of a block, at most ten minutes; the last may be shorter.
    """
    if not 0 < block_ms <= MAX_BLOCK_MS:
        raise ValueError(f"a block lasts 1 to {MAX_BLOCK_MS} ms, not {block_ms}")
    block_size = block_ms * sampling_rate_hz // 1000
    with opened(path, reading) as container:
        pending: list[Samples] = []
        pending_size = start_ms = 0
        for samples in decoded(path, container, reading, sampling_rate_hz):
            pending.append(samples)
            pending_size += samples.shape[1]
            while pending_size >= block_size:
                joined = np.concatenate(pending, axis=1)
                yield AudioBlock(start_ms=start_ms, samples=joined[:, :block_size])
                pending, pending_size = [joined[:, block_size:].copy()], pending_size - block_size
                start_ms += block_ms
        if pending_size:
            yield AudioBlock(start_ms=start_ms, samples=np.concatenate(pending, axis=1))


def cut_clip(uri: str, span: TimeSpan, reading: Reading = PLAIN, *, padding_ms: int = 0) -> bytes:
    """Cut a part of a recording as a small mono MP3, which every browser plays.

    Args:
        uri: path of the recording.
        reading: of the `Recording`.
        span: what to cut; the end of the recording ends it earlier.
        padding_ms: what to add before and after.
    """
    path = Path(uri)
    start_ms, end_ms = max(0, span.start_ms - padding_ms), span.end_ms + padding_ms
    with opened(path, reading) as container:
        # PyAV seeks to a packet at or before the time; times of frames tell what to drop.
        header_rate_hz = int(container.streams.audio[0].codec_context.sample_rate)
        container.seek(start_ms * 1000 * (reading.sampling_rate_hz or header_rate_hz) // header_rate_hz)
        parts: list[Samples] = []
        for at_ms, samples in timed(container, reading, SAMPLING_RATE_HZ):
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


def sha256_of_recording(path: Path) -> str:
    """The digest of a recording's bytes, as `Recording.sha256` has it.

    Raises:
        AudioError: audio_missing, audio_permission, audio_empty.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
            empty = file.tell() == 0
    except PermissionError:
        raise forbidden(path) from None
    except OSError:
        raise missing(path) from None
    if empty:
        raise AudioError("audio_empty", message("{file} has 0 bytes. Export the recording again.", file=path))
    return digest.hexdigest()


def _in_force(path: Path, call: CallMetadata, reading: Reading) -> Reading:
    """What holds for this file: nothing raw where it has a header, and the rate that its metadata state."""
    if reading.raw is not None and (path.suffix.lower() in _FRAMED_EXTENSIONS or has_header(path)):
        reading = replace(reading, raw=None, raw_channels=1, sampling_rate_hz=None)
    stated = dict(call.extra).get(RATE_KEY)
    return reading if stated is None else replace(reading, sampling_rate_hz=int(stated))


def _refuse_too_long(path: Path, duration_ms: int, max_duration_ms: int | None) -> None:
    if max_duration_ms is None or duration_ms <= max_duration_ms:
        return
    raise AudioError(
        "audio_too_long",
        message(
            "{file} lasts more than {minutes} minutes, the longest that is inspected."
            " Cut it into calls, or allow more with --max-minutes.",
            file=path,
            minutes=max_duration_ms // 60_000,
        ),
    )


def _promised_ms(path: Path, container: Any, stream: Any) -> int | None:
    """Length the header states as a count, not as a guess from the bit rate."""
    counted = container.format.name in {"flac", "asf"} or "mp4" in container.format.name
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
