"""Figures about the talk itself: who talked how long, silence, overlap, speed, monologue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from qa_pipeline.speech.talk_moments import characters, explained, fillers, monologues, talk_moments
from qa_pipeline.types import (
    ConversationCharacteristics,
    Recording,
    Role,
    TalkMoment,
    TalkMomentKind,
    TimeSpan,
    Transcript,
    Utterance,
)

MOST_UNKNOWN = 0.1
"""Of the talk: on one channel hardly a call is without a reply that nobody can place."""


def measure(transcript: Transcript, recording: Recording | None) -> ConversationCharacteristics:
    """Measure a conversation from the spans of its utterances.

    Overlap is speech of an agent and a customer at once. Talk speed counts characters without punctuation
    per minute of that role's own talk. Regions nobody could hear are neither silence nor talk of a role.

    Returns:
        None in every figure that needs times the transcript does not have, or roles where more than
        `MOST_UNKNOWN` of the talk is nobody's.
    """
    duration_ms = None if recording is None else recording.duration_ms
    timed = all(utterance.span is not None for utterance in transcript.utterances)
    if not timed or (recording is None and not transcript.utterances):
        return ConversationCharacteristics(duration_ms=duration_ms)
    utterances = transcript.utterances
    unknown = [utterance for utterance in utterances if utterance.role is Role.UNKNOWN]
    roles_known = _total(_spans(unknown)) <= MOST_UNKNOWN * _total(_spans(utterances))
    agent = [utterance for utterance in utterances if utterance.role is Role.AGENT]
    customer = [utterance for utterance in utterances if utterance.role is Role.CUSTOMER]
    agent_spans, customer_spans = _merged(_spans(agent)), _merged(_spans(customer))
    occupied = [*_spans(utterances), *(region.span for region in transcript.inaudible)]
    talk = _merged(occupied)
    end_ms = max([duration_ms or 0, *(span.end_ms for span in talk)])
    silences = _gaps(talk, end_ms)
    moments = talk_moments(transcript)
    return ConversationCharacteristics(
        duration_ms=duration_ms,
        agent_talk_ms=_total(agent_spans) if roles_known else None,
        customer_talk_ms=_total(customer_spans) if roles_known else None,
        non_talk_ms=_total(silences),
        longest_silence=_longest_unexplained(silences, transcript),
        overlap_ms=_overlap(agent_spans, customer_spans) if roles_known else None,
        agent_chars_per_minute=_speed(agent, agent_spans) if roles_known else None,
        customer_chars_per_minute=_speed(customer, customer_spans) if roles_known else None,
        longest_agent_monologue_ms=_longest_monologue(utterances) if roles_known else None,
        agent_interruptions=_count(moments, TalkMomentKind.INTERRUPTION, Role.AGENT) if roles_known else None,
        customer_interruptions=_count(moments, TalkMomentKind.INTERRUPTION, Role.CUSTOMER)
        if roles_known
        else None,
        agent_loudness_jumps=_count(moments, TalkMomentKind.LOUDNESS, Role.AGENT)
        if roles_known and any(one.level_db is not None for one in agent)
        else None,
        agent_fillers_per_100=_filler_rate(agent) if roles_known else None,
        moments=moments,
    )


def _spans(utterances: Iterable[Utterance]) -> list[TimeSpan]:
    return [utterance.span for utterance in utterances if utterance.span is not None]


def _merged(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """The same time without overlaps, in order."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        if merged and span.start_ms <= merged[-1].end_ms:
            merged[-1] = TimeSpan(start_ms=merged[-1].start_ms, end_ms=max(merged[-1].end_ms, span.end_ms))
        else:
            merged.append(span)
    return merged


def _gaps(merged: Sequence[TimeSpan], end_ms: int) -> list[TimeSpan]:
    edges = [TimeSpan(start_ms=0, end_ms=0), *merged, TimeSpan(start_ms=end_ms, end_ms=end_ms)]
    return [
        TimeSpan(start_ms=before.end_ms, end_ms=after.start_ms)
        for before, after in pairwise(edges)
        if before.end_ms < after.start_ms
    ]


def _total(spans: Iterable[TimeSpan]) -> int:
    return sum(span.duration_ms for span in spans)


def _overlap(left: Sequence[TimeSpan], right: Sequence[TimeSpan]) -> int:
    """Milliseconds in both, each without overlaps of its own, in one walk."""
    total = first = second = 0
    while first < len(left) and second < len(right):
        total += left[first].overlap_ms(right[second])
        if left[first].end_ms <= right[second].end_ms:
            first += 1
        else:
            second += 1
    return total


def _speed(utterances: Sequence[Utterance], spans: Sequence[TimeSpan]) -> float | None:
    talk_ms = _total(spans)
    if not talk_ms:
        return None
    spoken = sum(characters(utterance.text) for utterance in utterances)
    return round(spoken * 60_000 / talk_ms, 1)


def _filler_rate(utterances: Sequence[Utterance]) -> float | None:
    spoken = sum(characters(utterance.text) for utterance in utterances)
    found = sum(fillers(utterance.text) for utterance in utterances)
    return round(100 * found / spoken, 1) if spoken else None


def _count(moments: Sequence[TalkMoment], kind: TalkMomentKind, role: Role) -> int:
    return sum(moment.kind is kind and moment.role is role for moment in moments)


def _longest_unexplained(silences: Sequence[TimeSpan], transcript: Transcript) -> TimeSpan | None:
    """The longest silence before which nobody was asked to wait, without music or a tone."""
    for span in sorted(silences, key=lambda one: (-one.duration_ms, one)):
        before = [
            one for one in transcript.utterances if one.span is not None and one.span.end_ms <= span.start_ms
        ]
        last = max(before, key=lambda one: one.span.end_ms if one.span else 0, default=None)
        if not explained(span, last, transcript.sounds):
            return span
    return None


def _longest_monologue(utterances: Sequence[Utterance]) -> int:
    """Longest stretch in which the agent alone speaks, short pauses included."""
    ordered = sorted((one for one in utterances if one.span), key=lambda one: (one.span, one.id))
    own = (one.value for one in monologues(ordered, at_least_ms=0) if one.role is Role.AGENT)
    return int(max(own, default=0))
