"""The temporary server lives as long as its parent, listens on loopback alone and says nothing."""

# ruff: noqa: PLC0415 - Prefect reads its settings when it is imported
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows.server import TemporaryServer, prepare_environment, start_server
from qa_pipeline.errors import ConfigurationError

PARENT = """
import sys, time
from pathlib import Path
from flows.server import TemporaryServer, prepare_environment
prepare_environment(Path(sys.argv[1]))
server = TemporaryServer(Path(sys.argv[1]))
print(server.pid, flush=True)
if sys.argv[2] == "ready":
    print(server.wait_until_ready(), flush=True)
else:
    print("early", flush=True)
time.sleep(600)
"""


def gone(pid: int, *, within_s: float) -> bool:
    """Whether a process ends in that time; a dead one that nobody waited for has ended too."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def own_prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without the session's Prefect; the value is a fresh home."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    return tmp_path / "prefect"


@pytest.mark.parametrize(
    ("moment", "how"), [("early", signal.SIGKILL), ("early", signal.SIGTERM), ("ready", signal.SIGKILL)]
)
def test_it_ends_with_its_parent(
    moment: str, how: signal.Signals, own_prefect: Path, repository: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(own_prefect), moment],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.stdout.readline()
        assert psutil.pid_exists(child)
        parent.send_signal(how)
        parent.wait()
    assert gone(child, within_s=3)


def test_it_listens_on_loopback_alone_and_is_silent(prefect_server: Path) -> None:
    children = psutil.Process().children(recursive=True)
    (server,) = [child for child in children if "server_process.py" in " ".join(child.cmdline())]
    listening = [each for each in server.net_connections() if each.status == psutil.CONN_LISTEN]
    assert [each.laddr.ip for each in listening] == ["127.0.0.1"]
    assert (prefect_server / "server.log").read_text(encoding="utf-8") == ""


def test_its_files_are_the_owners_alone(prefect_server: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in prefect_server.glob("*") if path.is_file()}
    assert {"prefect.db", "server.log"} <= set(modes)
    assert [modes["prefect.db"], modes["server.log"]] == [0, 0]


def test_a_server_that_cannot_start_is_named_with_its_log(
    own_prefect: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_environment(own_prefect, environment := dict(os.environ))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(
        "PREFECT_SERVER_DATABASE_CONNECTION_URL", "sqlite+aiosqlite:////proc/nowhere/prefect.db"
    )
    with (
        TemporaryServer(own_prefect) as server,
        pytest.raises(ConfigurationError, match=r"server\.log") as told,
    ):
        server.wait_until_ready()
    assert told.value.code == "prefect_server_failed"
    assert (own_prefect / "server.log").read_text(encoding="utf-8")


def test_a_server_of_the_users_own_is_used(own_prefect: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    assert start_server(own_prefect) is None


@pytest.mark.parametrize(
    ("name", "stated", "in_force"),
    [
        ("PREFECT_SERVER_ANALYTICS_ENABLED", "true", "false"),
        ("DO_NOT_TRACK", "0", "1"),
        ("PREFECT_HOME", "/elsewhere", "/elsewhere"),
        ("PREFECT_LOGGING_LEVEL", "INFO", "INFO"),
        ("PREFECT_LOGGING_LEVEL", None, "CRITICAL"),
    ],
)
def test_what_the_user_has_set_stays_but_telemetry_is_off(
    name: str, stated: str | None, in_force: str, tmp_path: Path
) -> None:
    environment = {} if stated is None else {name: stated}
    prepare_environment(tmp_path / "home", environment)
    assert environment[name] == in_force


def test_the_home_is_its_owners_alone(tmp_path: Path) -> None:
    prepare_environment(tmp_path / "a" / "prefect", {})
    assert (tmp_path / "a" / "prefect").stat().st_mode & 0o077 == 0


def test_analytics_are_off_for_prefect_itself(prefect_home: Path) -> None:
    from prefect._internal.analytics.enabled import is_telemetry_enabled
    from prefect.settings import get_current_settings

    assert prefect_home.is_dir()
    assert not is_telemetry_enabled()
    assert not get_current_settings().server.analytics_enabled
