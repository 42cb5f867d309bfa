"""How far an audit is: calls, sound, speed, and the time left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from qa_pipeline.i18n import gettext as _

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from qa_pipeline.types import Inspection


class AuditProgress:
    """A line that moves on a terminal and is silent elsewhere.

    The time left is judged by the size of the files, since their duration is not known before they are read.
    """

    def __init__(self, console: Console, files: Sequence[Path]) -> None:
        self.calls = 0
        self.audio_ms = 0
        self.heard_ms = 0
        self.reused = 0
        self._started = time.monotonic()
        self._total = len(files)
        self._sizes = {str(path): _size(path) for path in files}
        self._progress = _bar(console)
        self._task: TaskID = self._progress.add_task(
            "", total=sum(self._sizes.values()) or 1, text=self._text()
        )

    @property
    def speed(self) -> float:
        """Sound transcribed in this run, in times real time; what was transcribed before does not count."""
        return self.heard_ms / 1000 / max(0.001, time.monotonic() - self._started)

    def begun(self) -> None:
        """The first call is being heard; from now on the speed counts."""
        self._started = time.monotonic()

    def inspected(self, inspection: Inspection, *, heard: bool) -> None:
        """A call is done and kept."""
        self.calls += 1
        duration_ms = inspection.recording.duration_ms if inspection.recording else 0
        self.audio_ms += duration_ms
        if heard:
            self.heard_ms += duration_ms
        elif inspection.transcript is not None:
            self.reused += 1
        size = self._sizes.get(inspection.uri or "", 0)
        self._progress.update(self._task, advance=size, text=self._text())

    def stop(self) -> None:
        """Leave the line and give the cursor back."""
        self._progress.stop()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _text(self) -> str:
        from qa_pipeline.reports.figures import duration

        return _("{calls}/{total} calls  sound {audio}  {speed:.1f}x").format(
            calls=self.calls, total=self._total, audio=duration(self.audio_ms), speed=self.speed
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _bar(console: Console) -> Progress:
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[text]}", markup=False),
        TextColumn(_("left"), markup=False),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
