"""The score of one call, in the order of the design: criteria, base, deductions, caps, grade."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from qa_pipeline.scoring.criteria import judge_criteria
from qa_pipeline.scoring.deductions import deduct
from qa_pipeline.scoring.form import Form, FormMode
from qa_pipeline.types import (
    CriterionOutcome,
    CriterionResult,
    Deduction,
    ElementResult,
    Finding,
    FindingOutcome,
    Grade,
    Scorecard,
    Severity,
    Transcript,
)

_ROUNDING = Decimal("0.1")
_APPLICABLE = (CriterionOutcome.MET, CriterionOutcome.PARTIAL, CriterionOutcome.MISSED)


def score(
    *,
    form: Form,
    elements: Sequence[ElementResult],
    findings: Sequence[Finding],
    transcript: Transcript,
    confirmed: Collection[str] = (),
    corrected: Mapping[str, CriterionOutcome] | None = None,
) -> Scorecard:
    """Score one call.

    1. Each criterion is judged by its element, or by the hits it names. What is not applicable or uncertain
       leaves the base.
    2. Reached points by base, times 100, rounded half up to one decimal; no score under the minimum base.
    3. Deductions: a fatal hit makes it 0; else one a turn, the gravest, within the limits; hits counted in
       the service block deduct nothing more.
    4. Any serious hit caps the score.
    5. The grade, from the rounded score.

    Uncertain findings and notices (info) cost nothing. The score is provisional while something uncertain, or
    a fatal hit no person has confirmed, may still change it. A form of the kind pass or fail has no score but
    the 0 of a red line; it is passed when no criterion is missed and no hit is serious.

    Args:
        findings: occurrences merged and the severity ladder applied, as the rule engine returns them.
        transcript: for the turns of the talk.
        confirmed: keys of findings a person has confirmed.
        corrected: outcomes that a person set for lines of the form, whatever elements and findings say.
    """
    hits = [
        finding
        for finding in findings
        if finding.outcome is FindingOutcome.HIT and finding.severity is not Severity.INFO
    ]
    criteria = judge_criteria(
        form, elements=elements, hits=hits, transcript=transcript, corrected=corrected or {}
    )
    raw = sum((_exact(result.points) for result in criteria), Decimal(0))
    potential = sum((_exact(one.potential) for one in criteria if one.outcome in _APPLICABLE), Decimal(0))
    fatal = any(hit.severity is Severity.FATAL for hit in hits)
    before = _of_100(form, raw, potential)
    normalised = Decimal(0) if before is None and fatal else before
    deductions: tuple[Deduction, ...] = ()
    if normalised is not None:
        absorbed = _absorbed(form, hits, criteria)
        deductions = deduct(normalised, form=form, hits=hits, absorbed=absorbed, transcript=transcript)
        normalised -= sum((_exact(deduction.points) for deduction in deductions), Decimal(0))
    passed = _passed(criteria, hits) if form.mode is FormMode.PASS_FAIL else None
    return Scorecard(
        form_id=form.id,
        form_version=form.version,
        criteria=criteria,
        raw=float(raw),
        potential=float(potential),
        deductions=deductions,
        normalised=None if normalised is None else float(normalised),
        fatal=fatal,
        provisional=_provisional(criteria, findings, confirmed),
        grade=_grade(form, normalised, fatal=fatal, passed=passed),
        passed=passed,
    )


def _exact(points: float | None) -> Decimal:
    return Decimal(str(points or 0))


def _of_100(form: Form, raw: Decimal, potential: Decimal) -> Decimal | None:
    if form.minimum_base is None or potential < _exact(form.minimum_base):
        return None
    return (raw / potential * 100).quantize(_ROUNDING, ROUND_HALF_UP)


def _absorbed(form: Form, hits: Sequence[Finding], criteria: Sequence[CriterionResult]) -> set[str]:
    applicable = {result.criterion_id for result in criteria if result.outcome in _APPLICABLE}
    return {
        hit.key
        for hit in hits
        if hit.severity is not Severity.FATAL
        and (criterion := form.criterion_of(hit)) is not None
        and criterion.absorbs
        and criterion.id in applicable
    }


def _passed(criteria: Sequence[CriterionResult], hits: Sequence[Finding]) -> bool:
    missed = any(result.outcome is CriterionOutcome.MISSED for result in criteria)
    return not missed and all(hit.severity.rank < Severity.SERIOUS.rank for hit in hits)


def _provisional(
    criteria: Sequence[CriterionResult], findings: Sequence[Finding], confirmed: Collection[str]
) -> bool:
    scored = [finding for finding in findings if finding.severity is not Severity.INFO]
    return (
        any(result.outcome is CriterionOutcome.UNCERTAIN for result in criteria)
        or any(finding.outcome is FindingOutcome.UNCERTAIN for finding in scored)
        or any(finding.severity is Severity.FATAL and finding.key not in confirmed for finding in scored)
    )


def _grade(form: Form, normalised: Decimal | None, *, fatal: bool, passed: bool | None) -> Grade:
    if fatal:
        return Grade.RED_LINE
    if passed is not None:
        return Grade.PASS if passed else Grade.FAIL
    if normalised is None:
        return Grade.UNSCORED
    reached = [grade for grade, lowest in form.grades.items() if normalised >= _exact(lowest)]
    return max(reached, key=lambda grade: form.grades[grade])
