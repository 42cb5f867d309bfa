"""Who speaks on recordings whose channels are not one speaker each: told, and heard end to end."""

from __future__ import annotations

import json
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.language.speaker_roles import RoleClassifier
from qa_pipeline.pipeline import inspect_calls, with_roles
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Inspection, Layout, Role, RoleBasis, TimeSpan, Transcript, Utterance
from tests.builders import metadata, recording

AGENT, CUSTOMER, UNKNOWN = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN
STATED, WORDS, CONTRADICTED = RoleBasis.METADATA, RoleBasis.WORDS, RoleBasis.CONTRADICTED


@pytest.fixture(scope="module")
def classifier() -> RoleClassifier:
    return RoleClassifier.load()


def talk(repository: Path, voices: dict[Role, int | None]) -> Transcript:
    """The words of a sample call, each side under a voice of one channel; a side without one is not heard."""
    sidecar = repository / "sample_audio" / "05_violence_family.json"
    turns = json.loads(sidecar.read_text(encoding="utf-8"))["reference"]["utterances"]
    utterances = tuple(
        Utterance(
            id=f"u{number:04}",
            role=UNKNOWN,
            role_confidence=0.0,
            channel=0,
            speaker=voices[Role(turn["role"])],
            speaker_confidence=0.9,
            span=TimeSpan(start_ms=turn["start_ms"], end_ms=turn["end_ms"]),
            text=turn["text"],
        )
        for number, turn in enumerate(turns)
        if voices[Role(turn["role"])] is not None
    )
    return Transcript(recording_id="c", language="zh", utterances=utterances, asr=None, options_digest="d")


@pytest.mark.parametrize(
    ("agent_channel", "heard", "voices", "roles"),
    [
        (0, 0, {AGENT: 0, CUSTOMER: None}, {0: (AGENT, STATED)}),
        (1, 1, {AGENT: 0, CUSTOMER: None}, {0: (AGENT, STATED)}),
        (0, 1, {AGENT: None, CUSTOMER: 0}, {0: (CUSTOMER, STATED)}),
        (0, 1, {AGENT: 0, CUSTOMER: None}, {0: (UNKNOWN, CONTRADICTED)}),
        (0, 0, {AGENT: None, CUSTOMER: 0}, {0: (UNKNOWN, CONTRADICTED)}),
        (0, 0, {AGENT: 0, CUSTOMER: 1}, {0: (AGENT, WORDS), 1: (CUSTOMER, WORDS)}),
        (0, 1, {AGENT: 0, CUSTOMER: 1}, {0: (AGENT, WORDS), 1: (CUSTOMER, WORDS)}),
        (None, 0, {AGENT: 0, CUSTOMER: 1}, {0: (AGENT, WORDS), 1: (CUSTOMER, WORDS)}),
    ],
    ids=[
        "the agent alone",
        "the agent alone, channels swapped",
        "the customer alone",
        "the agent where the customer should be",
        "the customer where the agent should be",
        "both on the agent's channel",
        "both on the customer's channel",
        "both, nothing stated",
    ],
)
def test_one_channel_talks_and_the_other_is_silent(
    classifier: RoleClassifier,
    repository: Path,
    agent_channel: int | None,
    heard: int,
    voices: dict[Role, int | None],
    roles: dict[int, tuple[Role, RoleBasis]],
) -> None:
    whole = recording(metadata("c", agent_channel=agent_channel))
    one_sided = replace(
        whole, num_channels=1, layout=Layout.MONO, channel_numbers=(heard,), silent_channels=(1 - heard,)
    )
    _, found = with_roles(one_sided, talk(repository, voices), classifier)
    assert {voice.voice: (voice.role, voice.basis) for voice in found} == roles


HEARD_HZ = 8_000


@pytest.fixture(scope="module")
def layouts(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Inspection]:
    """The first 32 seconds of a sample call, laid on channels in every way, heard by the real model."""
    folder = tmp_path_factory.mktemp("layouts")
    sample = repository / "sample_audio" / "05_violence_family.wav"
    agent, customer = next(decode_blocks(sample, block_ms=32_000, sampling_rate_hz=HEARD_HZ)).samples
    mixed, silence = (agent + customer) / 2, np.zeros_like(agent)
    hiss = np.random.default_rng(5).normal(scale=0.001, size=agent.shape)
    for name, channels, agent_channel in (
        ("stereo", (agent, customer), 0),
        ("swapped", (customer, agent), 1),
        ("agent-alone", (hiss, agent), 1),
        ("customer-alone", (silence, customer), 0),
        ("dual-mono", (mixed, mixed), 0),
        ("four", (silence, agent, hiss, customer), 1),
    ):
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(len(channels))
            file.setsampwidth(2)
            file.setframerate(HEARD_HZ)
            file.writeframes((np.stack(channels).T * 32_767).round().astype("<i2").tobytes())
        document = {"metadata": {"agent_channel": agent_channel}}
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    data = tmp_path_factory.mktemp("data")
    with open_store(f"sqlite:///{data / 'qa.db'}") as store:
        engine = build_engine(load_settings(data_folder=data))
        inspections = list(inspect_calls(find_calls([folder]).sources, engine, transcripts=store))
    return {one.call.call_id: one for one in inspections}


def said(inspection: Inspection) -> dict[Role, str]:
    """What was heard of each role."""
    assert inspection.transcript is not None
    words: dict[Role, str] = {}
    for utterance in inspection.transcript.utterances:
        words[utterance.role] = words.get(utterance.role, "") + utterance.text
    return words


def layout(inspection: Inspection) -> tuple[Layout, tuple[int, ...], tuple[int, ...]]:
    """The layout, the channels of the file that are heard where some are not, and the silent ones."""
    assert inspection.recording is not None
    return (
        inspection.recording.layout,
        inspection.recording.reading.channels,
        inspection.recording.silent_channels,
    )


@pytest.mark.model
def test_the_same_talk_on_other_channels_gives_the_same_words_and_roles(
    layouts: dict[str, Inspection],
) -> None:
    stereo = said(layouts["stereo"])
    assert set(stereo) == {AGENT, CUSTOMER}
    assert said(layouts["swapped"]) == stereo
    assert said(layouts["four"]) == stereo
    assert layout(layouts["swapped"]) == (Layout.STEREO, (), ())
    assert layout(layouts["four"]) == (Layout.STEREO, (1, 3), (0, 2))
    flags = {name: {one.category for one in layouts[name].findings} for name in ("stereo", "swapped", "four")}
    assert flags["stereo"]
    assert flags["swapped"] == flags["four"] == flags["stereo"]


@pytest.mark.model
def test_one_side_alone_has_the_role_of_its_channel(layouts: dict[str, Inspection]) -> None:
    agent, customer = layouts["agent-alone"], layouts["customer-alone"]
    assert layout(agent) == layout(customer) == (Layout.MONO, (1,), (0,))
    assert AGENT in said(agent)
    assert CUSTOMER not in said(agent)
    assert set(said(customer)) == {CUSTOMER}
    assert customer.findings == ()


@pytest.mark.model
def test_a_copy_of_one_mix_is_heard_once_and_its_channel_tells_no_role(
    layouts: dict[str, Inspection],
) -> None:
    inspection = layouts["dual-mono"]
    assert layout(inspection) == (Layout.DUAL_MONO, (), ())
    assert inspection.transcript is not None
    assert {one.channel for one in inspection.transcript.utterances} == {0}
    assert len(inspection.voices) == 2
    assert RoleBasis.METADATA not in {voice.basis for voice in inspection.voices}
