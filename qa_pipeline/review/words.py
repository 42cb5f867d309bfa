"""Readable names of the desk's own codes, in the language in force; `reports.labels` has the others."""

from __future__ import annotations

from collections.abc import Mapping

from qa_pipeline.i18n import render
from qa_pipeline.types import Message, message

_ROLES: Mapping[str, Message] = {
    "agent": message("Collection agent"),
    "reviewer": message("Reviewer"),
    "qa_lead": message("QA lead"),
    "supervisor": message("Supervisor"),
    "compliance": message("Compliance"),
    "admin": message("Administrator"),
}

_STATES: Mapping[str, Message] = {
    "not_needed": message("No review needed"),
    "waiting": message("Waiting"),
    "in_review": message("In review"),
    "awaits_second": message("Awaits a second person"),
    "conflict": message("Reviewers disagree"),
    "finished": message("Reviewed"),
    "released": message("Given to the agent"),
    "acknowledged": message("Acknowledged by the agent"),
}

_FINDING_STATES: Mapping[str, Message] = {
    "open": message("To decide"),
    "awaits_second": message("Awaits a second person"),
    "conflict": message("Reviewers disagree"),
    "confirmed": message("Confirmed"),
    "rejected": message("Rejected"),
    "confirm_again": message("To confirm again"),
}

_REASONS: Mapping[str, Message] = {
    "as_found": message("As found"),
    "other_category": message("Another category"),
    "misheard": message("Misheard by the recognition"),
    "wrong_speaker": message("The customer said it"),
    "quoted": message("Quoted or reported"),
    "negated": message("Negated, or a promise not to"),
    "question": message("A question or an example"),
    "lawful_notice": message("A lawful notice"),
    "case_data": message("The case record allows it"),
    "context": message("The context acquits"),
    "too_severe": message("Severity too high"),
    "duplicate": message("The same event twice"),
    "missed": message("Missed by the machine"),
    "other": message("Another reason"),
}

_ACTIONS: Mapping[str, Message] = {
    "confirm": message("confirmed"),
    "reject": message("rejected"),
    "add": message("added a flag"),
    "correct": message("corrected a checklist item"),
    "swap_roles": message("exchanged the speakers"),
    "comment": message("commented"),
    "finish": message("finished the review"),
    "release": message("gave the call to its agent"),
    "acknowledge": message("acknowledged"),
    "withdraw": message("took an action back"),
}

_LAYOUTS: Mapping[str, Message] = {
    "stereo": message("Two channels"),
    "dual_mono": message("Two equal channels"),
    "mono": message("One channel"),
}


def _word(table: Mapping[str, Message], code: str) -> str:
    known = table.get(code)
    return code if known is None else render(known)


def role(code: str) -> str:
    """What a person is at the desk."""
    return _word(_ROLES, code)


def state(code: str) -> str:
    """Where a call stands with people."""
    return _word(_STATES, code)


def finding_state(code: str) -> str:
    """Where a finding stands with people."""
    return _word(_FINDING_STATES, code)


def reason(code: str) -> str:
    """Why a person decided so."""
    return _word(_REASONS, code)


def action(code: str) -> str:
    """What a person did."""
    return _word(_ACTIONS, code)


def layout(code: str) -> str:
    """How the speakers lie on the channels."""
    return _word(_LAYOUTS, code)
