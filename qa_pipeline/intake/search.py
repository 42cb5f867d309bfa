"""Walking the given files and folders: which files are recordings, and which cannot be taken yet."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.calls_table import CALLS_TABLE
from qa_pipeline.intake.file_names import readable
from qa_pipeline.types import Failure, Message, message

AUDIO_EXTENSIONS = (
    ".wav", ".wave", ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".flac", ".amr", ".awb", ".3gp",
    ".wma", ".webm", ".aif", ".aiff", ".au", ".gsm", ".caf", ".mka",
)  # fmt: skip
"""Extensions in which call recorders write and that FFmpeg reads by content."""

RAW_EXTENSIONS = (".raw", ".pcm", ".ul", ".ulaw", ".mulaw", ".al", ".alaw", ".g711", ".g722", ".g729", ".vox")
"""Extensions of headerless files, which are recordings only where the user says how to read them."""

REPORT_MARKER = ".qa-report"
"""A folder that holds a file of this name is a report of ours, not a place of recordings."""

_METADATA_EXTENSIONS = (".json", ".csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A recording by its extension, and the given folder under which it was found."""

    path: Path
    root: Path

    @property
    def path_id(self) -> str:
        """The path under the root without extension: the call's identity where metadata state none."""
        return readable(self.path.relative_to(self.root).with_suffix("").as_posix())


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search met.

    Args:
        files: recordings to be read.
        unusable: things that look like recordings or should be looked into, but cannot.
        tables: calls.csv files met in folders, not those beside a single given file.
    """

    files: tuple[FoundFile, ...]
    unusable: tuple[tuple[FoundFile, Failure], ...]
    tables: tuple[Path, ...]


def search(
    paths: Sequence[Path], *, skip: Collection[Path] = (), extensions: Sequence[str] = AUDIO_EXTENSIONS
) -> SearchResult:
    """Look for recordings; a file met twice belongs to the first given path.

    Args:
        skip: files and folders that are left alone.
        extensions: of recordings, in lower case.

    Raises:
        ConfigurationError: codes ``path_not_found`` and ``no_calls_found``.
    """
    left_alone = {absolute(path) for path in skip}
    files: dict[Path, FoundFile] = {}
    unusable: dict[Path, tuple[FoundFile, Failure]] = {}
    tables: list[Path] = []
    for given in map(absolute, paths):
        if not os.path.lexists(given):
            raise _not_found(given)
        for path in _walk(given, left_alone, extensions) if given.is_dir() else _single(given):
            file = FoundFile(path=path, root=given if given.is_dir() else given.parent)
            if path.name == CALLS_TABLE:
                tables.append(path)
            elif path in files or path in unusable:
                continue
            elif failure := _failure(path, extensions):
                unusable[path] = file, failure
            else:
                files[path] = file
    if not files and not unusable:
        # Metadata files are passed over beside recordings, as in ``qa audit folder/*``; alone they are meant.
        for given in filter(Path.is_file, map(absolute, paths)):
            unusable[given] = FoundFile(path=given, root=given.parent), _not_a_recording(given)
    if not files and not unusable:
        told = message(
            "no recordings under {paths}; looked for files ending in {extensions}"
            " (headerless ones need --raw, for example --raw mulaw@8000)",
            paths=", ".join(map(str, paths)) or "-",
            extensions=" ".join(extensions),
        )
        raise ConfigurationError("no_calls_found", told)
    return SearchResult(files=tuple(files.values()), unusable=tuple(unusable.values()), tables=tuple(tables))


def growing(files: Sequence[FoundFile], *, recent_seconds: float, settle_seconds: float) -> set[Path]:
    """Those files that are being written to.

    Only files changed within `recent_seconds` are watched, all together for one `settle_seconds`, so that a
    fresh copy of a folder costs one short wait and an old one none.
    """
    since = time.time() - recent_seconds
    before = {file.path: _state(file.path) for file in files}
    recent = {path: state for path, state in before.items() if state is None or state[1] > since * 1e9}
    if not recent:
        return set()
    time.sleep(settle_seconds)
    return {path for path, state in recent.items() if _state(path) != state}


def absolute(path: Path) -> Path:
    """Without links above it, so that one file has one path; a link to a file keeps its own name."""
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


def _walk(folder: Path, left_alone: Collection[Path], extensions: Sequence[str]) -> Iterator[Path]:
    """Recordings and tables below a folder, and the folders that cannot be listed."""
    refused: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=lambda error: refused.append(Path(error.filename))):
        here = Path(parent)
        if REPORT_MARKER in names or here in left_alone:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = here / name
            wanted = path.suffix.lower() in extensions or name == CALLS_TABLE
            if wanted and not name.startswith(".") and path not in left_alone:
                yield path
    yield from refused


def _single(path: Path) -> Iterator[Path]:
    """A file given by name; metadata files, as in ``qa audit folder/*``, are no recordings of their own."""
    if path.suffix.lower() not in _METADATA_EXTENSIONS:
        yield path


def _failure(path: Path, extensions: Sequence[str]) -> Failure | None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return _unreadable(path, error.strerror or type(error).__name__)
    if stat.S_ISDIR(mode):
        return _unreadable(path, os.strerror(13))
    if not stat.S_ISREG(mode) or path.suffix.lower() not in extensions:
        return _not_a_recording(path)
    return None if os.access(path, os.R_OK) else _unreadable(path, os.strerror(13))


def _not_a_recording(path: Path) -> Failure:
    told = message(
        "{file} is not a recording; give a folder, or a file ending in {extensions}",
        file=path,
        extensions=" ".join(AUDIO_EXTENSIONS),
    )
    return Failure(code="not_a_recording", message=told)


def _unreadable(path: Path, reason: str) -> Failure:
    told: Message = message(
        "{file} cannot be read ({reason}); give this user the right to read it", file=path, reason=reason
    )
    return Failure(code="file_unreadable", message=told)


def _not_found(path: Path) -> ConfigurationError:
    nearest = next(parent for parent in path.parents if parent.exists())
    told = message(
        "{path} does not exist; the nearest folder that does is {nearest}", path=path, nearest=nearest
    )
    return ConfigurationError("path_not_found", told)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
