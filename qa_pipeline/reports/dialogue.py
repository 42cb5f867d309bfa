"""A call as lines to read: the words with what was flagged in them. Screens and paper only colour these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa_pipeline.reports.masking import Masking
from qa_pipeline.types import (
    Evidence,
    Finding,
    FindingOutcome,
    Inspection,
    Role,
    Severity,
    TimeSpan,
    Utterance,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words in a row with the same flag; `finding_key`, `severity` and `outcome` are None on plain words."""

    text: str
    finding_key: str | None = None
    severity: Severity | None = None
    outcome: FindingOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueLine:
    """One utterance, or a stretch that could not be heard (then without id and pieces).

    Args:
        confidence: of the recognition, 0..1.
        likely: what was most likely said; None where that is what was heard.
    """

    utterance_id: str | None
    role: Role
    span: TimeSpan | None
    pieces: tuple[Piece, ...]
    confidence: float
    likely: str | None = None

    @property
    def inaudible(self) -> bool:
        return self.utterance_id is None


def dialogue(inspection: Inspection, *, unmasked: bool = False) -> tuple[DialogueLine, ...]:
    """The lines of a call in order; none where nothing was transcribed.

    Words with several flags carry the worst: a hit before an uncertain one, then by severity.
    """
    transcript = inspection.transcript
    if transcript is None:
        return ()
    masking = Masking(inspection, unmasked)
    lines = [
        DialogueLine(
            utterance_id=said.id,
            role=said.role,
            span=said.span,
            pieces=tuple(_pieces(said, masking.utterances[said.id], inspection.findings)),
            confidence=said.confidence,
            likely=masking.likely.get(said.id),
        )
        for said in transcript.utterances
    ]
    lines += [
        DialogueLine(
            utterance_id=None,
            role=_role_of(region.channel, inspection),
            span=region.span,
            pieces=(),
            confidence=0.0,
        )
        for region in transcript.inaudible
    ]
    # What was lost before the first word of an utterance begins with it, and was said before.
    return tuple(
        sorted(lines, key=lambda line: (line.span.start_ms if line.span else -1, not line.inaudible))
    )


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Hits before uncertain findings, fatal before minor, then as they come in the call."""
    return sorted(findings, key=lambda one: (one.outcome is FindingOutcome.UNCERTAIN, -one.severity.rank))


def _role_of(channel: int, inspection: Inspection) -> Role:
    heard = inspection.transcript.utterances if inspection.transcript else ()
    return next((said.role for said in heard if said.channel == channel), Role.UNKNOWN)


def _pieces(said: Utterance, shown: str, findings: Sequence[Finding]) -> Iterator[Piece]:
    flags: list[Finding | None] = [None] * len(said.text)
    for finding in reversed(worst_first(findings)):
        for start, end in _places(said, finding.evidence):
            flags[start:end] = [finding] * (end - start)
    at = 0
    for flag, run in groupby(flags):
        size = len(list(run))
        text, at = shown[at : at + size], at + size
        if flag is None:
            yield Piece(text=text)
        else:
            yield Piece(text=text, finding_key=flag.key, severity=flag.severity, outcome=flag.outcome)


def _places(said: Utterance, evidence: Sequence[Evidence]) -> Iterator[tuple[int, int]]:
    """Where the quotes stand; the whole utterance where a quote goes on beyond it."""
    searched_from: dict[str, int] = {}
    for part in evidence:
        if part.utterance_id != said.id:
            continue
        start = said.text.find(part.quote, searched_from.get(part.quote, 0))
        if start < 0 or not part.quote:
            yield 0, len(said.text)
        else:
            searched_from[part.quote] = start + len(part.quote)
            yield start, start + len(part.quote)
