"""Who speaks with which voice: the agent, the customer, or nobody can say; and what a person put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa_pipeline.types.vocabulary import Role


class RoleBasis(StrEnum):
    """What a voice's role rests on."""

    METADATA = "metadata"
    PERSON = "person"
    WORDS = "words"
    CONTRADICTED = "contradicted"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRole:
    """The role of one voice of a call.

    Args:
        voice: a channel of a recording with a channel for each speaker, else a speaker told by sound.
        confidence: that the role is right, 0..1; 0 where it is UNKNOWN.
    """

    voice: int
    role: Role
    confidence: float
    basis: RoleBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCorrection:
    """A person's word on who the agent is; it outweighs everything else.

    Args:
        recording_sha256: of the bytes the person listened to; other bytes under the same id are not meant.
        options_digest: of the transcript the voices belong to; channels keep their numbers under any.
        agent_voice: the voice of the agent; every other voice is the customer's. None takes the word of
            whoever spoke before back: metadata and words decide again.
    """

    call_id: str
    recording_sha256: str
    options_digest: str
    agent_voice: int | None
    corrected_by: str
    corrected_at: datetime
