"""How one rule fares with one call: what met it and what became of that, or what came nearest."""

from __future__ import annotations

from dataclasses import dataclass

from qa_pipeline.rules.conditions import phrases_in
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import RulePack, make_pack
from qa_pipeline.rules.nearest import NearMissFinder
from qa_pipeline.rules.passages import passages_of
from qa_pipeline.rules.sources import unknown_entry
from qa_pipeline.rules.trace import ConsideredMatch
from qa_pipeline.types import Conversation, NearestMiss, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a rule makes of a call.

    Args:
        matches: everything that met it; empty where nothing did, or the scope shuts the call out.
        in_scope: whether the rule looks at calls of this type.
        nearest: the agent's words that sound most like it, where nothing met it.
    """

    matches: tuple[ConsideredMatch, ...]
    in_scope: bool
    nearest: NearestMiss | None = None


def account_of(pack: RulePack, rule_id: str, conversation: Conversation) -> Account:
    """Try one rule of a pack on a conversation.

    Raises:
        RulePackError: the pack has no such rule (`entry_unknown`); the message names the nearest.
    """
    rules = {rule.id: rule for rule in pack.rules}
    if rule_id not in rules:
        raise unknown_entry(pack, rule_id, rules)
    rule = rules[rule_id]
    if rule.scope.call_types and conversation.call_type not in rule.scope.call_types:
        return Account(matches=(), in_scope=False)
    alone = RuleEngine(make_pack(header=pack.header, rules=[rule], elements=[], locations={}))
    matches = alone.trace(conversation)
    if matches:
        return Account(matches=matches, in_scope=True)
    phrases = (phrase for phrase, _ in phrases_in(rule.condition, pack.header.words))
    spoken = [one for one in passages_of(conversation) if one.role in {Role.AGENT, Role.UNKNOWN}]
    examples = (one.text for one in (*rule.examples.hit, *rule.examples.uncertain) if one.text)
    return Account(matches=(), in_scope=True, nearest=NearMissFinder((*phrases, *examples)).find(spoken))
