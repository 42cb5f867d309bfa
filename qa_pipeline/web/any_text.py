"""Whatever text the store holds can be sent: no half of a character takes a page or a list away.

Such halves come from names of files that are not UTF-8, in messages, places of recordings, and ids of stores
that older versions filled.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi.responses import JSONResponse

from qa_pipeline.store.records import write_json


def sendable(text: str) -> bytes:
    """A text as UTF-8, halves of characters as their escapes."""
    return text.encode("utf-8", "backslashreplace")


def quoted(text: str) -> str:
    """A text as part of the path of an address."""
    return quote(sendable(text))


class AnyJSONResponse(JSONResponse):
    """JSON of any text."""

    def render(self, content: Any) -> bytes:
        """Write the content; halves of characters become JSON's own escapes."""
        return write_json(content).encode()
