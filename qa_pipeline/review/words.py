"""Readable names of the desk's own codes, in the language in force; `reports.labels` has the others."""

from __future__ import annotations

from collections.abc import Mapping

from qa_pipeline.i18n import label, render
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


_AUDITED: Mapping[str, Message] = {
    "sign_in.done": message("signed in"),
    "sign_in.failed": message("sign-in failed"),
    "sign_in.throttled": message("sign-in refused after too many attempts"),
    "sign_in.ended": message("signed out"),
    "access.refused": message("was refused"),
    "account.add": message("added an account"),
    "account.password": message("set a password"),
    "account.disable": message("disabled an account"),
    "account.enable": message("let an account in again"),
    "call.view": message("opened a call"),
    "call.listen": message("listened"),
    "call.search": message("searched in calls"),
    "call.take": message("took a call"),
    "call.assign": message("gave out calls"),
    "call.hand_over": message("handed a call over"),
    "scorecard.view": message("opened a scorecard"),
    "run.retry": message("had failed calls inspected again"),
}

_PERMISSIONS: Mapping[str, Message] = {
    "own_account": message("own account"),
    "read_calls": message("see calls"),
    "listen": message("listen"),
    "take": message("take calls"),
    "review": message("decide"),
    "settle": message("settle disagreements"),
    "assign": message("give out calls"),
    "release": message("give calls to agents"),
    "acknowledge": message("acknowledge"),
    "unmask": message("see numbers and names"),
    "read_scorecards": message("see scorecards"),
    "read_runs": message("see nights"),
    "retry_runs": message("inspect failed calls again"),
    "manage_accounts": message("manage accounts"),
    "read_audit_log": message("see the audit log"),
}

_RUNS: Mapping[str, Message] = {"audit": message("audit"), "retry": message("retry")}

_FAILURES: Mapping[str, Message] = {
    "audio_empty": message("the file is empty"),
    "audio_unreadable": message("the recording cannot be decoded"),
    "audio_truncated": message("less than half of the recording is there"),
    "audio_too_long": message("longer than allowed"),
    "audio_channels": message("the channel that was named does not exist"),
    "audio_missing": message("the recording is gone"),
    "audio_changed": message("another recording lies in its place"),
    "audio_permission": message("no right to read the recording"),
    "file_growing": message("the file was still being written"),
    "file_unreadable": message("no right to read the file"),
    "not_a_recording": message("not a recording"),
    "duplicate_call_id": message("two different recordings have one call id"),
    "metadata_unreadable": message("the call record cannot be read"),
    "metadata_invalid": message("the call record has a wrong value"),
    "metadata_conflict": message("the call record contradicts itself"),
    "transcript_invalid": message("the transcript is not as it should be"),
    "internal_error": message("a fault of this software"),
}


def role(code: str) -> str:
    """What a person is at the desk."""
    return label(_ROLES, code)


def state(code: str) -> str:
    """Where a call stands with people."""
    return label(_STATES, code)


def finding_state(code: str) -> str:
    """Where a finding stands with people."""
    return label(_FINDING_STATES, code)


def reason(code: str) -> str:
    """Why a person decided so."""
    return label(_REASONS, code)


def action(code: str) -> str:
    """What a person did."""
    return label(_ACTIONS, code)


def layout(code: str) -> str:
    """How the speakers lie on the channels."""
    return label(_LAYOUTS, code)


def audited(code: str) -> str:
    """What somebody did, as the audit log has it."""
    return action(code.removeprefix("review.")) if code.startswith("review.") else label(_AUDITED, code)


def audited_detail(code: str, detail: str) -> str:
    """More of it: the reason of a verdict, the right that was lacking, how many."""
    if code == "access.refused":
        return label(_PERMISSIONS, detail)
    if code == "account.add":
        return role(detail)
    if code == "call.view" and detail == "unmasked":
        return render(message("with numbers and names"))
    return reason(detail) if code.startswith("review.") else detail


def run_kind(code: str) -> str:
    """What kind of run it was."""
    return label(_RUNS, code)


def failure(code: str) -> str:
    """Why a call failed, in short."""
    return label(_FAILURES, code)
