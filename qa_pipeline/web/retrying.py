"""`qa retry` started from the desk: the same command in a process of its own, one at a time.

Hearing recordings takes a model, memory and hours; a server that answers people does none of it itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from qa_pipeline.config import Settings

LOG = "retry.log"
"""In the data folder: what the command printed."""

_COMMAND = (sys.executable, "-c", "from qa_pipeline.cli import main; main()", "retry")


class Retrying:
    """The retry that this desk started, if any."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._since: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """When the retry that is under way began."""
        with self._lock:
            return self._since if self._running else None

    @property
    def exit_status(self) -> int | None:
        """Of the last retry; None before its end."""
        with self._lock:
            return None if self._process is None else self._process.poll()

    @property
    def log(self) -> Path:
        """Where the output of the command is."""
        return self._settings.data_folder / LOG

    def start(self) -> bool:
        """Begin. Returns whether it did; False where one is under way."""
        with self._lock:
            if self._running:
                return False
            chosen = {
                "QA_DATA_FOLDER": str(self._settings.data_folder.absolute()),
                "QA_STORE_URL": self._settings.store,
                "QA_LANG": self._settings.lang,
            }
            self.log.touch(mode=0o600)
            with self.log.open("wb") as log:
                # It outlives the desk: what it has heard is kept call by call either way.
                self._process = subprocess.Popen(  # noqa: S603 our own command
                    _COMMAND,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=os.environ | chosen,
                    start_new_session=True,
                )
            self._since = datetime.now(UTC)
            return True

    @property
    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None
