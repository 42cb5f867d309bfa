"""Every format a recorder writes: files with 440 Hz on the first channel and 700 Hz on the second."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from qa_pipeline.errors import AudioError, ConfigurationError
from qa_pipeline.intake.raw_format import raw_format
from qa_pipeline.speech.audio import cut_clip, decode_blocks, read_recording
from qa_pipeline.types import CallMetadata, Layout, Reading, Recording, TimeSpan
from tests.speech.conftest import Samples, tone, write_audio

CALL = CallMetadata(call_id="c")
FOLDER = Path(__file__).parent.parent / "audio" / "formats"
TONES_HZ = (440, 700)

FORMATS = [
    ("aac.m4a", "aac", 8_000, 2),
    ("adpcm_ima_wav.wav", "adpcm_ima_wav", 8_000, 2),
    ("adpcm_ms.wav", "adpcm_ms", 8_000, 2),
    ("adts.aac", "aac", 8_000, 2),
    ("amr.3gp", "amrnb", 8_000, 1),
    ("amr.amr", "amrnb", 8_000, 1),
    ("flac.flac", "flac", 8_000, 2),
    ("gsm.gsm", "gsm", 8_000, 1),
    ("gsm.wav", "gsm_ms", 8_000, 1),
    ("mp3.mp3", "mp3float", 8_000, 2),
    ("mulaw.au", "pcm_mulaw", 8_000, 2),
    ("opus.ogg", "opus", 48_000, 2),
    ("opus.webm", "opus", 48_000, 2),
    ("pcm.aiff", "pcm_s16be", 8_000, 2),
    ("pcm.caf", "pcm_s16le", 8_000, 2),
    ("pcm_alaw.wav", "pcm_alaw", 8_000, 2),
    ("pcm_f32le.wav", "pcm_f32le", 8_000, 2),
    ("pcm_mulaw.wav", "pcm_mulaw", 8_000, 2),
    ("pcm_s16le.wav", "pcm_s16le", 8_000, 2),
    ("pcm_s24le.wav", "pcm_s24le", 8_000, 2),
    ("pcm_s32le.wav", "pcm_s32le", 8_000, 2),
    ("pcm_u8.wav", "pcm_u8", 8_000, 2),
    ("vorbis.ogg", "vorbis", 16_000, 2),
    ("wma.wma", "wmav2", 8_000, 2),
]
RAW_FORMATS = [("mono.ulaw", "mulaw@8000", "pcm_mulaw", 1), ("stereo.pcm", "s16le@8000x2", "pcm_s16le", 2)]


def heard(recording: Recording) -> list[int]:
    """The strongest frequency of each channel, in Hz."""
    (block,) = decode_blocks(Path(recording.uri), reading=recording.reading)
    middle = block.samples[:, 4_000:12_000]
    return [int(np.argmax(np.abs(np.fft.rfft(channel)))) * 2 for channel in middle]


def test_every_fixture_is_in_the_table() -> None:
    told = {name for name, *_ in (*FORMATS, *RAW_FORMATS)} | {"four.wav"}
    assert {path.name for path in FOLDER.iterdir()} == told


@pytest.mark.parametrize(("name", "codec", "rate_hz", "channels"), FORMATS)
def test_format(name: str, codec: str, rate_hz: int, channels: int) -> None:
    # A format of headerless files in force changes nothing for those that say themselves what they are.
    recording = read_recording(FOLDER / name, CALL, reading=raw_format("mulaw@8000"))
    assert (recording.codec, recording.sampling_rate_hz, recording.num_channels) == (codec, rate_hz, channels)
    assert recording.reading == Reading()
    assert recording.sound_id == recording.sha256
    assert recording.layout is (Layout.STEREO if channels == 2 else Layout.MONO)
    assert 1_100 <= recording.duration_ms <= 1_450
    assert heard(recording) == list(TONES_HZ[:channels])
    assert cut_clip(recording.uri, TimeSpan(start_ms=200, end_ms=900), recording.reading)


@pytest.mark.parametrize(("name", "raw", "codec", "channels"), RAW_FORMATS)
def test_headerless_format(name: str, raw: str, codec: str, channels: int) -> None:
    recording = read_recording(FOLDER / name, CALL, reading=raw_format(raw))
    assert (recording.codec, recording.sampling_rate_hz, recording.duration_ms) == (codec, 8_000, 1_200)
    assert heard(recording) == list(TONES_HZ[:channels])
    assert recording.sound_id != recording.sha256
    assert cut_clip(recording.uri, TimeSpan(start_ms=200, end_ms=900), recording.reading)


def test_headerless_wav(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes((FOLDER / "mono.ulaw").read_bytes())
    assert heard(read_recording(path, CALL, reading=raw_format("mulaw@8000"))) == [440]
    with pytest.raises(AudioError, match="--raw mulaw@8000") as caught:
        read_recording(path, CALL)
    assert caught.value.code == "audio_unreadable"


@pytest.mark.parametrize("text", ["mulaw", "mp3@8000", "mulaw@8", "mulaw@8000x9", "mulaw@8000;s16le", ""])
def test_what_is_no_raw_format(text: str) -> None:
    with pytest.raises(ConfigurationError, match="mulaw@8000") as caught:
        raw_format(text)
    assert caught.value.code == "raw_format_invalid"


@pytest.mark.parametrize(
    ("asked", "channels", "tones"),
    [
        ((), (1, 3), [440, 700]),
        ((0, 3), (0, 3), [440, 700]),
        ((3, 1), (3, 1), [700, 440]),
        ((1,), (1,), [440]),
    ],
)
def test_more_than_two_channels(asked: tuple[int, ...], channels: tuple[int, ...], tones: list[int]) -> None:
    recording = read_recording(FOLDER / "four.wav", CALL, reading=Reading(channels=asked))
    assert recording.reading.channels == channels
    assert recording.num_channels == len(channels)
    assert heard(recording) == tones


def test_a_channel_that_the_file_does_not_have() -> None:
    with pytest.raises(AudioError, match="has 2 channels") as caught:
        read_recording(FOLDER / "pcm_s16le.wav", CALL, reading=Reading(channels=(0, 2)))
    assert caught.value.code == "audio_channels"


@pytest.mark.parametrize("silent", [0, 1])
def test_a_silent_channel_is_left_out_and_named(tmp_path: Path, silent: int) -> None:
    channels = [tone(2, 8_000), np.zeros(16_000, dtype=np.float32)]
    path = write_audio(
        tmp_path / "a.wav", np.stack(channels[:: -1 if silent == 0 else 1]), "pcm_s16le", 8_000
    )
    recording = read_recording(path, CALL)
    assert recording.silent_channels == (silent,)
    assert (recording.layout, recording.reading.channels) == (Layout.MONO, (1 - silent,))
    assert heard(recording) == [440]


def test_the_rate_of_the_metadata_goes_before_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    # Recorded at 8 kHz, and a header that says 16: everything is heard twice as fast and high.
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((tone(3, 8_000) * 32_767).astype(np.int16).tobytes())
    assert read_recording(path, CALL).duration_ms == 1_500
    stated = read_recording(path, CallMetadata(call_id="c", extra=(("sampling_rate", "8000"),)))
    assert (stated.sampling_rate_hz, stated.duration_ms) == (8_000, 3_000)
    assert heard(stated)[0] == 440
    clip = cut_clip(stated.uri, TimeSpan(start_ms=2_000, end_ms=2_900), stated.reading)
    assert len(clip) > 3_000


def test_a_wrong_rate_does_not_look_cut(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", tone(4, 16_000)[np.newaxis], "pcm_s16le", 16_000)
    stated = read_recording(path, CallMetadata(call_id="c", extra=(("sampling_rate", "8000"),)))
    assert (stated.duration_ms, stated.promised_ms) == (8_000, None)


@pytest.mark.parametrize(("limit_ms", "refused"), [(2_000, True), (4_000, False), (None, False)])
@pytest.mark.parametrize("suffix", [".wav", ".mp3"])
def test_too_long(tmp_path: Path, limit_ms: int | None, refused: bool, suffix: str) -> None:
    codec = {".wav": "pcm_s16le", ".mp3": "libmp3lame"}[suffix]
    samples: Samples = tone(3, 8_000)[np.newaxis]
    path = write_audio(tmp_path / f"a{suffix}", samples, codec, 8_000)
    if not refused:
        assert read_recording(path, CALL, max_duration_ms=limit_ms).duration_ms >= 2_900
        return
    with pytest.raises(AudioError, match="--max-minutes") as caught:
        read_recording(path, CALL, max_duration_ms=limit_ms)
    assert caught.value.code == "audio_too_long"


def test_a_cut_recording_keeps_its_promise(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", tone(10, 8_000)[np.newaxis], "pcm_mulaw", 8_000)
    assert read_recording(path, CALL).promised_ms is None
    path.write_bytes(path.read_bytes()[:56_000])
    assert read_recording(path, CALL).promised_ms == 10_000


def test_numbers_that_are_no_sound_become_silence(tmp_path: Path) -> None:
    content = bytearray((FOLDER / "pcm_f32le.wav").read_bytes())
    broken = np.array([np.nan, np.inf, -np.inf, 3e38], dtype="<f4").tobytes() * 8
    content[-len(broken) :] = broken
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    recording = read_recording(path, CALL)
    assert recording.layout is Layout.STEREO
    (block,) = decode_blocks(path)
    assert np.isfinite(block.samples).all()
    assert np.abs(block.samples).max() <= 1.0


def test_a_coding_that_nobody_knows(tmp_path: Path) -> None:
    content = bytearray((FOLDER / "pcm_mulaw.wav").read_bytes())
    at = content.index(b"fmt ") + 8
    content[at : at + 2] = b"\x33\x77"
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError) as caught:
        read_recording(path, CALL)
    assert caught.value.code == "audio_unreadable"
