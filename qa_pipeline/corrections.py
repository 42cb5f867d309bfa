"""A person puts right who speaks in a call, and the call is judged again without being heard again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.pipeline import Engine, inspect_heard
from qa_pipeline.speech.roles import voices_of
from qa_pipeline.store.repository import Store
from qa_pipeline.types import Inspection, Role, RoleCorrection, message


def other_voice(inspection: Inspection) -> int:
    """The voice that is the agent's when agent and customer are exchanged.

    Raises:
        ConfigurationError: ``roles_not_swappable``: no voice, or more than one, takes the agent's place.
    """
    customers = [voice.voice for voice in inspection.voices if voice.role is Role.CUSTOMER]
    if len(customers) != 1:
        raise ConfigurationError(
            "roles_not_swappable",
            message(
                "{call} has no agent and one customer to exchange. Say which voice is the agent's: "
                "qa roles swap {call} --agent VOICE; qa roles show {call} lists the voices",
                call=inspection.call.call_id,
            ),
        )
    return customers[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedCall:
    """A call judged with the roles a person gave it, not kept yet.

    Args:
        fingerprint: what the inspection depends on, by which the next audit knows it.
    """

    correction: RoleCorrection
    inspection: Inspection
    fingerprint: str


def correct_roles(
    inspection: Inspection, agent_voice: int | None, *, by: str, engine: Engine
) -> CorrectedCall:
    """Judge the kept words of a call again, with the agent a person names.

    Args:
        agent_voice: as `Inspection.voices` counts; every other voice becomes the customer's. None takes
            back what people said before, so that metadata and words decide.
        by: who says so.

    Raises:
        ConfigurationError: ``call_without_voices`` or ``voice_unknown``.
    """
    recording, transcript, call_id = inspection.recording, inspection.transcript, inspection.call.call_id
    voices = () if transcript is None else voices_of(transcript)
    if recording is None or transcript is None or not voices:
        raise ConfigurationError(
            "call_without_voices",
            message("{call} has no recording with words, so there are no voices to name.", call=call_id),
        )
    if agent_voice is not None and agent_voice not in voices:
        raise ConfigurationError(
            "voice_unknown",
            message(
                "{call} has no voice {voice}; it has {known}. See: qa roles show {call}",
                call=call_id,
                voice=agent_voice,
                known=", ".join(map(str, voices)),
            ),
        )
    correction = RoleCorrection(
        call_id=call_id,
        recording_sha256=recording.sha256,
        options_digest=transcript.options_digest,
        agent_voice=agent_voice,
        corrected_by=by,
        corrected_at=datetime.now(UTC),
    )
    return CorrectedCall(
        correction=correction,
        inspection=inspect_heard(recording, transcript, engine, correction),
        fingerprint=engine.fingerprint(recording.sha256, inspection.call, Path(recording.uri), correction),
    )


def voice_before(store: Store, call_id: str, moment: datetime) -> int | None:
    """Whose voice people held to be the agent's before a moment; None where nobody had said anything."""
    said = store.role_corrections([call_id]).get(call_id, ())
    earlier = [one.agent_voice for one in said if one.corrected_at < moment]
    return earlier[-1] if earlier else None
