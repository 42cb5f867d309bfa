"""Roles of voices onto utterances, and what the recording itself tells of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from qa_pipeline.types import (
    Layout,
    Recording,
    Role,
    RoleBasis,
    RoleCorrection,
    Transcript,
    Utterance,
    VoiceRole,
)


def roles_by_channel(recording: Recording, transcript: Transcript) -> tuple[VoiceRole, ...]:
    """The roles that the metadata state with `agent_channel`.

    Of a stereo recording one channel is the agent's and the other the customer's. Where every channel but one
    is silent, whoever talks there has the role of that channel, in however many voices.

    Returns:
        Nothing with anything else (a file of one channel, two copies of one, no `agent_channel`).
    """
    agent_channel = recording.call.agent_channel
    if agent_channel is None:
        return ()
    numbers = recording.channel_numbers or tuple(range(recording.num_channels))
    if recording.layout is Layout.STEREO and agent_channel in numbers:
        channels = range(recording.num_channels)
        return roles_with_agent(numbers.index(agent_channel), channels, RoleBasis.METADATA)
    if one_side_alone(recording):
        role = Role.AGENT if agent_channel in numbers else Role.CUSTOMER
        return tuple(
            VoiceRole(voice=voice, role=role, confidence=1.0, basis=RoleBasis.METADATA)
            for voice in voices_of(transcript)
        )
    return ()


def one_side_alone(recording: Recording) -> bool:
    """Whether somebody is heard on one channel of several, and the others are silent."""
    return recording.layout is Layout.MONO and bool(recording.silent_channels)


def roles_by_person(
    correction: RoleCorrection, recording: Recording, transcript: Transcript
) -> tuple[VoiceRole, ...]:
    """The roles that a person stated.

    Returns:
        Nothing where they were stated of other bytes, or of voices that were told apart otherwise.
    """
    voices = voices_of(transcript)
    same_voices = recording.layout is Layout.STEREO or correction.options_digest == transcript.options_digest
    if correction.recording_sha256 != recording.sha256 or not same_voices:
        return ()
    if correction.agent_voice not in voices:
        return ()
    return roles_with_agent(correction.agent_voice, voices, RoleBasis.PERSON)


def roles_with_agent(agent_voice: int, voices: Iterable[int], basis: RoleBasis) -> tuple[VoiceRole, ...]:
    """One voice the agent's, every other the customer's, without doubt."""
    return tuple(
        VoiceRole(
            voice=voice,
            role=Role.AGENT if voice == agent_voice else Role.CUSTOMER,
            confidence=1.0,
            basis=basis,
        )
        for voice in voices
    )


def voices_of(transcript: Transcript) -> tuple[int, ...]:
    """The voices heard in a transcript, in order of their numbers."""
    return tuple(sorted({one.voice for one in transcript.utterances if one.voice is not None}))


def assign_roles(
    transcript: Transcript, voices: Sequence[VoiceRole], *, doubted: Collection[str] = ()
) -> Transcript:
    """Give each utterance the role of its voice; UNKNOWN with confidence 0 where that has none.

    Args:
        doubted: ids of utterances that may be another voice's: nobody can say who speaks there.
    """
    by_voice = {voice.voice: voice for voice in voices}
    # Where every voice has the same role, it does not matter which of them speaks.
    alike = len({voice.role for voice in voices}) == 1

    def assigned(utterance: Utterance) -> Utterance:
        voice = None if utterance.voice is None else by_voice.get(utterance.voice)
        if voice is None or voice.role is Role.UNKNOWN or utterance.id in doubted:
            return replace(utterance, role=Role.UNKNOWN, role_confidence=0.0)
        of_voice = 1.0 if alike else utterance.speaker_confidence
        confidence = round(voice.confidence * of_voice, 4)
        return replace(utterance, role=voice.role, role_confidence=confidence)

    return replace(transcript, utterances=tuple(assigned(each) for each in transcript.utterances))
