"""What a browser plays of a recording, and the peaks its waveform is drawn from."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from qa_pipeline.errors import AudioError
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.speech.playback import PEAKS_PER_SECOND, playback
from qa_pipeline.types import CallMetadata, Recording

RATE_HZ = 8_000


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """Three seconds; the left channel sounds in the second one, the right in the third."""
    at = np.arange(RATE_HZ) / RATE_HZ
    tone, silence = 0.5 * np.sin(2 * np.pi * 440 * at), np.zeros(RATE_HZ)
    channels = np.stack(
        [np.concatenate([silence, tone, silence]), np.concatenate([silence, silence, 0.5 * tone])]
    )
    path = tmp_path / "call.wav"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("pcm_s16le", rate=RATE_HZ, layout="stereo")
        pcm = (channels.T.reshape(1, -1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="stereo")
        frame.sample_rate = RATE_HZ
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return read_recording(path, CallMetadata(call_id="call"))


def test_sound_keeps_channels_and_length(recording: Recording, tmp_path: Path) -> None:
    made = playback(recording, tmp_path / "media")
    with av.open(str(made.sound)) as container:
        stream = container.streams.audio[0]
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)
        assert stream.codec_context.name == "opus"
    assert samples.shape[0] == 2
    assert samples.shape[1] / stream.rate == pytest.approx(3.0, abs=0.1)
    left, right = np.abs(samples)
    second = stream.rate
    assert left[second : 2 * second].max() > 0.3 > left[2 * second + second // 4 :].max()
    assert right[2 * second : 3 * second].max() > 0.15 > right[:second].max()


def test_peaks_are_where_the_sound_is(recording: Recording, tmp_path: Path) -> None:
    document = json.loads(playback(recording, tmp_path / "media").peaks.read_text(encoding="utf-8"))
    left, right = document["channels"]
    assert document["duration_ms"] == 3_000
    assert len(left) == len(right) == 3 * PEAKS_PER_SECOND
    assert max(left[:18]) < 0.02 < 0.45 < min(left[22:38])
    assert max(right[:38]) < 0.02 < 0.2 < min(right[42:58])


def test_made_once_and_for_the_owner_only(recording: Recording, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    first = playback(recording, folder)
    written = first.sound.stat().st_mtime_ns
    assert playback(recording, folder).sound.stat().st_mtime_ns == written
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_recording_that_is_gone_leaves_nothing_behind(recording: Recording, tmp_path: Path) -> None:
    gone = replace(recording, uri=str(tmp_path / "gone.wav"))
    with pytest.raises(AudioError, match=r"gone\.wav"):
        playback(gone, tmp_path / "media")
    assert not (tmp_path / "media").exists()


def test_another_recording_in_its_place_is_not_played(recording: Recording, tmp_path: Path) -> None:
    place = Path(recording.uri)
    place.write_bytes(place.read_bytes()[:-1_600] + bytes(1_600))
    with pytest.raises(AudioError, match=r"call\.wav has changed") as caught:
        playback(recording, tmp_path / "media")
    assert caught.value.code == "audio_changed"
    assert not (tmp_path / "media").exists()
