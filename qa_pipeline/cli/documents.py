"""Results as JSON Lines, written whole or not at all, and for their owner alone to read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from qa_pipeline.cli.console import check_file

if TYPE_CHECKING:
    from qa_pipeline.types import Inspection

STANDARD_OUTPUT = Path("-")


class DocumentWriter:
    """Writes one document a line."""

    def __init__(self, stream: TextIO | None, *, unmasked: bool) -> None:
        self._stream, self._unmasked = stream, unmasked

    def write(self, inspection: Inspection) -> None:
        """Write a call; nothing where no output was asked for."""
        if self._stream is None:
            return
        from qa_pipeline.reports.document import call_document

        document = call_document(inspection, unmasked=self._unmasked)
        self._stream.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """Standard output for ``-``, else a file for its owner alone that is there whole or not at all.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout
        return
    check_file(path)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with open(partial, "x", encoding="utf-8", newline="\n", opener=_owner_only) as stream:
            yield stream
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def documents_to(path: Path | None, *, unmasked: bool) -> Iterator[DocumentWriter]:
    """Write to a file, to standard output for ``-``, or nowhere for None.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    if path is None:
        yield DocumentWriter(None, unmasked=unmasked)
        return
    with private_file(path) as stream:
        yield DocumentWriter(stream, unmasked=unmasked)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
