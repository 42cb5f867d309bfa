"""Whether the script elements were said, in their place and with the customer's answer.

An element is met by the first utterance that means it and stands in its window. What was said elsewhere, or
without the answer it needs, is missed and shown as the nearest miss. That something was not said is only
claimed where it could have been heard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qa_pipeline.rules.combination import every
from qa_pipeline.rules.conditions import compile_condition, expand
from qa_pipeline.rules.doubts import in_order, meaning, recognition_doubts, role_doubts
from qa_pipeline.rules.evidence import evidence_of, spoken
from qa_pipeline.rules.grammar import AnyCondition, Condition, PhraseCondition
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.matches import Check, Match
from qa_pipeline.rules.nearest import NearMissFinder, near_miss
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.phrases import plain
from qa_pipeline.rules.predictions import meaning_check
from qa_pipeline.rules.schema import Element, Need, Occasion
from qa_pipeline.rules.windows import CallWindow, SaidElement
from qa_pipeline.types import (
    CriterionOutcome,
    ElementResult,
    Evidence,
    MatchKind,
    Message,
    NearestMiss,
    Role,
    SpeechRegion,
    Utterance,
    message,
)

OUTSIDE_WINDOW = message("It was said, but not where in the call it belongs.")
NO_AGREEMENT = message("It was said, but the customer did not agree.")
NOT_MEANT = message("The words look like it, but do not mean it.")
NOT_AUDIBLE = message("It was not heard, but a part of the call where it belongs could not be understood.")
MEANT = message("The classifier is certain that this is meant, in other words than the rules know.")
PREDICTED = message("The words were not found, but the classifier takes an utterance for it.")
NOT_DUE = message("Nothing in the call made it due.")
EXCUSED = message("What the customer said excuses it.")
FORBIDDEN = message("It was said, but must not be said in a call of this type.")

SHORTEST_ANSWER_MS = 800
"""Four digits take longer; so long a pause after a question holds an answer, heard or not."""

SURE_ANSWER = 0.8
"""Digits recognised with less confidence may be the right ones misheard: one character in five is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One utterance that means an element.

    Args:
        start: where in the passage its words begin.
        end: where they end.
        fault: why it does not count; None when it does.
        doubts: why it may not count.
    """

    passage: Passage
    start: int
    end: int
    evidence: tuple[Evidence, ...]
    doubts: frozenset[str]
    fault: Message | None

    @property
    def utterance(self) -> Utterance:
        """The utterance in which its words begin."""
        return self.passage.utterance_at(self.start)

    @property
    def explanation(self) -> tuple[Message, ...]:
        """What a person should know of a statement that counts."""
        return (MEANT,) if any(part.match is MatchKind.CLASSIFIER for part in self.evidence) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """All that was said of one element, before its place in the call is looked at."""

    met: tuple[Statement, ...]
    partial: tuple[Statement, ...]

    def said(self) -> SaidElement | None:
        """Where it was said for sure, answered or not: a doubted statement puts nothing out of order."""
        places = sorted(
            (each.passage.index, each.end) for each in (*self.met, *self.partial) if not each.doubts
        )
        if not places:
            return None
        (first, first_end), (last, _) = places[0], places[-1]
        return SaidElement(first=first, last=last, first_end=first_end)

    @property
    def fulfilled(self) -> bool:
        """Whether it was said, and answered where it needs an answer, without doubt."""
        return any(
            not statement.doubts and statement.fault is None for statement in (*self.met, *self.partial)
        )


class ElementJudge:
    """Judges one element.

    Args:
        words: the word lists of the pack.
    """

    def __init__(self, element: Element, words: Mapping[str, Sequence[str]]) -> None:
        self.element = element
        self._met = compile_condition(element.met, words)
        self._meant = meaning_check(element.id)
        where = element.meant_where
        self._meant_where = None if where is None else compile_condition(where, words)
        if self._meant_where is not None:
            self._meant = every([self._meant, self._meant_where])
        self._partial = None if element.partial is None else compile_condition(element.partial, words)
        self._near_misses = tuple(map(plain, expand(element.near_misses, words)))
        self._finder = NearMissFinder([*_sufficient(element.met, words), *_agent_texts(element)])

    def listen(self, heard: Listening) -> Statements:
        """What was said of the element anywhere in the call."""
        met = tuple(self._statements(self._met, heard))
        partial = () if self._partial is None else tuple(self._statements(self._partial, heard))
        if not met and not partial:  # where the rules know what was said, the classifier has no say
            met = tuple(self._statements(self._meant, heard))
        return Statements(met=met, partial=partial)

    def judge(
        self, heard: Listening, stated: Mapping[str, Statements], said: Mapping[str, SaidElement]
    ) -> ElementResult:
        """The outcome in this call.

        Args:
            stated: what was said of every element of the pack.
            said: where.
        """
        need = self.element.applies.get(heard.conversation.call_type)
        if need is None:
            return self._result(CriterionOutcome.NOT_APPLICABLE)
        own = stated[self.element.id]
        if need is Need.FORBIDDEN:
            return self._forbidden(own)
        if need is Need.CONDITIONAL and not any(
            self._due(occasion, heard, stated) for occasion in self.element.when
        ):
            return self._result(CriterionOutcome.NOT_APPLICABLE, explanation=(NOT_DUE,))
        result = self._as_required(heard, own, said)
        excuse = () if heard.first_said(self.element.excused_by) is None else (EXCUSED,)
        begun = result.outcome is CriterionOutcome.PARTIAL and not excuse  # what was cut short is no half
        if result.outcome is CriterionOutcome.MET or begun:
            return result
        if need is Need.OPTIONAL or excuse:
            return self._result(CriterionOutcome.NOT_APPLICABLE, explanation=excuse)
        return result

    def _due(self, occasion: Occasion, heard: Listening, stated: Mapping[str, Statements]) -> bool:
        holds = (
            occasion.trigger is None or heard.first_said([occasion.trigger]) is not None,
            occasion.element is None or stated[occasion.element].fulfilled,
            occasion.no_element is None or not stated[occasion.no_element].fulfilled,
            occasion.promise is None
            or any(hearing.promised.get(occasion.promise) for hearing in heard.hearings),
        )
        return all(holds)

    def _as_required(
        self, heard: Listening, own: Statements, said: Mapping[str, SaidElement]
    ) -> ElementResult:
        answered = bool(self.element.customer_agreement)
        window = CallWindow(self.element.window, heard, said, answered=answered)
        met = [_placed(statement, window) for statement in own.met]
        partial = [_placed(statement, window) for statement in own.partial]
        for outcome, statements in ((CriterionOutcome.MET, met), (CriterionOutcome.PARTIAL, partial)):
            sure = [each for each in statements if each.fault is None and not each.doubts]
            if sure:
                return self._result(outcome, evidence=sure[0].evidence, explanation=sure[0].explanation)
            doubted = [each for each in statements if each.fault is None]
            if doubted:
                reasons = tuple(map(meaning, in_order(doubted[0].doubts)))
                return self._result(
                    CriterionOutcome.UNCERTAIN, evidence=doubted[0].evidence, explanation=reasons
                )
        return self._missing(heard, window, [*met, *partial])

    def _missing(self, heard: Listening, window: CallWindow, faulty: Sequence[Statement]) -> ElementResult:
        predicted = self._predicted(heard, window)
        if predicted is not None:
            return self._result(CriterionOutcome.UNCERTAIN, nearest=predicted, explanation=(PREDICTED,))
        if faulty:
            nearest: NearestMiss | None = near_miss(faulty[0].utterance, 1.0)
            reasons = (faulty[0].fault,) if faulty[0].fault is not None else ()
        else:
            agent = [hearing.passage for hearing in heard.by(Role.AGENT)]
            inside = [passage for passage in agent if passage in window]
            nearest, reasons = self._finder.find(inside) or self._finder.find(agent), ()
        if window.inaudible():
            return self._result(
                CriterionOutcome.UNCERTAIN, nearest=nearest, explanation=(*reasons, NOT_AUDIBLE)
            )
        return self._result(CriterionOutcome.MISSED, nearest=nearest, explanation=reasons)

    def _predicted(self, heard: Listening, window: CallWindow) -> NearestMiss | None:
        """The utterance in the window that a classifier most takes for the element."""
        said = heard.conversation.transcript.utterances
        utterances = {
            said[position].id: said[position]
            for hearing in heard.by(Role.AGENT)
            if hearing.passage in window
            and not self._looks_like_a_near_miss(hearing.passage)
            and (self._meant_where is None or self._meant_where(hearing))
            for position in hearing.passage.utterances
        }
        predictions = [
            prediction
            for prediction in heard.conversation.predictions
            if prediction.label == self.element.id
            and prediction.probability >= prediction.threshold
            and prediction.utterance_id in utterances
        ]
        if not predictions:
            return None
        best = max(predictions, key=lambda prediction: prediction.probability)
        return near_miss(utterances[best.utterance_id], best.probability)

    def _forbidden(self, own: Statements) -> ElementResult:
        if not own.met:
            return self._result(CriterionOutcome.NOT_APPLICABLE)
        return self._result(
            CriterionOutcome.NOT_APPLICABLE, evidence=own.met[0].evidence, explanation=(FORBIDDEN,)
        )

    def _result(
        self,
        outcome: CriterionOutcome,
        *,
        evidence: tuple[Evidence, ...] = (),
        nearest: NearestMiss | None = None,
        explanation: tuple[Message, ...] = (),
    ) -> ElementResult:
        return ElementResult(
            element_id=self.element.id,
            outcome=outcome,
            evidence=evidence,
            nearest_miss=nearest,
            explanation=explanation,
        )

    def _statements(self, check: Check, heard: Listening) -> Iterator[Statement]:
        for hearing in heard.by(Role.AGENT):
            matches = check(hearing)
            if not matches:
                continue
            passage = hearing.passage
            match, evidence, doubts = min(
                (_weighed(match, passage) for match in matches), key=lambda one: (len(one[2]), one[0].start)
            )
            if not all(spoken(heard.conversation, part, passage.first.channel) for part in evidence):
                continue
            fault = NOT_MEANT if self._looks_like_a_near_miss(passage) else None
            if self.element.customer_agreement and fault is None:
                agreed, unheard = self._agreement(passage, heard)
                doubts |= unheard
                fault = None if agreed or unheard else NO_AGREEMENT
            start, end = (match.start, match.end) if match.parts else (0, len(passage.text))
            yield Statement(
                passage=passage, start=start, end=end, evidence=evidence, doubts=doubts, fault=fault
            )

    def _looks_like_a_near_miss(self, passage: Passage) -> bool:
        return any(phrase in passage.letters for phrase in self._near_misses)

    def _agreement(self, passage: Passage, heard: Listening) -> tuple[bool, frozenset[str]]:
        """Whether the customer agrees where the answer may stand, and what keeps us from knowing."""
        answered = list(heard.answers(passage, turns=self.element.answer_turns))
        answers = {answer.index for answer in answered}
        given = [
            said
            for trigger in self.element.customer_agreement
            for said in heard.said[trigger]
            if said.passage in answers
        ]
        if given:
            return True, min((said.doubts for said in given), key=len)
        shown = self.element.acknowledgement
        if shown is not None:
            told = [answer for answer in answered if not _said_in({answer.index}, shown.unless, heard)]
            taken = {answer.index + 1 for answer in told} | _after_a_pause(passage, heard)
            if _said_in(taken, shown.by, heard):
                return True, frozenset()
            if told and told[0] is answered[0] and told[0].first.confidence < SURE_ANSWER:
                return False, frozenset({"low_recognition"})
        return False, frozenset({"inaudible"}) if _unheard_after(passage, heard) else frozenset()


def judge_elements(judges: Sequence[ElementJudge], heard: Listening) -> tuple[ElementResult, ...]:
    """The outcome of every element, in the order of the pack."""
    stated = {judge.element.id: judge.listen(heard) for judge in judges}
    said = {name: place for name, statements in stated.items() if (place := statements.said()) is not None}
    return tuple(judge.judge(heard, stated, said) for judge in judges)


def _weighed(match: Match, passage: Passage) -> tuple[Match, tuple[Evidence, ...], frozenset[str]]:
    """A match, its words, and what speaks against it."""
    evidence = evidence_of(match, passage)
    return match, evidence, match.doubts | role_doubts(passage) | recognition_doubts(evidence)


def _placed(statement: Statement, window: CallWindow) -> Statement:
    if statement.fault is not None or window.holds(statement.passage, statement.start):
        return statement
    return replace(statement, fault=OUTSIDE_WINDOW)


def _said_in(passages: Collection[int], triggers: Sequence[str], heard: Listening) -> bool:
    return any(said.passage in passages and not said.doubts for name in triggers for said in heard.said[name])


def _after_a_pause(passage: Passage, heard: Listening) -> set[int]:
    """The passage with which the same speaker goes on, where an answer that was not heard fits between."""
    following = next((hearing.passage for hearing in heard.hearings[passage.index + 1 :]), None)
    if following is None or following.role is not passage.role:
        return set()
    asked, resumed = passage.last.span, following.first.span
    if asked is None or resumed is None or resumed.start_ms - asked.end_ms < SHORTEST_ANSWER_MS:
        return set()
    return {following.index}


def _unheard_after(passage: Passage, heard: Listening) -> bool:
    """Whether something said between this passage and the next was not understood.

    A short answer is often speech of which no word was recognised.
    """
    end = passage.last.span
    if end is None:
        return False
    following = (hearing.passage.first.span for hearing in heard.hearings[passage.index + 1 :])
    resumed = min((span.start_ms for span in following if span is not None), default=None)

    def answers(region: SpeechRegion) -> bool:
        begins = region.span.start_ms
        in_time = end.start_ms <= begins and (resumed is None or begins <= resumed)
        return in_time and region.channel != passage.first.channel

    transcript = heard.conversation.transcript
    return any(map(answers, transcript.inaudible)) or any(
        answers(region) and transcript.is_wordless(region) for region in transcript.regions
    )


def _sufficient(condition: Condition, words: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The phrases that fulfil a condition by themselves."""
    if isinstance(condition, PhraseCondition):
        yield from expand(condition.phrase, words)
    elif isinstance(condition, AnyCondition):
        for part in condition.any:
            yield from _sufficient(part, words)


def _agent_texts(element: Element) -> Iterator[str]:
    for example in element.examples.met:
        if example.text is not None:
            yield example.text
        for line in example.dialogue or ():
            if line.role is Role.AGENT:
                yield line.text
