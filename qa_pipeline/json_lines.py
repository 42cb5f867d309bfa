"""Files of JSON Lines, one JSON text a line (https://jsonlines.org)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that say anything, each with its number; a byte order mark is passed over.

    Only a line feed ends a line: a JSON text may hold U+2028, U+2029 and U+0085 as they are, where
    `str.splitlines` would cut it.

    Raises:
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    with path.open(encoding="utf-8-sig") as file:
        yield from ((number, line) for number, line in enumerate(file, start=1) if line.strip())
