"""Each finding of a call with everything a reviewer needs to decide on it."""

from __future__ import annotations

from dataclasses import dataclass

from qa_pipeline.i18n import render
from qa_pipeline.reports import labels
from qa_pipeline.reports.dialogue import worst_first
from qa_pipeline.reports.masking import Masking
from qa_pipeline.reports.quotation import Quotation
from qa_pipeline.types import (
    Evidence,
    Finding,
    FindingOutcome,
    Inspection,
    MatchKind,
    Role,
    Severity,
    TimeSpan,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """The words of one piece of evidence.

    Args:
        quotation: the words in their clauses.
        heard_as: the phrase they were taken for, when they are not that phrase letter by letter.
        recognition: confidence of the recognised words, 0..1.
    """

    role: Role
    span: TimeSpan | None
    quotation: Quotation
    heard_as: str | None
    distance: float
    recognition: float

    @property
    def quote(self) -> str:
        """The words alone."""
        return self.quotation.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One finding, readable.

    Args:
        category: its name.
        occurrences: empty on a finding from the call record alone.
        explanation: sentences: the rule and why it exists, what was taken for what, what speaks against it.
        doubts: in a few words each; empty on a hit.
    """

    key: str
    rule_id: str
    category: str
    severity: Severity
    outcome: FindingOutcome
    confidence: float
    match: MatchKind
    occurrences: tuple[Occurrence, ...]
    explanation: tuple[str, ...]
    doubts: tuple[str, ...]
    basis: tuple[str, ...]

    @property
    def span(self) -> TimeSpan | None:
        """Where to listen."""
        return self.occurrences[0].span if self.occurrences else None


def flags(inspection: Inspection, *, unmasked: bool = False) -> tuple[Flag, ...]:
    """The findings of a call, worst first."""
    masking = Masking(inspection, unmasked)
    return tuple(_flag(finding, masking) for finding in worst_first(inspection.findings))


def _flag(finding: Finding, masking: Masking) -> Flag:
    return Flag(
        key=finding.key,
        rule_id=finding.rule_id,
        category=labels.category(finding.category),
        severity=finding.severity,
        outcome=finding.outcome,
        confidence=finding.confidence,
        match=finding.match,
        occurrences=tuple(_occurrence(part, masking) for part in finding.evidence),
        explanation=tuple(masking.text(render(part)) for part in finding.explanation),
        doubts=tuple(labels.doubt(code) for code in finding.doubts),
        basis=finding.basis,
    )


def _occurrence(part: Evidence, masking: Masking) -> Occurrence:
    return Occurrence(
        role=part.role,
        span=part.span,
        quotation=masking.quotation(part),
        heard_as=masking.heard_as(part),
        distance=part.distance,
        recognition=part.confidence,
    )
