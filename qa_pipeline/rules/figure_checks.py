"""The conditions on facts and figures: what kind is said, and how it stands to the case data.

A figure of the case data was said where one of two hearings has it (`language.other_figures`); what the first
hearing has in its place is then no other figure, and is shown with what it was taken for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import get_args

from qa_pipeline.rules.facts import find_facts
from qa_pipeline.rules.figures import Contradiction, Figure, contradictions, statements
from qa_pipeline.rules.grammar import EntityCondition, MisstatedCondition, StatedCondition
from qa_pipeline.rules.matches import Check, Hearing, Match, Part
from qa_pipeline.types import MatchKind

SURE_FIGURE = 0.8
"""A sentence recognised with less confidence has about one wrong character in five: too many for a figure."""

_FIGURES: Mapping[str, Figure] = {figure: figure for figure in get_args(Figure)}
"""The facts that the case data have figures of."""


def entity_check(condition: EntityCondition) -> Check:
    """Where a fact of this kind is said."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        found = find_facts(condition.entity, hearing.passage.text, hearing.conversation.call.started_at)
        parts = (Part(start, end, MatchKind.PATTERN) for start, end in found)
        again = _heard_again(condition.entity, hearing)
        return tuple(Match((_taken_for(part, again),)) for part in parts)

    return check


def misstated_check(condition: MisstatedCondition) -> Check:
    """Where a figure is said that the case data contradict."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        found = contradictions(
            condition.misstated,
            hearing.passage.text,
            hearing.conversation.call,
            exactly=condition.exactly,
        )
        if found and _heard_again(condition.misstated, hearing):
            return ()
        return tuple(
            Match((Part(said.start, said.end, MatchKind.PATTERN),), _figure_doubts(said, hearing))
            for said in found
            if said.traits.issuperset(condition.traits)
        )

    return check


def stated_check(condition: StatedCondition) -> Check:
    """Where the very figure of the case data is said."""

    def check(hearing: Hearing) -> tuple[Match, ...]:
        found = statements(condition.stated, hearing.passage.text, hearing.conversation.call)
        parts = [Part(start, end, MatchKind.PATTERN) for start, end in found]
        return tuple(Match((part,)) for part in parts or _heard_again(condition.stated, hearing))

    return check


def _heard_again(kind: str, hearing: Hearing) -> list[Part]:
    """Where a second hearing alone has the very figure of the case data."""
    figure = _FIGURES.get(kind)
    if figure is None or hearing.passage.other_figures is None:
        return []
    find = partial(statements, figure, call=hearing.conversation.call)
    if find(hearing.passage.text):
        return []
    again = hearing.passage.heard_again(find)
    return [Part(start, end, MatchKind.PATTERN, heard_as=words) for start, end, words in again]


def _taken_for(part: Part, again: list[Part]) -> Part:
    """The part, with the figure of the case data that a second hearing has in its place."""
    words = (other.heard_as for other in again if other.start < part.end and part.start < other.end)
    return replace(part, heard_as=next(words, None))


def _figure_doubts(said: Contradiction, hearing: Hearing) -> frozenset[str]:
    """A figure may be another one misheard, and one wrong character makes it another figure."""
    doubts = {"phonetic"} if said.maybe_misheard else set()
    utterances = hearing.conversation.transcript.utterances
    confidence = min(
        utterances[position].confidence for position, _, _ in hearing.passage.split(said.start, said.end)
    )
    if confidence < SURE_FIGURE:
        doubts.add("low_recognition")
    return frozenset(doubts)
