"""Tables on pages of the documentation, each between marks that name it."""

from __future__ import annotations

from pathlib import Path


def write_between(page: Path, name: str, text: str) -> None:
    """Put text between the marks of that name on a page."""
    head, _, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, _, tail = rest.partition(f"<!-- end of {name} -->")
    page.write_text(f"{head}<!-- {name} -->\n{text}\n<!-- end of {name} -->{tail}", encoding="utf-8")
