"""Readable names of every code that a report shows, in the language in force.

The tables hold English sentences; the catalogue holds the Chinese ones, worded as domain.md's headings are.
A code that a table does not know (another pack's category, say) is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from qa_pipeline.i18n import label, render
from qa_pipeline.types import CallStatus, Inspection, Message, message

_NEEDS_CASE_DATA = "needs_case_data:"

_CATEGORIES: Mapping[str, Message] = {
    "threat.violence": message("Threat of violence to person or property"),
    "threat.family": message("Threat against family, children or parents"),
    "threat.exposure": message("Exposure to employer, neighbours or contacts"),
    "threat.arrest": message("Threat of arrest, prison or police"),
    "threat.visit": message("Threat of besieging or occupying the home"),
    "threat.implied": message("Veiled intimidation"),
    "identity.police": message("Posing as police"),
    "identity.court": message("Posing as court or prosecutor"),
    "identity.lawyer": message("Posing as a lawyer"),
    "identity.government": message("Posing as regulator, credit bureau or government"),
    "identity.bank": message("Agency posing as the bank itself, or false title"),
    "identity.concealed": message("Identity concealed or vague, false pretext"),
    "abuse.profanity": message("Profanity and personal abuse"),
    "abuse.humiliation": message("Humiliation, labelling or mockery"),
    "abuse.discrimination": message("Discrimination"),
    "legal.false_consequence": message("Invented or exaggerated legal consequences"),
    "legal.false_document": message("Invented or self-made legal documents"),
    "legal.false_credit": message("Invented blacklists, credit scares or inflated amounts"),
    "disclosure.third_party": message("Debt disclosed to a third party"),
    "disclosure.unverified": message("Debt disclosed before identity was verified"),
    "disclosure.sensitive_data": message("Sensitive data read out or leaked"),
    "third_party.collect": message("Collecting from a third party who does not owe"),
    "third_party.harass": message("Harassing a third party, or going on after refusal"),
    "promise.unauthorised": message("Unauthorised promise"),
    "promise.credit_repair": message("Promise of credit repair"),
    "payment.private": message("Steering payment to private accounts or channels"),
    "payment.extra_fee": message("Extra fees or favours asked"),
    "funding.illegal": message("Urging illegal ways to raise money"),
    "funding.new_loan": message("Urging new loans"),
    "harassment.frequency": message("Too many contacts"),
    "harassment.bombing": message("Bombing with calls or messages"),
    "harassment.refusal_ignored": message("Going on despite inconvenience or refusal"),
    "contact.hours": message("Contact outside permitted hours"),
    "channel.private": message("Private phone or social account used"),
    "complaint.obstruct": message("Obstructing or punishing complaints"),
    "vulnerable.selfharm": message("Improper answer to suicide or crisis"),
    "accuracy.amount": message("Wrong amount, date or rate stated"),
    "service.tone": message("Harsh tone, impatience or interrupting"),
    "service.argue": message("Arguing with the customer"),
    "service.filler": message("Fillers and unprofessional wording"),
    "service.hangup": message("Hanging up early or abruptly, without closing words"),
}

CATEGORIES = tuple(_CATEGORIES)
"""Every violation id that has a name, in the order of the taxonomy."""

_CRITERIA: Mapping[str, Message] = {
    "greeting": message("Greeting"),
    "self_ident.org": message("Institution named"),
    "self_ident.agent": message("Agent's name or staff number given"),
    "recording_notice": message("Recording notice"),
    "identity_verification": message("Identity verified"),
    "purpose": message("Purpose and product stated"),
    "amount": message("Amount due stated"),
    "overdue_days": message("Days overdue or due date stated"),
    "consequence_notice": message("Consequences explained"),
    "dispute_answer": message("Questions about the bill answered"),
    "reason_enquiry": message("Reason for the delay asked"),
    "ability_enquiry": message("Ability to pay explored"),
    "solution_offer": message("Solution offered"),
    "empathy": message("Empathy shown"),
    "ptp.date": message("Promised payment date"),
    "ptp.amount": message("Promised amount"),
    "ptp.channel": message("Payment channel"),
    "second_confirmation": message("Promise confirmed again"),
    "refusal_close": message("Proper closing after a refusal"),
    "complaint_channel": message("Complaint channel named"),
    "contact_update": message("Contact details checked"),
    "follow_up": message("Next contact agreed"),
    "closing": message("Polite closing"),
    "service.respect": message("Tone and respect"),
    "service.listening": message("Listening without cutting in"),
    "service.wording": message("Proper wording"),
    "tp.relation_check": message("Relation to the customer checked"),
    "tp.neutral_purpose": message("Neutral purpose"),
    "tp.non_disclosure_reply": message("Standard reply when asked why"),
    "tp.relay_request": message("Asked to pass on a message"),
    "tp.stop_respect": message("Refusal respected"),
    "no_disclosure": message("No debt disclosed"),
    "wn.confirm_number": message("Number checked"),
    "wn.apology_removal": message("Apology, and removal promised"),
    "no_debt_words": message("No words about a debt"),
}

_DOUBTS: Mapping[str, Message] = {
    "role_unknown": message("speaker unknown"),
    "role_low_confidence": message("speaker not certain"),
    "phonetic": message("similar sound only"),
    "homophone_common_word": message("everyday word of the same sound"),
    "low_recognition": message("badly recognised"),
    "inaudible": message("partly inaudible"),
    "call_type_unsure": message("call type not certain"),
    "exemption_unsure": message("context may acquit"),
    "pattern_weak": message("only a hint"),
    "pattern_timeout": message("a pattern took too long"),
    "heard_ordinary": message("the classifier takes it for ordinary talk"),
    "unheard": message("the classifier hears nothing of the kind"),
    "named_otherwise": message("a rule names the words as another violation"),
    "classifier": message("only the classifier took it for this"),
    "faint": message("the classifier hears it only faintly"),
}

_REVIEW_REASONS: Mapping[str, Message] = {
    "uncertain_finding": message("a flag is uncertain"),
    "uncertain_element": message("a checklist item is uncertain"),
    "unreviewed_fatal": message("a red line found by the machine is not confirmed yet"),
    "role_unknown": message("the speakers could not be told apart"),
    "role_low_confidence": message("the speakers are not certain"),
    "low_recognition": message("speech recognition was poor"),
    "inaudible": message("part of the call could not be heard"),
    "call_type_unsure": message("it is not certain whom the agent reached"),
}

_EXCLUDED_REASONS: Mapping[str, Message] = {
    "no_speech": message("no speech in the recording"),
    "too_short": message("shorter than one second"),
    "audio_too_short": message("shorter than one second"),
    "not_a_call": message("not a call"),
    "ring_back": message("ring-back tone only, nobody answered"),
    "busy": message("busy tone only"),
    "music": message("music only, nobody spoke"),
    "announcement": message("an announcement of the network answered"),
    "voicemail": message("voicemail answered, no message was left"),
    "menu": message("a menu or queue answered"),
}

_STATUSES: Mapping[str, Message] = {
    "scored": message("Scored"),
    "needs_review": message("Needs review"),
    "excluded": message("Excluded"),
    "failed": message("Failed"),
}

_GRADES: Mapping[str, Message] = {
    "excellent": message("Excellent"),
    "good": message("Good"),
    "pass": message("Pass"),
    "improve": message("To improve"),
    "fail": message("Fail"),
    "red_line": message("Red line"),
    "unscored": message("Unscored"),
}

_SEVERITIES: Mapping[str, Message] = {
    "fatal": message("Fatal"),
    "serious": message("Serious"),
    "minor": message("Minor"),
    "info": message("Notice"),
}

_FINDING_OUTCOMES: Mapping[str, Message] = {
    "hit": message("Hit"),
    "uncertain": message("Uncertain"),
    "acquitted": message("Acquitted"),
}

_CRITERION_OUTCOMES: Mapping[str, Message] = {
    "met": message("Met"),
    "partial": message("Partly met"),
    "missed": message("Missed"),
    "not_applicable": message("Not applicable"),
    "uncertain": message("Undecided"),
}

_CALL_TYPES: Mapping[str, Message] = {
    "right_party": message("Right party"),
    "third_party": message("Third party"),
    "wrong_number": message("Wrong number"),
    "no_contact": message("No contact"),
    "inbound": message("Inbound"),
}

_ROLES: Mapping[str, Message] = {
    "agent": message("Agent"),
    "customer": message("Customer"),
    "unknown": message("Unknown"),
}

_ROLE_BASES: Mapping[str, Message] = {
    "metadata": message("case data"),
    "person": message("a person"),
    "words": message("what is said"),
    "contradicted": message("case data and words contradict each other"),
    "nothing": message("not known"),
}

_MEASURED_GROUPS: Mapping[str, Message] = {
    "stereo": message("Two channels"),
    "dual_mono": message("Two channels with the same sound"),
    "mono": message("One channel"),
    "given": message("Transcript given"),
    "clear": message("Well recognised (less than a tenth wrong)"),
    "fair": message("Fairly recognised (a tenth to a fifth wrong)"),
    "poor": message("Poorly recognised (a fifth wrong or more)"),
}

_MATCHES: Mapping[str, Message] = {
    "exact": message("same words"),
    "phonetic": message("same sound"),
    "pattern": message("pattern"),
    "classifier": message("classifier"),
    "metadata": message("call record"),
    "acoustic": message("acoustics"),
}

_CASE_DATA: Mapping[str, Message] = {
    "amount_due": message("amount due"),
    "min_due": message("minimum payment"),
    "overdue_days": message("days overdue"),
    "due_date": message("due date"),
    "legal_stage": message("stage of legal proceedings"),
    "approved_plans": message("approved payment plans"),
    "contact_role": message("whom the number belongs to"),
    "guarantor": message("whether there is a guarantor"),
    "complaint_open": message("whether a complaint is open"),
    "no_contact": message("whether contact was refused"),
    "agreed_window": message("agreed time of contact"),
    "agency": message("own staff or outside agency"),
    "started_at": message("start time of the call"),
    "direction": message("direction of the call"),
    "product": message("product"),
    "stage": message("stage of delinquency"),
}


def category(code: str) -> str:
    """The name of a violation id."""
    return label(_CATEGORIES, code)


def criterion(code: str) -> str:
    """The name of a line of the form."""
    return label(_CRITERIA, code)


def doubt(code: str) -> str:
    """Why a finding is uncertain; ``needs_case_data:KEY`` names the missing field."""
    if code.startswith(_NEEDS_CASE_DATA):
        field = label(_CASE_DATA, code.removeprefix(_NEEDS_CASE_DATA))
        return render(message("needs case data: {field}", field=field))
    return label(_DOUBTS, code)


def review_reason(code: str) -> str:
    """Why a person has to look at a call."""
    return label(_REVIEW_REASONS, code)


def excluded_reason(code: str) -> str:
    """Why a call is left out."""
    return label(_EXCLUDED_REASONS, code)


def status(code: str) -> str:
    """Where a call stands."""
    return label(_STATUSES, code)


def grade(code: str) -> str:
    """The name of a grade."""
    return label(_GRADES, code)


def severity(code: str) -> str:
    """How bad."""
    return label(_SEVERITIES, code)


def finding_outcome(code: str) -> str:
    """Hit or uncertain; of a match also acquitted."""
    return label(_FINDING_OUTCOMES, code)


def criterion_outcome(code: str) -> str:
    """What became of a line of the form."""
    return label(_CRITERION_OUTCOMES, code)


def call_type(code: str) -> str:
    """Whom the agent reached."""
    return label(_CALL_TYPES, code)


def role(code: str) -> str:
    """Who speaks."""
    return label(_ROLES, code)


def role_basis(code: str) -> str:
    """What a role rests on."""
    return label(_ROLE_BASES, code)


def measured_group(code: str) -> str:
    """A layout or a quality of recognition, by which an evaluation is taken apart."""
    return label(_MEASURED_GROUPS, code)


def match_kind(code: str) -> str:
    """By what means words were found."""
    return label(_MATCHES, code)


def reasons(inspection: Inspection) -> tuple[str, ...]:
    """Why a call has its status, in words: the failure, the exclusion, or what a person has to look at."""
    if inspection.status is CallStatus.FAILED:
        return (render(inspection.failure.message),) if inspection.failure else ()
    if inspection.status is CallStatus.EXCLUDED:
        return (excluded_reason(inspection.excluded_reason),) if inspection.excluded_reason else ()
    return tuple(review_reason(code) for code in inspection.review_reasons)
