"""Roles come from the agent's channel, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.speech.roles import assign_roles
from qa_pipeline.types import CallMetadata, Layout, Recording, Role, TimeSpan, Transcript, Utterance

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
def test_roles(
    agent_channel: int | None, layout: Layout, num_channels: int, roles: tuple[Role, Role]
) -> None:
    before = transcript(0, 1)
    after = assign_roles(before, recording(agent_channel, layout, num_channels))
    assert tuple(utterance.role for utterance in after.utterances) == roles
    confidence = 0.0 if UNKNOWN in roles else 1.0
    assert {utterance.role_confidence for utterance in after.utterances} == {confidence}
    restored = tuple(replace(utterance, role=UNKNOWN, role_confidence=0.0) for utterance in after.utterances)
    assert replace(after, utterances=restored) == before


def test_an_utterance_without_channel_stays_unknown() -> None:
    (utterance,) = assign_roles(transcript(None), recording(0, Layout.STEREO, 2)).utterances
    assert (utterance.role, utterance.role_confidence) == (UNKNOWN, 0.0)
