"""The test bench of a rule pack: runs the examples that every rule and element carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.rules.document import Location
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import RulePack, make_pack
from qa_pipeline.rules.schema import (
    CaseExample,
    CaseRule,
    Element,
    Example,
    HeardOtherwise,
    Line,
    Need,
    Rule,
)
from qa_pipeline.rules.trials import Certainty, conversation_of
from qa_pipeline.types import CallType, CriterionOutcome, Finding, FindingOutcome, Message, Role, message

_NOTHING = message("nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleProblem:
    """An example of which something else came than it says.

    Args:
        entry_id: the rule or element that carries the example.
        words: the example, its lines joined.
        expected, found: what it says and what came.
    """

    location: Location
    entry_id: str
    words: str
    expected: Message
    found: Message


def check(pack: RulePack, *, reader: Reader | None = None) -> tuple[ExampleProblem, ...]:
    """Run every example of a pack.

    The hits of a rule must come out with that rule alone, so that no other rule hides that it is broken. Its
    misses must stay clean under the whole pack: no finding of its category, and no hit of any other.

    Args:
        reader: one with the packaged lexicon and no classifier when left out.
    """
    reading = reader or Reader(Tokenizer())
    everything = RuleEngine(pack)
    problems: list[ExampleProblem] = []
    for rule in pack.rules:
        problems += _rule_problems(pack, rule, everything, reading)
    for case_rule in pack.case_rules:
        problems += _case_rule_problems(pack, case_rule, everything, reading)
    for charge in pack.heard_otherwise:
        problems += _heard_problems(pack, charge, reading)
    for element in pack.elements:
        problems += _element_problems(pack, element, everything, reading)
    return tuple(problems)


def _rule_problems(
    pack: RulePack, rule: Rule, everything: RuleEngine, reader: Reader
) -> Iterator[ExampleProblem]:
    alone = RuleEngine(make_pack(header=pack.header, rules=[rule], elements=[], locations={}))
    call_type = next(iter(rule.scope.call_types), CallType.RIGHT_PARTY)
    expectations: list[tuple[str, Sequence[Example], FindingOutcome]] = [
        ("hit", rule.examples.hit, FindingOutcome.HIT),
        ("uncertain", rule.examples.uncertain, FindingOutcome.UNCERTAIN),
    ]
    for group, examples, expected in expectations:
        for index, example in enumerate(examples):
            findings = alone.judge(conversation_of(example, call_type, reader)).findings
            outcomes = {finding.outcome for finding in findings}
            if outcomes != {expected}:
                wanted = message("{outcome} of {rule}", outcome=expected, rule=rule.id)
                yield _problem(pack, (rule.id, group, index), example, wanted, _found(findings))
    for index, example in enumerate(rule.examples.miss):
        findings = everything.judge(conversation_of(example, call_type, reader)).findings
        wrong = [
            finding
            for finding in findings
            if finding.category == rule.category or finding.outcome is FindingOutcome.HIT
        ]
        if wrong:
            yield _problem(pack, (rule.id, "miss", index), example, _NOTHING, _found(wrong))


def _heard_problems(pack: RulePack, charge: HeardOtherwise, reader: Reader) -> Iterator[ExampleProblem]:
    """What is wrong with the examples of a charge that rests on the classifier."""
    certain = Certainty(pack, charge, reader)
    call_type = next(iter(charge.scope.call_types), CallType.RIGHT_PARTY)
    expectations: list[tuple[str, Sequence[Example], Message]] = [
        ("hit", charge.examples.hit, message("a finding of {rule}", rule=charge.id)),
        ("miss", charge.examples.miss, _NOTHING),
    ]
    for group, examples, expected in expectations:
        for index, example in enumerate(examples):
            findings = certain.judge(example, call_type)
            if bool(findings) is not (group == "hit"):
                yield _problem(pack, (charge.id, group, index), example, expected, _found(findings))


def _case_rule_problems(
    pack: RulePack, rule: CaseRule, everything: RuleEngine, reader: Reader
) -> Iterator[ExampleProblem]:
    call_type = next(iter(rule.scope.call_types), CallType.RIGHT_PARTY)
    expectations: list[tuple[str, Sequence[CaseExample], set[FindingOutcome]]] = [
        ("hit", rule.examples.hit, {FindingOutcome.HIT}),
        ("uncertain", rule.examples.uncertain, {FindingOutcome.UNCERTAIN}),
        ("miss", rule.examples.miss, set()),
    ]
    for group, examples, expected in expectations:
        for index, one in enumerate(examples):
            lines = one.dialogue or (Line(role=Role.AGENT, text=_SAYING_NOTHING),)
            example = Example(dialogue=lines, metadata=one.metadata, call_type=one.call_type)
            judged = everything.judge(conversation_of(example, call_type, reader)).findings
            findings = [finding for finding in judged if finding.rule_id == rule.id]
            if {finding.outcome for finding in findings} != expected:
                wanted = message("{outcome} of {rule}", outcome=group, rule=rule.id)
                yield _problem(pack, (rule.id, group, index), example, wanted, _found(findings))


_SAYING_NOTHING = "喂"


def _element_problems(
    pack: RulePack, element: Element, everything: RuleEngine, reader: Reader
) -> Iterator[ExampleProblem]:
    call_type = min(element.applies, key=lambda kind: list(Need).index(element.applies[kind]))
    expectations: list[tuple[str, Sequence[Example], frozenset[CriterionOutcome]]] = [
        ("met", element.examples.met, frozenset({CriterionOutcome.MET})),
        ("partial", element.examples.partial, frozenset({CriterionOutcome.PARTIAL})),
        (
            "miss",
            element.examples.miss,
            frozenset({CriterionOutcome.MISSED, CriterionOutcome.NOT_APPLICABLE}),
        ),
    ]
    for group, examples, expected in expectations:
        for index, example in enumerate(examples):
            results = everything.judge(conversation_of(example, call_type, reader)).elements
            (result,) = (result for result in results if result.element_id == element.id)
            if result.outcome not in expected:
                wanted = message("{outcome}", outcome=group)
                found = message("{outcome}", outcome=result.outcome)
                yield _problem(pack, (element.id, group, index), example, wanted, found)


def _found(findings: Sequence[Finding]) -> Message:
    if not findings:
        return _NOTHING
    shown = (f"{found.rule_id} {found.outcome} {' '.join(found.doubts)}".strip() for found in findings)
    return message("{findings}", findings="; ".join(shown))


def _problem(
    pack: RulePack, place: tuple[str, str, int], example: Example, expected: Message, found: Message
) -> ExampleProblem:
    words = example.text or " / ".join(line.text for line in example.dialogue or ())
    return ExampleProblem(
        location=pack.locations[place], entry_id=place[0], words=words, expected=expected, found=found
    )
