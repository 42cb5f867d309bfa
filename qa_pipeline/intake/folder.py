"""The door: which calls lie under the given files and folders, each with its identity and metadata.

Nothing is opened here but metadata, nothing is hashed but what shares an id, and nothing is ever written.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_pipeline.errors import CallError
from qa_pipeline.intake.calls_table import CALLS_TABLE, CallsTable
from qa_pipeline.intake.mapping import TableMapping
from qa_pipeline.intake.metadata import DEFAULT_TIMEZONE, unknown_keys, zone_of
from qa_pipeline.intake.name_pattern import NamePattern
from qa_pipeline.intake.search import AUDIO_EXTENSIONS, RAW_EXTENSIONS, FoundFile, growing, search
from qa_pipeline.intake.sidecar import metadata_of
from qa_pipeline.types import PLAIN, CallMetadata, Failure, Reading, message


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSource:
    """One recording found, not yet opened."""

    path: Path
    call: CallMetadata
    reading: Reading = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedSource:
    """Something that cannot be inspected, and why; `call_id` is the best that is known of its identity."""

    path: Path
    call_id: str
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What was found, each part ordered by path.

    Args:
        duplicates: (kept, left out) where two files have the same call id and the same bytes.
        unknown_keys: metadata keys the table of fields does not know, kept in `extra`.
        rows_without_recording: rows of a calls.csv in a given folder that no recording belongs to.
        unmatched_names: recordings whose name the given pattern does not fit.
    """

    sources: tuple[CallSource, ...]
    rejected: tuple[RejectedSource, ...] = ()
    duplicates: tuple[tuple[Path, Path], ...] = ()
    unknown_keys: tuple[str, ...] = ()
    rows_without_recording: tuple[str, ...] = ()
    unmatched_names: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeOptions:
    """How the door looks at files.

    Args:
        timezone: of times without zone in metadata, an IANA name; None refuses such times.
        skip: files and folders to leave alone, such as the folder the results go to.
        recent_seconds: files changed within this time are watched, for they may still be growing.
        settle_seconds: how long they are watched, once for all of them; nothing recent, no wait.
        reading: of files without header, which count as recordings only then, and the channels to hear.
        max_duration_ms: longer recordings are refused when they are heard; None for no limit.
        name_pattern: reads metadata in the names of recordings.
        mapping: how a calls.csv of another system is read.
    """

    timezone: str | None = DEFAULT_TIMEZONE
    skip: tuple[Path, ...] = ()
    recent_seconds: float = 10.0
    settle_seconds: float = 0.5
    reading: Reading = PLAIN
    max_duration_ms: int | None = None
    name_pattern: NamePattern | None = None
    mapping: TableMapping | None = None

    @property
    def extensions(self) -> tuple[str, ...]:
        """Of the files that count as recordings."""
        return AUDIO_EXTENSIONS if self.reading.raw is None else (*AUDIO_EXTENSIONS, *RAW_EXTENSIONS)


def find_calls(paths: Sequence[Path], *, options: IntakeOptions | None = None) -> Intake:
    """Find the recordings under files and folders, recursively.

    Hidden files, reports and links to folders are left alone. A call is named by its metadata, else by its
    path under the given folder without extension. Of two files with one id and the same bytes the first is
    taken; with other bytes both are rejected.

    Raises:
        ConfigurationError: codes ``path_not_found``, ``no_calls_found``, ``calls_csv_unreadable``,
            ``timezone_unknown``.
    """
    options = options or IntakeOptions()
    if options.timezone is not None:
        zone_of(options.timezone)
    result = search(paths, skip=options.skip, extensions=options.extensions)
    tables = _Tables(options.mapping)
    unsettled = growing(
        result.files, recent_seconds=options.recent_seconds, settle_seconds=options.settle_seconds
    )
    rejected = [_rejected(file, failure) for file, failure in result.unusable]
    sources, unmatched = [], []
    for file in result.files:
        if file.path in unsettled:
            told = message("{file} is still being written; it is taken by the next run", file=file.path)
            rejected.append(_rejected(file, Failure(code="file_growing", message=told)))
            continue
        named = options.name_pattern.read(file.path_id) if options.name_pattern else {}
        if named is None:
            unmatched.append(file.path)
        try:
            call = metadata_of(
                file.path,
                call_id=file.path_id,
                tables=tables.above(file),
                timezone=options.timezone,
                named=named,
            )
        except CallError as error:
            rejected.append(_rejected(file, error.as_failure()))
        else:
            sources.append(CallSource(path=file.path, call=call, reading=options.reading))
    kept, clashing, duplicates = _by_identity(sources)
    return Intake(
        sources=tuple(kept),
        rejected=tuple(sorted([*rejected, *clashing], key=lambda source: source.path)),
        duplicates=tuple(duplicates),
        unknown_keys=tuple(sorted({key for source in kept for key in unknown_keys(source.call)})),
        rows_without_recording=tables.unused(result.tables),
        unmatched_names=tuple(sorted(unmatched)),
    )


class _Tables:
    """Each folder's calls.csv, read once when it is first asked for."""

    def __init__(self, mapping: TableMapping | None) -> None:
        self._mapping = mapping
        self._read: dict[Path, CallsTable | None] = {}

    def of(self, folder: Path) -> CallsTable | None:
        if folder not in self._read:
            path = folder / CALLS_TABLE
            self._read[folder] = CallsTable(path, self._mapping) if path.is_file() else None
        return self._read[folder]

    def above(self, file: FoundFile) -> list[CallsTable]:
        """The tables of the folders from the file's own up to the given one."""
        folders = [file.path.parent, *file.path.parent.parents]
        inside = folders[: folders.index(file.root) + 1]
        return [table for folder in inside if (table := self.of(folder)) is not None]

    def unused(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """The rows of these tables that no recording asked for."""
        tables = [table for path in paths if (table := self.of(path.parent)) is not None]
        return tuple(row for table in tables for row in table.unused())


def _rejected(file: FoundFile, failure: Failure) -> RejectedSource:
    return RejectedSource(path=file.path, call_id=file.path_id, failure=failure)


def _by_identity(
    sources: Sequence[CallSource],
) -> tuple[list[CallSource], list[RejectedSource], list[tuple[Path, Path]]]:
    """Part the sources into calls, clashes of one id with several contents, and further copies of a call."""
    by_id: dict[str, list[CallSource]] = defaultdict(list)
    for source in sorted(sources, key=lambda source: source.path):
        by_id[source.call.call_id].append(source)
    kept: list[CallSource] = []
    clashing: list[RejectedSource] = []
    duplicates: list[tuple[Path, Path]] = []
    for call_id, group in by_id.items():
        first, *others = group
        if _same_bytes([source.path for source in group]):
            kept.append(first)
            duplicates.extend((first.path, other.path) for other in others)
            continue
        for source in group:
            told = message(
                "call id {call_id} is used by different recordings: {files}; give each its own call_id",
                call_id=call_id,
                files=", ".join(str(member.path) for member in group),
            )
            failure = Failure(code="duplicate_call_id", message=told)
            clashing.append(RejectedSource(path=source.path, call_id=call_id, failure=failure))
    return sorted(kept, key=lambda source: source.path), clashing, sorted(duplicates)


def _same_bytes(paths: Sequence[Path]) -> bool:
    """Whether all files have the same content; sizes are compared first, and what cannot be read differs."""
    if len(paths) == 1:
        return True
    try:
        return len({path.stat().st_size for path in paths}) == 1 and len(set(map(_sha256, paths))) == 1
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
