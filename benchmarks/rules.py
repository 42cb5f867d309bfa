"""How fast the rules are, and how little more phrases cost.

    python -m benchmarks.rules

A prepared conversation of 60 utterances, made of the pack's own examples, is judged again and again on one
core; then under a pack with twice the phrases, each again with its characters reversed, so that none of the
new ones is ever heard and only the search for them costs.
"""

from __future__ import annotations

import statistics
import time
from itertools import chain, cycle, islice
from typing import TypeVar

from pydantic import BaseModel

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.rules.conditions import phrases_in
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.grammar import PhraseCondition
from qa_pipeline.rules.loader import RulePack, load_pack, make_pack
from qa_pipeline.rules.schema import Example, Line
from qa_pipeline.rules.trials import conversation_of
from qa_pipeline.types import CallType, Conversation, Role

Entry = TypeVar("Entry", bound=BaseModel)

UTTERANCES = 60
ROUNDS = 7
WANTED_PER_SECOND = 60
WANTED_COST = 1.3


def prepared(pack: RulePack) -> Conversation:
    """Sixty utterances of agent and customer in turn, normalised and tokenised."""
    examples = chain.from_iterable((*rule.examples.miss, *rule.examples.hit) for rule in pack.rules)
    texts = [example.text for example in examples if example.text]
    lines = tuple(
        Line(role=role, text=text)
        for role, text in zip(cycle((Role.AGENT, Role.CUSTOMER)), islice(texts, UTTERANCES), strict=False)
    )
    return conversation_of(Example(dialogue=lines), CallType.RIGHT_PARTY, Reader(Tokenizer()))


def doubled(pack: RulePack) -> RulePack:
    """The pack with every phrase a second time, reversed."""
    words = {
        name: tuple(dict.fromkeys((*phrases, *(word[::-1] for word in phrases))))
        for name, phrases in pack.header.words.items()
    }
    return make_pack(
        header=pack.header.model_copy(update={"words": words}),
        rules=[with_reversed(rule) for rule in pack.rules],
        elements=[with_reversed(element) for element in pack.elements],
        locations={},
        case_rules=pack.case_rules,
    )


def with_reversed(entry: Entry) -> Entry:
    """A part of a pack whose phrase conditions hold their own phrases reversed too."""
    if isinstance(entry, PhraseCondition):
        own = [phrase[::-1] for phrase in entry.phrase if not phrase.startswith("@")]
        return entry.model_copy(update={"phrase": (*entry.phrase, *own)})
    changed = {
        name: tuple(with_reversed(part) if isinstance(part, BaseModel) else part for part in value)
        if isinstance(value, tuple)
        else with_reversed(value)
        for name, value in entry
        if isinstance(value, (BaseModel, tuple))
    }
    return entry.model_copy(update=changed)


def seconds(engine: RuleEngine, conversation: Conversation) -> float:
    """The median time of one judgement."""
    engine.judge(conversation)
    return statistics.median(timed(engine, conversation) for _ in range(ROUNDS))


def timed(engine: RuleEngine, conversation: Conversation) -> float:
    start = time.process_time()
    engine.judge(conversation)
    return time.process_time() - start


def phrases(pack: RulePack) -> int:
    """How many different phrases the pack searches for."""
    conditions = [rule.condition for rule in pack.rules]
    return len({phrase for one in conditions for phrase, _ in phrases_in(one, pack.header.words)})


def main() -> None:
    pack = load_pack()
    twice = doubled(pack)
    conversation = prepared(pack)
    once_s = seconds(RuleEngine(pack), conversation)
    twice_s = seconds(RuleEngine(twice), conversation)
    print(f"utterances a second: {UTTERANCES / once_s:.0f} (at least {WANTED_PER_SECOND})")
    print(
        f"twice the phrases ({phrases(pack)} to {phrases(twice)}): {twice_s / once_s:.2f} of the time "
        f"(at most {WANTED_COST})"
    )


if __name__ == "__main__":
    main()
