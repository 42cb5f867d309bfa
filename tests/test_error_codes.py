"""docs/errors.md row by row: each code has a cause, a next step, and a test that provokes it."""

from __future__ import annotations

import ast
import errno
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from flows.server import check_room
from qa_pipeline.cli import build_app
from qa_pipeline.config import load_settings
from qa_pipeline.errors import ConfigurationError, QAError
from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.evaluation.results import read_results
from qa_pipeline.i18n import use_language
from qa_pipeline.intake.folder import find_calls
from qa_pipeline.speech import vad

CODE = re.compile(r"`([a-z_]+)`")
WORD = re.compile(r"[a-z]+(?:_[a-z]+)*")


def rows(page: Path) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """Section, codes and the other cells of every row of every table of codes."""
    section = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            yield section, tuple(CODE.findall(cells[0])), cells[1:]


def words_in_tests(folder: Path) -> set[str]:
    """Every code that a test compares with: whole words within its texts."""
    return {
        word
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in WORD.findall(node.value)
    }


def test_every_code_is_provoked_by_a_test(repository: Path) -> None:
    told = words_in_tests(repository / "tests")
    listed = [code for _, codes, _ in rows(repository / "docs/errors.md") for code in codes]
    assert len(listed) > 90
    assert [code for code in listed if code not in told] == []


def test_every_row_has_cause_and_next_step(repository: Path) -> None:
    for section, codes, cells in rows(repository / "docs/errors.md"):
        wanted = 1 if section == "Nobody was reached" else 2
        assert codes
        assert len(cells) == wanted
        assert all(cells), codes


def settings_file_invalid(folder: Path, patch: pytest.MonkeyPatch) -> None:
    (folder / "qa.toml").write_text("modell = 'base'", encoding="utf-8")
    patch.chdir(folder)
    load_settings()


def channels_invalid(_folder: Path, _patch: pytest.MonkeyPatch) -> None:
    assert load_settings(channels="2, 3").reading.channels == (2, 3)
    load_settings(channels="left").reading  # noqa: B018 - read for its refusal


def results_unreadable(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    path = folder / "results.jsonl"
    path.write_text('{"schema": "another/1"}\n', encoding="utf-8")
    read_results(path)


def no_labels_found(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    read_labels(folder)


def labels_invalid(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    document = {"expected": {"call_type": "sideways"}}
    (folder / "a.json").write_text(json.dumps(document), encoding="utf-8")
    read_labels(folder)


def vad_missing(_folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vad, "find_spec", lambda _name: None)
    vad._model_path()


@pytest.mark.parametrize(
    ("code", "provoke"),
    [
        ("settings_file_invalid", settings_file_invalid),
        ("channels_invalid", channels_invalid),
        ("results_unreadable", results_unreadable),
        ("no_labels_found", no_labels_found),
        ("labels_invalid", labels_invalid),
        ("vad_missing", vad_missing),
    ],
)
def test_the_code_that_is_provoked(
    code: str,
    provoke: Callable[[Path, pytest.MonkeyPatch], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(QAError) as caught:
        provoke(tmp_path, monkeypatch)
    assert caught.value.code == code
    assert caught.value.exit_status == 2


def test_permission_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/etc/secret")

    use_language("en")
    monkeypatch.setattr("qa_pipeline.config.load_settings", refuse)
    result = CliRunner().invoke(build_app(), ["config", "show"], prog_name="qa")
    assert result.exit_code == 2
    assert "[permission_denied]: /etc/secret" in result.stderr


def test_a_disk_that_gets_full_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/report.xlsx")

    use_language("en")
    monkeypatch.setattr("qa_pipeline.config.load_settings", full)
    result = CliRunner().invoke(build_app(), ["config", "show"], prog_name="qa")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "[disk_full]" in result.stderr
    assert "/srv/report.xlsx: No space left on device" in result.stderr


@pytest.mark.parametrize(("free", "told"), [(3 << 20, True), (64 << 20, False)])
def test_a_full_disk_under_prefect_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, told: bool
) -> None:
    room = SimpleNamespace(total=1 << 30, used=(1 << 30) - free, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    with pytest.raises(ConfigurationError, match=str(tmp_path)) if told else nullcontext() as caught:
        check_room(tmp_path)
    assert caught is None or caught.value.code == "disk_full"


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("flows.audit import inspect_shard; inspect_shard.fn(1, [])", "shard_without_audit"),
        ("flows.nightly import write_night_report; write_night_report.fn('x')", "report_without_audit"),
    ],
)
def test_flows_started_by_themselves(task: str, code: str, repository: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"from {task}"], cwd=repository, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert f"FlowFailedError: {code}" in ran.stderr


def test_a_file_that_grows_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")

    def write_on(_seconds: float) -> None:
        path.write_bytes(b"RIFF and more")

    monkeypatch.setattr("qa_pipeline.intake.search.time.sleep", write_on)
    intake = find_calls([tmp_path])
    assert intake.sources == ()
    assert [rejected.failure.code for rejected in intake.rejected] == ["file_growing"]
