"""What the desk tells of a rule beside what was found: the contexts that would have acquitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa_pipeline.rules.loader import RulePack, load_pack
from qa_pipeline.types import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """A rule pack as reviewers ask it.

    Args:
        acquitting: titles of the exemptions of each rule, by rule id.
        severities: the worst severity that a rule of a category gives, by category.
    """

    acquitting: Mapping[str, tuple[str, ...]]
    severities: Mapping[str, Severity]


@cache
def rule_book(folder: Path | None) -> RuleBook:
    """The book of a pack; read once.

    Args:
        folder: of the pack; None for the packaged one.

    Raises:
        RulePackError: the pack cannot be used.
    """
    return _book(load_pack(folder))


def _book(pack: RulePack) -> RuleBook:
    titles = {exemption.id: exemption.title for exemption in pack.header.exemptions}
    charges = (*pack.rules, *pack.heard_otherwise)
    severities: dict[str, Severity] = {}
    for charge in charges:
        known = severities.get(charge.category)
        if known is None or charge.severity.rank > known.rank:
            severities[charge.category] = charge.severity
    return RuleBook(
        acquitting={charge.id: tuple(titles[name] for name in charge.exemptions) for charge in charges},
        severities=severities,
    )
