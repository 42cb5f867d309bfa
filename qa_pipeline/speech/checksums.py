"""Checksums of large files, remembered as long as size and time of change stay the same."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """The file's sha256 in lower-case hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


class ChecksumMemory:
    """Remembers checksums in a folder, one small file for each path.

    Reading a gigabyte before every run would cost seconds. A record holds as long as the file's size and its
    time of change in nanoseconds are the same. Whoever can forge both can forge the record too, so what
    verifies on demand reads the bytes with `sha256_of` instead.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sha256(self, path: Path) -> str:
        """The file's sha256, remembered or computed; a folder that cannot be written only costs time."""
        status = path.stat()
        place = str(path.resolve())
        seen = {"path": place, "size": status.st_size, "mtime_ns": status.st_mtime_ns}
        record = self._folder / f"{hashlib.sha256(place.encode()).hexdigest()[:32]}.json"
        try:
            remembered = json.loads(record.read_text(encoding="utf-8"))
            if all(remembered.get(key) == value for key, value in seen.items()):
                return str(remembered["sha256"])
        except (OSError, ValueError, KeyError, AttributeError):
            # No record, or a broken one: read the file.
            pass
        sha256 = sha256_of(path)
        self._remember(record, {**seen, "sha256": sha256})
        return sha256

    def _remember(self, record: Path, document: dict[str, object]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(name).replace(record)
        except OSError:
            return
