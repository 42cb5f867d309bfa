"""The rule engine: from a conversation to a judgement.

It looks at nothing but the conversation and the pack: no model, no clock, no random number. The same call
under the same pack is judged the same everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from qa_pipeline.rules.case_rules import CaseJudge
from qa_pipeline.rules.conditions import compile_condition, phrases_in
from qa_pipeline.rules.doubts import (
    MAY_ACQUIT,
    call_type_doubts,
    fits_by_chance,
    recognition_doubts,
    role_doubts,
    sense_doubts,
    wording_doubts,
)
from qa_pipeline.rules.elements import ElementJudge, judge_elements
from qa_pipeline.rules.evidence import evidence_of, spoken
from qa_pipeline.rules.exemptions import ExemptionJudge, Verdict, decide_all
from qa_pipeline.rules.findings import Occurrence, distinct, findings_of, lifted_beside
from qa_pipeline.rules.listening import Listener, Listening
from qa_pipeline.rules.loader import RulePack
from qa_pipeline.rules.matches import Check, Hearing
from qa_pipeline.rules.moments import moment_doubts
from qa_pipeline.rules.names import rests_on_a_name
from qa_pipeline.rules.phrases import PhraseIndex
from qa_pipeline.rules.predictions import prediction_check
from qa_pipeline.rules.promise import Promise, find_promise
from qa_pipeline.rules.readings import KeyWords, pattern_words
from qa_pipeline.rules.schema import Charge, Rule
from qa_pipeline.rules.second_ear import Found, beside, gravest, one_of_an_act
from qa_pipeline.rules.second_opinion import (
    Opinion,
    drops,
    opinion_doubts,
    opinion_on,
    readable,
    taken_for_another,
    taken_for_this,
)
from qa_pipeline.rules.trace import ConsideredMatch, considered
from qa_pipeline.types import Conversation, Finding, Judgement, Role


class RuleEngine:
    """Judges conversations by a rule pack; compiled for the first call, used for any number.

    Args:
        pack: of `loader.load_pack`.
    """

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack

    @cached_property
    def _compiled(self) -> _CompiledPack:
        return _CompiledPack(self.pack)

    def judge(self, conversation: Conversation) -> Judgement:
        """Findings, script elements and the promise to pay of one conversation.

        Returns:
            Findings in order of time, then of the pack, those without words last; a result for each element
            of the pack, in its order.
        """
        heard, promise = self._hear(conversation)
        findings = list(self._findings(heard))
        order = {utterance.id: index for index, utterance in enumerate(conversation.transcript.utterances)}
        findings.sort(key=lambda finding: order[finding.evidence[0].utterance_id])
        findings += [finding for rule in self._compiled.case_rules for finding in rule.findings(heard)]
        return Judgement(
            findings=tuple(lifted_beside(findings, self._compiled.ladders)),
            elements=judge_elements(self._compiled.elements, heard),
            promise_to_pay=promise.record,
        )

    def trace(self, conversation: Conversation) -> tuple[ConsideredMatch, ...]:
        """What became of every match, rule by rule: found, doubted, or acquitted and by what."""
        heard, _ = self._hear(conversation)
        ruled, otherwise = self._found(heard)
        return tuple(match for found in (*ruled, *otherwise) for match in considered(*found))

    def _findings(self, heard: Listening) -> Iterator[Finding]:
        """Those of the rules and of the classifier, one of a category in a turn."""

        def findings(found: Iterable[Found]) -> Iterator[Finding]:
            for charge, occurrences in found:
                held = distinct(one for one in occurrences if not one.acquitted)
                ladder = self._compiled.ladders[charge.id]
                yield from findings_of(charge, held, ladder, heard, self.pack.header.provocation)

        ruled, otherwise = self._found(heard)
        return one_of_an_act(tuple(findings(gravest(ruled))), tuple(findings(otherwise)), heard)

    def _found(self, heard: Listening) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
        """What the rules found, and what the classifier beside them."""
        ruled = tuple((rule.charge, tuple(rule.occurrences(heard))) for rule in self._compiled.rules)
        otherwise = ((other.charge, tuple(other.occurrences(heard))) for other in self._compiled.others)
        return ruled, tuple(beside(ruled, tuple(otherwise)))

    def _hear(self, conversation: Conversation) -> tuple[Listening, Promise]:
        heard = self._compiled.listener.listen(conversation)
        promise = find_promise(heard, agreement=self.pack.header.agreement)
        promised = promise.utterances
        hearings = tuple(replace(hearing, promised=promised) for hearing in heard.hearings)
        return replace(heard, hearings=hearings), promise


class _CompiledPack:
    """What a pack becomes to be judged by."""

    def __init__(self, pack: RulePack) -> None:
        header = pack.header
        phrases: dict[str, bool] = {}
        conditions = [
            *(rule.condition for rule in pack.rules),
            *(trigger.condition for trigger in header.triggers),
            *(element.met for element in pack.elements),
            *(element.partial for element in pack.elements if element.partial is not None),
            *(element.meant_where for element in pack.elements if element.meant_where is not None),
        ]
        uses = Counter[str]()
        for condition in conditions:
            for phrase, phonetic in phrases_in(condition, header.words):
                phrases[phrase] = phonetic or phrases.get(phrase, False)
                uses[phrase] += 1
            uses.update(pattern_words(condition))
        self.listener = Listener(
            PhraseIndex(phrases, header.slots),
            header.triggers,
            header.words,
            KeyWords(uses, header.slots),
        )
        exemptions = {
            exemption.id: ExemptionJudge(exemption, breaks=header.breaks, words=header.words)
            for exemption in header.exemptions
        }
        ladder = {step.id: step for step in header.ladder}
        self.ladders = {
            charge.id: [ladder[name] for name in charge.ladder]
            for charge in (*pack.rules, *pack.case_rules, *pack.heard_otherwise)
        }
        self.rules = [
            _CompiledRule(
                charge,
                check,
                [exemptions[name] for name in charge.exemptions],
                asks_ear=isinstance(charge, Rule) and charge.ear_ignored is None,
            )
            for charge, check in (
                *((rule, compile_condition(rule.condition, header.words)) for rule in pack.rules),
                *((charge, prediction_check(charge)) for charge in pack.heard_otherwise),
            )
        ]
        self.others = self.rules[len(pack.rules) :]
        del self.rules[len(pack.rules) :]
        self.case_rules = [CaseJudge(rule, self.ladders[rule.id]) for rule in pack.case_rules]
        self.elements = [ElementJudge(element, header.words) for element in pack.elements]


class _CompiledRule:
    def __init__(
        self, charge: Charge, check: Check, exemptions: list[ExemptionJudge], *, asks_ear: bool
    ) -> None:
        self.charge = charge
        self._check = check
        self._exemptions = exemptions
        self._asks_ear = asks_ear

    def occurrences(self, heard: Listening) -> Iterator[Occurrence]:
        call_types = self.charge.scope.call_types
        if call_types and heard.conversation.call_type not in call_types:
            return
        doubts = call_type_doubts(heard.conversation, call_types)
        for hearing in heard.by(Role.AGENT):
            moment = moment_doubts(self.charge.scope, heard, hearing.passage)
            if moment is not None:
                yield from self._occurrences_in(hearing, doubts | moment)

    def _occurrences_in(self, hearing: Hearing, call_doubts: frozenset[str]) -> Iterator[Occurrence]:
        passage = hearing.passage
        for match in self._check(hearing):
            if fits_by_chance(match, passage) or rests_on_a_name(match, passage):
                continue
            category = self.charge.category
            decision = decide_all(self._exemptions, match, passage, hearing.reading)
            evidence = evidence_of(match, passage)
            if not all(spoken(hearing.conversation, part, passage.first.channel) for part in evidence):
                continue
            doubts = match.doubts | wording_doubts(match, passage) | role_doubts(passage) | call_doubts
            doubts |= recognition_doubts(evidence) | sense_doubts(evidence)
            overruled = decision.past_a_pause and taken_for_this(match, passage, category)
            if decision.verdict is Verdict.DOUBTFUL and not overruled:
                doubts |= {MAY_ACQUIT}
            opinion = opinion_on(match, passage, category) if self._asks_ear else Opinion.NONE
            understood = readable(match, passage, evidence) or taken_for_another(match, passage, category)
            yield Occurrence(
                passage=passage,
                match=match,
                evidence=evidence,
                doubts=doubts | (opinion_doubts(opinion) if understood else frozenset()),
                decision=decision,
                dropped=drops(opinion, doubts),
            )
