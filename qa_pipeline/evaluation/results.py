"""Results as they were written: one qa.call/1 document a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.types import message

SCHEMA = "qa.call/1"

_COMPARED = frozenset({"call_id", "status", "call_type", "findings", "criteria", "utterances"})


def read_results(path: Path) -> list[dict[str, Any]]:
    """Read what `qa audit --json` or `qa score --json` wrote.

    Raises:
        ConfigurationError: `results_unreadable`, with the line.
    """
    try:
        return [_document(path, number, line) for number, line in numbered_lines(path)]
    except (OSError, UnicodeDecodeError) as error:
        told = message("{file} cannot be read: {problem}", file=path, problem=error)
        raise ConfigurationError("results_unreadable", told) from error


def _document(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA or not document.keys() >= _COMPARED:
        told = message(
            "{file}:{line}: not a document of schema {schema}; give what qa audit wrote with --json",
            file=path,
            line=number,
            schema=SCHEMA,
        )
        raise ConfigurationError("results_unreadable", told)
    return document
