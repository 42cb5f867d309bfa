"""What comes first in the queue: how bad it may be, how unsure the machine is, and a random control."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping

from qa_pipeline.types import CallStatus, Finding, FindingOutcome, Inspection, Severity

CONTROL_SHARE = 0.02
"""Calls picked whatever was found, so that misses are measured; by hand QA looks at 1 to 5 % (domain 5.2)."""

# Set by hand to order a queue, not measured: one fatal outweighs any number of slips.
_HARM: Mapping[Severity, float] = {
    Severity.FATAL: 1.0,
    Severity.SERIOUS: 0.5,
    Severity.MINOR: 0.1,
    Severity.INFO: 0.0,
}
_DOUBT: Mapping[str, float] = {
    "role_unknown": 0.6,
    "role_low_confidence": 0.4,
    "low_recognition": 0.4,
    "call_type_unsure": 0.4,
    "inaudible": 0.3,
    "uncertain_element": 0.1,
    "unscored": 0.1,
}
_CONTROL_PRIORITY = 0.3


def risk(findings: Iterable[Finding]) -> float:
    """0..1: the chance that something bad was done, by what was found and how sure it is."""
    return _any_of(_HARM[finding.severity] * finding.confidence for finding in findings)


def doubt(inspection: Inspection) -> float:
    """0..1: how much a person's look may change."""
    uncertain = (
        0.6 * _HARM[finding.severity]
        for finding in inspection.findings
        if finding.outcome is FindingOutcome.UNCERTAIN
    )
    return _any_of([*uncertain, *(_DOUBT.get(reason, 0.0) for reason in inspection.review_reasons)])


def is_control(inspection: Inspection) -> bool:
    """Whether the call belongs to the random control; the same call is picked in every run."""
    if inspection.scorecard is None:
        return False
    digest = hashlib.sha256(inspection.call.call_id.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") < CONTROL_SHARE * 2**32


def needs_person(inspection: Inspection) -> bool:
    """Whether a person has to look at the call."""
    return inspection.status is CallStatus.NEEDS_REVIEW or is_control(inspection)


def priority(inspection: Inspection) -> float:
    """What orders the queue, highest first."""
    combined = 0.65 * risk(inspection.findings) + 0.35 * doubt(inspection)
    return round(max(combined, _CONTROL_PRIORITY) if is_control(inspection) else combined, 4)


def _any_of(chances: Iterable[float]) -> float:
    return round(1 - math.prod(1 - min(1.0, max(0.0, chance)) for chance in chances), 4)
