"""Recordings of every kind a recorder writes, and every way one can be broken."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import av
import numpy as np
import pytest

from qa_pipeline.errors import AudioError
from qa_pipeline.speech.audio import cut_clip, decode_blocks, read_recording
from qa_pipeline.types import CallMetadata, Layout, TimeSpan
from tests.speech.conftest import tone, write_audio

CALL = CallMetadata(call_id="c1")


def two_tones(seconds: float, rate_hz: int) -> np.ndarray:
    return np.stack([tone(seconds, rate_hz), tone(seconds, rate_hz, frequency_hz=700, level=0.1)])


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "channels", "decoder"),
    [
        ("a.wav", "pcm_s16le", 8_000, 1, "pcm_s16le"),
        ("a.wav", "pcm_s16le", 48_000, 2, "pcm_s16le"),
        ("a.wav", "pcm_mulaw", 8_000, 2, "pcm_mulaw"),
        ("a.wav", "pcm_alaw", 8_000, 2, "pcm_alaw"),
        ("a.wav", "pcm_alaw", 8_000, 1, "pcm_alaw"),
        ("a.mp3", "libmp3lame", 8_000, 2, "mp3float"),
        ("a.mp3", "libmp3lame", 44_100, 1, "mp3float"),
        ("a.flac", "flac", 16_000, 2, "flac"),
        ("a.m4a", "aac", 16_000, 2, "aac"),
        ("a.ogg", "libopus", 48_000, 1, "opus"),
    ],
)
def test_facts_and_samples(
    tmp_path: Path, name: str, codec: str, rate_hz: int, channels: int, decoder: str
) -> None:
    path = write_audio(tmp_path / name, two_tones(3, rate_hz)[:channels], codec, rate_hz)
    recording = read_recording(path, CALL)
    assert (recording.codec, recording.sampling_rate_hz, recording.num_channels) == (
        decoder,
        rate_hz,
        channels,
    )
    assert recording.layout is (Layout.STEREO if channels == 2 else Layout.MONO)
    assert abs(recording.duration_ms - 3_000) <= 150
    assert recording.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (recording.id, recording.uri) == ("c1", str(path))
    blocks = list(decode_blocks(path))
    assert [block.start_ms for block in blocks] == [0]
    samples = blocks[0].samples
    assert samples.dtype == np.float32
    assert samples.shape[0] == channels
    assert abs(samples.shape[1] - 48_000) <= 2_400
    middle = samples[:, 16_000:32_000]
    levels = np.sqrt((middle**2).mean(axis=1)) * np.sqrt(2)
    assert levels == pytest.approx([0.3, 0.1][:channels], abs=0.03)


def test_channels_do_not_leak(tmp_path: Path) -> None:
    silent = np.stack([tone(2, 8_000), np.zeros(16_000, dtype=np.float32)])
    path = write_audio(tmp_path / "a.wav", silent, "pcm_s16le", 8_000)
    (block,) = decode_blocks(path)
    assert np.abs(block.samples[0]).max() > 0.25
    assert np.abs(block.samples[1]).max() < 1e-4


@pytest.mark.parametrize("block_ms", [700, 1_000, 2_999])
def test_blocks_join_to_the_whole(tmp_path: Path, block_ms: int) -> None:
    path = write_audio(tmp_path / "a.wav", two_tones(5, 8_000), "pcm_mulaw", 8_000)
    (whole,) = decode_blocks(path)
    blocks = list(decode_blocks(path, block_ms=block_ms))
    assert [block.start_ms for block in blocks] == list(range(0, 5_000, block_ms))
    assert all(block.samples.shape[1] == block_ms * 16 for block in blocks[:-1])
    np.testing.assert_array_equal(np.concatenate([block.samples for block in blocks], axis=1), whole.samples)


@pytest.mark.parametrize("block_ms", [0, -1, 600_001])
def test_block_length_is_bounded(tmp_path: Path, block_ms: int) -> None:
    with pytest.raises(ValueError, match="600000"):
        next(decode_blocks(tmp_path / "a.wav", block_ms=block_ms))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.wav", b"", "audio_empty"),
        ("note.wav", b"this is a note, not a recording\n" * 40, "audio_unreadable"),
        ("page.mp3", b"<html><body>login</body></html>" * 40, "audio_unreadable"),
        ("stub.wav", b"RIFF\x24\x00\x00\x00WAVE", "audio_truncated"),
        ("stub.flac", b"fLaC\x00", "audio_truncated"),
    ],
)
def test_files_that_are_no_recordings(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError) as caught:
        read_recording(path, CALL)
    assert caught.value.code == code
    assert str(path) in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(AudioError) as caught:
        read_recording(tmp_path / "gone.wav", CALL)
    assert caught.value.code == "audio_missing"


def test_forbidden_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_audio(tmp_path / "a.wav", two_tones(2, 8_000), "pcm_s16le", 8_000)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # A test run by root could read any file, so the system's refusal is put in its place.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioError) as caught:
        read_recording(path, CALL)
    assert caught.value.code == "audio_permission"
    assert str(path) in str(caught.value)


def test_too_short(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", two_tones(0.6, 8_000), "pcm_mulaw", 8_000)
    with pytest.raises(AudioError) as caught:
        read_recording(path, CALL)
    assert caught.value.code == "audio_too_short"


CUTS = [
    ("a.wav", "pcm_s16le"),
    ("a.wav", "pcm_mulaw"),
    ("a.wav", "pcm_alaw"),
    ("a.mp3", "libmp3lame"),
    ("a.flac", "flac"),
]


@pytest.mark.parametrize(("name", "codec"), CUTS)
def test_cut_file_keeps_the_promised_length(
    tmp_path: Path, name: str, codec: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_audio(tmp_path / name, two_tones(10, 8_000), codec, 8_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    recording = read_recording(path, CALL)
    assert abs(recording.duration_ms - 10_000) <= 150
    heard = sum(block.samples.shape[1] for block in decode_blocks(path)) / 16
    assert 5_500 < heard < 7_600
    assert f"{path} was cut" in caplog.text


@pytest.mark.parametrize(("name", "codec"), CUTS)
def test_cut_to_less_than_half(tmp_path: Path, name: str, codec: str) -> None:
    path = write_audio(tmp_path / name, two_tones(10, 8_000), codec, 8_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 10])
    with pytest.raises(AudioError) as caught:
        read_recording(path, CALL)
    assert caught.value.code == "audio_truncated"
    assert "of 10 seconds" in str(caught.value)


def test_cut_m4a_has_no_index(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.m4a", two_tones(10, 16_000), "aac", 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    with pytest.raises(AudioError) as caught:
        read_recording(path, CALL)
    assert caught.value.code == "audio_truncated"


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_open_size_of_a_streaming_recorder_is_no_cut(tmp_path: Path, size: int) -> None:
    path = write_audio(tmp_path / "a.wav", two_tones(4, 8_000), "pcm_s16le", 8_000)
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(content)
    assert read_recording(path, CALL).duration_ms == 4_000


def test_damage_in_the_middle_is_survived(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.mp3", two_tones(10, 8_000), "libmp3lame", 8_000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2_000] = bytes(range(250)) * 8
    path.write_bytes(content)
    assert read_recording(path, CALL).duration_ms > 8_000


def test_joined_files_of_two_rates(tmp_path: Path) -> None:
    first = write_audio(tmp_path / "1.mp3", two_tones(3, 8_000), "libmp3lame", 8_000)
    second = write_audio(tmp_path / "2.mp3", two_tones(3, 16_000)[:1], "libmp3lame", 16_000)
    path = tmp_path / "joined.mp3"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    samples = np.concatenate([block.samples for block in decode_blocks(path)], axis=1)
    assert samples.shape[0] == 2
    assert samples.shape[1] / 16_000 == pytest.approx(6, abs=0.3)


def test_the_decoder_stays_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    test_damage_in_the_middle_is_survived(tmp_path)
    path = tmp_path / "b.wav"
    path.write_bytes(b"no recording" * 100)
    with pytest.raises(AudioError):
        read_recording(path, CALL)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_mulaw"), ("a.mp3", "libmp3lame"), ("a.flac", "flac")]
)
@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, 1_500), (4_000, 7_000), (9_000, 12_000)])
def test_clip_has_the_right_part(tmp_path: Path, name: str, codec: str, start_ms: int, end_ms: int) -> None:
    seconds = [tone(1, 8_000, frequency_hz=300 + 100 * number) for number in range(12)]
    path = write_audio(tmp_path / name, np.concatenate(seconds)[np.newaxis], codec, 8_000)
    clip = cut_clip(str(path), TimeSpan(start_ms=start_ms, end_ms=end_ms))
    assert len(clip) < 20_000
    with av.open(io.BytesIO(clip)) as container:
        assert container.format.name == "mp3"
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        rate_hz = container.streams.audio[0].rate
    assert abs(len(heard) / rate_hz * 1000 - (end_ms - start_ms)) < 200
    for second in range(-(-start_ms // 1000), end_ms // 1000):
        at = (second * 1000 - start_ms) * rate_hz // 1000
        part = heard[at + rate_hz // 4 : at + rate_hz * 3 // 4]
        peak_hz = np.argmax(np.abs(np.fft.rfft(part))) * rate_hz / len(part)
        assert peak_hz == pytest.approx(300 + 100 * second, abs=5)


def test_clip_padding_stops_at_the_edges(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", two_tones(3, 8_000), "pcm_s16le", 8_000)
    clip = cut_clip(str(path), TimeSpan(start_ms=1_000, end_ms=2_000), padding_ms=5_000)
    with av.open(io.BytesIO(clip)) as container:
        length = sum(frame.samples for frame in container.decode(audio=0)) / 16_000
    assert length == pytest.approx(3.0, abs=0.2)


def test_clip_after_the_end(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", two_tones(3, 8_000), "pcm_s16le", 8_000)
    with pytest.raises(AudioError, match="nothing to play at 9000 ms"):
        cut_clip(str(path), TimeSpan(start_ms=9_000, end_ms=10_000))
