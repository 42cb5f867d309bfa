"""The folder of a model: filled beside its place and moved there whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa_pipeline.errors import ModelError, is_disk_full
from qa_pipeline.types import Message, message


@contextmanager
def gathered(home: Path, *, model: str) -> Iterator[Path]:
    """Give an empty folder to fill, which takes the place `home` in one step when the block ends.

    A block that breaks off leaves what was there before, and nothing of its own.

    Args:
        model: its name, for the user.

    Raises:
        ModelError: model_no_room, model_unwritable.
    """
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        # On the same disk, since a folder moves in one step only there.
        beside = Path(tempfile.mkdtemp(prefix=".pull-", dir=home.parent))
        try:
            yield beside
            _replace(home, beside)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        if is_disk_full(error):
            raise ModelError("model_no_room", _no_room(error, home, model)) from error
        raise ModelError("model_unwritable", _unwritable(error, home, model)) from error


def _replace(home: Path, whole: Path) -> None:
    aside = Path(tempfile.mkdtemp(prefix=".old-", dir=home.parent))
    before = aside / home.name
    try:
        if home.exists():
            home.rename(before)
        whole.rename(home)
    except OSError:
        if before.exists() and not home.exists():
            before.rename(home)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _no_room(error: OSError, home: Path, model: str) -> Message:
    return message(
        "There is no room for the model {name} in {folder} ({reason}). Free space on that disk,"
        " or set QA_DATA_FOLDER to a folder on another one, and run again.",
        name=model,
        folder=home.parent,
        reason=error.strerror,
    )


def _unwritable(error: OSError, home: Path, model: str) -> Message:
    return message(
        "The model {name} cannot be put into {folder} ({file}: {reason})."
        " Give your user the right to it, or set QA_DATA_FOLDER to another place, and run again.",
        name=model,
        folder=home.parent,
        file=error.filename or home,
        reason=error.strerror or type(error).__name__,
    )
