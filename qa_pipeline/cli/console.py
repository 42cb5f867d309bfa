"""Where words go: results to standard output, the rest to standard error, colours only on a terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from qa_pipeline.errors import ConfigurationError, QAError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.types import Severity, message

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100
"""Columns where there is no terminal to ask, and the most a table uses."""

SEVERITY_STYLES = {
    Severity.FATAL: "bold white on red",
    Severity.SERIOUS: "bold red",
    Severity.MINOR: "yellow",
    Severity.INFO: "cyan",
}
UNCERTAIN_STYLE = "magenta"


def output(*, to_stderr: bool = False) -> Console:
    """A console that neither guesses at markup nor colours numbers."""
    from rich.console import Console

    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def print_error(error: QAError) -> None:
    """One line with code, thing and next step."""
    typer.echo(_("Error [{code}]: {text}").format(code=error.code, text=render(error.message)), err=True)


def shown_store(url: str) -> str:
    """The place of a store without user and password."""
    parts = urlsplit(url)
    if parts.scheme.startswith("sqlite"):
        return parts.path.removeprefix("/") if parts.path.startswith("//") else parts.path
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def check_file(path: Path) -> None:
    """Refuse a file that cannot be written, before any work is done for it.

    Raises:
        ConfigurationError: code ``output_unwritable``; a folder that is not there is named, not made.
    """
    if path.is_dir():
        told = message("{path} is a folder; name a file", path=path)
        raise ConfigurationError("output_unwritable", told)
    if not path.parent.exists():
        told = message(
            "{path} cannot be written: there is no folder {folder}; make it, or name another file",
            path=path,
            folder=path.parent,
        )
        raise ConfigurationError("output_unwritable", told)
    _try_writing(path.parent, path)


def check_folder(folder: Path) -> None:
    """Make a folder for results where there is none, or refuse it before any work is done for it.

    Raises:
        ConfigurationError: code ``output_unwritable``.
    """
    _try_writing(folder, folder)


def _try_writing(folder: Path, path: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        told = message(
            "{path} cannot be written ({reason}); name another place", path=path, reason=error.strerror
        )
        raise ConfigurationError("output_unwritable", told) from error
