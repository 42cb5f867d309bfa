"""The score of a call as people see it, beside the machine's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.review.priority import needs_person
from qa_pipeline.scoring.form import Form
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.store.reviews import Reviews
from qa_pipeline.types import (
    CallStatus,
    CallType,
    CriterionOutcome,
    CriterionResult,
    ElementResult,
    FindingOutcome,
    FindingState,
    Inspection,
    ReviewState,
    Scorecard,
    Severity,
)


def reviewed_scorecard(call: ReviewedCall, forms: Mapping[CallType, Form]) -> Scorecard | None:
    """The form scored again: rejected findings out, confirmed and added ones in, lines as corrected.

    The machine's own scorecard where nobody did anything; None where the call has none.
    """
    inspection = call.inspection
    if inspection.scorecard is None or inspection.call_type is None or inspection.transcript is None:
        return inspection.scorecard
    if not call.actions:
        return inspection.scorecard
    elements = tuple(
        ElementResult(
            element_id=line.criterion_id,
            outcome=line.outcome,
            evidence=line.evidence,
            nearest_miss=line.nearest_miss,
            explanation=line.explanation,
        )
        for line in inspection.scorecard.criteria
    )
    standing = (one.standing for one in call.findings)
    return score(
        form=forms[inspection.call_type],
        elements=elements,
        findings=[finding for finding in standing if finding is not None],
        transcript=inspection.transcript,
        confirmed=call.final,
        corrected={
            criterion: correction.outcome
            for criterion, correction in call.corrections.items()
            if correction.outcome is not None
        },
    )


def undecided_lines(card: Scorecard | None) -> tuple[CriterionResult, ...]:
    """The lines of a form that neither the machine nor a person has decided."""
    lines = card.criteria if card else ()
    return tuple(line for line in lines if line.outcome is CriterionOutcome.UNCERTAIN)


def open_reasons(call: ReviewedCall, card: Scorecard | None) -> tuple[str, ...]:
    """The review reasons, as codes, that people have not settled yet.

    Args:
        card: as `reviewed_scorecard` gives it.
    """
    reasons = call.inspection.review_reasons
    if not call.actions:
        return reasons
    unsettled = (FindingState.OPEN, FindingState.AWAITS_SECOND, FindingState.CONFLICT)
    left = [one.machine for one in call.findings if one.state in unsettled]
    holds = {
        "unreviewed_fatal": any(one.severity is Severity.FATAL for one in left),
        "uncertain_finding": any(one.outcome is FindingOutcome.UNCERTAIN for one in left),
        "uncertain_element": bool(undecided_lines(card)),
    }
    # What is doubtful about the call as a whole is settled by who finishes it.
    done = call.state(needed=needs_person(call.inspection)) in DONE
    return tuple(reason for reason in reasons if holds.get(reason, not done))


_AT_ONCE = 200
DONE = frozenset({ReviewState.FINISHED, ReviewState.RELEASED, ReviewState.ACKNOWLEDGED})
"""States in which nobody has to decide anything any more."""


def as_reviewed(
    inspections: Iterable[Inspection], reviews: Reviews, forms: Mapping[CallType, Form]
) -> Iterator[Inspection]:
    """Inspections as people left them, for figures that must not rest on what was rejected.

    A call that nobody acted on stays as it is; a finished one no longer needs review.
    """
    rest = iter(inspections)
    while batch := list(islice(rest, _AT_ONCE)):
        histories = reviews.of_each([one.call.call_id for one in batch])
        for inspection in batch:
            history = histories.get(inspection.call.call_id, ())
            yield _reviewed(ReviewedCall(inspection=inspection, history=history), forms)


def _reviewed(call: ReviewedCall, forms: Mapping[CallType, Form]) -> Inspection:
    inspection = call.inspection
    if not call.actions or inspection.scorecard is None:
        return inspection
    standing = (one.standing for one in call.findings)
    done = call.state(needed=needs_person(inspection)) in DONE
    return replace(
        inspection,
        findings=tuple(finding for finding in standing if finding is not None),
        scorecard=reviewed_scorecard(call, forms),
        status=CallStatus.SCORED if done else inspection.status,
    )
