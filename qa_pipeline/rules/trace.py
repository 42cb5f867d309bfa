"""What became of every match of a rule: found, doubted, or acquitted by which exemption and which cue.

Findings say what is held against an agent; a trace also says what is not, and why. It is made of the same
occurrences as the findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from qa_pipeline.rules.doubts import in_order
from qa_pipeline.rules.findings import Occurrence, distinct
from qa_pipeline.rules.schema import Charge
from qa_pipeline.types import Evidence


class MatchOutcome(StrEnum):
    """What becomes of a match."""

    HIT = "hit"
    UNCERTAIN = "uncertain"
    ACQUITTED = "acquitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsideredMatch:
    """Words that met the condition of a rule, and what became of them.

    Args:
        evidence: the words, and how each was found.
        doubts: codes, the gravest first; empty on a hit, and where an exemption acquits.
        exemption_id, exemption_title: the exemption that acquits or, as a doubt says, may acquit.
        cue: the words that show that exemption, as said.
    """

    rule_id: str
    rule_title: str
    evidence: tuple[Evidence, ...]
    outcome: MatchOutcome
    doubts: tuple[str, ...] = ()
    exemption_id: str | None = None
    exemption_title: str | None = None
    cue: str | None = None


def considered(rule: Charge, occurrences: Iterable[Occurrence]) -> Iterator[ConsideredMatch]:
    """The matches of one rule in order, of overlapping ones with the same outcome the best only."""
    every = tuple(occurrences)
    held = distinct(found for found in every if not found.acquitted)
    dropped = distinct(found for found in every if found.acquitted)
    for found in sorted((*held, *dropped), key=lambda one: (one.passage.index, one.match.start)):
        yield _considered(rule, found)


def _considered(rule: Charge, found: Occurrence) -> ConsideredMatch:
    outcome, doubts = MatchOutcome.HIT, in_order(found.doubts)
    if found.acquitted:
        outcome, doubts = MatchOutcome.ACQUITTED, doubts if found.dropped else ()
    elif found.doubts:
        outcome = MatchOutcome.UNCERTAIN
    exemption, cue = found.decision.exemption, found.decision.cue
    return ConsideredMatch(
        rule_id=rule.id,
        rule_title=rule.title,
        evidence=found.evidence,
        outcome=outcome,
        doubts=doubts,
        exemption_id=None if exemption is None else exemption.id,
        exemption_title=None if exemption is None else exemption.title,
        cue=None if cue is None else found.passage.quote(*cue),
    )
