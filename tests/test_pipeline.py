"""The way of a call through all rooms, with the reference text in the place of recognition.

Recordings are real files; what they say comes from the sidecars of sample_audio: every room but `speech.asr`
is the real one, and the tests need no model.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline import pipeline
from qa_pipeline.errors import AudioError, CallError
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.spelling import Speller
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.pipeline import Engine, inspect_calls, inspect_transcript
from qa_pipeline.reports.document import call_document
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import (
    ArtifactRef,
    CallStatus,
    CallType,
    Inspection,
    LineSound,
    LineSoundKind,
    Recording,
    Role,
    SpeechRegion,
    TimeSpan,
    Transcript,
    Utterance,
    Word,
    message,
)

THREAT, MODEL = "05_violence_family", "02_model_full_repayment"


class ReferenceRecogniser:
    """Hears exactly what the sidecar says was spoken; counts how often it was asked."""

    artifact = ArtifactRef(name="reference", revision="1", sha256="0" * 64)
    options_digest = "reference"

    def __init__(self) -> None:
        self.heard: list[str] = []

    def transcribe(
        self, recordings: Iterable[Recording]
    ) -> Iterator[tuple[Recording, Transcript | CallError]]:
        for recording in recordings:
            self.heard.append(recording.id)
            sidecar = Path(recording.uri).with_suffix(".json")
            if not sidecar.exists():
                told = message("{name} cannot be heard", name=recording.id)
                yield recording, AudioError("audio_unreadable", told)
                continue
            document = json.loads(sidecar.read_text(encoding="utf-8"))
            agent = document["metadata"]["agent_channel"]
            yield recording, self._transcript(recording, document["reference"]["utterances"], agent)

    def _transcript(self, recording: Recording, turns: list[dict[str, object]], agent: int) -> Transcript:
        utterances, regions = [], []
        for number, turn in enumerate(turns):
            span = TimeSpan(start_ms=int(str(turn["start_ms"])), end_ms=int(str(turn["end_ms"])))
            channel = agent if turn["role"] == Role.AGENT else 1 - agent
            regions.append(SpeechRegion(channel=channel, span=span, probability=1.0))
            utterances.append(
                Utterance(
                    id=f"u{number:04}",
                    role=Role.UNKNOWN,
                    role_confidence=0.0,
                    channel=channel,
                    span=span,
                    text=str(turn["text"]),
                )
            )
        return Transcript(
            recording_id=recording.id,
            language="zh",
            utterances=tuple(utterances),
            asr=self.artifact,
            options_digest=self.options_digest,
            regions=tuple(regions),
        )


class MemoryCache:
    """Transcripts by content."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Transcript] = {}

    def transcript(self, sha256: str, options_digest: str) -> Transcript | None:
        return self.kept.get((sha256, options_digest))

    def save_transcript(self, sha256: str, transcript: Transcript) -> None:
        self.kept[sha256, transcript.options_digest] = transcript


@pytest.fixture(scope="module")
def rules() -> RuleEngine:
    return RuleEngine(load_pack())


@pytest.fixture
def recogniser() -> ReferenceRecogniser:
    return ReferenceRecogniser()


@pytest.fixture
def engine(rules: RuleEngine, recogniser: ReferenceRecogniser) -> Engine:
    return Engine(reader=Reader(Tokenizer()), rules=rules, recogniser=recogniser)


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    """Two sample calls, one threatening, one as it should be."""
    for name in (THREAT, MODEL):
        for suffix in (".wav", ".json"):
            shutil.copy(repository / "sample_audio" / f"{name}{suffix}", tmp_path)
    return tmp_path


def inspect(folder: Path, engine: Engine, cache: MemoryCache | None = None) -> dict[str, Inspection]:
    sources = find_calls([folder]).sources
    inspections = inspect_calls(sources, engine, transcripts=cache or MemoryCache())
    return {inspection.call.call_id: inspection for inspection in inspections}


def test_a_threat_is_found_and_a_model_call_is_clean(folder: Path, engine: Engine) -> None:
    inspections = inspect(folder, engine)
    threat, model = inspections[THREAT], inspections[MODEL]
    assert threat.scorecard is not None
    assert threat.scorecard.fatal
    assert threat.scorecard.normalised == 0
    assert threat.status is CallStatus.NEEDS_REVIEW
    assert "unreviewed_fatal" in threat.review_reasons
    assert model.findings == ()
    assert model.scorecard is not None
    assert model.scorecard.normalised is not None
    assert model.scorecard.normalised >= 90
    assert model.provenance is not None
    assert model.provenance.asr == ReferenceRecogniser.artifact


def test_every_finding_stands_on_the_agents_speech(folder: Path, engine: Engine) -> None:
    threat = inspect(folder, engine)[THREAT]
    assert threat.transcript is not None
    regions = [region.span for region in threat.transcript.regions]
    for finding in threat.findings:
        for evidence in finding.evidence:
            assert evidence.role is Role.AGENT
            assert evidence.span is not None
            assert any(evidence.span.overlap_ms(region) for region in regions)


def test_a_broken_recording_costs_the_others_nothing(folder: Path, engine: Engine) -> None:
    (folder / "empty.wav").touch()
    (folder / "letter.wav").write_text("这不是录音。", encoding="utf-8")
    inspections = inspect(folder, engine)
    assert {call_id: inspection.status for call_id, inspection in inspections.items()} == {
        THREAT: CallStatus.NEEDS_REVIEW,
        MODEL: inspections[MODEL].status,
        "empty": CallStatus.FAILED,
        "letter": CallStatus.FAILED,
    }
    failure = inspections["empty"].failure
    assert failure is not None
    assert failure.code == "audio_empty"
    assert "empty.wav" in str(failure.message)


def test_one_second_is_excluded_not_failed(folder: Path, engine: Engine) -> None:
    with wave.open(str(folder / "blip.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 4000))
    blip = inspect(folder, engine)["blip"]
    assert blip.status is CallStatus.EXCLUDED
    assert blip.excluded_reason == "audio_too_short"


def test_a_call_without_speech_is_excluded(folder: Path, engine: Engine) -> None:
    sidecar = folder / f"{MODEL}.json"
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    document["reference"]["utterances"] = []
    sidecar.write_text(json.dumps(document), encoding="utf-8")
    silent = inspect(folder, engine)[MODEL]
    assert silent.status is CallStatus.EXCLUDED
    assert silent.excluded_reason == "no_speech"
    assert silent.scorecard is None


@pytest.mark.parametrize("turns", [[], [{"role": "agent", "text": "  "}]], ids=["none", "blank"])
def test_a_given_transcript_without_words_is_excluded(
    turns: list[dict[str, str]], tmp_path: Path, engine: Engine
) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(json.dumps({"call_id": "silent", "utterances": turns}), encoding="utf-8")
    (source,) = transcripts_from(path)
    assert isinstance(source, TranscriptSource)
    silent = inspect_transcript(source, engine)
    assert silent.status is CallStatus.EXCLUDED
    assert silent.excluded_reason == "no_speech"
    assert silent.scorecard is None


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        (["您好，您拨打的电话已关机，请稍后再拨"], "announcement"),
        (["您拨打的用户无法接听，请在提示音后留言", "录音完毕请挂机"], "voicemail"),
        (["欢迎致电远山物流，查件请按一", "人工服务请按零"], "menu"),
    ],
)
def test_a_call_that_a_machine_answers_is_excluded(
    turns: list[str], reason: str, tmp_path: Path, engine: Engine
) -> None:
    path = tmp_path / "calls.jsonl"
    utterances = [{"role": "customer", "text": text} for text in turns]
    path.write_text(json.dumps({"call_id": "c", "utterances": utterances}), encoding="utf-8")
    (source,) = transcripts_from(path)
    assert isinstance(source, TranscriptSource)
    nobody = inspect_transcript(source, engine)
    assert (nobody.status, nobody.excluded_reason) == (CallStatus.EXCLUDED, reason)
    assert (nobody.call_type, nobody.scorecard, nobody.findings) == (CallType.NO_CONTACT, None, ())


@pytest.mark.parametrize("kind", list(LineSoundKind))
def test_a_call_without_speech_is_named_by_its_sound(
    kind: LineSoundKind,
    folder: Path,
    engine: Engine,
    recogniser: ReferenceRecogniser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = LineSound(kind=kind, channel=1, span=TimeSpan(start_ms=0, end_ms=20_000))
    whole = recogniser._transcript

    def only_sound(recording: Recording, turns: list[dict[str, object]], agent: int) -> Transcript:
        return dataclasses.replace(whole(recording, [], agent), sounds=(sound,))

    monkeypatch.setattr(recogniser, "_transcript", only_sound)
    nobody = inspect(folder, engine)[MODEL]
    assert (nobody.status, nobody.excluded_reason) == (CallStatus.EXCLUDED, kind.value)
    assert nobody.call_type is CallType.NO_CONTACT


def test_an_unforeseen_error_while_reading_costs_that_call_alone(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pipeline.read_recording

    def break_on(path: Path, *rest: object, **options: object) -> Recording:
        if path.stem == MODEL:
            raise MemoryError
        return whole(path, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "read_recording", break_on)
    inspections = inspect(folder, engine)
    failure = inspections[MODEL].failure
    assert failure is not None
    assert failure.code == "internal_error"
    assert inspections[THREAT].failure is None


def test_the_same_bytes_under_two_ids_are_heard_once(
    folder: Path, engine: Engine, recogniser: ReferenceRecogniser
) -> None:
    shutil.copy(folder / f"{MODEL}.wav", folder / "again.wav")
    inspections = inspect(folder, engine)
    assert len(inspections) == 3
    assert len(recogniser.heard) == 2
    twin = inspections["again"].transcript
    assert twin is not None
    assert twin.recording_id == "again"


def test_a_known_transcript_is_not_heard_again(
    folder: Path, engine: Engine, recogniser: ReferenceRecogniser
) -> None:
    cache = MemoryCache()
    first = inspect(folder, engine, cache)
    recogniser.heard.clear()
    assert inspect(folder, engine, cache) == first
    assert recogniser.heard == []


def test_each_call_is_given_back_before_the_next_one_is_judged(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = MemoryCache()
    inspect(folder, engine, cache)
    whole, judged = pipeline.inspect_heard, []

    def noted(recording: Recording, *rest: Any) -> Inspection:
        judged.append(recording.id)
        return whole(recording, *rest)

    monkeypatch.setattr(pipeline, "inspect_heard", noted)
    given = []
    for inspection in inspect_calls(find_calls([folder]).sources, engine, transcripts=cache):
        given.append(inspection.call.call_id)
        assert judged == given
    assert len(given) == 2


def test_unknown_agent_channel_hurts_nobody(folder: Path, engine: Engine) -> None:
    sources = [
        dataclasses.replace(source, call=dataclasses.replace(source.call, agent_channel=None))
        for source in find_calls([folder]).sources
    ]
    inspections = {
        inspection.call.call_id: inspection
        for inspection in inspect_calls(sources, engine, transcripts=MemoryCache())
    }
    threat = inspections[THREAT]
    assert threat.status is CallStatus.NEEDS_REVIEW
    assert "role_unknown" in threat.review_reasons
    assert threat.findings
    assert {finding.outcome.value for finding in threat.findings} == {"uncertain"}
    assert threat.scorecard is not None
    assert not threat.scorecard.fatal
    assert threat.scorecard.deductions == ()


@pytest.mark.parametrize(
    "change",
    [{"overdue_days": 99}, {"agent_channel": 0}, {"complaint_open": True}],
    ids=lambda c: next(iter(c)),
)
def test_fingerprint_follows_the_metadata(change: dict[str, object], folder: Path, engine: Engine) -> None:
    source = find_calls([folder]).sources[0]
    call = dataclasses.replace(source.call, overdue_days=1, agent_channel=1, complaint_open=False)
    changed = dataclasses.replace(call, **change)
    place = Path("/calls/one.wav")
    same = engine.fingerprint("a" * 64, call, place)
    assert same != engine.fingerprint("a" * 64, changed, place)
    assert same != engine.fingerprint("b" * 64, call, place)
    assert same != engine.fingerprint("a" * 64, call, Path("/elsewhere/one.wav"))
    assert same == engine.fingerprint("a" * 64, dataclasses.replace(call), place)


def test_an_unforeseen_error_is_one_calls_failure(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = Reader.read

    def stumble(self: Reader, call: object, *rest: object) -> object:
        if getattr(call, "call_id", "") == THREAT:
            raise KeyError("等着坐牢")
        return read(self, call, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "read", stumble)
    inspections = inspect(folder, engine)
    failure = inspections[THREAT].failure
    assert failure is not None
    assert failure.code == "internal_error"
    assert inspections[MODEL].status is not CallStatus.FAILED
    assert "坐牢" not in str(failure.message) + caplog.text


class Misheard(ReferenceRecogniser):
    """Hears 对部队 for 对不对 and is not sure of it."""

    def _transcript(self, recording: Recording, turns: list[dict[str, object]], agent: int) -> Transcript:
        transcript = super()._transcript(recording, turns, agent)
        words = tuple(
            Word(text=one, span=TimeSpan(start_ms=0, end_ms=1), probability=0.5, again="不")
            for one in "对部队"
        )
        first, *others = transcript.utterances
        return dataclasses.replace(
            transcript, utterances=(dataclasses.replace(first, text="对部队", words=words), *others)
        )


def test_an_inspection_tells_what_was_most_likely_said(folder: Path, rules: RuleEngine) -> None:
    engine = Engine(reader=Reader(Tokenizer(), spelling=Speller.load()), rules=rules, recogniser=Misheard())
    cache = MemoryCache()
    inspection = inspect(folder, engine, cache)[MODEL]

    assert inspection.transcript is not None
    first, second, *_ = inspection.transcript.utterances
    assert (first.text, first.likely) == ("对部队", "对不对")
    assert second.likely is None
    # What else was heard is kept with the transcript, for who judges it anew, not with each inspection.
    assert {word.again for word in first.words} == {None}
    assert {word.again for one in cache.kept.values() for said in one.utterances for word in said.words} == {
        "不"
    }
    assert {one.likely for kept in cache.kept.values() for one in kept.utterances} == {None}
    assert call_document(inspection)["utterances"][0]["likely"] == "对不对"
