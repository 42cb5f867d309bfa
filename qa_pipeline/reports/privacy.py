"""What reports hold is for their owner alone: they quote what people said."""

from __future__ import annotations

from pathlib import Path

_FOLDER = 0o700
_FILE = 0o600


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter; one that is there already keeps its rights."""
    if not folder.exists():
        folder.mkdir(mode=_FOLDER, parents=True)
        folder.chmod(_FOLDER)


def keep_for_owner(path: Path) -> None:
    """Take a file, or a folder with everything in it, away from everyone but its owner."""
    for one in (path, *path.rglob("*")):
        one.chmod(_FOLDER if one.is_dir() else _FILE)
