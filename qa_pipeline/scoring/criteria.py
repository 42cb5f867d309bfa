"""What each line of a form is worth in one call, before deductions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa_pipeline.scoring.form import Criterion, Form
from qa_pipeline.types import (
    CriterionOutcome,
    CriterionResult,
    ElementResult,
    Finding,
    Message,
    Role,
    Severity,
    Transcript,
    message,
)


def judge_criteria(
    form: Form,
    *,
    elements: Sequence[ElementResult],
    hits: Sequence[Finding],
    transcript: Transcript,
    corrected: Mapping[str, CriterionOutcome],
) -> tuple[CriterionResult, ...]:
    """One result for each criterion, in the order of the form.

    Args:
        hits: findings that count; uncertain ones never cost a criterion anything.
        corrected: outcomes that a person set; they go before everything else.
    """
    by_element = {element.element_id: element for element in elements}
    results = {
        criterion.id: _by_findings(criterion, form, hits, transcript)
        if criterion.findings
        else _by_element(criterion, by_element.get(criterion.id))
        for criterion in form.criteria
    }
    for criterion in form.criteria:
        if criterion.id in corrected:
            results[criterion.id] = _corrected(criterion, results[criterion.id], corrected[criterion.id])
    for criterion in form.criteria:
        if results[criterion.id].outcome is not CriterionOutcome.NOT_APPLICABLE:
            for replaced in set(criterion.replaces) - set(corrected):
                told = message("{criterion} takes its place", criterion=criterion.title)
                results[replaced] = _not_applicable(replaced, told)
    return tuple(results.values())


def talk_is_timed(transcript: Transcript) -> bool:
    """Whether interruptions could be measured: both speakers known, with times, not on one mixed channel."""
    utterances = transcript.utterances
    channels = {utterance.channel for utterance in utterances}
    return (
        {Role.AGENT, Role.CUSTOMER} <= {utterance.role for utterance in utterances}
        and all(utterance.span is not None for utterance in utterances)
        and (channels == {None} or len(channels) > 1)
    )


def _by_element(criterion: Criterion, element: ElementResult | None) -> CriterionResult:
    if element is None:
        return _not_applicable(criterion.id, message("the rule pack does not judge this element"))
    if element.outcome is CriterionOutcome.NOT_APPLICABLE:
        return _not_applicable(criterion.id, *element.explanation)
    return CriterionResult(
        criterion_id=criterion.id,
        outcome=element.outcome,
        points=_points(criterion, element.outcome),
        potential=criterion.weight,
        evidence=element.evidence,
        nearest_miss=element.nearest_miss,
        explanation=element.explanation,
    )


def _by_findings(
    criterion: Criterion, form: Form, hits: Sequence[Finding], transcript: Transcript
) -> CriterionResult:
    if criterion.needs_times and not talk_is_timed(transcript):
        return _not_applicable(criterion.id, message("times or speakers of the talk are not known"))
    own = [hit for hit in hits if form.criterion_of(hit) == criterion]
    outcome = CriterionOutcome.MET
    if len(own) >= criterion.missed_from or any(hit.severity.rank >= Severity.SERIOUS.rank for hit in own):
        outcome = CriterionOutcome.MISSED
    elif own:
        outcome = CriterionOutcome.PARTIAL
    return CriterionResult(
        criterion_id=criterion.id,
        outcome=outcome,
        points=_points(criterion, outcome),
        potential=criterion.weight,
        evidence=tuple(evidence for hit in own for evidence in hit.evidence),
    )


def _corrected(criterion: Criterion, judged: CriterionResult, outcome: CriterionOutcome) -> CriterionResult:
    applies = outcome is not CriterionOutcome.NOT_APPLICABLE
    return replace(
        judged,
        outcome=outcome,
        points=_points(criterion, outcome),
        potential=criterion.weight if applies else 0.0,
        explanation=(message("corrected by a person"),),
    )


def _points(criterion: Criterion, outcome: CriterionOutcome) -> float | None:
    match outcome:
        case CriterionOutcome.MET:
            return criterion.weight
        case CriterionOutcome.PARTIAL:
            return criterion.weight / 2 if criterion.partial_points is None else criterion.partial_points
        case CriterionOutcome.UNCERTAIN:
            return None
        case _:
            return 0.0


def _not_applicable(criterion_id: str, *told: Message) -> CriterionResult:
    outcome = CriterionOutcome.NOT_APPLICABLE
    return CriterionResult(
        criterion_id=criterion_id, outcome=outcome, points=0.0, potential=0.0, explanation=told
    )
