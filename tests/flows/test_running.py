"""One audit in this process: what is kept when, in which order it comes back, and what Prefect is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from flows.running import FlowFailedError, RunningAudit, current, prepare, prepared, told_by_code
from qa_pipeline.config import load_settings
from qa_pipeline.corrections import correct_roles, other_voice
from qa_pipeline.errors import CallError, ConfigurationError, StoreError
from qa_pipeline.pipeline import Engine, inspect_heard
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.store.repository import Store
from qa_pipeline.types import CallStatus, Inspection, Recording, RoleBasis, Transcript, message
from tests.flows.conftest import MODEL, THREAT
from tests.test_pipeline import ReferenceRecogniser


class Ears:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.begun_times = 0
        self.heard: list[str] = []

    def begun(self) -> None:
        self.begun_times += 1

    def inspected(self, inspection: Inspection, *, heard: bool) -> None:
        self.heard.append(inspection.call.call_id)


@pytest.fixture
def audit(calls: Path, engine: Engine) -> Iterator[RunningAudit]:
    audit = prepare([calls], load_settings())
    with audit.store:
        yield audit


def test_each_call_is_kept_when_it_is_done(audit: RunningAudit) -> None:
    kept: list[int] = []

    class Counting(Ears):
        def inspected(self, inspection: Inspection, *, heard: bool) -> None:
            super().inspected(inspection, heard=heard)
            kept.append(len(list(audit.store.inspections())))

    audit.listener = ears = Counting()
    audit.begin({"paths": []})
    audit.inspect([MODEL, THREAT])
    audit.finish()
    assert ears.begun_times == 1
    assert ears.heard == [MODEL, THREAT]
    assert kept == [1, 2]
    (run,) = audit.store.runs()
    assert run.counts == {"inspected": 2, "failed": 0}


def test_a_second_try_passes_over_what_is_kept(audit: RunningAudit, recogniser: ReferenceRecogniser) -> None:
    audit.begin({})
    audit.inspect([MODEL])
    audit.inspect([MODEL, THREAT])
    assert recogniser.heard == [MODEL, THREAT]


def test_results_come_by_path_with_those_refused(audit: RunningAudit, calls: Path) -> None:
    (calls / "00_broken.wav").touch()
    (calls / "99_broken.wav").write_bytes(bytes(5))
    (calls / "99_broken.json").write_text("[", encoding="utf-8")
    again = prepare([calls], load_settings())
    with again.store:
        again.begin({})
        again.inspect([source.call.call_id for source in again.plan.todo])
        results = list(again.results())
    assert [result.call.call_id for result in results] == ["00_broken", MODEL, THREAT, "99_broken"]
    assert [result.status is CallStatus.FAILED for result in results] == [True, False, False, True]


def test_an_unforeseen_failure_is_tried_again_next_time(
    audit: RunningAudit, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("客户说的话")

    with monkeypatch.context() as patch:
        patch.setattr(audit.engine.rules, "judge", stumble)
        audit.begin({})
        audit.inspect([MODEL])
    failed = audit.store.inspection(MODEL)
    assert failed is not None
    assert failed.failure is not None
    assert failed.failure.code == "internal_error"
    assert MODEL in [source.call.call_id for source in prepare([calls], load_settings()).plan.todo]


def test_a_recording_that_changes_while_it_is_heard_is_new_work(
    audit: RunningAudit, calls: Path, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (calls / f"{MODEL}.wav").open("ab") as file:
        file.write(bytes(160))
    audit.begin({})
    audit.inspect([MODEL])
    assert MODEL not in [source.call.call_id for source in prepare([calls], load_settings()).plan.todo]


def test_errors_leave_by_their_code_alone(audit: RunningAudit) -> None:
    secret = StoreError("store_locked", message("store {url} is locked", url="postgresql://qa:hunter2@db/qa"))
    with pytest.raises(FlowFailedError) as caught, told_by_code(audit):
        raise secret
    assert str(caught.value) == caught.value.code == "store_locked"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert audit.error is secret


def test_an_unforeseen_error_leaves_without_its_text(audit: RunningAudit) -> None:
    with pytest.raises(FlowFailedError) as caught, told_by_code(audit):
        raise KeyError("身份证三一零")
    assert str(caught.value) == "internal_error"
    assert audit.error is not None
    assert "KeyError at test_running.py" in str(audit.error)
    assert "三一零" not in str(audit.error)


def test_an_audit_is_current_in_its_block_only(audit: RunningAudit) -> None:
    assert current() is None
    with prepared(audit):
        assert current() is audit
    assert current() is None


def test_what_breaks_a_shard_off_leaves_what_is_kept(
    audit: RunningAudit, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = recogniser.transcribe

    def power_cut(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Transcript | CallError]]:
        yield next(whole(recordings))
        raise MemoryError

    monkeypatch.setattr(recogniser, "transcribe", power_cut)
    audit.begin({})
    with pytest.raises(MemoryError):
        audit.inspect([MODEL, THREAT])
    assert [one.call.call_id for one in audit.store.inspections()] == [MODEL]


@pytest.mark.parametrize("moment", ["before it is heard", "while it is heard"])
def test_an_exchange_of_roles_during_an_audit_stands(
    moment: str,
    audit: RunningAudit,
    calls: Path,
    recogniser: ReferenceRecogniser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = recogniser.transcribe

    def exchange(recording: Recording, transcript: Transcript) -> None:
        before = inspect_heard(recording, transcript, audit.engine)
        corrected = correct_roles(before, other_voice(before), by="组长", engine=audit.engine)
        audit.store.save_role_correction(corrected.correction)
        audit.store.save(corrected.inspection, fingerprint=corrected.fingerprint)

    def disturbed(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Transcript | CallError]]:
        for recording, transcript in whole(recordings):
            assert isinstance(transcript, Transcript)
            exchange(recording, transcript)
            yield recording, transcript

    audit.begin({})
    if moment == "before it is heard":
        (source,) = (source for source in audit.plan.todo if source.call.call_id == THREAT)
        recording = read_recording(source.path, source.call)
        _, transcript = next(whole([recording]))
        assert isinstance(transcript, Transcript)
        exchange(recording, transcript)
    else:
        monkeypatch.setattr(recogniser, "transcribe", disturbed)
    audit.inspect([THREAT])
    kept = audit.store.inspection(THREAT)
    assert kept is not None
    assert {voice.basis for voice in kept.voices} == {RoleBasis.PERSON}
    again = prepare([calls], load_settings())
    assert THREAT not in [source.call.call_id for source in again.plan.todo]


def test_an_error_that_a_second_try_mastered_is_forgotten(audit: RunningAudit) -> None:
    with pytest.raises(FlowFailedError), told_by_code(audit):
        raise KeyError
    with told_by_code(audit):
        audit.begin({})
    assert audit.error is None


def test_a_plan_that_fails_leaves_no_store_open(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Store] = []

    def close(store: Store) -> None:
        closed.append(store)

    monkeypatch.setattr(Store, "close", close)
    with pytest.raises(ConfigurationError, match="nowhere"):
        prepare([tmp_path / "nowhere"], load_settings())
    assert len(closed) == 1
