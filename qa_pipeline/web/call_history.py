"""The history of a call in words: who did what when, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import labels
from qa_pipeline.reports.masking import Masking
from qa_pipeline.review import words
from qa_pipeline.review.call import ReviewedCall, ReviewedFinding
from qa_pipeline.types import FindingState, Review, ReviewAction

_ON_FINDINGS = frozenset({ReviewAction.CONFIRM, ReviewAction.REJECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One action.

    Args:
        subject: the flag, the line of the form, or the action that is taken back; empty for the whole call.
        old, new: what it changed; empty where it changed nothing of that kind.
        taken_back: a later action took it back.
    """

    at: datetime
    who: str
    what: str
    subject: str
    old: str
    new: str
    reason: str
    note: str
    taken_back: bool


def history_lines(call: ReviewedCall, masking: Masking) -> tuple[HistoryLine, ...]:
    """All actions on a call, the latest first."""
    return tuple(_lines(call, masking))[::-1]


def _lines(call: ReviewedCall, masking: Masking) -> Iterator[HistoryLine]:
    standing = {one.id for one in call.actions}
    by_id = {one.id: one for one in call.history}
    for number, action in enumerate(call.history):
        before = replace(call, history=call.history[:number])
        after = replace(call, history=call.history[: number + 1])
        old, new = _change(action, before, after)
        withdrawn = by_id.get(action.target) if action.action is ReviewAction.WITHDRAW else None
        yield HistoryLine(
            at=action.at,
            who=action.reviewer,
            what=words.action(action.action),
            subject=words.action(withdrawn.action) if withdrawn else _subject(action, after),
            old=old,
            new=new,
            reason=words.reason(action.reason) if action.reason else "",
            note=masking.text(action.note),
            taken_back=action.action is not ReviewAction.WITHDRAW and action.id not in standing,
        )


def _subject(action: Review, call: ReviewedCall) -> str:
    if action.action is ReviewAction.CORRECT:
        return labels.criterion(action.target)
    if action.action is ReviewAction.ADD:
        return labels.category(action.category or "")
    if action.action in _ON_FINDINGS:
        finding = call.finding(action.target)
        return labels.category(finding.machine.category if finding else action.found_as or "")
    return ""


def _change(action: Review, before: ReviewedCall, after: ReviewedCall) -> tuple[str, str]:
    if action.action is ReviewAction.CORRECT:
        return _outcome(action.target, before), _outcome(action.target, after)
    if action.action in _ON_FINDINGS:
        then, now = before.finding(action.target), after.finding(action.target)
        return (_stand(then), _stand(now)) if then and now else ("", "")
    if action.action is ReviewAction.ADD and action.severity:
        return "", labels.severity(action.severity)
    if action.action is ReviewAction.SWAP_ROLES and action.target:
        return "", _("voice {number} is the agent's").format(number=action.target)
    return "", ""


def _outcome(criterion_id: str, call: ReviewedCall) -> str:
    corrected = call.corrections.get(criterion_id)
    if corrected and corrected.outcome:
        return labels.criterion_outcome(corrected.outcome)
    card = call.inspection.scorecard
    lines = card.criteria if card else ()
    return next(
        (labels.criterion_outcome(one.outcome) for one in lines if one.criterion_id == criterion_id), ""
    )


def _stand(finding: ReviewedFinding) -> str:
    """Where a finding stands, with category and severity once they are not the machine's any more."""
    state = words.finding_state(finding.state)
    stands_as = finding.standing
    if finding.state is FindingState.REJECTED or stands_as is None:
        return state
    parts = [state]
    if stands_as.category != finding.machine.category:
        parts.append(labels.category(stands_as.category))
    if stands_as.severity is not finding.machine.severity:
        parts.append(labels.severity(stands_as.severity))
    return " · ".join(parts)
