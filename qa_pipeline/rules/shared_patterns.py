"""The patterns of a pack that several entries share: named once, written ``(?&name)`` where they are used.

They are put in as a pack is read, so that what is compiled, checked and digested is the whole pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import regex

from qa_pipeline.rules.document import Document, Location, Path_, Problem, read_document
from qa_pipeline.rules.patterns import compile_pattern
from qa_pipeline.rules.schema import PatternFile
from qa_pipeline.rules.validation import unknown_name, validate
from qa_pipeline.types import message

REFERENCE = re.compile(r"\(\?&([a-z][a-z0-9_.]*)\)")
"""How an entry uses a shared pattern; group 1 is its name."""


def read_patterns(folder: Path) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The shared patterns of a pack by name, those before each put in, and what is wrong with them."""
    path = folder / "patterns.yaml"
    if not path.is_file():
        return {}, ()
    document, problems = read_document(path, file=path.name)
    if document is None:
        return {}, problems
    file, invalid = validate(document, PatternFile)
    found = [*problems, *invalid]
    patterns: dict[str, str] = {}
    for name, text in {} if file is None else file.patterns.items():
        where = ("patterns", name)
        told = len(found)
        patterns[name] = _put_in(text, where, document, patterns, found)
        if len(found) == told:
            found += _faults(patterns[name], document.locate(where))
    return patterns, tuple(found)


def expand(document: Document, patterns: Mapping[str, str]) -> tuple[Document, tuple[Problem, ...]]:
    """The document with shared patterns in the place of their names, and the names that are unknown."""
    problems: list[Problem] = []

    def expanded(value: Any, path: Path_) -> Any:
        match value:
            case dict():
                return {key: expanded(part, (*path, key)) for key, part in value.items()}
            case list():
                return [expanded(part, (*path, index)) for index, part in enumerate(value)]
            case str():
                return _put_in(value, path, document, patterns, problems)
            case _:
                return value

    return replace(document, value=expanded(document.value, ())), tuple(problems)


def _faults(pattern: str, location: Location) -> Iterator[Problem]:
    try:
        compile_pattern(pattern)
    except regex.error as error:
        yield Problem(location=location, message=message("not a regular expression: {reason}", reason=error))


def _put_in(
    text: str, path: Path_, document: Document, patterns: Mapping[str, str], problems: list[Problem]
) -> str:
    def pattern(reference: re.Match[str]) -> str:
        name = reference[1]
        if name in patterns:
            return f"(?:{patterns[name]})"
        told = unknown_name("pattern", name, list(patterns))
        problems.append(Problem(location=document.locate(path), message=told))
        return reference[0]

    return REFERENCE.sub(pattern, text)
