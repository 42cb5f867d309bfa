"""Where the bytes of a model come from: wheels that carry it in parts, or a model hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from qa_pipeline.errors import ModelError, is_disk_full
from qa_pipeline.types import message

_CHUNK_BYTES = 1 << 20
_HUB_FILES = ("config.json", "model.bin", "preprocessor_config.json", "tokenizer.json", "vocabulary.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierPart:
    """A piece of a model file inside an installed distribution; pieces of one file follow each other."""

    file: str
    distribution: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Distributions of the package index that hold a model as data."""

    distributions: tuple[str, ...]
    version: str
    parts: tuple[CarrierPart, ...]

    def installed(self) -> bool:
        """Whether every distribution is there in the right version; none is imported."""
        return all(_version_of(name) == self.version for name in self.distributions)

    def join(self, folder: Path, advance: Callable[[int], None]) -> None:
        """Write the model's files into a folder, which has none of them yet."""
        for part in self.parts:
            source = Path(str(distribution(part.distribution).locate_file(part.path)))
            with source.open("rb") as piece, (folder / part.file).open("ab") as target:
                while chunk := piece.read(_CHUNK_BYTES):
                    target.write(chunk)
                    advance(len(chunk))


def download(hub_id: str, revision: str | None, folder: Path, advance: Callable[[int], None]) -> str:
    """Download a model's files from the hub into a folder.

    Args:
        revision: commit to take; None for the newest.

    Returns:
        The commit that was taken.

    Raises:
        ModelError: model_unreachable.
        OSError: the folder has no room.
    """
    # The hub's client costs a quarter of a second, and only a pull needs it.
    from fnmatch import fnmatch  # noqa: PLC0415

    from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415

    try:
        found = HfApi().model_info(hub_id, revision=revision, files_metadata=True)
        commit = str(found.sha)
        for sibling in found.siblings or ():
            if any(fnmatch(sibling.rfilename, pattern) for pattern in _HUB_FILES):
                hf_hub_download(hub_id, sibling.rfilename, revision=commit, local_dir=folder)
                advance(sibling.size or 0)
    except Exception as error:  # The client raises the errors of whatever transport its version uses.
        if isinstance(error, OSError) and is_disk_full(error):
            raise
        raise ModelError(
            "model_unreachable",
            message(
                "The hub did not give {hub_id} ({reason}). Check the name and the network, "
                "or give the folder of a copy instead of a name.",
                hub_id=hub_id,
                reason=type(error).__name__,
            ),
        ) from error
    return commit


def _version_of(name: str) -> str | None:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None
