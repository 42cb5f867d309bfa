"""The command line: help, exit statuses, what is printed where, and what a pipe or a terminal gets."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qa_pipeline.cli.console import check_file, check_folder, shown_store
from qa_pipeline.cli.summary import ROWS, RunTable
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.i18n import use_language
from qa_pipeline.speech.artifacts import ModelCatalogue
from qa_pipeline.types import FindingOutcome, Inspection, Severity
from tests.builders import (
    every_status,
    excluded_call,
    failed_call,
    hours_call,
    metadata,
    model_call,
    spelled,
    threatening_call,
    unknown_roles_call,
)
from tests.command_line import keep, qa
from tests.commands import COMMANDS

pytestmark = pytest.mark.usefixtures("own_folder")


def process(*arguments: str, repository: Path, **options: Any) -> subprocess.Popen[str]:
    """The real command in a process of its own."""
    code = "from qa_pipeline.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )


# --- help ---


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_a_page_of_help_in_chinese(command: tuple[str, ...]) -> None:
    result = qa(*command, "--help", language="zh_CN")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    assert lines[0].startswith(f"用法：{' '.join(('qa', *command))}")
    assert re.search("[一-鿿]", lines[1])
    # The names of a choice, "<a|b|c>", may take lines of their own.
    choice = re.compile(r"\||^ +\w+> *$")
    described = [line for line in lines[2:] if line.startswith("  ") and not choice.search(line)]
    assert described
    assert [line for line in described if not re.search("[一-鿿]", line)] == []


def test_help_comes_at_once(repository: Path) -> None:
    def seconds() -> float:
        begin = resource.getrusage(resource.RUSAGE_CHILDREN)
        with process("--help", repository=repository) as run:
            run.communicate()
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        return end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime

    # Processor time: on the clock, other processes of a busy machine count too.
    assert min(seconds() for _ in range(3)) < 0.5


def test_a_command_is_wanted() -> None:
    result = qa()
    assert result.exit_code == 2
    assert "audit" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit",),
        ("audit", "--nonsense", "."),
        ("audit", ".", "--fail-on", "awful"),
        ("audit", ".", "--threads", "0"),
        ("inspect",),
        ("scorecard",),
        ("scorecard", "--agent", "1", "--since", "gestern"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(arguments: tuple[str, ...]) -> None:
    assert qa(*arguments).exit_code == 2


# --- errors become one line ---


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("audit", "nowhere"), "path_not_found", "nowhere"),
        (("score", "nowhere.jsonl"), "path_not_found", "nowhere.jsonl"),
        (("inspect", "call-7"), "call_unknown", "call-7"),
        (("scorecard", "--agent", "A7"), "agent_unknown", "A7"),
        (("rules", "check", "nowhere"), "rule_pack_missing", "nowhere"),
        (("models", "pull", "gigantic"), "model_unknown", "gigantic"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_an_error_is_one_line_on_stderr(arguments: tuple[str, ...], code: str, named: str) -> None:
    result = qa(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error [{code}]: ")
    assert named in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_wrong_setting_is_told_by_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_SHARD_CALLS", "none")
    result = qa("config", "show")
    assert result.exit_code == 2
    assert "Error [setting_invalid]" in result.stderr
    assert "shard_calls" in result.stderr


def test_an_error_speaks_the_language_of_the_environment(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {}
    for language in ("zh_CN", "en"):
        monkeypatch.setenv("QA_LANG", language)
        with process("inspect", "call-7", repository=repository) as run:
            texts[language] = run.communicate()[1]
        assert run.returncode == 2
    assert texts["zh_CN"].startswith("错误 [call_unknown]")
    assert texts["en"].startswith("Error [call_unknown]: ")


# --- inspect ---


def test_inspect_shows_words_flags_checklist_and_score() -> None:
    keep(threatening_call())
    result = qa("inspect", "03_threats")
    assert result.exit_code == 0
    text = result.stdout
    assert "Agent" in text
    assert "Customer" in text
    assert "【炸片罪】" in text
    assert "heard for: 诈骗罪" in text
    assert "threat.arrest" in text
    for heading in ("Dialogue", "Flags", "Checklist", "Score"):
        assert heading in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_inspect_shows_what_was_most_likely_said() -> None:
    keep(spelled(threatening_call(), "u0002", "是我你那喂"))
    assert "most likely: 是我你那喂" in qa("inspect", "03_threats").stdout


def test_a_recording_names_its_own_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, below = tmp_path / "a.wav", tmp_path / "sub" / "a.wav"
    below.parent.mkdir()
    for path in (first, below):
        path.write_bytes(path.parent.name.encode())
    keep(
        replace(threatening_call("a"), uri=str(first)),
        replace(threatening_call("sub/a"), uri=str(below)),
    )
    monkeypatch.chdir(tmp_path)
    for given, call_id in (("a.wav", "a"), ("sub/a.wav", "sub/a"), (str(below), "sub/a"), ("sub/a", "sub/a")):
        assert qa("inspect", given).stdout.splitlines()[0] == call_id
        assert qa("roles", "show", given).stdout.splitlines()[0] == call_id


def test_a_recording_that_was_never_inspected_is_no_other_call(tmp_path: Path) -> None:
    keep(threatening_call("a"))
    path = tmp_path / "a.wav"
    path.write_bytes(b"another call")
    shown = qa("inspect", str(path))
    assert shown.exit_code == 2
    assert "[call_unknown]" in shown.stderr


def test_inspect_colours_flags_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    keep(threatening_call())
    assert re.search(r"\x1b\[1;37;41m【[^】]*炸片罪】", qa("inspect", "03_threats").stdout)


def test_inspect_masks_unless_asked() -> None:
    keep(threatening_call())
    assert "幺三八零零幺三八零零零" not in qa("inspect", "03_threats").stdout
    assert "幺三八零零幺三八零零零" in qa("inspect", "03_threats", "--unmasked").stdout


@pytest.mark.parametrize("inspection", every_status(), ids=lambda one: one.call.call_id)
def test_inspect_shows_a_call_of_any_status(inspection: Inspection) -> None:
    keep(inspection)
    result = qa("inspect", inspection.call.call_id)
    assert result.exit_code == 0
    assert inspection.call.call_id in result.stdout


def test_inspect_gives_the_document_of_the_contract(repository: Path) -> None:
    keep(threatening_call())
    result = qa("inspect", "03_threats", "--json", "-")
    document = json.loads(result.stdout)
    schema = json.loads((repository / "docs" / "qa.call.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    assert document["call_id"] == "03_threats"


def test_markup_in_words_is_words() -> None:
    lines = tuple((utterance.role, "[red]不是[/red]颜色[/]") for utterance in _utterances(model_call())[:2])
    base = model_call("brackets")
    assert base.transcript is not None
    said = tuple(
        replace(one, text=text) for one, (_, text) in zip(base.transcript.utterances, lines, strict=False)
    )
    keep(replace(base, transcript=replace(base.transcript, utterances=said), scorecard=None))
    assert "[red]不是[/red]颜色[/]" in qa("inspect", "brackets").stdout


def _utterances(inspection: Inspection) -> tuple[Any, ...]:
    return inspection.transcript.utterances if inspection.transcript else ()


def test_a_closed_pipe_is_no_traceback(repository: Path) -> None:
    keep(threatening_call())
    with process("inspect", "03_threats", repository=repository) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert "Traceback" not in run.stderr.read()


# --- the table under a run ---


def table_of(*inspections: Inspection) -> RunTable:
    table = RunTable()
    for inspection in inspections:
        table.add(inspection)
    return table


@pytest.mark.parametrize(
    ("inspections", "fail_on", "status"),
    [
        ((model_call(),), None, 0),
        ((model_call(),), Severity.INFO, 0),
        ((model_call(), failed_call()), None, 1),
        ((threatening_call(),), None, 0),
        ((threatening_call(),), Severity.FATAL, 3),
        ((hours_call(),), Severity.FATAL, 0),
        ((hours_call(),), Severity.SERIOUS, 3),
        ((hours_call(),), Severity.MINOR, 3),
        ((unknown_roles_call(),), Severity.INFO, 0),
        ((threatening_call(), failed_call()), Severity.FATAL, 3),
        ((hours_call(), failed_call()), Severity.FATAL, 1),
        ((excluded_call(),), Severity.INFO, 0),
        ((), None, 0),
    ],
)
def test_exit_status(inspections: tuple[Inspection, ...], fail_on: Severity | None, status: int) -> None:
    assert all(one.outcome is FindingOutcome.UNCERTAIN for one in unknown_roles_call().findings)
    assert table_of(*inspections).exit_status(fail_on) == status


def test_the_worst_call_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    from qa_pipeline.cli.console import output  # noqa: PLC0415 - binds standard output as it is now

    use_language("en")
    table = table_of(excluded_call(), model_call(), hours_call(), failed_call(), threatening_call())
    assert table.worst_call == "03_threats"
    table.print(output())
    lines = capsys.readouterr().out.splitlines()
    order = [line.split()[0] for line in lines if re.match(r"\s*0\d_", line)]
    assert order == ["03_threats", "04_after_hours", "01_model_promise", "07_silence"]
    (failed,) = [line for line in lines if line.startswith("Failed")]
    assert failed.startswith("Failed [audio_")
    assert "08_broken" in failed
    assert "Copy it again." in failed


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_table_fits_100_columns(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.cells import cell_len  # noqa: PLC0415

    from qa_pipeline.cli.console import output  # noqa: PLC0415

    use_language(language)
    long_ids = [
        replace(
            one, call=metadata(f"2026-03-18/队列三/{one.call.call_id}-20260318142005", agent_id="3107-北京")
        )
        for one in every_status()
        if one.failure is None
    ]
    table_of(*long_ids).print(output())
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert max(map(cell_len, lines)) <= 100


def test_a_long_table_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    from qa_pipeline.cli.console import output  # noqa: PLC0415

    use_language("en")
    table_of(*(model_call(f"call-{number:03}") for number in range(ROWS + 3))).print(output())
    out = capsys.readouterr().out
    assert "and 3 more calls" in out
    assert f"call-{ROWS - 1:03}" in out
    assert f"call-{ROWS:03}" not in out


# --- score, scorecard, models, config ---


def given(path: Path, *calls: dict[str, Any] | str) -> Path:
    lines = [call if isinstance(call, str) else json.dumps(call, ensure_ascii=False) for call in calls]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def said(call_id: str, *turns: tuple[str, str]) -> dict[str, Any]:
    utterances = [{"role": role, "text": text} for role, text in turns]
    return {
        "call_id": call_id,
        "metadata": {"agent_id": "2035", "contact_role": "debtor"},
        "utterances": utterances,
    }


VIOLENT = said("violent", ("agent", "你好，再不还钱我就叫人上门打断你的腿。"), ("customer", "你这是威胁我。"))
PLAIN = said("plain", ("agent", "您好，请问是王先生吗？"), ("customer", "是我。"))


def test_score_judges_transcripts(tmp_path: Path, repository: Path) -> None:
    path = given(tmp_path / "calls.jsonl", VIOLENT, PLAIN, "{")
    result = qa("score", str(path), "--json", "out.jsonl")
    assert result.exit_code == 1
    assert "violent" in result.stdout
    assert "Failed [" in result.stdout
    documents = [json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["call_id"], one["status"] == "failed") for one in documents] == [
        ("violent", False),
        ("plain", False),
        ("calls:3", True),
    ]
    schema = json.loads((repository / "docs" / "qa.call.schema.json").read_text(encoding="utf-8"))
    for document in documents:
        jsonschema.validate(document, schema)
    assert "threat.violence" in [found["category"] for found in documents[0]["findings"]]
    assert not (tmp_path / "qa-data" / "qa.db").exists()


def test_score_ends_with_3_on_a_bad_flag(tmp_path: Path) -> None:
    path = given(tmp_path / "calls.jsonl", VIOLENT)
    assert qa("score", str(path), "--fail-on", "fatal").exit_code == 3
    assert qa("score", str(given(tmp_path / "calls.jsonl", PLAIN)), "--fail-on", "fatal").exit_code == 0


def test_documents_on_standard_output_stand_alone(tmp_path: Path) -> None:
    path = given(tmp_path / "calls.jsonl", VIOLENT, PLAIN)
    result = qa("score", str(path), "--json", "-")
    assert [json.loads(line)["call_id"] for line in result.stdout.splitlines()] == ["violent", "plain"]
    assert "violent" in result.stderr


def test_an_output_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = qa("score", str(given(tmp_path / "calls.jsonl", PLAIN)), "--json", "file/out.jsonl")
    assert result.exit_code == 2
    assert "Error [output_unwritable]" in result.stderr
    with pytest.raises(ConfigurationError):
        check_folder(tmp_path / "file" / "report")


def test_a_missing_folder_of_an_output_is_named_not_made(tmp_path: Path) -> None:
    result = qa("score", str(given(tmp_path / "calls.jsonl", PLAIN)), "--json", "no/such/out.jsonl")
    assert result.exit_code == 2
    assert "Error [output_unwritable]: no/such/out.jsonl" in result.stderr
    assert "there is no folder no/such" in result.stderr
    assert not (tmp_path / "no").exists()
    with pytest.raises(ConfigurationError):
        check_file(tmp_path)


def test_documents_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        qa("score", str(given(tmp_path / "calls.jsonl", PLAIN)), "--json", "out.jsonl")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize("command", [("audit", "calls"), ("models", "pull", "base")], ids=" ".join)
def test_a_data_folder_that_cannot_be_made_is_told(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("QA_DATA_FOLDER", str(tmp_path / "file" / "data"))
    result = qa(*command)
    assert result.exit_code == 2
    assert "Error [store_unwritable]: The data folder" in result.stderr


def test_models_list_names_all_and_the_one_in_use() -> None:
    result = qa("models", "list")
    assert result.exit_code == 0
    assert "whisper-base" in result.stdout
    assert "turbo" in result.stdout
    assert "base (QA_MODEL)" in result.stdout


def test_models_verify_takes_what_is_at_hand_and_says_where_nothing_is() -> None:
    at_hand = [
        entry.name for entry in ModelCatalogue.load().entries if entry.carrier and entry.carrier.installed()
    ]
    result = qa("models", "verify")
    assert result.exit_code == 0
    verified = re.findall("(.+): as pinned, sha256 [0-9a-f]{64}", result.stdout)
    assert verified == at_hand
    assert ("No model" in result.stdout) == (not at_hand)


def test_config_show_hides_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_STORE_URL", "postgresql://qa:hunter2@db/qa")
    monkeypatch.setenv("QA_THREADS", "7")
    result = qa("config", "show")
    assert result.exit_code == 0
    assert "QA_STORE_URL" in result.stdout
    assert re.search(r"threads +7 +QA_THREADS", result.stdout)
    assert "hunter2" not in result.output


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////data/qa.db", "/data/qa.db"),
        ("postgresql://qa:hunter2@db.internal:5432/qa", "postgresql://db.internal/qa"),
        ("postgresql+psycopg:///qa", "postgresql+psycopg:///qa"),
    ],
)
def test_the_place_of_the_store_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown_store(url) == shown
