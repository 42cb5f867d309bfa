"""Findings without words: what the clock, the call log and the case record show by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from qa_pipeline.rules.agreed_hours import Hours, read_hours
from qa_pipeline.rules.case_data import case_value, fulfils
from qa_pipeline.rules.doubts import NEEDS_CASE_DATA, SURE_CALL_TYPE, call_type_doubts
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.schema import CaseRule, Clock, LadderStep
from qa_pipeline.types import (
    Conversation,
    Finding,
    FindingOutcome,
    MatchKind,
    Message,
    Severity,
    message,
)

DOUBTED = 0.5
"""No doubted finding claims more confidence than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the data show: whether it is a violation, the reason in words, and what they do not say."""

    violates: bool
    reasons: tuple[Message, ...] = ()
    missing: frozenset[str] = frozenset()


class CaseJudge:
    """Decides one case rule for calls."""

    def __init__(self, rule: CaseRule, ladder: Sequence[LadderStep]) -> None:
        self._rule = rule
        self._ladder = ladder

    def findings(self, heard: Listening) -> Iterator[Finding]:
        """The finding, if the data show one; doubted where they are silent and the talk hints at it."""
        rule, conversation = self._rule, heard.conversation
        call_types = rule.scope.call_types
        if call_types and conversation.call_type not in call_types:
            return
        shown = self._shown(heard)
        doubts = {NEEDS_CASE_DATA + name for name in shown.missing}
        if not shown.violates and not (doubts and heard.first_said(rule.hinted_by) is not None):
            return
        doubts |= call_type_doubts(conversation, call_types)
        severity, reason = self._severity(heard)
        yield Finding(
            key=_key(conversation, rule),
            rule_id=rule.id,
            rule_version=str(rule.version),
            category=rule.category,
            outcome=FindingOutcome.UNCERTAIN if doubts else FindingOutcome.HIT,
            severity=severity,
            confidence=DOUBTED if doubts else 1.0,
            match=MatchKind.METADATA,
            evidence=(),
            explanation=(
                message("{title}: {rationale}", title=rule.title, rationale=rule.rationale),
                *shown.reasons,
                *reason,
            ),
            doubts=tuple(sorted(doubts)),
            basis=tuple(basis.cite for basis in rule.basis),
        )

    def _shown(self, heard: Listening) -> _Shown:
        test = self._rule.case
        if test.clock is not None:
            return _clock_shows(test.clock, heard)
        values = [(condition, case_value(condition.metadata, heard.conversation)) for condition in test.all]
        stated = [(condition, value) for condition, value in values if value is not None]
        if not all(fulfils(condition, value) for condition, value in stated):
            return _Shown(violates=False)
        missing = frozenset(condition.metadata.value for condition, value in values if value is None)
        reasons = tuple(
            message("The case data state {field}: {value}.", field=condition.metadata.value, value=value)
            for condition, value in stated
        )
        return _Shown(violates=not missing, reasons=reasons, missing=missing)

    def _severity(self, heard: Listening) -> tuple[Severity, tuple[Message, ...]]:
        conversation, severity = heard.conversation, self._rule.severity
        for step in self._ladder:
            if severity is not step.lifts:
                continue
            sure = conversation.call_type_confidence >= SURE_CALL_TYPE
            if step.call_types and sure and conversation.call_type in step.call_types:
                return step.to, (message("The severity is raised because of whom the agent was talking to."),)
            if step.after and heard.first_said(step.after) is not None:
                return step.to, (
                    message("The severity is raised because of what the customer had said before."),
                )
        return severity, ()


def _clock_shows(clock: Clock, heard: Listening) -> _Shown:
    call = heard.conversation.call
    if call.direction == "in" or heard.first_said(clock.agreed_by) is not None:
        return _Shown(violates=False)
    if call.started_at is None:
        return _Shown(violates=False, missing=frozenset({"started_at"}))
    started = call.started_at.astimezone(ZoneInfo(clock.zone)).time()
    barred = Hours(starts=time.fromisoformat(clock.starts), ends=time.fromisoformat(clock.ends))
    agreed = read_hours(call.agreed_window or "")
    if not barred.hold(started) or any(hours.hold(started) for hours in agreed.hours):
        return _Shown(violates=False)
    reason = message(
        "The call was started at {time}, in the hours from {starts} to {ends}.",
        time=f"{started:%H:%M}",
        starts=clock.starts,
        ends=clock.ends,
    )
    if agreed.whole:
        return _Shown(violates=True, reasons=(reason,))
    unread = message(
        "The agreed time {window} cannot be read; write it as 20:00-22:30.", window=call.agreed_window
    )
    return _Shown(violates=True, reasons=(reason, unread), missing=frozenset({"agreed_window"}))


def _key(conversation: Conversation, rule: CaseRule) -> str:
    recording = conversation.recording
    source = conversation.call.call_id if recording is None else recording.sha256
    return hashlib.sha256(f"{source}\n{rule.id}".encode()).hexdigest()
