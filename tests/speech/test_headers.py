"""What the first bytes of files promise."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from qa_pipeline.speech.headers import counts_its_frames, has_audio_signature, promised_duration_ms
from tests.speech.conftest import tone, write_audio


def wav(*chunks: tuple[bytes, bytes, int | None]) -> bytes:
    """A RIFF file; a chunk states another size than it has where one is given."""
    body = b"WAVE" + b"".join(
        name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)
        for name, data, size in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


FORMAT = (b"fmt ", struct.pack("<HHIIHH", 7, 2, 8_000, 16_000, 2, 8), None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (wav(FORMAT, (b"data", b"x" * 100, 32_000)), 2_000),
        (wav(FORMAT, (b"LIST", b"abc", None), (b"data", b"", 16_000)), 1_000),
        (wav(FORMAT, (b"data", b"x" * 100, 0)), None),
        (wav(FORMAT, (b"data", b"x" * 100, 0xFFFFFFFF)), None),
        (wav((b"data", b"x" * 100, 32_000)), None),
        (wav(FORMAT), None),
        (wav((b"fmt ", b"\1\0\1\0", None), (b"data", b"", 16_000)), None),
        (b"RIFF", None),
        (b"ID3\4\0\0\0\0\0\0", None),
        (b"", None),
    ],
)
def test_promised_duration(tmp_path: Path, content: bytes, expected: int | None) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert promised_duration_ms(path) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", True),
        (b"RIFF\0\0\0\0AVI LIST", False),
        (b"ID3\4\0", True),
        (b"\xff\xfb\x90\x00", True),
        (b"\xff\xfe\x41\x00", True),
        (b"\0\0\0\x20ftypM4A ", True),
        (b"OggS", True),
        (b"#!AMR\n", True),
        (b"fLaC", True),
        (b"<html>", False),
        (b"", False),
    ],
)
def test_signature(tmp_path: Path, start: bytes, expected: bool) -> None:
    path = tmp_path / "a"
    path.write_bytes(start)
    assert has_audio_signature(path) is expected


def test_frames_counted_behind_a_tag(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.mp3", tone(2, 8_000)[None], "libmp3lame", 8_000)
    assert counts_its_frames(path)
    frames_only = path.read_bytes()
    frames_only = frames_only[frames_only.index(b"Info") + 400 :]
    path.write_bytes(b"ID3\4\0\0\0\0\2\0" + b"\0" * 256 + frames_only)
    assert not counts_its_frames(path)
