"""A conversation after listening: its passages, what was heard in each, and the triggers that were said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qa_pipeline.rules.conditions import compile_condition
from qa_pipeline.rules.doubts import role_doubts
from qa_pipeline.rules.matches import Check, Hearing, Said
from qa_pipeline.rules.passages import Passage, passages_of, plain_address
from qa_pipeline.rules.phrases import PhraseIndex
from qa_pipeline.rules.readings import KeyWords
from qa_pipeline.rules.schema import Trigger
from qa_pipeline.types import Conversation, MatchKind, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """All that rules and elements are judged on.

    Args:
        hearings: one for each passage, in order.
        said: what was said of each trigger, in order.
        speakers: whose words each trigger is.
    """

    conversation: Conversation
    hearings: tuple[Hearing, ...]
    said: Mapping[str, tuple[Said, ...]]
    speakers: Mapping[str, Role]

    def by(self, role: Role) -> Iterator[Hearing]:
        """The hearings of one role, and those of a speaker who is not known."""
        return (hearing for hearing in self.hearings if hearing.passage.role in {role, Role.UNKNOWN})

    def first_said(self, triggers: Collection[str]) -> int | None:
        """The passage in which one of these triggers was first said, without doubt."""
        passages = (said.passage for name in triggers for said in self.said[name] if not said.doubts)
        return min(passages, default=None)

    def last_words(self, passage: Passage) -> range:
        """What the passage answers: the passages of the other speaker's turn right before its own turn."""
        end = passage.index
        while end > 0 and self._same_turn(end - 1, passage):
            end -= 1
        start = end
        while start > 0 and self._same_turn(start - 1, self.hearings[end - 1].passage):
            start -= 1
        return range(start, end)

    def answers_to(self, trigger: str, passage: Passage) -> bool:
        """Whether the trigger was said, without doubt, in the turn that the passage answers."""
        last = self.last_words(passage)
        return any(said.passage in last and not said.doubts for said in self.said[trigger])

    def _same_turn(self, index: int, passage: Passage) -> bool:
        other = self.hearings[index].passage
        return (other.role, other.turn) == (passage.role, passage.turn)

    def answers(self, passage: Passage, *, turns: int = 1) -> Iterator[Passage]:
        """The passages of the first turns after this passage that are not the agent's."""
        begun = 0
        agent_spoke = True
        for hearing in self.hearings[passage.index + 1 :]:
            other = hearing.passage
            if other.role is Role.AGENT:
                if begun == turns:
                    return
                agent_spoke = True
                continue
            begun += agent_spoke
            agent_spoke = False
            yield other


class Listener:
    """Listens to conversations for the phrases and triggers of a pack.

    Args:
        key_words: what is put back into passages for patterns; None to read letters only.
    """

    def __init__(
        self,
        index: PhraseIndex,
        triggers: Sequence[Trigger],
        words: Mapping[str, Sequence[str]],
        key_words: KeyWords | None = None,
    ) -> None:
        self._index = index
        self._key_words = key_words
        self._triggers: list[tuple[Trigger, Check]] = [
            (trigger, compile_condition(trigger.condition, words)) for trigger in triggers
        ]

    def listen(self, conversation: Conversation) -> Listening:
        """Hear every passage once, then one trigger after the other: each may ask for those before it."""
        anywhere: dict[str, tuple[Said, ...]] = {}
        hearings = tuple(
            replace(self._hear(conversation, passage), said=anywhere) for passage in passages_of(conversation)
        )
        for trigger, check in self._triggers:
            anywhere[trigger.id] = tuple(_said(trigger, check, hearings))
        said = {
            trigger.id: tuple(_in_place(trigger, anywhere, hearings))
            if _placed(trigger)
            else anywhere[trigger.id]
            for trigger, _ in self._triggers
        }
        hearings = tuple(replace(hearing, said=said) for hearing in hearings)
        speakers = {trigger.id: trigger.role for trigger, _ in self._triggers}
        return Listening(conversation=conversation, hearings=hearings, said=said, speakers=speakers)

    def _hear(self, conversation: Conversation, passage: Passage) -> Hearing:
        phrases = self._index.search(passage)
        reading = self._key_words.read(passage) if self._key_words else None
        if reading is not None:
            for hit in self._index.spelled(passage, plain_address(reading.text)):
                repairs = reading.repaired(hit.start, hit.end)
                if repairs and not any(repair.everyday for repair in repairs):
                    doubted = any(repair.doubted for repair in repairs)
                    restored = replace(hit, kind=MatchKind.PHONETIC, restored=True, doubted=doubted)
                    phrases[hit.phrase] = (*phrases.get(hit.phrase, ()), restored)
        return Hearing(conversation=conversation, passage=passage, phrases=phrases, reading=reading)


def _said(trigger: Trigger, check: Check, hearings: Sequence[Hearing]) -> Iterator[Said]:
    for hearing in hearings:
        passage = hearing.passage
        if passage.role not in {trigger.role, Role.UNKNOWN}:
            continue
        matches = check(hearing)
        if matches:
            doubts = min((match.doubts for match in matches), key=len) | role_doubts(passage)
            yield Said(passage=passage.index, order=passage.order, span=passage.span, doubts=doubts)


def _placed(trigger: Trigger) -> bool:
    return trigger.ends_call or bool(trigger.until)


def _in_place(
    trigger: Trigger, anywhere: Mapping[str, Sequence[Said]], hearings: Sequence[Hearing]
) -> Iterator[Said]:
    """What was said of a trigger where it counts."""
    stops = [said.passage for name in trigger.until for said in anywhere[name] if not said.doubts]
    stop = min(stops, default=len(hearings))
    agent = [hearing.passage.index for hearing in hearings if hearing.passage.role is Role.AGENT]
    start = max(agent, default=-1) if trigger.ends_call else -1
    return (said for said in anywhere[trigger.id] if start < said.passage <= stop)
