"""What the case data and the call log say of a call, and the conditions on them."""

from __future__ import annotations

from qa_pipeline.rules.doubts import NEEDS_CASE_DATA, SURE_CALL_TYPE
from qa_pipeline.rules.grammar import MetadataCondition, MetadataField
from qa_pipeline.rules.matches import Check, Hearing, Match
from qa_pipeline.types import CallType, Conversation

_ROLE_OF_CALL_TYPE = {
    CallType.RIGHT_PARTY: "debtor",
    CallType.THIRD_PARTY: "contact",
    CallType.WRONG_NUMBER: "wrong",
}

_COUNTERS = frozenset(
    {MetadataField.EFFECTIVE_CALLS_TODAY, MetadataField.ATTEMPTS_TODAY, MetadataField.CALLS_TO_CONTACT}
)
"""What only a call log counts; the metadata contract keeps them among its extra keys."""


def metadata_check(condition: MetadataCondition) -> Check:
    """Holds where the case data say so; doubted, naming the field, where they are silent."""
    unknown = (Match(doubts=frozenset({NEEDS_CASE_DATA + condition.metadata})),)

    def check(hearing: Hearing) -> tuple[Match, ...]:
        value = case_value(condition.metadata, hearing.conversation)
        if value is None:
            return unknown
        return (Match(),) if fulfils(condition, value) else ()

    return check


def case_value(name: MetadataField, conversation: Conversation) -> object:
    """What the case data state, or the talk in their place; None where neither does."""
    call = conversation.call
    stated = dict(call.extra).get(name.value)
    if name is MetadataField.CONTACT_ROLE:
        return _contact_role(conversation)
    if name is MetadataField.AGENT_TYPE:
        return stated or ("self" if call.agency is None else "external")
    if name in _COUNTERS:
        return int(stated) if stated is not None and stated.strip().isdecimal() else None
    value: object = getattr(call, name.value)
    if name is MetadataField.GUARANTOR and value is None:
        role = _contact_role(conversation)
        return None if role is None else role == "guarantor"
    if name is MetadataField.APPROVED_PLANS and value is None:
        return ()  # what the agent claims without a word of approval stands for it
    return value


def _contact_role(conversation: Conversation) -> str | None:
    stated = conversation.call.contact_role
    if stated not in {None, "unknown"}:
        return stated
    sure = conversation.call_type_confidence >= SURE_CALL_TYPE
    return _ROLE_OF_CALL_TYPE.get(conversation.call_type) if sure else None


def fulfils(condition: MetadataCondition, value: object) -> bool:
    """Whether a stated value is one of those asked for, or a number within the limits."""
    if condition.is_in:
        values = value if isinstance(value, tuple) else (value,)
        return any(each in condition.is_in for each in values)
    if not isinstance(value, int):
        return False
    low, high = condition.at_least, condition.at_most
    return (low is None or value >= low) and (high is None or value <= high)
