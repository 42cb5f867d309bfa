"""What is work and what is not: new, changed, moved, refused, waiting."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.plan import Plan
from flows.running import prepare
from qa_pipeline.config import load_settings
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.pipeline import Engine
from tests.flows.conftest import MODEL, THREAT


def plan(folder: Path) -> Plan:
    running = prepare([folder], load_settings())
    with running.store:
        return running.plan


def audit(folder: Path) -> Plan:
    """Do all the work, without Prefect."""
    running = prepare([folder], load_settings())
    with running.store:
        running.begin({})
        running.inspect([source.call.call_id for source in running.plan.todo])
        running.finish()
    return running.plan


def todo(plan: Plan) -> list[str]:
    return [source.call.call_id for source in plan.todo]


@pytest.mark.usefixtures("engine")
def test_a_second_plan_has_nothing_to_do(calls: Path) -> None:
    assert todo(audit(calls)) == [MODEL, THREAT]
    again = plan(calls)
    assert todo(again) == []
    assert set(again.call_ids) == {MODEL, THREAT}


def test_what_changed_is_done_again(
    calls: Path, engine: Engine, add_call: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    audit(calls)
    sidecar = calls / f"{MODEL}.json"
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    document["metadata"]["agent_id"] = "9999"
    sidecar.write_text(json.dumps(document), encoding="utf-8")
    assert todo(plan(calls)) == [MODEL]

    add_call(MODEL)
    with (calls / f"{THREAT}.wav").open("ab") as file:
        file.write(bytes(160))
    assert todo(plan(calls)) == [THREAT]

    monkeypatch.setitem(engine.__dict__, "digest", "another pack")
    assert todo(plan(calls)) == [MODEL, THREAT]


@pytest.mark.usefixtures("engine")
def test_a_moved_recording_is_judged_where_it_lies_now(calls: Path, tmp_path: Path) -> None:
    audit(calls)
    moved = calls.rename(tmp_path / "archive")
    assert todo(plan(moved)) == [MODEL, THREAT]


@pytest.mark.usefixtures("engine")
def test_refused_calls_are_kept_once_for_the_same_reason(calls: Path) -> None:
    sidecar = calls / f"{MODEL}.json"
    sidecar.write_text("{", encoding="utf-8")
    first = audit(calls)
    assert [each.call.call_id for each in first.refused] == [MODEL]
    assert len(first.news) == 1
    again = plan(calls)
    assert len(again.refused) == 1
    assert again.news == ()
    sidecar.write_text('{"metadata": 7}', encoding="utf-8")
    assert len(plan(calls).news) == 1


@pytest.mark.usefixtures("engine")
def test_a_growing_file_waits_and_is_not_kept(
    calls: Path, add_call: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = calls / f"{MODEL}.wav"

    def grow(_seconds: float) -> None:
        with path.open("ab") as file:
            file.write(bytes(16))
        os.utime(path)

    monkeypatch.setattr("qa_pipeline.intake.search.time.sleep", grow)
    waiting = plan(calls)
    assert todo(waiting) == [THREAT]
    assert [each.failure.code for each in waiting.refused if each.failure] == ["file_growing"]
    assert waiting.news == ()


@pytest.mark.usefixtures("engine")
def test_clashing_ids_fail_both_and_count_once_in_the_store(
    calls: Path, add_call: Callable[..., Path]
) -> None:
    other = add_call(MODEL, "calls/copy")
    with other.open("ab") as file:
        file.write(bytes(160))
    clash = plan(calls)
    assert todo(clash) == [THREAT]
    assert [each.failure.code for each in clash.refused if each.failure] == ["duplicate_call_id"] * 2
    assert len(clash.news) == 1


@pytest.mark.usefixtures("engine")
def test_a_call_of_another_night_keeps_its_id_and_its_result(
    calls: Path, add_call: Callable[..., Path]
) -> None:
    audit(calls)
    found = add_call(THREAT, "night")
    night = found.rename(found.with_name(f"{MODEL}.wav"))
    found.with_suffix(".json").unlink()
    second = audit(night.parent)
    (refused,) = second.refused
    assert refused.failure is not None
    assert refused.failure.code == "duplicate_call_id"
    assert str(night) in str(refused.failure.message)
    assert str(calls / f"{MODEL}.wav") in str(refused.failure.message)
    assert (second.todo, second.news, second.call_ids) == ((), (), ())
    with prepare([calls], load_settings()).store as store:
        assert store.recordings([MODEL])[MODEL].uri == str(calls / f"{MODEL}.wav")

    night.with_suffix(".json").write_text('{"metadata": {"call_id": "another night"}}', encoding="utf-8")
    assert todo(plan(night.parent)) == ["another night"]


@pytest.mark.usefixtures("engine")
def test_a_refused_call_of_another_night_takes_nobodys_place(
    calls: Path, add_call: Callable[..., Path]
) -> None:
    audit(calls)
    night = add_call(MODEL, "night")
    night.with_suffix(".json").write_text("{", encoding="utf-8")
    second = audit(night.parent)
    assert [each.failure.code for each in second.refused if each.failure] == ["metadata_unreadable"]
    with prepare([calls], load_settings()).store as store:
        kept = store.inspection(MODEL)
    assert kept is not None
    assert kept.failure is None


@pytest.mark.parametrize(("size", "expected"), [(1, [1, 1]), (2, [2]), (50, [2])])
@pytest.mark.usefixtures("engine")
def test_shards_hold_so_many_calls(calls: Path, size: int, expected: list[int]) -> None:
    assert [len(shard) for shard in plan(calls).shards(size)] == expected


@pytest.mark.usefixtures("engine")
def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        plan(tmp_path / "nowhere")
