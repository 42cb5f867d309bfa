"""When in the talk a rule looks: after something was said, as its answer, before it is said, or beside it."""

from __future__ import annotations

from collections.abc import Collection

from qa_pipeline.rules.doubts import BADLY_RECOGNISED
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.schema import Scope
from qa_pipeline.rules.windows import at_ends
from qa_pipeline.types import CallType

WITH_THE_DEBTOR = frozenset({CallType.RIGHT_PARTY, CallType.INBOUND})
"""Here what the call is about is named sooner or later; to others it must not be."""


def moment_doubts(scope: Scope, heard: Listening, passage: Passage) -> frozenset[str] | None:
    """What speaks against the passage standing where the rule looks; None where it does not stand there.

    A doubted trigger starts a rule only with its doubts, but ends it for good: nobody is blamed for words
    that were in place if the doubt is unfounded. Nor is anybody for sure where what would have ended it may
    have been said in words that were badly recognised.
    """
    if scope.window is not None and not at_ends(scope.window, heard, passage):
        return None
    with_debtor = heard.conversation.call_type in WITH_THE_DEBTOR
    if scope.about and with_debtor and not any(heard.said[name] for name in scope.about):
        return None
    if scope.until and _least_doubts(scope.until, heard, range(passage.index)) is not None:
        return None
    doubts = _perhaps_missed(scope.until, heard, range(passage.index))
    for triggers, where in ((scope.after, range(passage.index)), (scope.answers, heard.last_words(passage))):
        if not triggers:
            continue
        said = _least_doubts(triggers, heard, where)
        if said is None:
            return None
        doubts |= said
    return doubts


def _perhaps_missed(triggers: Collection[str], heard: Listening, where: range) -> frozenset[str]:
    """The doubt that one of these triggers was said, but recognised too badly to be known."""
    speakers = {heard.speakers[name] for name in triggers}
    passages = (heard.hearings[index].passage for index in where)
    missed = any(
        one.role in speakers and min(one.first.confidence, one.last.confidence) < BADLY_RECOGNISED
        for one in passages
    )
    return frozenset({"low_recognition"}) if missed else frozenset()


def _least_doubts(triggers: Collection[str], heard: Listening, where: range) -> frozenset[str] | None:
    """The doubts of the surest of these triggers in these passages; None where none was said."""
    said = (said.doubts for name in triggers for said in heard.said[name] if said.passage in where)
    return min(said, key=lambda doubts: (len(doubts), sorted(doubts)), default=None)
