"""Trained artefacts: checked before they are loaded, and built only when they are first used.

They are stored with skops, which builds no type that nobody reviewed.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_pipeline.errors import ModelError
from qa_pipeline.types import ArtifactRef, message

# Reviewed by hand: what skops may build beyond its own list of harmless types. The artefacts need no more.
TRUSTED_TYPES: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredModel:
    """An artefact whose bytes are the pinned ones; built on first use (scikit-learn takes a second or two).

    Args:
        reference: names the artefact in every prediction.
        beside: the files it works with, by name; the artefact holds their checksums, its own pins them.
    """

    content: bytes
    path: Path
    reference: ArtifactRef
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def open(cls, home: Path) -> StoredModel:
        """Read and check an artefact without building it.

        Args:
            home: holds ``manifest.json``, the artefact it names and the files listed as beside it.

        Raises:
            ModelError: ``model_missing``, or ``model_changed`` where the bytes are not the pinned ones.
        """
        try:
            manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
            content = _verified(home / manifest["file"], manifest["sha256"])
            beside = {
                name: _verified(home / name, sha256) for name, sha256 in manifest.get("beside", {}).items()
            }
        except OSError as error:
            raise ModelError(
                "model_missing",
                message("The classifier is not at {path}; install the package again.", path=home),
            ) from error
        name, revision, sha256 = (manifest[key] for key in ("name", "revision", "sha256"))
        reference = ArtifactRef(name=name, revision=revision, sha256=sha256)
        return cls(content, home / manifest["file"], reference, beside)

    @cached_property
    def artefact(self) -> dict[str, Any]:
        """What the training run stored.

        Raises:
            ModelError: ``model_untrusted`` where the artefact holds types nobody reviewed.
        """
        return _artefact(self.content, self.path)


def _verified(path: Path, expected: str) -> bytes:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != expected:
        raise ModelError(
            "model_changed",
            message(
                "{path} is not the pinned artefact (sha256 {found}, not {expected}); install it again.",
                path=path,
                found=sha256,
                expected=expected,
            ),
        )
    return content


def _artefact(content: bytes, path: Path) -> dict[str, Any]:
    """Build the verified artefact; scikit-learn is loaded here, on first use (a second or so)."""
    from sklearn.exceptions import InconsistentVersionWarning  # noqa: PLC0415
    from skops.io import get_untrusted_types, loads  # noqa: PLC0415

    unknown = sorted(set(get_untrusted_types(data=content)) - set(TRUSTED_TYPES))
    if unknown:
        raise ModelError(
            "model_untrusted",
            message(
                "{path} holds types that nobody reviewed: {types}. Train it again with this version.",
                path=path,
                types=", ".join(unknown),
            ),
        )
    with warnings.catch_warnings():
        # These estimators keep their form from release to release; a test compares stored probabilities.
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        artefact = loads(content, trusted=list(TRUSTED_TYPES))
    return dict(artefact)
