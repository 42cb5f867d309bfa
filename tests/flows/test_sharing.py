"""Audits on one store at once, `qa status`, and `qa retry`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from flows import sharing
from flows.running import RunningAudit, prepare
from qa_pipeline.cli import build_app
from qa_pipeline.config import load_settings
from qa_pipeline.errors import CallError
from qa_pipeline.i18n import use_language
from qa_pipeline.store.claims import Claim, Claims
from qa_pipeline.store.database import Database
from qa_pipeline.types import CallStatus, Recording, Transcript
from tests.flows.conftest import MODEL, THREAT, VISIT
from tests.test_pipeline import ReferenceRecogniser

pytestmark = pytest.mark.usefixtures("prefect_server", "engine")


@pytest.fixture(autouse=True)
def on_the_sessions_server(prefect_server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - reads settings when it is imported

    monkeypatch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sharing, "LOOK_AGAIN_SECONDS", 0.01)


@pytest.fixture
def elsewhere(calls: Path) -> Iterator[Claims]:
    """The claims of an audit on another machine."""
    load_settings().data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(load_settings().store, busy_timeout_ms=5_000)
    yield Claims(database, owner="another-machine/1/1")
    database.close()


def command(*arguments: object) -> Any:
    use_language("en")
    return CliRunner().invoke(build_app(), [*map(str, arguments)], prog_name="qa", catch_exceptions=False)


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command("status", "--json").stdout)
    return found


def test_what_another_audit_works_on_is_waited_for(
    calls: Path, elsewhere: Claims, recogniser: ReferenceRecogniser
) -> None:
    assert elsewhere.take(MODEL, done=()) is Claim.TAKEN
    audit = prepare([calls], load_settings())
    with audit.store, audit.sharing():
        audit.begin({})
        audit.inspect([MODEL, THREAT])
        assert recogniser.heard == [THREAT]
        elsewhere.release_all()
        audit.inspect_rest()
    assert recogniser.heard == [THREAT, MODEL]


def test_what_another_audit_finished_is_not_done_again(
    calls: Path, elsewhere: Claims, recogniser: ReferenceRecogniser
) -> None:
    first, second = (prepare([calls], load_settings()) for _ in range(2))
    assert elsewhere.take(MODEL, done=()) is Claim.TAKEN
    with first.store, first.sharing():
        first.inspect([MODEL, THREAT])
        elsewhere.release_all()
        with second.store, second.sharing():
            second.inspect([MODEL, THREAT])
        first.inspect_rest()
    assert recogniser.heard == [THREAT, MODEL]
    assert (first.inspected, second.inspected) == (1, 1)


def break_once(recogniser: ReferenceRecogniser, call_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let recognition, which asks for recordings ahead, break off the first time it comes to this call."""
    whole, broken = recogniser.transcribe, []

    def broken_off(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Transcript | CallError]]:
        for recording, heard in whole([*recordings]):
            if recording.id == call_id and not broken:
                broken.append(call_id)
                raise RuntimeError
            yield recording, heard

    monkeypatch.setattr(recogniser, "transcribe", broken_off)


def test_a_shard_tried_again_waits_once_for_what_another_audit_has(
    calls: Path, elsewhere: Claims, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_once(recogniser, THREAT, monkeypatch)
    assert elsewhere.take(MODEL, done=()) is Claim.TAKEN
    audit = prepare([calls], load_settings())
    with audit.store, audit.sharing():
        with pytest.raises(RuntimeError):
            audit.inspect([MODEL, THREAT])
        audit.inspect([MODEL, THREAT])
        elsewhere.release_all()
        audit.inspect_rest()
    assert recogniser.heard == [THREAT, THREAT, MODEL]
    assert audit.inspected == 2


def test_what_breaks_off_while_others_calls_are_taken_over_loses_none(
    calls: Path, elsewhere: Claims, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_once(recogniser, MODEL, monkeypatch)
    for call_id in (MODEL, THREAT):
        assert elsewhere.take(call_id, done=()) is Claim.TAKEN
    audit = prepare([calls], load_settings())
    with audit.store, audit.sharing():
        audit.inspect([MODEL, THREAT])
        elsewhere.release_all()
        with pytest.raises(RuntimeError):
            audit.inspect_rest()
        audit.inspect_rest()
        assert {one.call.call_id for one in audit.store.inspections()} == {MODEL, THREAT}


def inspected_in_vain(calls: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> RunningAudit:
    """Let the judging of one call break so many times."""
    from qa_pipeline import pipeline  # noqa: PLC0415 - patched here alone

    whole = pipeline._judge_recording

    def break_on(recording: Any, *rest: Any) -> Any:
        if recording.id == THREAT:
            raise RuntimeError
        return whole(recording, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_judge_recording", break_on)
        for _ in range(times):
            assert command("audit", calls).exit_code == 1
    return prepare([calls], load_settings())


def test_three_failures_then_left_alone_then_retried(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = inspected_in_vain(calls, 2, monkeypatch)
    assert [source.call.call_id for source in again.plan.todo] == [THREAT]
    resting = inspected_in_vain(calls, 1, monkeypatch)
    assert resting.plan.todo == ()
    assert [call.call_id for call in resting.plan.quarantined] == [THREAT]
    told = command("audit", calls)
    assert told.exit_code == 1
    assert f"Left alone after three failures, until they change or qa retry: {THREAT}" in told.stdout
    shown = command("status")
    assert "Failed [internal_error]: 1" in shown.stdout
    assert f"Left alone after 3 failures [internal_error]: {THREAT}" in shown.stdout

    retried = command("retry")
    assert retried.exit_code == 0
    assert THREAT in retried.stdout
    assert MODEL not in retried.stdout
    found = status()
    assert found["calls"] == {"needs_review": 1, "scored": 1} or sum(found["calls"].values()) == 2
    assert (found["failures"], found["quarantined"]) == ({}, [])
    assert command("retry").stdout == "No call has failed.\n"


def test_a_broken_file_is_retried_with_the_options_of_its_run(calls: Path) -> None:
    (calls / "broken.wav").write_bytes(b"no sound" * 100)
    assert command("audit", calls, "--max-minutes", "7").exit_code == 1
    assert command("audit", calls).exit_code == 1
    assert status()["failures"] == {"audio_unreadable": 1}
    (calls / "broken.wav").write_bytes((calls / f"{MODEL}.wav").read_bytes())
    assert command("retry").exit_code == 0
    runs = status()["runs"]
    assert [run["inspected"] for run in runs] == [1, 3]
    kept = prepare([calls], load_settings())
    assert {each.status for each in kept.store.inspections()}.isdisjoint({CallStatus.FAILED})
    assert kept.store.runs()[0].options["max_minutes"] == 7


def test_failures_of_several_runs_are_each_retried_with_their_own_options(
    calls: Path, add_call: Callable[..., Path]
) -> None:
    elsewhere = add_call(VISIT, "elsewhere").parent
    for folder, minutes in ((calls, "7"), (elsewhere, "9")):
        (folder / f"broken-{minutes}.wav").write_bytes(minutes.encode() * 2_000)
        assert command("audit", folder, "--max-minutes", minutes).exit_code == 1
    assert status()["failures"] == {"audio_unreadable": 2}
    for folder, minutes, good in ((calls, "7", MODEL), (elsewhere, "9", VISIT)):
        (folder / f"broken-{minutes}.wav").write_bytes((folder / f"{good}.wav").read_bytes())
    retried = command("retry")
    assert retried.exit_code == 0
    assert [name in retried.stdout for name in ("broken-7", "broken-9", THREAT)] == [True, True, False]
    kept = prepare([calls], load_settings()).store
    again = [run for run in kept.runs() if (run.counts or {}).get("inspected") == 1]
    assert sorted(
        (str(run.options["max_minutes"]), Path(str(run.options["paths"][0])).name) for run in again
    ) == [("7", "calls"), ("9", "elsewhere")]
    assert status()["failures"] == {}


def test_a_run_that_cannot_be_prepared_any_more_holds_up_no_other(
    calls: Path, add_call: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspected_in_vain(calls, 3, monkeypatch)
    gone, mapped = add_call(VISIT, "gone").parent, add_call(VISIT, "mapped").parent
    mapping = tmp_path / "ours.toml"
    mapping.write_text('[columns]\nuniqueid = "call_id"\n', encoding="utf-8")
    for folder, options in ((calls, ()), (gone, ()), (mapped, ("--mapping", mapping))):
        (folder / f"broken-{folder.name}.wav").write_bytes(folder.name.encode() * 1_000)
        assert command("audit", folder, *options).exit_code == 1
    (calls / f"{THREAT}.wav").unlink()
    shutil.copy(calls / f"{MODEL}.wav", calls / "broken-calls.wav")
    shutil.rmtree(gone)
    mapping.unlink()
    retried = command("retry")
    assert retried.exit_code == 1
    assert "[path_not_found]" in retried.stderr
    assert "[mapping_invalid]" in retried.stderr
    left = f"{THREAT}, broken-gone, broken-mapped"
    assert f"Not tried again, and failed as before: {left}\n" in retried.stdout
    found = status()
    assert found["failures"] == {"audio_unreadable": 2, "internal_error": 1}
    assert [call["call_id"] for call in found["quarantined"]] == [THREAT]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/St_Johns"])
def test_status_tells_times_in_the_zone_of_the_house(
    zone: str, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_TIMEZONE", zone)
    assert command("audit", calls).exit_code == 0
    (run,) = status()["runs"]
    begun = datetime.fromisoformat(run["started_at"]).astimezone(ZoneInfo(zone))
    (line,) = [line for line in command("status").stdout.splitlines() if run["run_id"] in line]
    assert f"{begun:%Y-%m-%d %H:%M}" in line


def test_status_of_an_empty_store() -> None:
    assert "No calls yet" in command("status").stdout
    assert status()["runs"] == []
