"""All phrases of a pack found in one pass, by their letters and by their sound.

Two Aho-Corasick automata read each passage once, so the time hardly grows with the number of phrases: one
over characters, one over syllables. The second also holds fragments of the longer phrases: with k edits
allowed, one of k + 1 fragments of a phrase is heard untouched (the pigeonhole principle), and only around it
is the edit distance computed.

What a sound alone may claim is bounded, since Mandarin is full of homophones:

* One character is matched by its letter only.
* Two or three characters need the same syllables, and their edges must not cut a word in two. When the words
  heard are everyday words themselves, the match is doubted unless a slot word stands near or the recogniser
  guessed.
* Four to six characters allow one edit, more allow two, never more than `FARTHEST` of the syllables. An edit
  never adds or removes a negation, never turns one known word into another, never touches a function word;
  an edge that was heard otherwise cuts no word in two either.
* No sound reaches over the end of a clause, save four syllables and more without an edit; no letters reach
  over the end of a sentence.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ahocorasick
from rapidfuzz.distance import Levenshtein

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.phonetics import substitution_cost
from qa_pipeline.rules.passages import SEAM, Mark, Passage, plain_address
from qa_pipeline.rules.recognition import guessed
from qa_pipeline.types import MatchKind

FARTHEST = 0.15
"""Largest phonetic distance of a match: one syllable of four half wrong, one of seven quite wrong."""

SLOT_REACH = 6
"""Characters between a homophone and its slot word; the slot belongs to the same constituent."""

_SHORT = 3
_ONE_EDIT_UP_TO = 6
_NEGATIONS = frozenset("不没别未无非勿莫甭")
# Recognition hardly ever writes these by mistake: "是你吗" is not "你妈".
FUNCTION_CHARACTERS = frozenset("吗吧呢啊呀哦嘛么的了着过是有在和就都也还我你他她它这那哪里们个一不没要会能")
FIRST_CODE = 0xE000  # private use area: syllables become characters of their own
UNKNOWN_CODE = "\uffff"


@dataclass(frozen=True, slots=True)
class Heard:
    """A phrase found in a passage, at characters [start, end).

    Args:
        distance: phonetic, 0 for the same letters or syllables.
        everyday: heard by sound, but what was heard is everyday words and no slot word stands near.
        restored: read letter by letter once words were put back for letters that are no words.
        doubted: what was put back may well have been said as it was heard.
    """

    phrase: str
    start: int
    end: int
    kind: MatchKind
    distance: float = 0.0
    everyday: bool = False
    restored: bool = False
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase ready to be heard: its letters, syllables, and the syllables as one character each."""

    written: str
    letters: str
    sounds: tuple[str, ...]
    code: str


class PhraseIndex:
    """Finds phrases in passages.

    Args:
        phrases: as written in the pack; True where the sound counts too.
        slots: slot words by phrase.
    """

    def __init__(self, phrases: Mapping[str, bool], slots: Mapping[str, Sequence[str]]) -> None:
        self._slots = {plain(phrase): tuple(map(plain, words)) for phrase, words in slots.items()}
        self._codes: dict[str, str] = {}
        self._written: dict[str, list[str]] = {}
        heard: dict[str, list[_Phrase]] = {}
        fragments: dict[str, list[tuple[_Phrase, int]]] = {}
        for written, phonetic in phrases.items():
            letters = plain(written)
            self._written.setdefault(letters, []).append(written)
            if not phonetic or len(letters) < 2:
                continue
            sounds = normalize(letters).syllables
            phrase = _Phrase(written, letters, sounds, "".join(map(self._code, sounds)))
            heard.setdefault(phrase.code, []).append(phrase)
            for start, end in _fragments(len(sounds)):
                fragments.setdefault(phrase.code[start:end], []).append((phrase, start))
        self._letter_automaton = automaton({letters: letters for letters in self._written})
        self._sound_automaton = automaton(
            {
                code: (len(code), heard.get(code, []), fragments.get(code, []))
                for code in heard.keys() | fragments.keys()
            }
        )

    def search(self, passage: Passage) -> dict[str, tuple[Heard, ...]]:
        """Every phrase heard in the passage; where letters and sound agree, the letters count."""
        found: dict[str, list[Heard]] = {}
        for exact in self._by_letters(passage, passage.letters):
            found.setdefault(exact.phrase, []).append(exact)
        for candidate in self._by_sound(passage):
            if passage.strongest_mark(candidate.start, candidate.end) > _allowed_mark(candidate):
                continue
            known = found.setdefault(candidate.phrase, [])
            if not any(candidate.start < other.end and other.start < candidate.end for other in known):
                known.append(candidate)
        return {phrase: tuple(hits) for phrase, hits in found.items()}

    def spelled(self, passage: Passage, letters: str) -> Iterator[Heard]:
        """Every phrase that these letters spell, put in the place of the passage's own."""
        return self._by_letters(passage, letters)

    def _by_letters(self, passage: Passage, letters: str) -> Iterator[Heard]:
        if self._letter_automaton is None:
            return
        for last, phrase in self._letter_automaton.iter(letters):
            start, end = last + 1 - len(phrase), last + 1
            if passage.strongest_mark(start, end) is not Mark.SENTENCE:
                yield from (Heard(written, start, end, MatchKind.EXACT) for written in self._written[phrase])

    def _by_sound(self, passage: Passage) -> Iterator[Heard]:
        """Phrases heard by sound, the same syllables before near ones."""
        if self._sound_automaton is None:
            return
        codes = "".join([self._codes.get(sound, UNKNOWN_CODE) for sound in passage.sounds])
        near: dict[tuple[str, int], _Phrase] = {}
        for last, (length, phrases, fragments) in self._sound_automaton.iter(codes):
            start = last + 1 - length
            for phrase in phrases:
                hit = self._same_sound(phrase, start, passage)
                if hit is not None:
                    yield hit
            for phrase, offset in fragments:
                near[phrase.written, start - offset] = phrase
        for (_, start), phrase in near.items():
            hit = _near_sound(phrase, start, codes, passage)
            if hit is not None:
                yield hit

    def _same_sound(self, phrase: _Phrase, start: int, passage: Passage) -> Heard | None:
        end = start + len(phrase.letters)
        heard = Heard(phrase.written, start, end, MatchKind.PHONETIC)
        if len(phrase.letters) > _SHORT:
            return heard
        pairs = zip(passage.letters[start:end], phrase.letters, strict=True)
        other = {letter for letter, wanted in pairs if letter != wanted}
        if not FUNCTION_CHARACTERS.isdisjoint(other) or cuts_a_word(passage, start, end):
            return None
        return replace(heard, everyday=self._everyday(phrase, start, end, passage))

    def _everyday(self, phrase: _Phrase, start: int, end: int, passage: Passage) -> bool:
        """Whether everyday words were heard, well recognised, and no slot word stands near."""
        return (
            _whole_words(passage, start, end)
            and not self._has_slot(phrase, start, end, passage)
            and not guessed(passage, start, end)
        )

    def _has_slot(self, phrase: _Phrase, start: int, end: int, passage: Passage) -> bool:
        before = passage.letters[max(0, start - SLOT_REACH) : start]
        after = passage.letters[end : end + SLOT_REACH]
        return any(slot in before or slot in after for slot in self._slots.get(phrase.letters, ()))

    def _code(self, sound: str) -> str:
        return self._codes.setdefault(sound, chr(FIRST_CODE + len(self._codes)))


def _allowed_mark(candidate: Heard) -> Mark:
    """A recogniser's comma does not part the syllables of a longer phrase, if all of them were heard."""
    long = candidate.end - candidate.start > _SHORT
    return Mark.CLAUSE if long and not candidate.distance else Mark.NONE


def _near_sound(phrase: _Phrase, start: int, codes: str, passage: Passage) -> Heard | None:
    """The best alignment of the phrase around `start`, if it is near enough."""
    length = len(phrase.letters)
    edits = _edits(length)
    best: Heard | None = None
    for low in range(max(0, start - edits), max(0, start + edits) + 1):
        for high in range(low + length - edits, min(len(codes), low + length + edits) + 1):
            if Levenshtein.distance(phrase.code, codes[low:high], score_cutoff=edits) > edits:
                continue
            if _cuts_by_sound(phrase, low, high, passage):
                continue
            distance = _distance(phrase, low, high, codes, passage)
            if 0 < distance <= FARTHEST and (best is None or distance < best.distance):
                best = Heard(phrase.written, low, high, MatchKind.PHONETIC, distance=distance)
    return best


def _distance(phrase: _Phrase, low: int, high: int, codes: str, passage: Passage) -> float:
    """Weighted edits divided by the phrase's length; 1 where an edit may not be."""
    cost = 0.0
    for edit in Levenshtein.opcodes(phrase.code, codes[low:high]):
        if edit.tag == "equal":
            continue
        start, end = low + edit.dest_start, low + edit.dest_end
        wanted, heard = phrase.letters[edit.src_start : edit.src_end], passage.letters[start:end]
        if SEAM in heard or not _NEGATIONS.isdisjoint(wanted + heard):
            return 1.0
        if edit.tag != "replace":
            cost += max(len(wanted), len(heard))
            continue
        if _known_word_at(passage, start, end, phrase.letters):
            return 1.0
        if any(
            one != other and not FUNCTION_CHARACTERS.isdisjoint(one + other)
            for one, other in zip(wanted, heard, strict=True)
        ):
            return 1.0
        pairs = zip(phrase.sounds[edit.src_start : edit.src_end], passage.sounds[start:end], strict=True)
        cost += sum(substitution_cost(sound, other) for sound, other in pairs)
    return cost / len(phrase.letters)


def _cuts_by_sound(phrase: _Phrase, low: int, high: int, passage: Passage) -> bool:
    """Whether an edge lies within a word, at a character that is not the phrase's: 先补最|低 for 先闭嘴."""
    edges = ((low, low, 0), (high, high - 1, -1))
    return any(
        passage.letters[at] != phrase.letters[own]
        and any(first < edge < last for first, last in passage.words)
        for edge, at, own in edges
    )


def plain(text: str) -> str:
    """A phrase as it is compared: normalised, with plain address."""
    return plain_address(normalize(text).text)


def automaton(words: Mapping[str, object]) -> Any:
    """An automaton that gives the value of every word it meets; None without words."""
    built = ahocorasick.Automaton()
    for word, value in words.items():
        built.add_word(word, value)
    if not len(built):
        return None
    built.make_automaton()
    return built


def _edits(length: int) -> int:
    if length <= _SHORT:
        return 0
    return 1 if length <= _ONE_EDIT_UP_TO else 2


def _fragments(length: int) -> list[tuple[int, int]]:
    """Cuts of a phrase, one more than the edits it allows; none where it allows none."""
    pieces = _edits(length) + 1
    if pieces == 1:
        return []
    edges = [length * piece // pieces for piece in range(pieces + 1)]
    return list(itertools.pairwise(edges))


def cuts_a_word(passage: Passage, start: int, end: int) -> bool:
    return any(low < edge < high for low, high in passage.words for edge in (start, end))


def _whole_words(passage: Passage, start: int, end: int) -> bool:
    """Whether the characters are everyday words of two characters or more, and nothing else."""
    inside = [(low, high) for low, high in passage.words if start <= low and high <= end]
    return bool(inside) and all(high - low > 1 for low, high in inside)


def _known_word_at(passage: Passage, start: int, end: int, letters: str) -> bool:
    """Whether the characters belong to a word that the phrase does not have: it was most likely said."""
    return any(
        high - low > 1 and low < end and start < high and passage.letters[low:high] not in letters
        for low, high in passage.words
    )
