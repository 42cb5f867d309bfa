"""Prefect's API for the length of one run, gone when our process is gone.

Prefect's own temporary server is a child that outlives a killed parent. This one watches a pipe that the
operating system closes with our process, however it ends. Where PREFECT_API_URL is set, that server is used.

Why a child and not a thread, with what was measured: `docs/decisions/0002-prefect-server.md`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.types import message

_PROGRAM = Path(__file__).with_name("server_process.py")
_STOP_SECONDS = 5.0
_ROOM_BYTES = 4 << 20
"""What Prefect's database takes in a short run: below 4 MB of room its server has not started."""
_OFF = (
    "PREFECT_SERVER_ANALYTICS_ENABLED",
    "PREFECT_LOGGING_TO_API_ENABLED",
    "PREFECT_SERVER_UI_ENABLED",
    "PREFECT_API_BLOCKS_REGISTER_ON_START",
    "PREFECT_SERVER_SERVICES_EVENT_LOGGER_ENABLED",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED",
    "PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT",
)


def prepare_environment(folder: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Make Prefect local, silent and ours; to be called before it is imported, since it reads settings then.

    What the user has set stays, but telemetry is off in any case.

    Args:
        folder: becomes Prefect's home with its database, readable for its owner only.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment["DO_NOT_TRACK"] = "1"
    environment["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    for name in _OFF:
        environment.setdefault(name, "false")
    environment.setdefault("PREFECT_HOME", str(folder))
    environment.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    environment.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "CRITICAL")
    # Thousands of paths given on one command line are more than the half megabyte allowed by default.
    environment.setdefault("PREFECT_SERVER_API_MAX_PARAMETER_SIZE", str(64 * 1024 * 1024))


class TemporaryServer:
    """A child process that serves Prefect's API on loopback until it is closed or our process ends."""

    def __init__(self, folder: Path) -> None:
        """Start the child and return at once, so that a model can be loaded while it starts.

        Args:
            folder: Prefect's home; what the child says goes to `server.log` there.
        """
        self._log = folder / "server.log"
        with open(self._log, "wb", opener=_owner_only) as log:
            # A session of its own keeps Ctrl-C for us: the child ends when we let go of the pipe.
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", str(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_child_environment(folder),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> str:
        """The address of the API, as soon as it answers.

        Raises:
            ConfigurationError: code ``prefect_server_failed`` or ``disk_full``.
        """
        line = _pipe(self._process.stdout).readline().decode().strip()
        if not line:
            self.close()
            check_room(self._log.parent)
            told = message(
                "Prefect's local server did not start; {log} says why."
                " Or set PREFECT_API_URL to a server of yours",
                log=self._log,
            )
            raise ConfigurationError("prefect_server_failed", told)
        return line

    def close(self) -> None:
        """Let the child write what it has and end; it is killed when that takes too long."""
        _pipe(self._process.stdin).close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def prefect_api(server: TemporaryServer | None) -> Iterator[None]:
    """Within this block flows talk to `server`, or to the one in the user's settings when it is None."""
    from prefect.events.worker import EventsWorker
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if server is None:
        yield
        return
    with temporary_settings({PREFECT_API_URL: server.wait_until_ready()}):
        yield
        # The worker keeps the address it began with: a later run in this process needs one of its own.
        EventsWorker.drain_all(timeout=_STOP_SECONDS, at_exit=False)


def check_room(folder: Path) -> None:
    """Tell a failure of Prefect's by its cause, where that is a full disk.

    Args:
        folder: Prefect's home.

    Raises:
        ConfigurationError: code ``disk_full``.
    """
    if shutil.disk_usage(folder).free < _ROOM_BYTES:
        told = message(
            "There is no room left on the disk of {folder}; calls that are done are kept."
            " Free space there, or set QA_DATA_FOLDER to a folder on another disk, and run again",
            folder=folder,
        )
        raise ConfigurationError("disk_full", told)


def start_server(folder: Path) -> TemporaryServer | None:
    """Prepare Prefect's environment and start its API, unless the user has set PREFECT_API_URL."""
    prepare_environment(folder)
    return None if os.environ.get("PREFECT_API_URL") else TemporaryServer(folder)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _child_environment(folder: Path) -> dict[str, str]:
    environment = dict(os.environ)
    prepare_environment(folder, environment)
    return environment | {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("the child is started with pipes")
    return stream
