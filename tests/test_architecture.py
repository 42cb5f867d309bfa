"""The house rules that a machine can check: direction of imports, light imports, size of modules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "av",
    "ctranslate2",
    "faster_whisper",
    "jieba",
    "onnxruntime",
    "prefect",
    "pypinyin",
    "sklearn",
    "sqlalchemy",
    "typer",
)
CODE_FOLDERS = ("qa_pipeline", "flows", "tests", "benchmarks", "models", "sample_audio")


def run_python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(cwd)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )


def test_imports_walk_one_way(repository: Path) -> None:
    result = run_python(
        "-c", "import importlinter.cli as c; c.lint_imports_command()", "--no-cache", cwd=repository
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("module", ["qa_pipeline", "qa_pipeline.types", "qa_pipeline.cli"])
def test_imports_stay_light(module: str, repository: Path) -> None:
    allowed = {"typer"} if module == "qa_pipeline.cli" else set()
    code = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    result = run_python("-c", code, cwd=repository)
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.split()) <= allowed


def test_modules_stay_small(repository: Path) -> None:
    sizes = {
        str(path.relative_to(repository)): len(path.read_text(encoding="utf-8").splitlines())
        for folder in CODE_FOLDERS
        for path in (repository / folder).rglob("*.py")
    }
    assert sizes
    assert {name: size for name, size in sizes.items() if size > 500} == {}


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=" ".join,
)
def test_lint_and_types(command: list[str], repository: Path) -> None:
    result = run_python("-m", *command, cwd=repository)
    assert result.returncode == 0, result.stdout + result.stderr
