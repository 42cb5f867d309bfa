"""A rule pack read from its folder: every problem at once, each with file and line.

The digest covers what the pack says, not how it is written: comments, the order of entries that have ids and
which file holds one make no difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from qa_pipeline.errors import RulePackError
from qa_pipeline.i18n import render
from qa_pipeline.rules.document import Document, Location, Path_, Problem, read_document
from qa_pipeline.rules.integrity import Placed, check_integrity
from qa_pipeline.rules.schema import (
    CaseRule,
    Element,
    ElementFile,
    ExemptionFile,
    HeardOtherwise,
    HeardOtherwiseFile,
    PackHeader,
    Rule,
    RuleFile,
    TriggerFile,
)
from qa_pipeline.rules.shared_patterns import expand, read_patterns
from qa_pipeline.rules.validation import Model, validate
from qa_pipeline.types import message

Entry = TypeVar("Entry", bound=BaseModel)
PACKAGED = Path(__file__).parent / "packs" / "zh_collection"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """A pack without a known fault.

    Args:
        digest: sha256 of the content.
        locations: where each rule and element stands, by (id,), and each of its examples, by (id, "hit", 0).
    """

    header: PackHeader
    digest: str
    rules: tuple[Rule, ...]
    elements: tuple[Element, ...]
    locations: Mapping[Path_, Location]
    heard_otherwise: tuple[HeardOtherwise, ...] = ()
    case_rules: tuple[CaseRule, ...] = ()

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def version(self) -> str:
        return self.header.version


def load_pack(path: Path | None = None) -> RulePack:
    """Load the pack in a folder, by default the packaged Chinese one.

    Raises:
        RulePackError: the folder is no pack (`rule_pack_missing`), or something in it is wrong
            (`rule_pack_invalid`; the message lists every problem).
    """
    folder = PACKAGED if path is None else path
    if not (folder / "pack.yaml").is_file():
        text = "{folder} is no rule pack: it has no pack.yaml. Name a folder as described in docs/rules.md."
        raise RulePackError("rule_pack_missing", message(text, folder=folder))
    patterns, unreadable = read_patterns(folder)
    problems = list(unreadable)
    if problems:  # every place that uses a faulty pattern would be named too
        raise _error(folder, problems)

    def read(paths: Iterable[Path], model: type[Model]) -> list[tuple[Document, Model]]:
        return _read(folder, paths, model, patterns, problems)

    headers = read([folder / "pack.yaml"], PackHeader)
    exemption_files = read(folder.glob("exemptions.yaml"), ExemptionFile)
    trigger_files = read(folder.glob("triggers.yaml"), TriggerFile)
    rule_files = read((folder / "violations").rglob("*.yaml"), RuleFile)
    element_files = read((folder / "elements").rglob("*.yaml"), ElementFile)
    others = [*folder.glob("heard_otherwise.yaml"), *(folder / "heard_otherwise").rglob("*.yaml")]
    other_files = read(others, HeardOtherwiseFile)
    contexts = [(document, header.exemptions) for document, header in headers]
    contexts += [(document, file.exemptions) for document, file in exemption_files]
    exemptions = _placed("exemptions", contexts)
    heard = [(document, header.triggers) for document, header in headers]
    heard += [(document, file.triggers) for document, file in trigger_files]
    triggers = _placed("triggers", heard)
    rules = _placed("rules", [(document, file.rules) for document, file in rule_files])
    case_rules = _placed("case_rules", [(document, file.case_rules) for document, file in rule_files])
    elements = _placed("elements", [(document, file.elements) for document, file in element_files])
    heard_otherwise = _placed(
        "heard_otherwise", [(document, file.heard_otherwise) for document, file in other_files]
    )
    # References are checked only when all could be read: a file that could not would make its names unknown.
    if not problems:
        document, header = headers[0]
        header = header.model_copy(
            update={
                "exemptions": tuple(exemption.entry for exemption in exemptions),
                "triggers": tuple(trigger.entry for trigger in triggers),
            }
        )
        problems += check_integrity(
            header=Placed(document=document, path=(), entry=header),
            exemptions=exemptions,
            triggers=triggers,
            rules=rules,
            elements=elements,
            heard_otherwise=heard_otherwise,
            case_rules=case_rules,
        )
    if problems:
        raise _error(folder, problems)
    locations: dict[Path_, Location] = {}
    for rule in rules:
        locations |= _locations(rule.document, rule.path, rule.entry.id)
    for case_rule in case_rules:
        locations |= _locations(case_rule.document, case_rule.path, case_rule.entry.id)
    for charge in heard_otherwise:
        locations |= _locations(charge.document, charge.path, charge.entry.id)
    for element in elements:
        locations |= _locations(element.document, element.path, element.entry.id)
    return make_pack(
        header=header,
        rules=[rule.entry for rule in rules],
        elements=[element.entry for element in elements],
        locations=locations,
        heard_otherwise=[entry.entry for entry in heard_otherwise],
        case_rules=[rule.entry for rule in case_rules],
    )


def make_pack(
    *,
    header: PackHeader,
    rules: Iterable[Rule],
    elements: Iterable[Element],
    locations: Mapping[Path_, Location],
    heard_otherwise: Iterable[HeardOtherwise] = (),
    case_rules: Iterable[CaseRule] = (),
) -> RulePack:
    """A pack of checked parts, with its digest; also the way to a pack of some rules only."""
    kept_rules, kept_elements, kept_others = tuple(rules), tuple(elements), tuple(heard_otherwise)
    kept_case_rules = tuple(case_rules)
    content = {
        "header": header.model_dump(mode="json")
        | {"exemptions": _by_id(header.exemptions), "triggers": _by_id(header.triggers)},
        "rules": _by_id(kept_rules),
        "elements": _by_id(kept_elements),
        "heard_otherwise": _by_id(kept_others),
        "case_rules": _by_id(kept_case_rules),
    }
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return RulePack(
        header=header,
        digest=digest,
        rules=kept_rules,
        elements=kept_elements,
        locations=locations,
        heard_otherwise=kept_others,
        case_rules=kept_case_rules,
    )


def _by_id(entries: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return sorted((entry.model_dump(mode="json") for entry in entries), key=itemgetter("id"))


def _placed(section: str, files: Iterable[tuple[Document, Sequence[Entry]]]) -> list[Placed[Entry]]:
    """The entries of a section of some files, each with where it stands."""
    return [
        Placed(document=document, path=(section, index), entry=entry)
        for document, entries in files
        for index, entry in enumerate(entries)
    ]


def _read(
    folder: Path,
    paths: Iterable[Path],
    model: type[Model],
    patterns: Mapping[str, str],
    problems: list[Problem],
) -> list[tuple[Document, Model]]:
    read: list[tuple[Document, Model]] = []
    for path in sorted(paths):
        document, unreadable = read_document(path, file=path.relative_to(folder).as_posix())
        problems += unreadable
        if document is None:
            continue
        whole, unknown = expand(document, patterns)
        parsed, invalid = validate(whole, model)
        problems += [*unknown, *invalid]
        if parsed is not None:
            read.append((whole, parsed))
    return read


def _locations(document: Document, path: Path_, entry_id: str) -> dict[Path_, Location]:
    found: dict[Path_, Location] = {(entry_id,): document.locate((*path, "id"))}
    for known in document.lines:
        if known[:3] == (*path, "examples") and len(known) == 5:
            found[(entry_id, *known[3:])] = document.locate(known)
    return found


def _error(folder: Path, problems: Iterable[Problem]) -> RulePackError:
    lines = [
        f"{problem.location}: {render(problem.message)}"
        for problem in sorted(problems, key=lambda problem: problem.location)
    ]
    text = "The rule pack {folder} has {count} problem(s); docs/rules.md shows the form.\n{problems}"
    return RulePackError(
        "rule_pack_invalid", message(text, folder=folder, count=len(lines), problems="\n".join(lines))
    )
