"""The words a judgement rests on: as transcribed, with their time and how well they were recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from qa_pipeline.language.normalization import quote
from qa_pipeline.language.phonetics import distance
from qa_pipeline.rules.matches import Match, Part
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.recognition import words_in
from qa_pipeline.types import Conversation, Evidence, MatchKind, TimeSpan, Utterance

LONGEST_QUOTE = 40
"""Parts of one utterance are quoted as one while the quote stays readable; else each by itself."""

LONGEST_CHARACTER_MS = 300
"""Nobody says a character slower. Alignment lets the first word after a pause begin with the pause, so the
start of a quote within a turn came half a second early once in eight times (docs/roles.md)."""

_WEAKEST_FIRST = (
    MatchKind.CLASSIFIER,
    MatchKind.ACOUSTIC,
    MatchKind.PHONETIC,
    MatchKind.PATTERN,
    MatchKind.EXACT,
)


def evidence_of(match: Match, passage: Passage) -> tuple[Evidence, ...]:
    """Quotes of everything a match rests on, in order."""
    by_utterance: dict[int, list[Part]] = {}
    for part in match.parts:
        for utterance, start, end in passage.split(part.start, part.end):
            piece = replace(part, start=start, end=end)
            by_utterance.setdefault(utterance, []).append(_as_heard(piece, passage.conversation, utterance))
    quotes: list[Evidence] = []
    for utterance, parts in by_utterance.items():
        whole = max(part.end for part in parts) - parts[0].start
        groups = [parts] if whole <= LONGEST_QUOTE else [[part] for part in parts]
        quotes += [_evidence(passage.conversation, utterance, group) for group in groups]
    return tuple(quotes)


def _as_heard(part: Part, conversation: Conversation, position: int) -> Part:
    """The part of an utterance, with what its words are taken for where they were heard otherwise."""
    likely = conversation.transcript.utterances[position].likely
    normalized = conversation.normalized[position]
    if likely is None or not normalized.respelled(part.start, part.end):
        return part
    first, last = normalized.offsets[part.start], normalized.offsets[part.end - 1]
    kind = MatchKind.PHONETIC if part.kind is MatchKind.EXACT else part.kind
    # What was nearly written may sound otherwise: how far it is from what was heard belongs to the evidence.
    places = slice(part.start, part.end)
    apart = distance((normalized.heard or normalized.text)[places], normalized.text[places])
    return replace(
        part,
        kind=kind,
        distance=max(part.distance, round(apart, 2)),
        heard_as=part.heard_as or likely[first : last + 1],
    )


def spoken(conversation: Conversation, evidence: Evidence, channel: int | None) -> bool:
    """Whether speech was detected under the quote; true where nobody looked, as in a given transcript."""
    regions = conversation.transcript.regions
    if not regions or evidence.span is None:
        return True
    return any(
        region.span.overlap_ms(evidence.span) > 0
        for region in regions
        if channel is None or region.channel == channel
    )


def _evidence(conversation: Conversation, position: int, parts: Sequence[Part]) -> Evidence:
    utterance = conversation.transcript.utterances[position]
    normalized = conversation.normalized[position]
    start, end = parts[0].start, max(part.end for part in parts)
    first, last = normalized.offsets[start], normalized.offsets[end - 1] + 1
    words = words_in(utterance, first, last)
    by_sound = dict.fromkeys(part.heard_as for part in parts if part.heard_as is not None)
    return Evidence(
        utterance_id=utterance.id,
        role=utterance.role,
        span=time_of(utterance, first, last),
        quote=quote(utterance.text, normalized, start, end),
        heard_as="…".join(by_sound) or None,
        match=min((part.kind for part in parts), key=_WEAKEST_FIRST.index),
        distance=max(part.distance for part in parts),
        confidence=fmean(word.probability for word in words) if words else utterance.confidence,
    )


def time_of(utterance: Utterance, first: int, last: int) -> TimeSpan | None:
    """When the raw characters [first, last) were said: by their words, else as if the talk were even."""
    if utterance.span is None:
        return None
    words = words_in(utterance, first, last)
    if words:
        begun = words[0].span.end_ms - LONGEST_CHARACTER_MS * len(words[0].text.strip())
        start = max(begun, min(word.span.start_ms for word in words))
        return TimeSpan(start_ms=start, end_ms=max(start, *(word.span.end_ms for word in words)))
    start, length = utterance.span.start_ms, utterance.span.duration_ms
    size = len(utterance.text)
    return TimeSpan(start_ms=start + length * first // size, end_ms=start + length * last // size)
