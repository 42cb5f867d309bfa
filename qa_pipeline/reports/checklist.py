"""The form of a call as lines to read: what was said, what is missing, and how the score came about."""

from __future__ import annotations

from dataclasses import dataclass

from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.reports import figures, labels
from qa_pipeline.reports.masking import Masking
from qa_pipeline.types import CriterionOutcome, CriterionResult, Inspection, Scorecard, Severity, TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistLine:
    """One line of the form.

    Args:
        points: None where undecided.
        quote, span: the words that meet it, or of what came closest.
        heard_as: what the words that meet it were taken for, where they were heard otherwise.
        similarity: of what came closest, 0..1; None where `quote` meets the line.
        explanation: why, in words.
    """

    criterion_id: str
    name: str
    outcome: CriterionOutcome
    points: float | None
    potential: float
    quote: str | None
    heard_as: str | None
    span: TimeSpan | None
    similarity: float | None
    explanation: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One step from the raw points to the grade; `severity` on a deduction."""

    name: str
    value: str
    severity: Severity | None = None


def checklist(inspection: Inspection, *, unmasked: bool = False) -> tuple[ChecklistLine, ...]:
    """The lines of the form in its own order; none where the call was not scored."""
    card = inspection.scorecard
    masking = Masking(inspection, unmasked)
    return () if card is None else tuple(_line(result, masking) for result in card.criteria)


def score_lines(inspection: Inspection, *, unmasked: bool = False) -> tuple[ScoreLine, ...]:
    """How the score came about: raw points, scaled, deductions, result and grade."""
    card = inspection.scorecard
    if card is None:
        return ()
    masking = Masking(inspection, unmasked)
    raw = f"{figures.number(card.raw)} / {figures.number(card.potential)}"
    lines = [ScoreLine(name=_("Points of the form"), value=raw)]
    if card.normalised is not None and card.potential:
        scaled = figures.number(100 * card.raw / card.potential)
        lines.append(ScoreLine(name=_("Scaled to 100"), value=scaled))
    for taken in card.deductions:
        reason = masking.text(render(taken.reason))
        name = _("{category}: {reason}").format(category=labels.category(taken.category), reason=reason)
        value = f"−{figures.number(taken.points)}" if taken.points else "0"
        lines.append(ScoreLine(name=name, value=value, severity=taken.severity))
    if card.passed is not None:
        lines.append(ScoreLine(name=_("Pass or fail form"), value=_("Pass") if card.passed else _("Fail")))
    lines.append(ScoreLine(name=_("Score"), value=score_text(card)))
    lines.append(ScoreLine(name=_("Grade"), value=labels.grade(card.grade)))
    return tuple(lines)


def score_text(card: Scorecard | None) -> str:
    """The score, marked where it is provisional."""
    if card is None:
        return figures.NOTHING
    score = figures.number(card.normalised)
    return _("{score} (provisional)").format(score=score) if card.provisional else score


def _line(result: CriterionResult, masking: Masking) -> ChecklistLine:
    shown = result.evidence[0] if result.evidence else result.nearest_miss
    return ChecklistLine(
        criterion_id=result.criterion_id,
        name=labels.criterion(result.criterion_id),
        outcome=result.outcome,
        points=result.points,
        potential=result.potential,
        quote=masking.quote(shown) if shown else None,
        heard_as=masking.heard_as(result.evidence[0]) if result.evidence else None,
        span=shown.span if shown else None,
        similarity=result.nearest_miss.similarity if result.nearest_miss and not result.evidence else None,
        explanation=tuple(masking.text(render(part)) for part in result.explanation),
    )
