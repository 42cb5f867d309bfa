"""`qa` as it is typed, for tests that look at what it prints and keeps."""

from __future__ import annotations

from typing import Any

from typer.testing import CliRunner

from qa_pipeline.cli import build_app
from qa_pipeline.config import load_settings
from qa_pipeline.i18n import use_language
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Inspection


def qa(*arguments: str, language: str = "en", typed: str = "") -> Any:
    """What a command does in this process; `typed` is what a pipe gives it."""
    use_language(language)
    return CliRunner().invoke(
        build_app(), list(arguments), prog_name="qa", input=typed, catch_exceptions=False
    )


def keep(*inspections: Inspection) -> None:
    """Put inspections into the store that the commands use."""
    with open_store(load_settings().store) as store:
        for inspection in inspections:
            store.save(inspection, fingerprint="f")
