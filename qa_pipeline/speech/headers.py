"""What the first bytes of a recording promise, before any decoder looks at it."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import BinaryIO

_MAGIC = (
    rb"RIFF....WAVE|RIFX....WAVE|RF64....WAVE|ID3|fLaC|OggS|#!AMR|....ftyp|FORM....AIFF|\.snd|caff"
    rb"|\x30\x26\xb2\x75\x8e\x66\xcf\x11|\x1a\x45\xdf\xa3"
)
"""Beginnings of the containers recorders write; the last two are ASF (wma) and Matroska (webm)."""

_HEADER = re.compile(_MAGIC, re.DOTALL)
_SIGNATURE = re.compile(_MAGIC + rb"|\xff[\xe2-\xff]", re.DOTALL)
"""The last is an MPEG or AAC frame, which in headerless mu-law is silence."""

_UNKNOWN_SIZE = 0x7FFF_0000
"""Recorders that stream write 0 or a size near the limit of 32 bits, then the promise means nothing."""


def has_audio_signature(path: Path) -> bool:
    """Whether the file begins like a recording, whatever follows."""
    with path.open("rb") as file:
        return _SIGNATURE.match(file.read(16)) is not None


def has_header(path: Path) -> bool:
    """Whether the file is of a container, so that it says itself what it is."""
    with path.open("rb") as file:
        return _HEADER.match(file.read(16)) is not None


def promised_duration_ms(path: Path) -> int | None:
    """Length that a WAV header promises; None for other files and where the recorder left the size open.

    FFmpeg shortens the promise of linear PCM to what is there, which would hide that a file was cut.
    """
    with path.open("rb") as file:
        start = file.read(12)
        if start[:4] == b"RIFF" and start[8:] == b"WAVE":
            return _promised_by_wav(file)
    return None


def _promised_by_wav(file: BinaryIO) -> int | None:
    """Walk the RIFF chunks up to the samples (WAVE format, Microsoft 1991)."""
    bytes_per_second = 0
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        if name == b"fmt " and size >= 16:
            body = file.read(size + size % 2)
            if len(body) < 12:
                return None
            (bytes_per_second,) = struct.unpack_from("<I", body, 8)
        elif name == b"data":
            known = bytes_per_second > 0 and 0 < size < _UNKNOWN_SIZE
            return size * 1000 // bytes_per_second if known else None
        else:
            file.seek(size + size % 2, 1)
    return None


def counts_its_frames(path: Path) -> bool:
    """Whether an MP3 states its number of frames (Xing or Info header); otherwise its length is a guess."""
    with path.open("rb") as file:
        start = file.read(10)
        tag_size = 0
        if start[:3] == b"ID3":
            # ID3v2.4, 3.1: four bytes of seven bits each.
            tag_size = (
                sum((byte & 0x7F) << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True))
                + 10
            )
        file.seek(tag_size)
        first_frame = file.read(256)
    return b"Xing" in first_frame or b"Info" in first_frame
