"""How the agent talks, as a condition of rules: cutting in, waiting, haste, shouting, fillers."""

from __future__ import annotations

from qa_pipeline.rules.grammar import AcousticCondition
from qa_pipeline.rules.matches import Check, Hearing, Match, Part
from qa_pipeline.types import Conversation, MatchKind, Role, TalkMoment


def acoustic_check(condition: AcousticCondition) -> Check:
    """The check that an acoustic condition describes: it points at all the words of the utterance."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        counted = {moment.utterance_id for moment in _counted(condition, hearing.conversation)}
        if not counted:
            return ()
        doubts = frozenset({"pattern_weak"}) if hearing.conversation.transcript.turns else frozenset()
        passage = hearing.passage
        edges = [*passage.starts[1:], len(passage.text) + 1]
        utterances = hearing.conversation.transcript.utterances
        return tuple(
            Match((Part(start, end - 1, MatchKind.ACOUSTIC),), doubts)
            for position, start, end in zip(passage.utterances, passage.starts, edges, strict=True)
            if utterances[position].id in counted
        )

    return check


def _counted(condition: AcousticCondition, conversation: Conversation) -> tuple[TalkMoment, ...]:
    """The agent's moments that are bad enough, of each `times` in a row the last."""
    bad = [
        moment
        for moment in conversation.characteristics.moments
        if moment.kind is condition.acoustic
        and moment.role is Role.AGENT
        and moment.value >= condition.at_least
    ]
    return tuple(bad[condition.times - 1 :: condition.times])
