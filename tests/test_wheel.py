"""The wheel works outside the checkout, models and packs and templates included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A folder with the built wheel installed, away from the checkout; dependencies are those of this run."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(folder),
            str(repository),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
    ]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return target


def run_qa(installed: Path, data_folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "QA_DATA_FOLDER": str(data_folder),
        "QA_LANG": "en",
        "PYTHONSAFEPATH": "1",
    }
    code = (
        "import qa_pipeline; from qa_pipeline.cli import main; "
        f"assert qa_pipeline.__file__.startswith({str(installed)!r}); main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=installed,
        check=False,
    )


@pytest.mark.model
def test_models_verify(installed: Path, tmp_path: Path) -> None:
    result = run_qa(installed, tmp_path, "models", "verify")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "base" in result.stdout


def test_rules_check(installed: Path, tmp_path: Path) -> None:
    result = run_qa(installed, tmp_path, "rules", "check")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_classifiers_travel_and_what_they_learned_from_does_not(installed: Path, tmp_path: Path) -> None:
    said = "您要是再这么躲着，我让村口小卖部的人都知道您这点事"
    result = run_qa(installed, tmp_path, "rules", "try", said, "--role", "agent")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "The classifier hears" in result.stdout
    kinds = {path.suffix for path in (installed / "qa_pipeline" / "models").rglob("*") if path.is_file()}
    assert kinds == {".json", ".md", ".onnx", ".skops", ".toml", ".txt"}
