"""Failures that may pass are counted, and after the third the call is left alone."""

from __future__ import annotations

import dataclasses

from qa_pipeline.store.repository import Store
from qa_pipeline.types import CallMetadata, CallStatus, Failure, Inspection, message


def failed(call_id: str = "c1", code: str = "internal_error") -> Inspection:
    return Inspection(
        call=CallMetadata(call_id=call_id),
        uri=f"/calls/{call_id}.wav",
        status=CallStatus.FAILED,
        failure=Failure(code=code, message=message("it broke")),
    )


def excluded(call_id: str = "c1") -> Inspection:
    return dataclasses.replace(failed(call_id), status=CallStatus.EXCLUDED, failure=None)


def test_the_third_failure_without_a_change_quarantines(store: Store) -> None:
    for count in (1, 2, 3):
        assert store.retries.quarantined() == ()
        store.save(failed(), fingerprint="", retry_of="f1")
        assert len(store.retries.quarantined()) == (1 if count == 3 else 0)
    (call,) = store.retries.quarantined()
    assert (call.call_id, call.fingerprint, call.code, call.failures) == ("c1", "f1", "internal_error", 3)


def test_a_change_begins_a_new_count(store: Store) -> None:
    for fingerprint in ("f1", "f1", "f2", "f2"):
        store.save(failed(), fingerprint="", retry_of=fingerprint)
    assert store.retries.quarantined() == ()
    store.save(failed(), fingerprint="", retry_of="f2")
    assert [call.fingerprint for call in store.retries.quarantined()] == ["f2"]


def test_success_and_a_failure_for_good_end_the_count(store: Store) -> None:
    for outcome in (excluded(), failed(code="audio_empty")):
        for inspection, retry_of in ((failed(), "f"), (failed(), "f"), (outcome, None), (failed(), "f")):
            store.save(inspection, fingerprint="x", retry_of=retry_of)
        assert store.retries.quarantined() == ()


def test_reopening_makes_failed_calls_new(store: Store) -> None:
    run = store.start_run("audit", {"paths": ["/calls"]})
    store.save(failed("c1", "audio_empty"), fingerprint="f1", run_id=run)
    for _ in range(3):
        store.save(failed("c2"), fingerprint="", retry_of="f2")
    store.save(excluded("c3"), fingerprint="f3", run_id=run)
    assert store.retries.calls_by_status() == {"failed": 2, "excluded": 1}
    assert store.retries.failures_by_code() == {"audio_empty": 1, "internal_error": 1}
    assert store.retries.calls_by_run() == {run: 2}
    found = store.retries.failed()
    assert [(call.call_id, call.uri) for call in found] == [
        ("c1", "/calls/c1.wav"),
        ("c2", "/calls/c2.wav"),
    ]
    assert [call.options for call in found] == [{"paths": ["/calls"]}, {}]
    store.retries.reopen([])
    store.retries.reopen(["c1"])
    assert store.fingerprints(["c1"]) == {"c1": ""}
    assert [call.call_id for call in store.retries.quarantined()] == ["c2"]
    store.retries.reopen(["c1", "c2", "c3"])
    assert store.fingerprints(["c1", "c2", "c3"]) == {"c1": "", "c2": "", "c3": "f3"}
    assert store.retries.quarantined() == ()
