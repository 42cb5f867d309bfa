"""`qa audit` as it is used: real recordings, the real model, Prefect started and stopped, and kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from qa_pipeline.speech.artifacts import ModelCatalogue

pytestmark = pytest.mark.model

SHORT = ("07_false_lawyer", "08_exposure", "09_third_party")


@dataclass(frozen=True)
class Installation:
    """A data folder of its own, and the command line that works on it."""

    folder: Path
    model: Path
    repository: Path

    @property
    def store(self) -> Path:
        return self.folder / "data" / "qa.db"

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "PREFECT_"))}
        stated = {
            "QA_DATA_FOLDER": str(self.folder / "data"),
            "QA_MODEL": str(self.model),
            "QA_LANG": "en",
            "PYTHONPATH": str(self.repository),
            "PYTHONUTF8": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-c", "from qa_pipeline.cli import main; main()", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=own | stated,
        )

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def saved(self) -> dict[str, str]:
        """When each call's inspection was kept, by call id; nothing while there is no store yet."""
        try:
            with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as connection:
                rows = connection.execute("SELECT call_id, saved_at FROM inspections").fetchall()
        except sqlite3.OperationalError:
            return {}
        return dict(rows)

    def rows(self) -> dict[str, int]:
        """The number of rows of every table."""
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as connection:
            names = [
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            return {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names
            }


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whisper base, joined once from its wheels and verified."""
    folder = tmp_path_factory.mktemp("models")
    return ModelCatalogue.load().resolve("base", data_folder=folder).folder


@pytest.fixture
def installation(tmp_path: Path, model: Path, repository: Path) -> Installation:
    return Installation(folder=tmp_path, model=model, repository=repository)


@pytest.fixture
def recordings(tmp_path: Path, repository: Path) -> Callable[..., Path]:
    """Copy sample calls into a folder."""

    def copy(*names: str) -> Path:
        folder = tmp_path / "calls"
        folder.mkdir()
        for name in names:
            for suffix in (".wav", ".json"):
                shutil.copy(repository / "sample_audio" / f"{name}{suffix}", folder)
        return folder

    return copy


def until(condition: Callable[[], object], *, within_s: float, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def still_there(processes: list[psutil.Process], *, within_s: float) -> list[psutil.Process]:
    """Those that have not ended by then; a dead one whom nobody waited for has ended."""
    end = time.monotonic() + within_s
    living = processes
    while living and time.monotonic() < end:
        living = [one for one in living if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        time.sleep(0.05)
    return living


@pytest.fixture
def killed_in_the_middle(
    installation: Installation, recordings: Callable[..., Path]
) -> tuple[Path, list[psutil.Process], dict[str, str]]:
    """An audit of three calls, killed with -9 after the first was kept."""
    folder = recordings(*SHORT)
    with installation.start("audit", folder, "--threads", 1) as process:
        until(installation.saved, within_s=240, process=process)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
    return folder, children, installation.saved()


def test_good_and_bad_files_then_again_with_nothing_to_do(
    installation: Installation, recordings: Callable[..., Path]
) -> None:
    folder = recordings(*SHORT[1:])
    (folder / "empty.wav").touch()
    (folder / "letter.wav").write_text("这不是录音。", encoding="utf-8")
    whole = (folder / f"{SHORT[1]}.wav").read_bytes()
    (folder / "torn.wav").write_bytes(whole[: len(whole) // 3])

    first = installation.run("audit", folder, "--json", "out.jsonl")
    assert first.returncode == 1
    for noise in ("Traceback", "prefect", "Prefect", "INFO", "WARNING", "http://"):
        assert noise not in first.stdout + first.stderr
    documents = {
        one["call_id"]: one
        for one in map(
            json.loads, (installation.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
        )
    }
    assert [documents[name]["status"] for name in ("empty", "letter", "torn")] == ["failed"] * 3
    assert len({documents[name]["error"]["code"] for name in ("empty", "letter", "torn")}) == 3
    for name in SHORT[1:]:
        assert documents[name]["status"] in {"scored", "needs_review"}
        assert documents[name]["utterances"]
        assert documents[name]["provenance"]["asr"]["name"] == "whisper-base"
    assert [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(installation.folder)] == []

    before, seconds = installation.rows(), []
    for _ in range(3):
        begin = time.monotonic()
        again = installation.run("audit", folder)
        seconds.append(time.monotonic() - begin)
        assert again.returncode == 1
        assert "0 calls to inspect" in again.stderr
    assert installation.rows() == before
    # The fastest of three: other processes of a busy machine only ever make it slower.
    assert min(seconds) < 5


def test_after_kill_9_nothing_stays_and_only_the_rest_is_done(
    installation: Installation, killed_in_the_middle: tuple[Path, list[psutil.Process], dict[str, str]]
) -> None:
    folder, children, kept = killed_in_the_middle
    assert children
    assert still_there(children, within_s=3) == []
    assert 1 <= len(kept) < len(SHORT)

    again = installation.run("audit", folder)
    assert again.returncode == 0
    assert f"{len(SHORT) - len(kept)} calls to inspect, {len(kept)} known from before" in again.stderr
    now = installation.saved()
    assert set(now) == set(SHORT)
    assert {name: now[name] for name in kept} == kept


def test_ctrl_c_ends_within_two_seconds_and_says_what_is_kept(
    installation: Installation, recordings: Callable[..., Path]
) -> None:
    folder = recordings(*SHORT[:2])
    with installation.start("audit", folder, "--threads", 1) as process:
        children: list[psutil.Process] = []

        def hearing() -> bool:
            """Whether the model is at work: the store knows of the run."""
            children[:] = psutil.Process(process.pid).children(recursive=True)
            return installation.store.exists() and bool(children) and installation.rows().get("runs", 0) > 0

        until(hearing, within_s=240, process=process)
        time.sleep(1)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        assert time.monotonic() - begin < 2
    assert process.returncode == 130
    assert "Interrupted. " in err
    assert "done and kept" in err
    assert "Traceback" not in err
    assert still_there(children, within_s=3) == []
