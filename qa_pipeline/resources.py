"""Where the files that ship with the package lie."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def models_folder() -> Path:
    """The folder of shipped model artefacts, cards and manifests.

    A wheel carries it inside the package (the build puts it there); a checkout has it beside the package.

    Raises:
        FileNotFoundError: neither place has it, which means a broken installation.
    """
    candidates = (_PACKAGE / "models", _PACKAGE.parent / "models")
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"no models folder at {candidates[0]} or {candidates[1]}; install the package again"
    )
