"""Roles that metadata and people state, and how they come onto utterances."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qa_pipeline.speech.roles import assign_roles, roles_by_channel, roles_by_person
from qa_pipeline.types import (
    CallMetadata,
    Layout,
    Recording,
    Role,
    RoleBasis,
    RoleCorrection,
    TimeSpan,
    Transcript,
    Utterance,
)

AGENT, CUSTOMER, UNKNOWN = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN


def recording(agent_channel: int | None, layout: Layout, num_channels: int) -> Recording:
    return Recording(
        id="c1",
        sha256="0" * 64,
        uri="/calls/c1.wav",
        codec="pcm_mulaw",
        sampling_rate_hz=8_000,
        num_channels=num_channels,
        layout=layout,
        duration_ms=10_000,
        call=CallMetadata(call_id="c1", agent_channel=agent_channel),
    )


def transcript(*channels: int | None) -> Transcript:
    utterances = tuple(
        Utterance(
            id=f"u{index:04d}",
            role=UNKNOWN,
            role_confidence=0.0,
            channel=channel,
            span=TimeSpan(start_ms=index * 1_000, end_ms=index * 1_000 + 900),
            text="您好",
        )
        for index, channel in enumerate(channels)
    )
    return Transcript(recording_id="c1", language="zh", utterances=utterances, asr=None, options_digest="d")


@pytest.mark.parametrize(
    ("agent_channel", "layout", "num_channels", "roles"),
    [
        (0, Layout.STEREO, 2, (AGENT, CUSTOMER)),
        (1, Layout.STEREO, 2, (CUSTOMER, AGENT)),
        (None, Layout.STEREO, 2, (UNKNOWN, UNKNOWN)),
        (0, Layout.DUAL_MONO, 2, (UNKNOWN, UNKNOWN)),
        (2, Layout.STEREO, 2, (UNKNOWN, UNKNOWN)),
        (-1, Layout.STEREO, 2, (UNKNOWN, UNKNOWN)),
        (0, Layout.MONO, 1, (UNKNOWN, UNKNOWN)),
    ],
)
def test_roles_that_the_metadata_state(
    agent_channel: int | None, layout: Layout, num_channels: int, roles: tuple[Role, Role]
) -> None:
    before = transcript(0, 1)
    after = assign_roles(before, roles_by_channel(recording(agent_channel, layout, num_channels), before))
    assert tuple(utterance.role for utterance in after.utterances) == roles
    confidence = 0.0 if UNKNOWN in roles else 1.0
    assert {utterance.role_confidence for utterance in after.utterances} == {confidence}
    restored = tuple(replace(utterance, role=UNKNOWN, role_confidence=0.0) for utterance in after.utterances)
    assert replace(after, utterances=restored) == before


def test_an_utterance_without_voice_stays_unknown() -> None:
    heard = transcript(None)
    (utterance,) = assign_roles(heard, roles_by_channel(recording(0, Layout.STEREO, 2), heard)).utterances
    assert (utterance.role, utterance.role_confidence) == (UNKNOWN, 0.0)


def test_a_role_taken_away_is_taken_from_the_utterances_too() -> None:
    heard = transcript(0, 1)
    stated = assign_roles(heard, roles_by_channel(recording(0, Layout.STEREO, 2), heard))
    assert assign_roles(stated, ()) == heard


@pytest.mark.parametrize(
    ("agent_channel", "numbers", "silent", "roles"),
    [
        (0, (0,), (1,), (AGENT, AGENT)),
        (0, (1,), (0,), (CUSTOMER, CUSTOMER)),
        (1, (1,), (0,), (AGENT, AGENT)),
        (None, (0,), (1,), (UNKNOWN, UNKNOWN)),
        (0, (0, 2), (1,), (AGENT, CUSTOMER)),
        (2, (0, 2), (1,), (CUSTOMER, AGENT)),
        (1, (1, 3), (0, 2), (AGENT, CUSTOMER)),
        (0, (1, 3), (0, 2), (UNKNOWN, UNKNOWN)),
    ],
)
def test_roles_where_channels_are_left_out(
    agent_channel: int | None, numbers: tuple[int, ...], silent: tuple[int, ...], roles: tuple[Role, Role]
) -> None:
    layout = Layout.STEREO if len(numbers) == 2 else Layout.MONO
    heard = replace(
        recording(agent_channel, layout, len(numbers)), channel_numbers=numbers, silent_channels=silent
    )
    before = transcript(0, 1)
    after = assign_roles(before, roles_by_channel(heard, before))
    assert tuple(utterance.role for utterance in after.utterances) == roles


def test_whose_voice_it_is_does_not_matter_where_all_have_one_role() -> None:
    unsure = replace(
        transcript(0, 1),
        utterances=tuple(
            replace(one, speaker=index, speaker_confidence=0.4)
            for index, one in enumerate(transcript(0, 0).utterances)
        ),
    )
    alone = replace(recording(0, Layout.MONO, 1), channel_numbers=(0,), silent_channels=(1,))
    after = assign_roles(unsure, roles_by_channel(alone, unsure))
    assert {(one.role, one.role_confidence) for one in after.utterances} == {(AGENT, 1.0)}


CORRECTION = RoleCorrection(
    call_id="c1",
    recording_sha256="0" * 64,
    options_digest="d",
    agent_voice=1,
    corrected_by="qa",
    corrected_at=datetime(2026, 4, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("correction", "layout", "expected"),
    [
        (CORRECTION, Layout.STEREO, {0: CUSTOMER, 1: AGENT}),
        (replace(CORRECTION, agent_voice=0), Layout.STEREO, {0: AGENT, 1: CUSTOMER}),
        (replace(CORRECTION, options_digest="other"), Layout.STEREO, {0: CUSTOMER, 1: AGENT}),
        (replace(CORRECTION, options_digest="other"), Layout.MONO, {}),
        (CORRECTION, Layout.MONO, {0: CUSTOMER, 1: AGENT}),
        (replace(CORRECTION, recording_sha256="1" * 64), Layout.STEREO, {}),
        (replace(CORRECTION, agent_voice=2), Layout.STEREO, {}),
    ],
    ids=["as said", "the other", "heard anew", "other voices", "same voices", "other bytes", "no such voice"],
)
def test_a_person_says_who_the_agent_is(
    correction: RoleCorrection, layout: Layout, expected: dict[int, Role]
) -> None:
    voices = roles_by_person(correction, recording(None, layout, 2), transcript(0, 1))
    assert {voice.voice: voice.role for voice in voices} == expected
    assert {voice.basis for voice in voices} <= {RoleBasis.PERSON}
