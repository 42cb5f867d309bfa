"""The manifest of speech models: names, places and the bytes they must be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_pipeline.speech.model_sources import Carrier, CarrierPart
from qa_pipeline.types import ArtifactRef

WEIGHTS = "model.bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """A file and the bytes it must be."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A model of the manifest.

    Args:
        hub_id: owner/name on the hub.
        revision: commit there.
        carrier: distributions that hold the same bytes, None where there are none.
        card: path of the model card in the models folder.
    """

    name: str
    aliases: tuple[str, ...]
    hub_id: str
    revision: str
    licence: str
    files: tuple[PinnedFile, ...]
    carrier: Carrier | None = None
    card: str | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def artifact(self) -> ArtifactRef:
        """How transcripts name it; the checksum is that of the weights."""
        sha256 = next(file.sha256 for file in self.files if file.name == WEIGHTS)
        return ArtifactRef(name=self.name, revision=self.revision, sha256=sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerModel:
    """A network of `speech.speakers`, which ships with the package.

    Args:
        file: path in the models folder.
    """

    name: str
    file: str
    sha256: str
    size: int
    licence: str
    card: str


def read_speaker_models(path: Path) -> tuple[SpeakerModel, ...]:
    """The speaker models of a manifest, in its order."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(SpeakerModel(**one) for one in document["speaker"])


def read_manifest(path: Path) -> tuple[ModelEntry, ...]:
    """The models of a manifest, in its order."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_entry(one) for one in document["speech"])


def _entry(document: Mapping[str, Any]) -> ModelEntry:
    carrier = document.get("carrier")
    return ModelEntry(
        name=document["name"],
        aliases=tuple(document.get("aliases", ())),
        hub_id=document["hub_id"],
        revision=document["revision"],
        licence=document["licence"],
        files=tuple(PinnedFile(**file) for file in document["files"]),
        carrier=None
        if carrier is None
        else Carrier(
            distributions=tuple(carrier["distributions"]),
            version=carrier["version"],
            parts=tuple(CarrierPart(**part) for part in carrier["parts"]),
        ),
        card=document.get("card"),
    )
