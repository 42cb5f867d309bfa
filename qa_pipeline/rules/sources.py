"""An entry of a pack as its author wrote it, with what it refers to by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process

from qa_pipeline.errors import RulePackError
from qa_pipeline.rules.document import Location, read_document, read_excerpt
from qa_pipeline.rules.loader import RulePack
from qa_pipeline.rules.schema import Basis, Charge, Element, Exemption, LadderStep, Trigger
from qa_pipeline.rules.shared_patterns import REFERENCE, read_patterns
from qa_pipeline.types import Severity, message

NAMES_OFFERED = 3
"""So many known names stand beside one that is unknown."""

_SECTIONS = ("rules", "case_rules", "elements", "heard_otherwise", "exemptions", "triggers", "ladder")
_WORD_LIST = re.compile(r"@([a-z][a-z0-9_.]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The YAML of one entry, and where it stands."""

    id: str
    location: Location
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An entry with everything that decides what it does.

    Args:
        title, severity, basis: where the entry has them.
        exemptions: those that it names.
        words: the word lists that it or its exemptions name, as written ``@name``.
        patterns: the shared patterns, as written ``(?&name)``.
    """

    source: Source
    title: str | None
    severity: Severity | None
    basis: tuple[Basis, ...]
    exemptions: tuple[Source, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]
    patterns: tuple[tuple[str, str], ...]


def sheet_of(pack: RulePack, folder: Path, name: str) -> Sheet:
    """A rule, an element or anything else of a pack that has an id.

    Args:
        folder: from which the pack was loaded.

    Raises:
        RulePackError: nothing has that id (`entry_unknown`); the message names the nearest.
    """
    places = dict(_places(folder))
    known: dict[str, str] = {}
    for section, entry_id in sorted(places, key=lambda place: _SECTIONS.index(place[0])):
        known.setdefault(entry_id, section)
    if name not in known:
        raise unknown_entry(pack, name, known)

    def source(section: str, entry_id: str) -> Source:
        location, index = places[section, entry_id]
        text = read_excerpt(folder / location.file, (section, index))
        return Source(id=entry_id, location=location, text=text)

    own = source(known[name], name)
    header = pack.header
    entries: tuple[Charge | Element | Exemption | Trigger | LadderStep, ...] = (
        *pack.rules,
        *pack.elements,
        *pack.case_rules,
        *pack.heard_otherwise,
        *header.exemptions,
        *header.triggers,
        *header.ladder,
    )
    entry = next(entry for entry in entries if entry.id == name)
    exemptions = (
        tuple(source("exemptions", each) for each in entry.exemptions) if isinstance(entry, Charge) else ()
    )
    written = "\n".join(each.text for each in (own, *exemptions))
    named = dict.fromkeys(_WORD_LIST.findall(written))
    patterns, _ = read_patterns(folder)
    return Sheet(
        source=own,
        title=getattr(entry, "title", None),
        severity=getattr(entry, "severity", None),
        basis=getattr(entry, "basis", ()),
        exemptions=exemptions,
        words=tuple((each, header.words[each]) for each in named if each in header.words),
        patterns=tuple((each, patterns[each]) for each in dict.fromkeys(REFERENCE.findall(written))),
    )


def unknown_entry(pack: RulePack, name: str, known: Iterable[str]) -> RulePackError:
    """The error for an id that a pack does not have, with the nearest of the known ones."""
    nearest = [found[0] for found in process.extract(name, list(known), limit=NAMES_OFFERED)]
    told = message(
        "The rule pack {pack} has no entry {name}. Nearest names: {names}.",
        pack=pack.id,
        name=name,
        names=", ".join(nearest),
    )
    return RulePackError("entry_unknown", told)


def _places(folder: Path) -> Iterator[tuple[tuple[str, str], tuple[Location, int]]]:
    """Section and id of every entry, with its line and its number in its file."""
    for path in sorted(folder.rglob("*.yaml")):
        document, _ = read_document(path, file=path.relative_to(folder).as_posix())
        if document is None or not isinstance(document.value, dict):
            continue
        for section in _SECTIONS:
            for index, entry in enumerate(document.value.get(section, ())):
                yield (section, entry["id"]), (document.locate((section, index, "id")), index)
