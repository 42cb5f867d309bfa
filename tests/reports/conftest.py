"""What tests of the reports share: a language, and a way to read a written page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from qa_pipeline.i18n import use_language


@pytest.fixture
def english() -> Iterator[None]:
    """Texts as they stand in the code."""
    use_language("en")
    yield
    use_language("zh_CN")


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag, in order."""
        return [attributes for name, attributes in self.tags if name == tag]
