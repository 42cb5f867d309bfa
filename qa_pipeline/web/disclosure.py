"""What of a call is told to its agent: what was decided and stands, without who decided and their notes."""

from __future__ import annotations

from dataclasses import replace

from qa_pipeline.reports.masking import Masking
from qa_pipeline.review.call import ReviewedCall, ReviewedFinding
from qa_pipeline.types import Inspection, Review, ReviewAction

_TOLD = frozenset({ReviewAction.CORRECT, ReviewAction.FINISH, ReviewAction.RELEASE, ReviewAction.ACKNOWLEDGE})


def findings_told(call: ReviewedCall, *, to_agent: bool) -> tuple[ReviewedFinding, ...]:
    """The findings, for an agent less those that were rejected."""
    return tuple(one for one in call.findings if not (to_agent and one.standing is None))


def inspection_told(call: ReviewedCall, *, to_agent: bool) -> Inspection:
    """The machine's result with the findings that are told."""
    told = {one.key for one in findings_told(call, to_agent=to_agent)}
    return replace(
        call.inspection, findings=tuple(one for one in call.inspection.findings if one.key in told)
    )


def history_told(call: ReviewedCall, *, to_agent: bool) -> tuple[Review, ...]:
    """What people did; for an agent what stands, less the decisions on findings, told with these."""
    return tuple(one for one in call.actions if one.action in _TOLD) if to_agent else call.history


def review_told(review: Review, masking: Masking, *, to_agent: bool) -> Review:
    """One action with its note as it may be shown; for an agent without note and without who it was."""
    if to_agent:
        return replace(review, reviewer="", note="")
    return replace(review, note=masking.text(review.note))
