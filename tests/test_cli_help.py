"""Help in English, the version, periods, and what a terminal shows whole."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from qa_pipeline import __version__
from qa_pipeline.cli.summary import RunTable
from qa_pipeline.i18n import use_language
from tests.builders import every_status
from tests.command_line import qa
from tests.commands import COMMANDS

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_in_english_has_no_chinese(command: tuple[str, ...]) -> None:
    result = qa(*command, "--help")
    assert result.exit_code == 0
    assert re.findall("[一-鿿]+", result.stdout) == []


def test_the_version() -> None:
    result = qa("--version")
    assert (result.exit_code, result.stdout) == (0, f"qa_pipeline {__version__}\n")


def test_a_period_that_ends_before_it_begins_is_told() -> None:
    result = qa("scorecard", "--agent", "1", "--since", "2026-03-02", "--until", "2026-03-01")
    assert result.exit_code == 2
    assert "Error [period_invalid]" in result.stderr
    assert "--since 2026-03-02, --until 2026-03-01" in result.stderr


def test_rules_check_takes_a_folder_as_documented(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    result = qa("rules", "check", "pack")
    assert result.exit_code == 2
    assert "Error [rule_pack_" in result.stderr
    assert "pack" in result.stderr


def test_config_show_tells_what_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_DATA_FOLDER", "/d")
    shown = qa("config", "show").stdout
    assert re.search(r"store_url +sqlite:////d/qa.db ", shown)
    assert re.search(r"threads +[1-9]", shown)
    assert re.search(r"rule_pack +the packaged Chinese pack", shown)


def test_hub_ids_are_whole() -> None:
    assert "Systran/faster-whisper-base" in qa("models", "list").stdout
    assert "…" not in qa("models", "list").stdout


@pytest.mark.parametrize(("width", "left_out"), [(50, 5), (60, 4), (70, 3), (80, 2), (90, 1), (100, 0)])
def test_a_narrow_table_names_what_it_leaves_out(width: int, left_out: int) -> None:
    use_language("en")
    table = RunTable()
    for inspection in every_status():
        table.add(inspection)
    console = Console(width=width, file=io.StringIO())
    table.print(console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    named = re.search(r"narrow: ([A-Z][^*]*)", printed)
    assert (len(named.group(1).split(",")) if named else 0) == left_out
    assert "Flags F/S/M ?" in printed
    assert "…" not in printed
