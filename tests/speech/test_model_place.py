"""The folder of a model takes its place whole, or leaves what was there."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from qa_pipeline.errors import ModelError
from qa_pipeline.speech.model_place import gathered


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def fill(home: Path, content: str) -> None:
    with gathered(home, model="tiny") as folder:
        (folder / "weights").write_text(content)


def test_what_is_gathered_takes_the_place(tmp_path: Path) -> None:
    for content in ("first", "second"):
        fill(tmp_path / "tiny", content)
        assert files(tmp_path) == {"tiny/weights": content}


def test_a_move_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "tiny"
    fill(home, "first")
    move = Path.rename

    def refuse_the_new(self: Path, target: Path) -> Path:
        if self.name.startswith(".pull-"):
            raise OSError(errno.EIO, "Input/output error", str(target))
        return move(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    with pytest.raises(ModelError) as caught:
        fill(home, "second")
    assert caught.value.code == "model_unwritable"
    assert files(tmp_path) == {"tiny/weights": "first"}
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
