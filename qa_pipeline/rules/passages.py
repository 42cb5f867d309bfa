"""The conversation as rules read it: passages in order, grouped into turns.

A passage is one utterance, or a few short ones of one speaker that a breath cut apart: recognition splits a
sentence wherever the speaker pauses, and "你再不还" / "我找人去收拾你" is one sentence.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from qa_pipeline.language.normalization import quote
from qa_pipeline.language.phonetics import syllables
from qa_pipeline.language.word_places import placed_words
from qa_pipeline.types import (
    Conversation,
    NormalizedText,
    OtherFigures,
    Role,
    TimeSpan,
    Token,
    Utterance,
)

BREATH_MS = 1_500
"""A longer pause ends a passage; practice for turn-internal pauses, about twice the usual one."""

JOINED_CHARACTERS = 60
"""A passage grows no longer by joining, so that "in the same passage" stays "in the same breath"."""

SEAM = "\n"
"""Stands between the utterances of a passage; no phrase and no `.` of a regular expression crosses it."""

CLAUSE_PAUSE_MS = 400
"""A pause of one speaker that ends a clause; set by hand, between a stop consonant and a breath."""

_CLAUSE_MARKS = frozenset("，,：:；;—…")
_SENTENCE_MARKS = frozenset("。！？!?.")
_UNMARKED_SENTENCE = 30
"""Recognised speech has few marks: a sentence reaches at most this far around a match."""

# Polite and plain address differ in one character and mean the same to a rule.
_POLITE = str.maketrans("您", "你")


class Mark(IntEnum):
    """What stands between two characters of a passage, the stronger the higher."""

    NONE = 0
    CLAUSE = 1
    SENTENCE = 2


def plain_address(text: str) -> str:
    """The text with 您 as 你; phrases and passages are compared in this form."""
    return text.translate(_POLITE)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One stretch of one speaker's words.

    Args:
        index: position among the passages.
        turn: number of the speaker's turn among those of the same role, from 0.
        order: number of the turn among those of all speakers, from 0.
        utterances: positions in the transcript, in order.
        starts: where each utterance begins in `text`.
        text: normalised, utterances parted by a seam.
        syllables: one for each character of `text`.
    """

    index: int
    turn: int
    order: int
    utterances: tuple[int, ...]
    starts: tuple[int, ...]
    role: Role
    role_confidence: float
    text: str
    syllables: tuple[str, ...]
    conversation: Conversation

    @cached_property
    def letters(self) -> str:
        """The text with plain address."""
        return plain_address(self.text)

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        """The syllables of `letters`."""
        if "您" not in self.text:
            return self.syllables
        (plain,) = syllables("你")
        pairs = zip(self.text, self.syllables, strict=True)
        return tuple(plain if letter == "您" else sound for letter, sound in pairs)

    @cached_property
    def words(self) -> tuple[tuple[int, int], ...]:
        """Start and end of the tokens, in characters of the passage."""
        found: list[tuple[int, int]] = []
        for utterance, start in zip(self.utterances, self.starts, strict=True):
            tokens: Sequence[Token] = self.conversation.tokens[utterance]
            found += [(start + token.start_char, start + token.end_char) for token in tokens]
        return tuple(found)

    def respelled(self, start: int, end: int) -> bool:
        """Whether any of the characters [start, end) was heard as another one (see `language.spelling`)."""
        normalized = self.conversation.normalized
        return any(normalized[at].respelled(low, high) for at, low, high in self.split(start, end))

    @cached_property
    def other_figures(self) -> OtherFigures | None:
        """The text with its figures as a second hearing has them; None where it has the same."""
        normalized = [self.conversation.normalized[position] for position in self.utterances]
        if all(one.other_figures is None for one in normalized):
            return None
        texts: list[str] = []
        places: list[tuple[int, int]] = []
        for one, start in zip(normalized, self.starts, strict=True):
            if texts:
                places.append((start - len(SEAM), start))
            own = itertools.pairwise(range(len(one.text) + 1))
            other = one.other_figures or OtherFigures(text=one.text, places=tuple(own))
            texts.append(other.text)
            places += ((start + low, start + high) for low, high in other.places)
        return OtherFigures(text=SEAM.join(texts), places=tuple(places))

    def heard_again(self, find: Callable[[str], Iterable[tuple[int, int]]]) -> Iterator[tuple[int, int, str]]:
        """What is found among the figures of a second hearing: its place in the text, and its words.

        Args:
            find: gives the start and end of what is looked for in a text.
        """
        other = self.other_figures
        if other is not None:
            for start, end in find(other.text):
                (low, _), (_, high) = other.places[start], other.places[end - 1]
                yield low, high, other.text[start:end]

    @property
    def first(self) -> Utterance:
        return self.conversation.transcript.utterances[self.utterances[0]]

    @property
    def last(self) -> Utterance:
        return self.conversation.transcript.utterances[self.utterances[-1]]

    def utterance_at(self, character: int) -> Utterance:
        """The utterance that the character belongs to."""
        position = self.utterances[bisect_right(self.starts, character) - 1]
        return self.conversation.transcript.utterances[position]

    @property
    def span(self) -> TimeSpan | None:
        """When it was said, where the talk has times."""
        first, last = self.first.span, self.last.span
        if first is None or last is None:
            return None
        return TimeSpan(start_ms=first.start_ms, end_ms=last.end_ms)

    def split(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The characters [start, end) by utterance: its position, start and end in its normalised text."""
        for utterance, begin in zip(self.utterances, self.starts, strict=True):
            length = len(self.conversation.normalized[utterance].text)
            low, high = max(start - begin, 0), min(end - begin, length)
            if low < high:
                yield utterance, low, high

    def quote(self, start: int, end: int) -> str:
        """The raw words behind the characters [start, end); a space stands between utterances."""
        said, normalized = self.conversation.transcript.utterances, self.conversation.normalized
        pieces = self.split(start, end)
        return " ".join(quote(said[at].text, normalized[at], low, high) for at, low, high in pieces)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What stands before each character of the text; nothing before the first.

        Clauses and sentences end at the marks of the transcript, at a space between Chinese characters
        (recognised speech has spaces where it has no marks) and at a pause of the speaker.
        """
        found = [Mark.NONE] * len(self.text)
        previous: Utterance | None = None
        for position, begin in zip(self.utterances, self.starts, strict=True):
            utterance = self.conversation.transcript.utterances[position]
            if previous is not None:
                found[begin] = found[begin - 1] = _mark_at_seam(previous, utterance)
            normalized = self.conversation.normalized[position]
            pauses = _pauses(utterance)
            for index, (low, high) in enumerate(itertools.pairwise(normalized.offsets), start=1):
                start = low if normalized.text[index - 1] == "," else low + 1  # a mark kept between numbers
                if high > start or high in pauses:
                    found[begin + index] = _mark_in(utterance.text, start, high, paused=high in pauses)
            previous = utterance
        return tuple(found)

    def strongest_mark(self, start: int, end: int) -> Mark:
        """The strongest mark inside the characters [start, end)."""
        return max(self.marks[start + 1 : end], default=Mark.NONE)

    def first_mark(self, start: int, end: int, *, above: Mark) -> int | None:
        """Before which of the characters [start, end) the first mark stronger than `above` stands."""
        return next((index for index in range(start + 1, end) if self.marks[index] > above), None)

    def clauses(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the clauses that [start, end) touches."""
        return self._stretch(start, end, Mark.CLAUSE)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the sentence around [start, end)."""
        low, high = self._stretch(start, end, Mark.SENTENCE)
        return max(low, start - _UNMARKED_SENTENCE), min(high, end + _UNMARKED_SENTENCE)

    def _stretch(self, start: int, end: int, mark: Mark) -> tuple[int, int]:
        low, high = start, end
        while low > 0 and self.marks[low] < mark:
            low -= 1
        while high < len(self.text) and self.marks[high] < mark:
            high += 1
        return low, high


def _mark_in(raw: str, start: int, end: int, *, paused: bool) -> Mark:
    """What the raw characters [start, end) between two normalised ones say."""
    between = raw[start:end]
    if not _SENTENCE_MARKS.isdisjoint(between):
        return Mark.SENTENCE
    spaced = between.isspace() and not (raw[start - 1].isascii() or raw[end].isascii())
    return Mark.CLAUSE if paused or spaced or not _CLAUSE_MARKS.isdisjoint(between) else Mark.NONE


def _mark_at_seam(earlier: Utterance, later: Utterance) -> Mark:
    if earlier.text.rstrip()[-1:] in _SENTENCE_MARKS:
        return Mark.SENTENCE
    if earlier.span is None or later.span is None:
        return Mark.CLAUSE
    paused = later.span.start_ms - earlier.span.end_ms >= CLAUSE_PAUSE_MS
    return Mark.CLAUSE if paused or earlier.text.rstrip()[-1:] in _CLAUSE_MARKS else Mark.NONE


def _pauses(utterance: Utterance) -> frozenset[int]:
    """Before which raw characters the speaker paused, by the times of the words."""
    paused: set[int] = set()
    end_ms: int | None = None
    for begin, _, word in placed_words(utterance):
        if end_ms is not None and word.span.start_ms - end_ms >= CLAUSE_PAUSE_MS:
            paused.add(begin)
        end_ms = word.span.end_ms
    return frozenset(paused)


def passages_of(conversation: Conversation) -> tuple[Passage, ...]:
    """The passages of a conversation in order of time."""
    passages: list[Passage] = []
    turns = dict.fromkeys(Role, -1)
    speaker: tuple[Role, int | None] | None = None
    order = -1
    for group in _groups(conversation):
        first = conversation.transcript.utterances[group[0]]
        if (first.role, first.voice) != speaker:
            speaker = first.role, first.voice
            turns[first.role] += 1
            order += 1
        parts = [conversation.normalized[position] for position in group]
        passages.append(
            Passage(
                index=len(passages),
                turn=turns[first.role],
                order=order,
                utterances=group,
                starts=tuple(_starts(parts)),
                role=first.role,
                role_confidence=min(conversation.transcript.utterances[p].role_confidence for p in group),
                text=SEAM.join(part.text for part in parts),
                syllables=_syllables(parts),
                conversation=conversation,
            )
        )
    return tuple(passages)


def _groups(conversation: Conversation) -> Iterator[tuple[int, ...]]:
    group: list[int] = []
    length = 0
    for position, utterance in enumerate(conversation.transcript.utterances):
        size = len(conversation.normalized[position].text)
        if not size:
            continue
        previous = conversation.transcript.utterances[group[-1]] if group else None
        if previous is None or not _one_breath(previous, utterance) or length + size > JOINED_CHARACTERS:
            if group:
                yield tuple(group)
            group, length = [], 0
        group.append(position)
        length += size
    if group:
        yield tuple(group)


def _one_breath(earlier: Utterance, later: Utterance) -> bool:
    if (earlier.role, earlier.voice, earlier.channel) != (later.role, later.voice, later.channel):
        return False
    if earlier.span is None or later.span is None:
        return False
    return later.span.start_ms - earlier.span.end_ms <= BREATH_MS


def _starts(parts: Sequence[NormalizedText]) -> Iterator[int]:
    start = 0
    for part in parts:
        yield start
        start += len(part.text) + len(SEAM)


def _syllables(parts: Sequence[NormalizedText]) -> tuple[str, ...]:
    joined: list[str] = []
    for part in parts:
        if joined:
            joined.append(SEAM)
        joined += part.syllables
    return tuple(joined)
