"""`qa audit` with the words known beforehand: what is printed, written and returned."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from qa_pipeline.cli import build_app
from qa_pipeline.config import load_settings
from qa_pipeline.errors import CallError, ModelError
from qa_pipeline.i18n import use_language
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Recording, Transcript, message
from tests.flows.conftest import MODEL, THREAT
from tests.test_pipeline import ReferenceRecogniser

pytestmark = pytest.mark.usefixtures("prefect_server", "engine")


@pytest.fixture(autouse=True)
def on_the_sessions_server(prefect_server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command uses the server that runs already, as it would one of the user's own."""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - reads settings when it is imported

    monkeypatch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
    monkeypatch.chdir(tmp_path)


def audit(*arguments: object, language: str = "en") -> Any:
    use_language(language)
    command = ["audit", *map(str, arguments)]
    return CliRunner().invoke(build_app(), command, prog_name="qa", catch_exceptions=False)


def rows() -> dict[str, int]:
    with open_store(load_settings().store) as store:
        return {"inspections": len(list(store.inspections())), "runs": len(store.runs())}


def test_a_first_and_a_second_audit(
    calls: Path, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = audit(calls)
    assert first.exit_code == 0
    assert "2 calls to inspect, 0 known from before, 0 refused" in first.stderr
    assert "2 calls inspected" in first.stderr
    assert "times real time" in first.stderr
    assert f"Next: qa inspect {THREAT}" in first.stdout
    assert "\x1b" not in first.stdout + first.stderr

    before = rows()
    assert before == {"inspections": 2, "runs": 1}
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    second = audit(calls)
    assert second.exit_code == 0
    assert "0 calls to inspect, 2 known from before" in second.stderr
    assert second.stdout == first.stdout
    assert rows() == before
    assert recogniser.heard == [MODEL, THREAT]


def test_the_same_recording_under_two_ids_is_told_and_its_words_are_heard_once(
    calls: Path, recogniser: ReferenceRecogniser
) -> None:
    (calls / "twin.wav").write_bytes((calls / f"{MODEL}.wav").read_bytes())
    result = audit(calls)
    assert f"under several ids, each judged as a call of its own: {MODEL}, twin" in result.stdout
    assert "3 calls inspected" in result.stderr
    assert "calls judged on a transcript that was there already: 1" in result.stderr
    assert recogniser.heard == [MODEL, THREAT]


def test_a_transcript_kept_from_before_does_not_count_as_speed(calls: Path) -> None:
    audit(calls)
    for name in (MODEL, THREAT):
        (calls / f"{name}.wav").rename(calls / f"{name}_moved.wav")
        (calls / f"{name}.json").rename(calls / f"{name}_moved.json")
    result = audit(calls)
    assert "2 calls inspected, none transcribed in this run" in result.stderr
    assert "times real time" not in result.stderr


def test_it_speaks_chinese(calls: Path) -> None:
    result = audit(calls, language="zh_CN")
    assert "待质检 2 通" in result.stderr
    assert f"下一步：qa inspect {THREAT}" in result.stdout


def test_documents_come_for_every_call_found_ordered_by_path(
    calls: Path, add_call: Callable[..., Path], repository: Path
) -> None:
    audit(calls)
    (calls / "00_empty.wav").touch()
    (calls / "04_torn.wav").write_bytes(b"x")
    (calls / "04_torn.json").write_text("[", encoding="utf-8")
    Path("out").mkdir()
    result = audit(calls, "--json", "out/calls.jsonl")
    assert result.exit_code == 1
    documents = [
        json.loads(line) for line in Path("out/calls.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    statuses = {one["call_id"]: one["status"] for one in documents}
    assert list(statuses) == ["00_empty", MODEL, "04_torn", THREAT]
    assert (statuses["00_empty"], statuses["04_torn"]) == ("failed", "failed")
    schema = json.loads((repository / "docs" / "qa.call.schema.json").read_text(encoding="utf-8"))
    for document in documents:
        jsonschema.validate(document, schema)
    assert "Failed [audio_empty] 00_empty" in result.stdout
    assert "Documents: out/calls.jsonl" in result.stdout


def test_documents_on_standard_output_stand_alone(calls: Path) -> None:
    result = audit(calls, "--json", "-")
    assert [json.loads(line)["call_id"] for line in result.stdout.splitlines()] == [MODEL, THREAT]
    assert "Next: " in result.stderr


def test_a_report_is_written_and_left_alone_by_the_next_audit(calls: Path) -> None:
    result = audit(calls, "--report", calls / "report")
    assert result.exit_code == 0
    assert (calls / "report" / "report.html").is_file()
    assert "Report: " in result.stdout
    assert "0 calls to inspect, 2 known" in audit(calls, "--report", calls / "report").stderr


@pytest.mark.parametrize(("arguments", "status"), [((), 0), (("--fail-on", "fatal"), 3)])
def test_a_red_line_ends_with_3_where_asked(calls: Path, arguments: tuple[str, ...], status: int) -> None:
    assert audit(calls, *arguments).exit_code == status


def test_the_input_folder_stays_as_it_was(calls: Path) -> None:
    def state() -> list[tuple[str, int, int]]:
        found = sorted(path for path in calls.rglob("*"))
        return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in (calls, *found)]

    before = state()
    audit(calls, "--report", "report", "--json", "out.jsonl")
    assert state() == before


def test_what_the_door_noticed_is_told_once(calls: Path, add_call: Callable[..., Path]) -> None:
    add_call(MODEL, "calls/copy")
    sidecar = calls / f"{THREAT}.json"
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    document["metadata"]["shoe_size"] = "43"
    sidecar.write_text(json.dumps(document), encoding="utf-8")
    result = audit(calls)
    assert result.exit_code == 0
    assert f"{Path('copy') / MODEL}.wav is the same call as" in result.stdout
    assert result.stdout.count("shoe_size") == 1


def test_what_breaks_the_run_off_is_one_line(
    calls: Path, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def transcribe(recordings: Iterable[Recording]) -> Iterator[tuple[Recording, Transcript | CallError]]:
        yield from ReferenceRecogniser.transcribe(recogniser, [next(iter(recordings))])
        raise ModelError("model_unloadable", message("the model {name} is torn", name="x"))

    monkeypatch.setattr(recogniser, "transcribe", transcribe)
    result = audit(calls)
    assert result.exit_code == 2
    assert "Error [model_unloadable]: the model x is torn" in result.stderr
    assert "Traceback" not in result.output
    assert rows()["inspections"] == 1


def test_a_server_that_does_not_answer_is_told(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: PLC0415

    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        result = audit(calls)
    assert result.exit_code == 2
    assert "Error [prefect_failed]" in result.stderr
    assert "Traceback" not in result.output


def test_a_run_is_noted_with_its_paths(calls: Path) -> None:
    assert audit(calls, "--threads", "1").exit_code == 0
    with open_store(load_settings().store) as store:
        (run,) = store.runs()
    assert run.options["paths"] == [str(calls)]
