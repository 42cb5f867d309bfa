"""Two voices on one channel are told apart by sound; the real networks on the sample calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from qa_pipeline.errors import ModelError
from qa_pipeline.resources import models_folder
from qa_pipeline.speech import speakers
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.speech.diarization import Diarizer
from qa_pipeline.speech.manifest import read_speaker_models
from qa_pipeline.speech.speakers import RATE_HZ, SpeakerModels
from qa_pipeline.types import SpeakerTurn

Samples = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def diarizer() -> Diarizer:
    return Diarizer(SpeakerModels.load())


def one_channel(path: Path) -> Samples:
    blocks = [block.samples for block in decode_blocks(path)]
    mixed: Samples = np.concatenate(blocks, axis=1).mean(axis=0)
    return mixed


def share_right(turns: Sequence[SpeakerTurn], path: Path) -> float:
    """Share of the reference's speaking time whose speaker is right, the voices named as fits best."""
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["reference"]["utterances"]
    met = np.zeros((2, max(turn.speaker for turn in turns) + 1))
    for one in said:
        for turn in turns:
            both = min(one["end_ms"], turn.span.end_ms) - max(one["start_ms"], turn.span.start_ms)
            met[0 if one["role"] == "agent" else 1, turn.speaker] += max(0, both)
    return float(max(met[0, 0] + met[1, 1], met[0, 1] + met[1, 0]) / met.sum())


@pytest.mark.parametrize("call", ["01_model_promise", "06_false_police"])
def test_two_voices_of_a_sample_call(diarizer: Diarizer, repository: Path, call: str) -> None:
    path = repository / "sample_audio" / f"{call}.wav"
    turns = diarizer.turns([one_channel(path)])
    assert {turn.speaker for turn in turns} == {0, 1}
    assert share_right(turns, path) > 0.95
    assert [turn.span for turn in turns] == sorted(turn.span for turn in turns)
    assert turns[0].speaker == 0


def test_turns_say_how_they_sound_and_where_another_sound_begins(
    diarizer: Diarizer, repository: Path
) -> None:
    turns = diarizer.turns([one_channel(repository / "sample_audio" / "06_false_police.wav")])
    heard = [turn for turn in turns if turn.timbre]
    assert {len(turn.timbre) for turn in heard} == {diarizer.options.timbre_parts}
    assert [turn.stretch for turn in turns] == sorted(turn.stretch for turn in turns)
    for speaker in (0, 1):
        own, other = (
            np.mean([turn.timbre for turn in heard if (turn.speaker == speaker) is same], axis=0)
            for same in (True, False)
        )
        assert own @ other < 0
    voices = {
        stretch: {turn.speaker for turn in heard if turn.stretch == stretch and turn.span.duration_ms > 700}
        for stretch in {turn.stretch for turn in turns}
    }
    assert all(len(speakers) <= 1 for speakers in voices.values())


def test_blocks_change_nothing(diarizer: Diarizer, repository: Path) -> None:
    sound = one_channel(repository / "sample_audio" / "09_third_party.wav")
    whole = diarizer.turns([sound])
    cut = diarizer.turns(np.array_split(sound, 7))
    assert whole == cut


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(RATE_HZ * 12, np.float32)])
def test_silence_has_no_turns(diarizer: Diarizer, sound: Samples) -> None:
    assert diarizer.turns([sound]) == ()


def test_both_networks_are_the_pinned_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = read_speaker_models(models_folder() / "manifest.toml")
    assert {entry.name for entry in entries} == {"segmentation", "embedding"}
    for entry in entries:
        assert (models_folder() / entry.file).stat().st_size == entry.size
        assert (models_folder() / entry.card).is_file()
    for change, code in (({"sha256": "0" * 64}, "model_changed"), ({"file": "no.onnx"}, "model_missing")):
        changed = (replace(entries[0], **change), entries[1])
        monkeypatch.setattr(speakers, "read_speaker_models", lambda _, changed=changed: changed)
        with pytest.raises(ModelError) as error:
            SpeakerModels.load()
        assert error.value.code == code
