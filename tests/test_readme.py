"""The README's two commands are the commands that CI runs, in both languages; every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

READMES = ("README.md", "README.zh-CN.md")


def commands(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("    python3 -m venv")]


def test_the_same_two_commands_in_both_languages(repository: Path) -> None:
    english, chinese = (commands((repository / name).read_text(encoding="utf-8")) for name in READMES)
    assert english == chinese
    assert len(english) == 2
    assert english[0].endswith("&& qa audit sample_audio --report report")
    assert english[1].endswith("&& pytest")


@pytest.mark.parametrize(
    "name", [*READMES, "CONTRIBUTING.md", "docs/architecture.md", "sample_audio/README.md"]
)
def test_links_lead_somewhere(name: str, repository: Path) -> None:
    page = repository / name
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
