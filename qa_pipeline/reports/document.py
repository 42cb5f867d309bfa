"""The document of one call, ``qa.call/1``: the contract that programs read (docs/qa.call.schema.json)."""

from __future__ import annotations

import dataclasses
from typing import Any

from qa_pipeline.i18n import render
from qa_pipeline.reports.masking import Masking
from qa_pipeline.types import (
    ConversationCharacteristics,
    CriterionResult,
    Deduction,
    Evidence,
    Finding,
    Inspection,
    NearestMiss,
    PromiseToPay,
    Provenance,
    Recording,
    Scorecard,
    TalkMoment,
    TimeSpan,
    Utterance,
    VoiceRole,
)

SCHEMA = "qa.call/1"


def call_document(inspection: Inspection, *, unmasked: bool = False) -> dict[str, Any]:
    """One inspected call as a JSON-ready document.

    Sentences for people (explanations, reasons, error messages) are in the language in force; everything
    else is the same in every language.

    Args:
        inspection: of any status.
        unmasked: show names, numbers and cards as they were heard.
    """
    masking = Masking(inspection, unmasked)
    failure, transcript = inspection.failure, inspection.transcript
    return {
        "schema": SCHEMA,
        "call_id": inspection.call.call_id,
        "status": inspection.status.value,
        "review_reasons": list(inspection.review_reasons),
        "excluded_reason": inspection.excluded_reason,
        "error": None
        if failure is None
        else {"code": failure.code, "message": masking.text(render(failure.message))},
        "audio": _audio(inspection.recording),
        "metadata": masking.metadata(),
        "call_type": inspection.call_type.value if inspection.call_type else None,
        "call_type_confidence": _share(inspection.call_type_confidence),
        "voices": [_voice(voice) for voice in inspection.voices],
        "utterances": [_utterance(said, masking) for said in (transcript.utterances if transcript else ())],
        "findings": [_finding(finding, masking) for finding in inspection.findings],
        "criteria": [
            _criterion(line, masking)
            for line in (inspection.scorecard.criteria if inspection.scorecard else ())
        ],
        "score": _score(inspection.scorecard, masking),
        "promise_to_pay": _promise(inspection.promise_to_pay),
        "characteristics": _characteristics(inspection.characteristics),
        "provenance": _provenance(inspection.provenance),
    }


def _audio(recording: Recording | None) -> dict[str, Any] | None:
    if recording is None:
        return None
    return {
        "path": recording.uri,
        "sha256": recording.sha256,
        "duration_ms": recording.duration_ms,
        "channels": recording.num_channels,
        "layout": recording.layout.value,
        "agent_channel": recording.call.agent_channel,
    }


def _voice(voice: VoiceRole) -> dict[str, Any]:
    return {
        "voice": voice.voice,
        "role": voice.role.value,
        "confidence": _share(voice.confidence),
        "basis": voice.basis.value,
    }


def _utterance(said: Utterance, masking: Masking) -> dict[str, Any]:
    return {
        "id": said.id,
        "role": said.role.value,
        "role_confidence": _share(said.role_confidence),
        **_times(said.span),
        "text": masking.utterances[said.id],
        "likely": masking.likely.get(said.id),
        "confidence": _share(said.confidence),
    }


def _finding(finding: Finding, masking: Masking) -> dict[str, Any]:
    first = finding.evidence[0] if finding.evidence else None
    return {
        "key": finding.key,
        "rule_id": finding.rule_id,
        "category": finding.category,
        "severity": finding.severity.value,
        "outcome": finding.outcome.value,
        "confidence": _share(finding.confidence),
        "role": first.role.value if first else None,
        "utterance_id": first.utterance_id if first else None,
        **_times(first.span if first else None),
        "quote": masking.quote(first) if first else None,
        "heard_as": masking.heard_as(first) if first else None,
        "match": finding.match.value,
        "explanation": "\n".join(masking.text(render(part)) for part in finding.explanation),
        "basis": list(finding.basis),
    }


def _criterion(line: CriterionResult, masking: Masking) -> dict[str, Any]:
    return {
        "criterion_id": line.criterion_id,
        "outcome": line.outcome.value,
        "points": _points(line.points),
        "potential": _points(line.potential),
        "evidence": [_evidence(part, masking) for part in line.evidence],
        "nearest_miss": _nearest_miss(line.nearest_miss, masking),
    }


def _evidence(evidence: Evidence, masking: Masking) -> dict[str, Any]:
    return {
        "utterance_id": evidence.utterance_id,
        "role": evidence.role.value,
        **_times(evidence.span),
        "quote": masking.quote(evidence),
        "heard_as": masking.heard_as(evidence),
        "match": evidence.match.value,
        "confidence": _share(evidence.confidence),
    }


def _nearest_miss(miss: NearestMiss | None, masking: Masking) -> dict[str, Any] | None:
    if miss is None:
        return None
    return {
        "utterance_id": miss.utterance_id,
        **_times(miss.span),
        "quote": masking.quote(miss),
        "similarity": _share(miss.similarity),
    }


def _score(card: Scorecard | None, masking: Masking) -> dict[str, Any] | None:
    if card is None:
        return None
    return {
        "raw": _points(card.raw),
        "potential": _points(card.potential),
        "deductions": [_deduction(taken, masking) for taken in card.deductions],
        "normalised": _points(card.normalised),
        "fatal": card.fatal,
        "provisional": card.provisional,
        "grade": card.grade.value,
    }


def _deduction(taken: Deduction, masking: Masking) -> dict[str, Any]:
    return {
        "finding_key": taken.finding_key,
        "category": taken.category,
        "severity": taken.severity.value,
        "points": _points(taken.points),
        "reason": masking.text(render(taken.reason)),
    }


def _promise(promise: PromiseToPay | None) -> dict[str, Any] | None:
    if promise is None:
        return None
    return {
        "date": promise.due.isoformat() if promise.due else None,
        "amount": None if promise.amount is None else format(promise.amount, "f"),
        "channel": promise.channel,
    }


def _characteristics(figures: ConversationCharacteristics | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    document: dict[str, Any] = {}
    for field in dataclasses.fields(figures):
        value = getattr(figures, field.name)
        if isinstance(value, TimeSpan):
            value = {"start_ms": value.start_ms, "end_ms": value.end_ms}
        if field.name == "moments":
            value = [_moment(moment) for moment in figures.moments]
        document[field.name] = round(value, 1) if isinstance(value, float) else value
    return document


def _moment(moment: TalkMoment) -> dict[str, Any]:
    return {
        "kind": moment.kind.value,
        "utterance_id": moment.utterance_id,
        "role": moment.role.value,
        **_times(moment.span),
        "value": round(moment.value, 1),
    }


def _provenance(provenance: Provenance | None) -> dict[str, Any] | None:
    return None if provenance is None else dataclasses.asdict(provenance)


def _times(span: TimeSpan | None) -> dict[str, int | None]:
    return {"start_ms": span.start_ms if span else None, "end_ms": span.end_ms if span else None}


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _points(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
