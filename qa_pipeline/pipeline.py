"""The way of a call through the rooms: hear, read, judge, score.

`inspect_calls` is the only place that knows all of them. It keeps nothing: what is to be kept is returned,
and transcripts are fetched and offered through a `TranscriptCache`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from qa_pipeline import __version__
from qa_pipeline.errors import AudioError, CallError, unforeseen
from qa_pipeline.intake.folder import CallSource
from qa_pipeline.intake.metadata import metadata_document
from qa_pipeline.intake.transcripts import TranscriptSource
from qa_pipeline.language.announcements import answered_by_machine
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.speaker_roles import RoleClassifier, contradicted, nobody_knows
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.scoring.form import Form, load_form
from qa_pipeline.scoring.review import review_reasons, status_of
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.speech.characteristics import measure
from qa_pipeline.speech.roles import assign_roles, one_side_alone, roles_by_channel, roles_by_person
from qa_pipeline.types import (
    ArtifactRef,
    CallMetadata,
    CallStatus,
    CallType,
    Inspection,
    LineSoundKind,
    Provenance,
    Recording,
    RoleCorrection,
    Transcript,
    VoiceRole,
)

_log = logging.getLogger(__name__)

EXCLUDING_CODES = frozenset({"audio_too_short"})
"""Errors that say "this is no call" rather than "this went wrong": excluded, not failed (design 5)."""


class TranscriptCache(Protocol):
    """Where transcripts are kept by content, so that a re-score never transcribes again."""

    def transcript(self, sha256: str, options_digest: str) -> Transcript | None:
        """The transcript of this sound (`Recording.sound_id`) under these options, or None."""

    def save_transcript(self, sha256: str, transcript: Transcript) -> None:
        """Keep a transcript whose roles are not assigned yet."""


class Recogniser(Protocol):
    """What the pipeline asks of `speech.asr.Transcriber`; an oracle with reference texts may replace it."""

    @property
    def artifact(self) -> ArtifactRef: ...

    @property
    def options_digest(self) -> str: ...

    def transcribe(
        self, recordings: Iterable[Recording]
    ) -> Iterator[tuple[Recording, Transcript | CallError]]: ...


@dataclass(frozen=True)
class Engine:
    """Everything that stays the same from call to call.

    Args:
        reader: makes conversations out of transcripts.
        rules: judges them.
        recogniser: hears recordings; None where only transcripts are scored.
        roles: tells the agent's voice by its words; without it only metadata and people tell.
    """

    reader: Reader
    rules: RuleEngine
    recogniser: Recogniser | None = None
    roles: RoleClassifier | None = None

    @cached_property
    def forms(self) -> Mapping[CallType, Form]:
        """The form of each call type."""
        return {call_type: load_form(call_type) for call_type in CallType}

    @cached_property
    def digest(self) -> str:
        """Changes whenever a result could change: package, pack, forms, language, recognition."""
        recogniser = self.recogniser
        parts = [
            __version__,
            self.rules.pack.digest,
            self.reader.digest,
            *(form.digest for form in self.forms.values()),
            *((recogniser.artifact.sha256, recogniser.options_digest) if recogniser else ()),
            *((self.roles.digest,) if self.roles else ()),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def fingerprint(
        self, sha256: str, call: CallMetadata, place: Path, correction: RoleCorrection | None = None
    ) -> str:
        """What a kept result depends on: the bytes, the metadata, this engine, the correction.

        Args:
            place: belongs to it, since evidence is played from where the recording was read.
        """
        metadata = json.dumps(metadata_document(call), sort_keys=True, ensure_ascii=False)
        parts = [sha256, metadata, self.digest, str(place)]
        if correction is not None:
            parts += [
                f"agent {correction.agent_voice}",
                correction.recording_sha256,
                correction.options_digest,
            ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def inspect_calls(
    sources: Iterable[CallSource],
    engine: Engine,
    *,
    transcripts: TranscriptCache,
    corrections: Mapping[str, RoleCorrection] | None = None,
    max_duration_ms: int | None = None,
) -> Iterator[Inspection]:
    """Inspect recordings, each yielded as soon as it is scored, so not always in the order given.

    A recording that cannot be heard yields a failed or excluded inspection and costs the others nothing.
    The same bytes under two ids are transcribed once.

    Args:
        corrections: a person's word on who speaks, by call id; looked up when a call is judged.
        max_duration_ms: longer recordings fail; None for no limit.

    Raises:
        ModelError: the model is missing or not the pinned one.
    """
    if engine.recogniser is None:
        raise ValueError("recordings need an engine with a recogniser")
    recogniser = engine.recogniser
    corrected = {} if corrections is None else corrections
    ready: deque[Inspection | tuple[Recording, Transcript | CallError]] = deque()
    waiting: dict[str, list[Recording]] = {}

    def unheard() -> Iterator[Recording]:
        for source in sources:
            recording = _read(source, max_duration_ms)
            if isinstance(recording, Inspection):
                ready.append(recording)
                continue
            known = transcripts.transcript(recording.sound_id, recogniser.options_digest)
            if known is not None:
                ready.append((recording, known))
            elif recording.sound_id in waiting:
                waiting[recording.sound_id].append(recording)
            else:
                waiting[recording.sound_id] = [recording]
                yield recording

    def judged() -> Iterator[Inspection]:
        """What is ready, each judged when it is asked for: many may get ready before one is heard."""
        while ready:
            one = ready.popleft()
            if isinstance(one, Inspection):
                yield one
            else:
                recording, heard = one
                yield _judged(recording, heard, engine, corrected.get(recording.id))

    for recording, heard in recogniser.transcribe(unheard()):
        if isinstance(heard, Transcript):
            transcripts.save_transcript(recording.sound_id, heard)
        ready.extend((twin, heard) for twin in waiting.pop(recording.sound_id))
        yield from judged()
    yield from judged()


def _read(source: CallSource, max_duration_ms: int | None) -> Recording | Inspection:
    """The facts of a recording, or the inspection of a call that cannot be heard."""
    try:
        return read_recording(
            source.path, source.call, reading=source.reading, max_duration_ms=max_duration_ms
        )
    except CallError as error:
        return _failed_inspection(source.call, str(source.path), error)
    except Exception as error:
        return _failed_inspection(source.call, str(source.path), unforeseen(source.call.call_id, error))


def _judged(
    recording: Recording, heard: Transcript | CallError, engine: Engine, correction: RoleCorrection | None
) -> Inspection:
    """The inspection of a recording that was heard, or could not be."""
    if isinstance(heard, CallError):
        return _failed_inspection(recording.call, recording.uri, heard, recording)
    return inspect_heard(recording, heard, engine, correction)


def inspect_transcript(source: TranscriptSource, engine: Engine) -> Inspection:
    """Inspect a call from its transcript alone; one without words is excluded, as a silent recording is."""
    if not source.transcript.utterances:
        return _excluded(source.call, None, source.transcript, reason="no_speech")
    return _inspect(source.call, None, source.transcript, engine)


def inspect_heard(
    recording: Recording, transcript: Transcript, engine: Engine, correction: RoleCorrection | None = None
) -> Inspection:
    """Judge a recording from what was heard in it; an unforeseen error is the failure of this call alone.

    Args:
        transcript: roles it states already are not looked at.
        correction: a person's word on who speaks.
    """
    own = replace(transcript, recording_id=recording.id)
    try:
        own, voices = with_roles(recording, own, engine.roles, correction)
        return replace(_judge_recording(recording, own, engine), voices=voices)
    except Exception as error:
        failed = _failed_inspection(recording.call, recording.uri, unforeseen(recording.id, error), recording)
        return replace(failed, transcript=own)


def with_roles(
    recording: Recording,
    transcript: Transcript,
    roles: RoleClassifier | None,
    correction: RoleCorrection | None = None,
) -> tuple[Transcript, tuple[VoiceRole, ...]]:
    """The transcript with who says what, and the role of each voice.

    Args:
        roles: None where only metadata and people tell.
    """
    if roles is not None:
        transcript = roles.regrouped(transcript, perhaps_one=one_side_alone(recording))
    voices = _voice_roles(recording, transcript, roles, correction)
    doubted = () if roles is None else roles.doubted(transcript, voices)
    return assign_roles(transcript, voices, doubted=doubted), voices


def _voice_roles(
    recording: Recording,
    transcript: Transcript,
    roles: RoleClassifier | None,
    correction: RoleCorrection | None,
) -> tuple[VoiceRole, ...]:
    """Who speaks with which voice: a person's word goes first, then the metadata, then what the voices say.

    Where the words clearly contradict the metadata, nobody has a role: one of the two is wrong.
    """
    if correction is not None:
        stated = roles_by_person(correction, recording, transcript)
        if stated:
            return stated
    stated = roles_by_channel(recording, transcript)
    if roles is None:
        return stated
    if stated and one_side_alone(recording):
        return roles.one_side(stated, transcript, recording.call)
    by_words = roles.roles(transcript, recording.call)
    if stated and contradicted(stated, by_words):
        _log.warning("call %s: the words contradict its agent_channel, so no role is certain", recording.id)
        return nobody_knows(stated)
    return stated or by_words


def _judge_recording(recording: Recording, own: Transcript, engine: Engine) -> Inspection:
    if not own.regions:
        return _excluded(recording.call, recording, own, reason=_only_sound(own))
    return _inspect(recording.call, recording, own, engine)


def _excluded(
    call: CallMetadata, recording: Recording | None, transcript: Transcript, *, reason: str
) -> Inspection:
    """A call in which nobody was reached: there is nothing to judge, and nobody to judge for it."""
    return Inspection(
        call=call,
        uri=recording.uri if recording else None,
        status=CallStatus.EXCLUDED,
        excluded_reason=reason,
        recording=recording,
        transcript=transcript,
        call_type=CallType.NO_CONTACT,
        call_type_confidence=1.0,
    )


def _only_sound(transcript: Transcript) -> str:
    """Why there is no speech, as far as the line tells."""
    kinds = {sound.kind for sound in transcript.sounds}
    return next((kind.value for kind in LineSoundKind if kind in kinds), "no_speech")


def _inspect(
    call: CallMetadata, recording: Recording | None, transcript: Transcript, engine: Engine
) -> Inspection:
    characteristics = measure(transcript, recording)
    conversation = engine.reader.read(call, recording, transcript, characteristics)
    transcript = conversation.transcript  # tells what was most likely said, too
    machine = answered_by_machine(transcript, conversation.normalized)
    if machine is not None:
        return replace(
            _excluded(call, recording, transcript, reason=machine.value), characteristics=characteristics
        )
    judgement = engine.rules.judge(conversation)
    form = engine.forms[conversation.call_type]
    scorecard = score(
        form=form, elements=judgement.elements, findings=judgement.findings, transcript=transcript
    )
    reasons = review_reasons(conversation=conversation, judgement=judgement, scorecard=scorecard)
    return Inspection(
        call=call,
        uri=recording.uri if recording else None,
        status=status_of(review_reasons=reasons),
        review_reasons=reasons,
        recording=recording,
        transcript=transcript,
        characteristics=characteristics,
        call_type=conversation.call_type,
        call_type_confidence=conversation.call_type_confidence,
        findings=judgement.findings,
        scorecard=scorecard,
        promise_to_pay=judgement.promise_to_pay,
        provenance=Provenance(
            package_version=__version__,
            pack_id=engine.rules.pack.id,
            pack_digest=engine.rules.pack.digest,
            form_id=form.id,
            form_version=form.version,
            asr=transcript.asr,
            options_digest=transcript.options_digest,
        ),
    )


def _failed_inspection(
    call: CallMetadata, uri: str, error: CallError, recording: Recording | None = None
) -> Inspection:
    if isinstance(error, AudioError) and error.code in EXCLUDING_CODES:
        return Inspection(
            call=call,
            uri=uri,
            status=CallStatus.EXCLUDED,
            excluded_reason=error.code,
            failure=error.as_failure(),
            recording=recording,
        )
    return Inspection(
        call=call, uri=uri, status=CallStatus.FAILED, failure=error.as_failure(), recording=recording
    )
