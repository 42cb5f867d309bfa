"""Metadata in the names of recordings: a pattern whose named groups are fields."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.metadata_fields import BY_NAME
from qa_pipeline.types import message

_SECONDS = 0.2
"""For one name; a pattern that takes longer would take for ever on some names."""


class NamePattern:
    r"""Reads fields in names of recordings: `(?P<agent_id>\d+)_(?P<started_at>[\d-]+)_(?P<call_id>.+)`."""

    def __init__(self, text: str) -> None:
        """Compile the pattern.

        Raises:
            ConfigurationError: code ``name_pattern_invalid``.
        """
        try:
            self._pattern = regex.compile(text)
        except regex.error as error:
            raise _wrong(text, str(error)) from error
        unknown = sorted(name for name in self._pattern.groupindex if name.casefold() not in BY_NAME)
        if unknown or not self._pattern.groupindex:
            raise _wrong(text, ", ".join(unknown) or "-")

    def read(self, path_id: str) -> Mapping[str, str] | None:
        """The fields in a path without extension; None where the pattern does not fit.

        Raises:
            ConfigurationError: code ``name_pattern_invalid``, where the pattern takes too long.
        """
        try:
            found = self._pattern.search(path_id, timeout=_SECONDS)
        except TimeoutError as error:
            raise _wrong(self._pattern.pattern, path_id) from error
        return None if found is None else {name: text for name, text in found.groupdict().items() if text}


def _wrong(text: str, problem: str) -> ConfigurationError:
    told = message(
        "{pattern} cannot be used as a pattern of file names ({problem}); expected named groups that are"
        " metadata fields, such as {example}",
        pattern=text,
        problem=problem,
        example=r"(?P<agent_id>\d+)_(?P<call_id>.+)",
    )
    return ConfigurationError("name_pattern_invalid", told)
