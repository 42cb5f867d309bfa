"""From an inspection to the rows of its tables; the way back is the document."""

from __future__ import annotations

from typing import Any

from qa_pipeline.types import Finding, Inspection

Row = dict[str, Any]


def call_row(inspection: Inspection) -> Row:
    """The facts of the call, for table calls."""
    call, recording = inspection.call, inspection.recording
    return {
        "call_id": call.call_id,
        "uri": inspection.uri or "",
        "recording_sha256": recording.sha256 if recording else None,
        "duration_ms": recording.duration_ms if recording else None,
        "agent_id": call.agent_id,
        "team": call.team,
        "started_at": call.started_at,
    }


def inspection_row(inspection: Inspection) -> Row:
    """What was judged, for table inspections, less the document and the circumstances of saving."""
    card = inspection.scorecard
    return {
        "call_id": inspection.call.call_id,
        "status": inspection.status.value,
        "call_type": inspection.call_type.value if inspection.call_type else None,
        "grade": card.grade.value if card else None,
        "score": card.normalised if card else None,
        "fatal": card is not None and card.fatal,
        "provisional": card is not None and card.provisional,
    }


def listing_row(inspection: Inspection) -> Row:
    """What the queue shows of an inspection, for table listings, less what the queue itself decides."""
    call, card, recording = inspection.call, inspection.scorecard, inspection.recording
    worst = max((finding.severity for finding in inspection.findings), key=lambda one: one.rank, default=None)
    return {
        "agent_id": call.agent_id,
        "team": call.team,
        "started_at": call.started_at,
        "duration_ms": recording.duration_ms if recording else None,
        "status": inspection.status.value,
        "call_type": inspection.call_type.value if inspection.call_type else None,
        "layout": recording.layout.value if recording else None,
        "score": card.normalised if card else None,
        "grade": card.grade.value if card else None,
        "severity": worst.value if worst else None,
    }


def finding_rows(inspection: Inspection) -> list[Row]:
    """The findings in their order, for table findings."""
    return [
        {
            "call_id": inspection.call.call_id,
            "position": position,
            "key": finding.key,
            "rule_id": finding.rule_id,
            "rule_version": finding.rule_version,
            "category": finding.category,
            "outcome": finding.outcome.value,
            "severity": finding.severity.value,
            "confidence": finding.confidence,
            "match": finding.match.value,
            **_times(finding),
        }
        for position, finding in enumerate(inspection.findings)
    ]


def criterion_rows(inspection: Inspection) -> list[Row]:
    """The lines of the form in their order, for table criteria."""
    if inspection.scorecard is None:
        return []
    return [
        {
            "call_id": inspection.call.call_id,
            "position": position,
            "criterion_id": criterion.criterion_id,
            "outcome": criterion.outcome.value,
            "points": criterion.points,
            "potential": criterion.potential,
        }
        for position, criterion in enumerate(inspection.scorecard.criteria)
    ]


def _times(finding: Finding) -> Row:
    """The span of the first evidence; empty on metadata findings and texts without times."""
    span = finding.evidence[0].span if finding.evidence else None
    return {"start_ms": span.start_ms if span else None, "end_ms": span.end_ms if span else None}
