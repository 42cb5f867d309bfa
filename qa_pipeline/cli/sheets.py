"""An entry of a rule pack as lines on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import labels

if TYPE_CHECKING:
    from rich.console import Console

    from qa_pipeline.rules.sources import Sheet, Source


def print_sheet(console: Console, sheet: Sheet) -> None:
    """Print where the entry stands, how it is written, its basis, and what it names."""
    severity = labels.severity(sheet.severity.value) if sheet.severity else None
    names = [name for name in (sheet.title, severity) if name]
    console.print(" · ".join([f"{sheet.source.id}", *names]), style="bold", soft_wrap=True)
    _print_source(console, sheet.source)
    for basis in sheet.basis:
        console.print(_("Basis: {basis}").format(basis=basis.cite), soft_wrap=True)
    for exemption in sheet.exemptions:
        console.print(_("Exemption {exemption}").format(exemption=exemption.id), style="bold")
        _print_source(console, exemption)
    for name, words in sheet.words:
        text = _("Word list @{name}: {words}")
        console.print(text.format(name=name, words="、".join(words)), soft_wrap=True)
    for name, pattern in sheet.patterns:
        text = _("Pattern (?&{name}): {pattern}")
        console.print(text.format(name=name, pattern=pattern), soft_wrap=True)


def _print_source(console: Console, source: Source) -> None:
    console.print(str(source.location), style="dim")
    for line in source.text.splitlines():
        console.print(f"    {line}", soft_wrap=True)
