"""The test bench of a rule pack: runs the examples that every rule and element carries, and tries a sentence.

Conversations are read by the same `Reader` and judged by the same `RuleEngine` as real calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.metadata import metadata_from
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
    Scope,
)
from qa_pipeline.rules.trace import ConsideredMatch
from qa_pipeline.types import (
    ArtifactRef,
    CallType,
    Conversation,
    ConversationCharacteristics,
    CriterionOutcome,
    ElementResult,
    Finding,
    FindingOutcome,
    Message,
    Prediction,
    Role,
    TalkMoment,
    TimeSpan,
    Transcript,
    Utterance,
    message,
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a pack makes of a sentence.

    Args:
        considered: every match of a rule, the acquitted ones too.
        elements: only those of which something was found.
    """

    text: str
    findings: tuple[Finding, ...]
    considered: tuple[ConsideredMatch, ...]
    elements: tuple[ElementResult, ...]


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


def try_texts(
    pack: RulePack,
    texts: Sequence[str],
    role: Role = Role.AGENT,
    *,
    call_type: CallType = CallType.RIGHT_PARTY,
    reader: Reader | None = None,
) -> Iterator[Trial]:
    """What a pack makes of each of these texts, said by itself.

    Raises:
        ConfigurationError: there is none, or one is blank (`text_empty`).
    """
    if not all(text.strip() for text in texts) or not texts:
        told = message("There is nothing to try: write the sentence that somebody says.")
        raise ConfigurationError("text_empty", told)
    engine, reading = RuleEngine(pack), reader or Reader(Tokenizer())
    return (_trial(engine, text, role, call_type, reading) for text in texts)


def _trial(engine: RuleEngine, text: str, role: Role, call_type: CallType, reader: Reader) -> Trial:
    example = Example(text=text, role=role, call_type=call_type)
    conversation = conversation_of(example, call_type, reader)
    judgement = engine.judge(conversation)
    absent = {CriterionOutcome.MISSED, CriterionOutcome.NOT_APPLICABLE}
    return Trial(
        text=text,
        findings=judgement.findings,
        considered=engine.trace(conversation),
        elements=tuple(result for result in judgement.elements if result.outcome not in absent),
    )


def conversation_of(example: Example, call_type: CallType, reader: Reader) -> Conversation:
    """An example as a conversation of given text without times.

    Args:
        call_type: where the example names none.
    """
    lines = example.dialogue or (Line(role=example.role, text=example.text or ""),)
    transcript = Transcript(
        recording_id="example",
        language="zh",
        utterances=tuple(_utterance(number, line) for number, line in enumerate(lines)),
        asr=None,
        options_digest="",
    )
    call = metadata_from(example.metadata, call_id="example", where="example")
    moments = tuple(moment for number, line in enumerate(lines) for moment in _moments(number, line))
    conversation = reader.read(call, None, transcript, ConversationCharacteristics(moments=moments))
    return replace(conversation, call_type=example.call_type or call_type, call_type_confidence=1.0)


def _moments(number: int, line: Line) -> Iterator[TalkMoment]:
    for kind, value in line.acoustic.items():
        yield TalkMoment(
            kind=kind,
            utterance_id=_utterance(number, line).id,
            role=line.role,
            span=TimeSpan(start_ms=number * 1000, end_ms=(number + 1) * 1000),
            value=value,
        )


def _utterance(number: int, line: Line) -> Utterance:
    return Utterance(
        id=f"u{number + 1:04d}",
        role=line.role,
        role_confidence=0.0 if line.role is Role.UNKNOWN else 1.0,
        channel=None,
        span=None,
        text=line.text,
    )


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


class Certainty:
    """What a charge that rests on the classifier makes of sentences, were the classifier certain of each.

    No model is asked: a sentence is taken for the charge's category, wherever in a call it may stand.
    """

    def __init__(self, pack: RulePack, charge: HeardOtherwise, reader: Reader) -> None:
        anywhere = charge.model_copy(update={"scope": Scope(call_types=charge.scope.call_types)})
        self._category = charge.category
        self._reader = reader
        self._alone = RuleEngine(
            make_pack(header=pack.header, rules=[], elements=[], locations={}, heard_otherwise=[anywhere])
        )

    def judge(self, example: Example, call_type: CallType) -> tuple[Finding, ...]:
        """The findings in an example; none where the charge's exemptions or its call types acquit it."""
        conversation = conversation_of(example, call_type, self._reader)
        return self._alone.judge(_taken_for(self._category, conversation)).findings


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


def _taken_for(category: str, conversation: Conversation) -> Conversation:
    """The conversation as if the classifier were certain that all of it is the category."""
    predictions = tuple(
        Prediction(
            label=category,
            probability=1.0,
            threshold=0.5,
            certain=0.5,
            utterance_id=utterance.id,
            model=_NO_MODEL,
        )
        for utterance in conversation.transcript.utterances
    )
    return replace(conversation, predictions=predictions)


_NO_MODEL = ArtifactRef(name="example", revision="1", sha256="0" * 64)


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
