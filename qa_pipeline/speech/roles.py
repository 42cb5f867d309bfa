"""Who speaks on which channel, as far as the recording and its metadata tell."""

from __future__ import annotations

from dataclasses import replace

from qa_pipeline.types import Layout, Recording, Role, Transcript


def assign_roles(transcript: Transcript, recording: Recording) -> Transcript:
    """Give each utterance the role of its channel.

    Only a stereo recording whose metadata name the agent's channel tells for certain. With anything else
    (one channel, two copies of one, no `agent_channel`, a channel the file does not have) every role stays
    UNKNOWN with confidence 0, so that nothing said can be held against the agent unseen.
    """
    agent_channel = recording.call.agent_channel
    known = (
        recording.layout is Layout.STEREO
        and agent_channel is not None
        and 0 <= agent_channel < recording.num_channels
    )
    return replace(
        transcript,
        utterances=tuple(
            replace(
                utterance,
                role=_role(utterance.channel, agent_channel) if known else Role.UNKNOWN,
                role_confidence=1.0 if known and utterance.channel is not None else 0.0,
            )
            for utterance in transcript.utterances
        ),
    )


def _role(channel: int | None, agent_channel: int | None) -> Role:
    if channel is None:
        return Role.UNKNOWN
    return Role.AGENT if channel == agent_channel else Role.CUSTOMER
