"""How headerless files are read: `mulaw@8000`, with two channels `s16le@8000x2`."""

from __future__ import annotations

import re

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.types import Reading, message

CODINGS = ("mulaw", "alaw", "s16le", "s16be", "s8", "u8", "gsm", "g722", "g729")
"""Codings by the names that FFmpeg gives to headerless files."""

_FORMAT = re.compile(r"(?P<coding>[a-z0-9]+)@(?P<rate>[0-9]{4,6})(?:x(?P<channels>[1-8]))?")


def raw_format(text: str) -> Reading:
    """Read what an option says of headerless files.

    Raises:
        ConfigurationError: code ``raw_format_invalid``.
    """
    found = _FORMAT.fullmatch(text.strip().lower())
    if found is None or found["coding"] not in CODINGS:
        told = message(
            "{text} is no format of headerless files; expected coding@rate such as mulaw@8000,"
            " or s16le@8000x2 for two channels; codings: {codings}",
            text=text,
            codings=" ".join(CODINGS),
        )
        raise ConfigurationError("raw_format_invalid", told)
    return Reading(
        raw=found["coding"],
        raw_channels=int(found["channels"] or 1),
        sampling_rate_hz=int(found["rate"]),
    )
