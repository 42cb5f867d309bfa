"""What goes into the store comes out: inspections, transcripts, runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from qa_pipeline.errors import StoreError
from qa_pipeline.store import repository
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import CallMetadata, CallStatus, Failure, Inspection, message

Inspect = Callable[..., Inspection]
SILENT = Failure(
    code="audio_empty", message=message("{file} has no sound. Check the recorder.", file="a.wav")
)


def failed(call_id: str) -> Inspection:
    return Inspection(
        call=CallMetadata(call_id=call_id),
        uri=f"/calls/{call_id}.wav",
        status=CallStatus.FAILED,
        failure=SILENT,
    )


def ids(inspections: object) -> list[str]:
    return [each.call.call_id for each in inspections]  # type: ignore[attr-defined]


def test_an_inspection_comes_back_as_it_was(store: Store, inspect: Inspect) -> None:
    assert store.inspection("c1") is None
    store.save(inspect("c1"), fingerprint="f1", run_id=None)
    assert store.inspection("c1") == inspect("c1")
    assert list(store.inspections()) == [inspect("c1")]


def test_an_inspection_outlives_the_process(store_url: str, inspect: Inspect) -> None:
    with open_store(store_url) as first:
        first.save(inspect("c1"), fingerprint="f1")
    with open_store(store_url) as second:
        assert second.inspection("c1") == inspect("c1")


def test_a_new_inspection_takes_the_place_of_the_old(
    store: Store, inspect: Inspect, count_rows: Callable[[str], int]
) -> None:
    store.save(inspect("c1", findings=3), fingerprint="f1")
    store.save(inspect("c2", findings=1), fingerprint="f2")
    store.save(inspect("c1", findings=2, score=60.0), fingerprint="f3")
    assert store.inspection("c1") == inspect("c1", findings=2, score=60.0)
    assert store.fingerprints(["c1", "c2"]) == {"c1": "f3", "c2": "f2"}
    counts = {table: count_rows(table) for table in ("calls", "inspections", "findings", "criteria")}
    assert counts == {"calls": 2, "inspections": 2, "findings": 3, "criteria": 4}


def test_a_failed_call_takes_the_place_of_its_findings(
    store: Store, inspect: Inspect, count_rows: Callable[[str], int]
) -> None:
    store.save(inspect("c1"), fingerprint="f1")
    store.save(failed("c1"), fingerprint="f2")
    assert store.inspection("c1") == failed("c1")
    assert (count_rows("findings"), count_rows("criteria")) == (0, 0)


def test_inspections_come_by_uri_then_call_id(store: Store, inspect: Inspect) -> None:
    places = {
        "c1": "/b/1.wav",
        "c2": "/a/9.wav",
        "c3": "/B/1.wav",
        "c5": "/b/1.wav",
        "c4": "/b/1.wav",
        "c6": "/呼/1.wav",
    }
    for call_id, uri in places.items():
        store.save(inspect(call_id, uri=uri), fingerprint="f")
    store.save(replace(inspect("c7"), uri=None), fingerprint="f")
    assert ids(store.inspections()) == ["c7", "c3", "c2", "c1", "c4", "c5", "c6"]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["c1", "c2", "c3", "c4"]),
        ({"call_ids": ["c3", "nobody", "c1"]}, ["c1", "c3"]),
        ({"call_ids": []}, []),
        ({"agent_id": "A1"}, ["c1", "c2"]),
        ({"agent_id": "A9"}, []),
        ({"since": (5, 12)}, ["c2", "c3"]),
        ({"until": (5, 12)}, ["c1"]),
        ({"since": (5, 9), "until": (6, 9)}, ["c1", "c2"]),
        ({"since": (5, 12), "agent_id": "A1", "call_ids": ["c2", "c3"]}, ["c2"]),
    ],
)
def test_conditions_narrow_what_is_read(
    store: Store,
    inspect: Inspect,
    at: Callable[[int, int], datetime],
    conditions: dict[str, object],
    expected: list[str],
) -> None:
    calls = [("c1", "A1", at(5, 9)), ("c2", "A1", at(5, 12)), ("c3", "A2", at(6, 9)), ("c4", None, None)]
    for call_id, agent_id, started_at in calls:
        store.save(inspect(call_id, agent_id=agent_id, started_at=started_at), fingerprint="f")
    given = {name: at(*value) if isinstance(value, tuple) else value for name, value in conditions.items()}
    assert ids(store.inspections(**given)) == expected  # type: ignore[arg-type]


def test_reading_goes_in_steps_and_holds_no_transaction(
    store: Store, inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "_DOCUMENTS_AT_ONCE", 3)
    for number in range(8):
        store.save(inspect(f"c{number}"), fingerprint="f")
    statements: list[str] = []
    event.listen(store._database._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    reading = store.inspections()
    assert ids(itertools.islice(reading, 3)) == ["c0", "c1", "c2"]
    assert sum("document" in statement for statement in statements) == 1
    store.save(inspect("c4", score=12.0), fingerprint="f")
    rest = list(reading)
    assert ids(rest) == ["c3", "c4", "c5", "c6", "c7"]
    assert rest[1] == inspect("c4", score=12.0)


def test_fingerprints_of_thousands_take_one_query(store: Store, inspect: Inspect) -> None:
    for number in range(5):
        store.save(inspect(f"c{number}"), fingerprint=f"f{number}")
    statements: list[str] = []
    event.listen(store._database._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    found = store.fingerprints([f"c{number}" for number in range(70_000)])
    assert found == {f"c{number}": f"f{number}" for number in range(5)}
    assert len([statement for statement in statements if statement != "BEGIN"]) == 1
    assert store.fingerprints([]) == {}


def test_names_that_are_not_utf8_are_names_too(store: Store, inspect: Inspect) -> None:
    name = b"\xd6\xd0\xce\xc4/1".decode("utf-8", "surrogateescape")
    store.save(inspect(name, agent_id="A\x00"), fingerprint="f")
    assert store.inspection(name) == inspect(name, agent_id="A\x00")
    assert store.fingerprints([name, "other"]) == {name: "f"}
    assert ids(store.inspections(call_ids=[name], agent_id="A\x00")) == [name]


def test_the_same_bytes_under_two_ids_are_two_calls_and_one_transcript(
    store: Store, inspect: Inspect, count_rows: Callable[[str], int]
) -> None:
    first, second = inspect("c1"), inspect("c2")
    assert first.transcript is not None
    assert store.transcript("a" * 64, "d1") is None
    for each in (first, second):
        if store.transcript("a" * 64, "d1") is None:
            store.save_transcript("a" * 64, first.transcript)
        store.save(each, fingerprint="f")
    assert store.transcript("a" * 64, "d1") == first.transcript
    assert store.transcript("a" * 64, "other options") is None
    assert store.transcript("b" * 64, "d1") is None
    assert (count_rows("transcripts"), count_rows("inspections")) == (1, 2)
    # Both inspections have the same finding keys; each keeps its own rows.
    assert count_rows("findings") == len(first.findings) + len(second.findings)


def test_a_transcript_made_again_takes_the_place_of_the_old(store: Store, inspect: Inspect) -> None:
    transcript = inspect("c1").transcript
    assert transcript is not None
    store.save_transcript("a" * 64, transcript)
    again = replace(transcript, utterances=())
    store.save_transcript("a" * 64, again)
    assert store.transcript("a" * 64, "d1") == again


def test_a_save_that_fails_changes_nothing(
    store: Store, inspect: Inspect, count_rows: Callable[[str], int]
) -> None:
    store.save(inspect("c1"), fingerprint="f1")
    with pytest.raises(StoreError) as raised:
        store.save(inspect("c1", score=1.0), fingerprint="f2", run_id="no such run")
    assert raised.value.code == "store_failed"
    assert "逾期" not in str(raised.value)
    with pytest.raises(StoreError, match="zone"):
        store.save(inspect("c1", started_at=datetime(2026, 1, 5)), fingerprint="f2")  # noqa: DTZ001
    assert store.inspection("c1") == inspect("c1")
    assert store.fingerprints(["c1"]) == {"c1": "f1"}
    assert count_rows("findings") == 2


def test_a_run_is_seen_from_start_to_finish(store: Store, inspect: Inspect) -> None:
    before = datetime.now(UTC)
    first = store.start_run("audit", {"paths": ["/calls"], "shard": 200})
    second = store.start_run("nightly", {})
    store.save(inspect("c1"), fingerprint="f", run_id=first)
    store.finish_run(first, {"calls": 1, "失败": 0})
    latest, earlier = store.runs()
    assert (latest.run_id, latest.kind, latest.finished_at, latest.counts) == (second, "nightly", None, None)
    assert (earlier.run_id, earlier.options) == (first, {"paths": ["/calls"], "shard": 200})
    assert earlier.counts == {"calls": 1, "失败": 0}
    assert earlier.finished_at is not None
    assert before <= earlier.started_at <= earlier.finished_at


def test_an_unknown_run_cannot_be_finished(store: Store) -> None:
    with pytest.raises(StoreError) as raised:
        store.finish_run("20260105T093000-00000000", {})
    assert raised.value.code == "store_unknown_run"
    assert "20260105T093000-00000000" in str(raised.value)


def test_a_run_remembers_what_failed_in_it(store: Store, inspect: Inspect) -> None:
    first, second = store.start_run("audit", {}), store.start_run("audit", {})
    store.save(failed("c1"), fingerprint="f", run_id=first)
    store.save(failed("c1"), fingerprint="f", run_id=first)
    store.save(failed("c2"), fingerprint="f", run_id=None)
    store.save(inspect("c1"), fingerprint="f", run_id=second)
    assert store.failures(first) == {"c1": SILENT}
    assert store.failures(second) == {}


def test_threads_share_a_store(store: Store, inspect: Inspect) -> None:
    def save_and_read(number: int) -> float | None:
        store.save(inspect(f"c{number % 4}", score=float(number)), fingerprint="f")
        back = store.inspection(f"c{number % 4}")
        return back.scorecard.normalised if back and back.scorecard else None

    with ThreadPoolExecutor(4) as pool:
        scores = list(pool.map(save_and_read, range(24)))
    assert None not in scores
    assert len(list(store.inspections())) == 4
