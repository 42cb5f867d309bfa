"""The score of a call as people see it, beside the machine's."""

from __future__ import annotations

from collections.abc import Mapping

from qa_pipeline.review.call import ReviewedCall
from qa_pipeline.scoring.form import Form
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.types import CallType, ElementResult, Scorecard


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
