"""docs/errors.md names every code that the software can show, and none besides."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from qa_pipeline.errors import AudioError, QAError
from qa_pipeline.types import message

CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def codes_in(source: str) -> Iterator[str]:
    """The first argument, or `code`, of every call that makes an error or a failure."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "PydanticCustomError":  # names a reason within `setting_invalid`
            continue
        if name.endswith(("Error", "_error", "Failure", "_failure", "_fault", "Fault")):
            arguments = [
                *node.args[:1],
                *(keyword.value for keyword in node.keywords if keyword.arg == "code"),
            ]
            for argument in arguments:
                if isinstance(argument, ast.Constant) and CODE.fullmatch(str(argument.value)):
                    yield str(argument.value)


def test_every_code_is_documented(repository: Path) -> None:
    shown = {
        code
        for folder in ("qa_pipeline", "flows")
        for path in (repository / folder).rglob("*.py")
        for code in codes_in(path.read_text(encoding="utf-8"))
    }
    assert len(shown) > 30
    documented = set(
        re.findall(r"`([a-z]+(?:_[a-z]+)+)`", (repository / "docs/errors.md").read_text(encoding="utf-8"))
    )
    assert shown - documented == set()


def test_an_error_shows_its_code_and_values() -> None:
    error = AudioError("audio_empty", message("{file} is empty", file="a.wav"))
    assert str(error) == "[audio_empty] a.wav is empty"
    assert error.exit_status == 1
    assert isinstance(error, QAError)
    assert error.as_failure().code == "audio_empty"
