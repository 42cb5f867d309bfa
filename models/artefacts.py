"""Storing what a training run made, with the manifest that pins it (`StoredModel` reads both)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from skops.io import dumps


def packed(artefact: Any) -> bytes:
    """An artefact as the bytes that are stored."""
    return dumps(artefact, compression=8, compresslevel=9)  # 8: ZIP_DEFLATED


def store(
    content: bytes, folder: Path, *, name: str, revision: str, licence: str = "Apache-2.0", **facts: object
) -> None:
    """Write an artefact, under the name of its folder, and its manifest.

    Args:
        content: of `packed`.
        facts: what else the manifest tells.
    """
    file = f"{folder.name}.skops"
    manifest = {
        "name": name,
        "revision": revision,
        "file": file,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": licence,
        **facts,
    }
    folder.mkdir(exist_ok=True)
    (folder / file).write_bytes(content)
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
