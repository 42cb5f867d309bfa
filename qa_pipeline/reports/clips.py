"""The words of a finding to listen to: cut, and put into the page while it stays small, else beside it."""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa_pipeline.errors import QAError
from qa_pipeline.types import PLAIN, Inspection, Reading, TimeSpan

_log = logging.getLogger(__name__)

Clip = Callable[[str, TimeSpan, Reading], bytes]
"""Cuts a span out of a recording: (path, span, reading) -> MP3 bytes."""

PADDING_MS = 5_000
LEAD_MS = 2_000
"""Playing starts so long before the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRequest:
    """A clip that a page wants to play.

    Args:
        token: stands in the page until the clip is cut; random, so that no transcript can contain it.
        lead_s: from the start of the clip to where playing starts.
    """

    token: str
    uri: str
    span: TimeSpan
    lead_s: float
    reading: Reading = PLAIN


def request_clip(inspection: Inspection, span: TimeSpan | None) -> ClipRequest | None:
    """Ask for the words at `span` with five seconds around them; None where there is no recording."""
    if span is None or inspection.recording is None:
        return None
    start_ms = max(0, span.start_ms - PADDING_MS)
    return ClipRequest(
        token=f"clip-{secrets.token_hex(16)}",
        uri=inspection.recording.uri,
        span=TimeSpan(start_ms=start_ms, end_ms=span.end_ms + PADDING_MS),
        lead_s=max(0, span.start_ms - LEAD_MS - start_ms) / 1000,
        reading=inspection.recording.reading,
    )


class ClipShelf:
    """Where the clips of a report go.

    Args:
        clip: cuts them.
        folder: for the clips that do not fit into the page; made when the first one comes.
        address: of that folder, as the page names it.
        inline_bytes: how much the page may still grow.
    """

    def __init__(self, clip: Clip, folder: Path, *, address: str, inline_bytes: int) -> None:
        self._clip, self._folder, self._address = clip, folder, address
        self._room = inline_bytes
        self._count = 0

    def source(self, request: ClipRequest) -> str:
        """The address of a clip; empty where the recording cannot be read any more."""
        try:
            sound = self._clip(request.uri, request.span, request.reading)
        except (QAError, OSError) as error:
            _log.warning(
                "no clip of %s at %d ms: %s", request.uri, request.span.start_ms, type(error).__name__
            )
            return ""
        inline = "data:audio/mpeg;base64," + base64.b64encode(sound).decode()
        if len(inline) <= self._room:
            self._room -= len(inline)
            return inline
        self._count += 1
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"clip-{self._count:05}.mp3"
        (self._folder / name).write_bytes(sound)
        return f"{self._address}{name}"
