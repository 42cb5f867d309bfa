"""Trained artefacts: only the pinned bytes are loaded, and only types that somebody reviewed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from pathlib import Path

import pytest
from skops.io import dump

from qa_pipeline.errors import ModelError
from qa_pipeline.language.classification import StoredModel
from qa_pipeline.resources import models_folder

ELEMENTS = models_folder() / "elements"


def _copy(folder: Path) -> Path:
    return Path(shutil.copytree(ELEMENTS, folder / "elements"))


def _pin(folder: Path) -> None:
    content = (folder / "elements.skops").read_bytes()
    document = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    document["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")


def test_changed_bytes_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    artefact = folder / "elements.skops"
    artefact.write_bytes(artefact.read_bytes() + b" ")
    with pytest.raises(ModelError, match=r"elements\.skops") as caught:
        StoredModel.open(folder)
    assert caught.value.code == "model_changed"


@pytest.mark.parametrize("missing", ["manifest.json", "elements.skops"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = _copy(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=str(folder)) as caught:
        StoredModel.open(folder)
    assert caught.value.code == "model_missing"


class Stranger:
    """A type that nobody reviewed."""


def test_types_nobody_reviewed_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    dump(OrderedDict(labels=[Stranger()]), folder / "elements.skops")
    _pin(folder)
    model = StoredModel.open(folder)
    with pytest.raises(ModelError, match="Stranger") as caught:
        _ = model.artefact
    assert caught.value.code == "model_untrusted"
