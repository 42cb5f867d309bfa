"""The flow `audit_calls` on a real Prefect server."""

# ruff: noqa: PLC0415 - Prefect reads its settings when it is imported
from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from flows.running import FlowFailedError, RunningAudit, prepare, prepared
from qa_pipeline.config import load_settings
from qa_pipeline.errors import CallError, ModelError, StoreError
from qa_pipeline.pipeline import Engine
from qa_pipeline.types import Recording, Transcript, message
from tests.flows.conftest import MODEL, THREAT
from tests.test_pipeline import ReferenceRecogniser

pytestmark = pytest.mark.usefixtures("prefect_server", "engine")


@pytest.fixture
def audit(calls: Path, engine: Engine) -> Iterator[RunningAudit]:
    audit = prepare([calls], load_settings())
    with audit.store, prepared(audit):
        yield audit


@pytest.fixture(autouse=True)
def retry_at_once(monkeypatch: pytest.MonkeyPatch, prefect_server: Path) -> None:
    from flows import audit

    monkeypatch.setattr(audit, "inspect_shard", audit.inspect_shard.with_options(retry_delay_seconds=0))


def run(paths: list[Path], **options: int) -> None:
    from flows.audit import AuditOptions, audit_calls

    audit_calls([str(path) for path in paths], AuditOptions(**options))


def kept_ids(audit: RunningAudit) -> list[str]:
    return [inspection.call.call_id for inspection in audit.store.inspections()]


def failing_at(
    recogniser: ReferenceRecogniser, call_id: str, errors: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let hearing this call raise these errors, one each time, before it works."""
    whole = recogniser.transcribe

    def transcribe(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Transcript | CallError]]:
        for recording in recordings:
            if recording.id == call_id and errors:
                raise errors.pop(0)
            yield from whole([recording])

    monkeypatch.setattr(recogniser, "transcribe", transcribe)


def everything_in(database: Path) -> str:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return "\n".join(connection.iterdump())


def test_it_inspects_what_was_prepared(audit: RunningAudit, calls: Path) -> None:
    run([calls], shard_calls=1)
    assert kept_ids(audit) == [MODEL, THREAT]
    assert audit.store.runs()[0].counts == {"inspected": 2, "failed": 0}


def test_alone_it_plans_for_itself(calls: Path) -> None:
    run([calls])
    again = prepare([calls], load_settings())
    assert again.plan.todo == ()
    assert kept_ids(again) == [MODEL, THREAT]


def test_a_retry_does_only_the_rest(
    audit: RunningAudit, calls: Path, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = StoreError("store_locked", message("busy"))
    failing_at(recogniser, THREAT, [busy], monkeypatch)
    run([calls])
    assert recogniser.heard == [MODEL, THREAT]
    assert kept_ids(audit) == [MODEL, THREAT]


def test_a_missing_model_is_not_tried_twice(
    audit: RunningAudit, calls: Path, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = [ModelError("model_missing", message("no model"))] * 2
    failing_at(recogniser, MODEL, errors, monkeypatch)
    with pytest.raises(FlowFailedError, match="model_missing"):
        run([calls])
    assert len(errors) == 1
    assert isinstance(audit.error, ModelError)


def test_prefect_sees_no_word_and_no_error_text(
    audit: RunningAudit,
    calls: Path,
    recogniser: ReferenceRecogniser,
    monkeypatch: pytest.MonkeyPatch,
    prefect_server: Path,
) -> None:
    errors: list[Exception] = [RuntimeError("客户张三说还不了"), RuntimeError("客户张三说还不了")]
    failing_at(recogniser, THREAT, errors, monkeypatch)
    with pytest.raises(FlowFailedError, match="internal_error"):
        run([calls])
    assert kept_ids(audit) == [MODEL]
    dump = everything_in(prefect_server / "prefect.db")
    assert str(calls) in dump
    assert "internal_error" in dump
    transcripts = [one.transcript for one in audit.store.inspections() if one.transcript]
    assert transcripts
    assert [said.text for each in transcripts for said in each.utterances if said.text in dump] == []
    assert "张三" not in dump


def test_one_engine_serves_all_audits_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import running

    monkeypatch.undo()
    built: list[object] = []

    def build(_settings: object) -> object:
        built.append(object())
        return built[-1]

    monkeypatch.setattr(running, "build_engine", build)
    running.engine_of.cache_clear()
    try:
        settings = load_settings(threads=1)
        assert running.engine_of(settings) is running.engine_of(load_settings(threads=1))
        assert len(built) == 1
    finally:
        running.engine_of.cache_clear()
