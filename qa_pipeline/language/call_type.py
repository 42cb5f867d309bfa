"""Whom the agent reached, from the case record and from what the answerer says (domain 2.0).

The record says whose number was dialled, the talk says who answered. Where they disagree, or neither speaks,
the confidence stays below `SURE` and a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qa_pipeline.language.announcements import machine_in
from qa_pipeline.language.call_cues import (
    AGENT_CUES,
    ANOTHER_MEANT,
    ANSWERER_CUES,
    CALLED,
    OF_ANOTHER,
    OWN_DEBT,
    RELATED,
    RELATION_ASKED,
    VERIFIED,
    Evidence,
    Question,
    answer_to,
    evidence_in,
    name_in,
    question_in,
    without_name,
)
from qa_pipeline.types import CallMetadata, CallType, NormalizedText, Role, Transcript

CALL_TYPE = "call-type/8"

SURE = 0.8

_CONTACT_ROLES = {
    "debtor": CallType.RIGHT_PARTY,
    "guarantor": CallType.RIGHT_PARTY,  # liable, so the debt may be discussed (domain 1.0, disclosure)
    "spouse_liable": CallType.RIGHT_PARTY,
    "contact": CallType.THIRD_PARTY,
    "wrong": CallType.WRONG_NUMBER,
}
_RECORD_CONFIDENCE = 0.9
_AGREED_CONFIDENCE = 0.98
_CONFLICT_CONFIDENCE = 0.5
_DISAGREEMENT_CONFIDENCE = 0.6
_GUESS_CONFIDENCE = 0.5
_MACHINE_CONFIDENCE = 0.95
_NAMED_CONTACT_CONFIDENCE = 0.65  # a contact has a name too
_DENIED_CONFIDENCE = 0.5  # a yes of somebody who had said that it is another
_CLEAR_LEAD = 0.05  # less than this between two call types is a contradiction, not a lead
_UNKNOWN_ROLE_FACTOR = 0.7  # the words may be the agent's own
_SHORT_SPEECH_MS = 10_000  # domain 2.0, constraint 10: less speech than this is no contact


def decide_call_type(
    call: CallMetadata, transcript: Transcript, normalized: Sequence[NormalizedText]
) -> tuple[CallType, float]:
    """Decide the call type and how sure it is.

    Args:
        normalized: runs parallel to ``transcript.utterances``.

    Returns:
        The type and a confidence in 0..1; below `SURE` it is a guess that a person must confirm.
    """
    if call.direction == "in":
        return CallType.INBOUND, 1.0
    if call.connected is False:
        return CallType.NO_CONTACT, _AGREED_CONFIDENCE
    if call.direction is None and _answers_a_call(transcript, normalized):
        return CallType.INBOUND, _RECORD_CONFIDENCE
    record = _CONTACT_ROLES.get(call.contact_role or "")
    talk = _strongest(_evidence(transcript, normalized, record))
    if talk is None:
        talk, record = _by_record(record, transcript), None
    if record is None or talk.call_type is CallType.NO_CONTACT:
        return talk.call_type, talk.confidence
    return talk.call_type, _confidence_beside(record, talk)


def _answers_a_call(transcript: Transcript, normalized: Sequence[NormalizedText]) -> bool:
    """True where the agent opens as one who was called."""
    opening = [
        text.text
        for utterance, text in zip(transcript.utterances, normalized, strict=True)
        if utterance.role is Role.AGENT
    ]
    return bool(opening) and bool(CALLED.search(opening[0]))


def _confidence_beside(record: CallType, talk: Evidence) -> float:
    if talk.confidence <= _CONFLICT_CONFIDENCE:
        return _CONFLICT_CONFIDENCE
    if talk.call_type is record:
        return _AGREED_CONFIDENCE if talk.confidence >= SURE else _RECORD_CONFIDENCE
    if record is CallType.RIGHT_PARTY and talk.confidence > SURE:
        return SURE  # the debtor's number, answered by someone who says who they are
    return min(talk.confidence, _DISAGREEMENT_CONFIDENCE)


def _strongest(found: Sequence[Evidence]) -> Evidence | None:
    if not found:
        return None
    best = max(found, key=lambda evidence: evidence.confidence)
    rivals = [other.confidence for other in found if other.call_type is not best.call_type]
    if max(rivals, default=0.0) > best.confidence - _CLEAR_LEAD:
        return Evidence(best.call_type, _CONFLICT_CONFIDENCE)
    return best


def _by_record(record: CallType | None, transcript: Transcript) -> Evidence:
    """The record alone, or that nobody answered; else a right-party guess, which no one may rely on."""
    roles = {utterance.role for utterance in transcript.utterances}
    if roles <= {Role.AGENT}:
        return Evidence(CallType.NO_CONTACT, _RECORD_CONFIDENCE)
    spans = [utterance.span for utterance in transcript.utterances]
    if all(spans) and sum(span.duration_ms for span in spans if span) < _SHORT_SPEECH_MS:
        return Evidence(CallType.NO_CONTACT, SURE)
    if record is not None:
        return Evidence(record, _RECORD_CONFIDENCE)
    return Evidence(CallType.RIGHT_PARTY, _GUESS_CONFIDENCE)


class _Dialogue:
    """Listens to the turns one by one and keeps what speaks for a call type.

    Args:
        record: the call type that the case record expects.
    """

    def __init__(self, record: CallType | None) -> None:
        self._record = record
        self._pending: Question | None = None
        self._asks_relation = False
        self._name: str | None = None
        self._denied = False
        self.found: list[Evidence] = []

    def hear(self, role: Role, text: NormalizedText) -> None:
        """Take in one utterance."""
        words = text.text
        if role is not Role.CUSTOMER:
            self._name = self._name or name_in(words)
        if role is Role.AGENT:
            self._ask(words)
            cues = evidence_in(words, AGENT_CUES)
            if self._record is CallType.THIRD_PARTY and OF_ANOTHER.search(words):
                # The contact said yes to a name of his own.
                self._forget(lambda cue: cue.answers is Question.IDENTITY)
                cues.append(Evidence(CallType.THIRD_PARTY, SURE))
            if any(cue.confidence >= ANOTHER_MEANT for cue in cues):
                # The name was right, the person is not.
                self._forget(lambda cue: cue.call_type is CallType.RIGHT_PARTY)
            self.found += cues
            return
        words = without_name(words, self._name)
        factor = _UNKNOWN_ROLE_FACTOR if role is Role.UNKNOWN else 1.0
        cues = evidence_in(words, ANSWERER_CUES, factor=factor)
        if not cues and machine_in(text) is not None:
            cues = [Evidence(CallType.NO_CONTACT, _MACHINE_CONFIDENCE * factor)]
        if role is Role.UNKNOWN and not cues and self._ask(words):
            return
        self._answer(words, cues, factor)

    def _ask(self, words: str) -> bool:
        asked = question_in(words)
        if asked is not None:
            self._pending = asked
            self._asks_relation = bool(RELATION_ASKED.search(words))
        return asked is not None

    def _answer(self, words: str, cues: list[Evidence], factor: float) -> None:
        answer = None if cues else answer_to(self._pending, words)
        if cues or answer is not None:
            if answer is not None:
                answer = self._weighed(answer, words)
            self._pending = None  # a yes after this answers something else
        elif OWN_DEBT.search(words):
            answer = Evidence(CallType.RIGHT_PARTY, 0.85)
        if answer is not None:
            cues.append(answer._replace(confidence=answer.confidence * factor))
        if any(cue.call_type is not CallType.NO_CONTACT for cue in cues):
            # After the machine somebody came to the telephone.
            self._forget(lambda cue: cue.call_type is CallType.NO_CONTACT)
        if any(cue.call_type is CallType.THIRD_PARTY and cue.confidence >= RELATED * factor for cue in cues):
            # Who says whose relative he is has not been dialled by mistake.
            cues = [cue for cue in cues if cue.call_type is not CallType.WRONG_NUMBER]
            self._forget(lambda cue: cue.call_type is CallType.WRONG_NUMBER)
        self.found += cues

    def _weighed(self, answer: Evidence, words: str) -> Evidence:
        """What an answer is worth after all that was said before."""
        if self._pending is Question.VERIFICATION and VERIFIED.search(words):
            # Verified after somebody else had answered: the telephone was handed over.
            self.found.clear()
            self._denied = False
        elif answer.call_type is CallType.WRONG_NUMBER:
            self._denied = True
        elif answer.call_type is CallType.THIRD_PARTY and self._asks_relation:
            # Asked about another, so the name that was right before is not the debtor's.
            self._forget(lambda cue: cue.answers is Question.IDENTITY)
        elif answer.call_type is CallType.RIGHT_PARTY and self._pending is Question.IDENTITY:
            if self._denied:
                return answer._replace(confidence=_DENIED_CONFIDENCE)
            if self._record is CallType.THIRD_PARTY:
                return answer._replace(confidence=_NAMED_CONTACT_CONFIDENCE)
        return answer

    def _forget(self, outdated: Callable[[Evidence], bool]) -> None:
        self.found = [cue for cue in self.found if not outdated(cue)]


def _evidence(
    transcript: Transcript, normalized: Sequence[NormalizedText], record: CallType | None
) -> list[Evidence]:
    """Everything that speaks for a call type, in order of the talk."""
    dialogue = _Dialogue(record)
    for utterance, text in zip(transcript.utterances, normalized, strict=True):
        dialogue.hear(utterance.role, text)
    return dialogue.found
