"""What was most likely said: words of the pack put back where recognition wrote others of the same sound.

A regular expression reads letters, and a recogniser that writes 正信 for 征信 hides them from it. So a
passage may have a second reading, in which what sounds like a word of the pack is written as that word. It is
as long as the passage, so whatever is found in it has its place in what was heard.

What is put back is bounded more tightly than a phrase heard by its sound:

* The syllables are the same; no edit is allowed.
* Two characters of the word at least are no function words: 看你 is not 砍你.
* Letters that already are a word of the pack stay, and so do digits and function words.
* The edges cut no word in two.
* Everyday words stay too, unless the recogniser was unsure of them or a slot word of the word put back stands
  near.

A match that rests on a word put back is doubted unless the recogniser was unsure of what it wrote, or had
guessed it where that is everyday words; and where it is two such syllables and nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa_pipeline.language.normalization import normalize
from qa_pipeline.rules.grammar import Condition, RegexCondition, leaves
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.phrases import (
    FIRST_CODE,
    FUNCTION_CHARACTERS,
    SLOT_REACH,
    UNKNOWN_CODE,
    automaton,
    cuts_a_word,
    plain,
)
from qa_pipeline.rules.recognition import GUESSED, UNSURE, least_probability

_SET = re.compile(r"\\.|\[[^\]]*\]")
_RUN = re.compile(r"[\u4e00-\u9fff]+(?=([?*+{])?)")
_UNTOUCHED = FUNCTION_CHARACTERS | frozenset("0123456789")
_PRONOUNS = frozenset("你我他她它")
_FEWEST = 2
"""So many characters of a word have to mean something by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A word put back at the characters [start, end).

    Args:
        everyday: what was heard is everyday words too.
        doubted: it may well have been said as it was heard.
    """

    start: int
    end: int
    word: str
    everyday: bool
    doubted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A passage with words put back.

    Args:
        text: as long as the passage's.
        repairs: what was put back, in order.
    """

    text: str
    repairs: tuple[Repair, ...]

    def repaired(self, start: int, end: int) -> tuple[Repair, ...]:
        """What was put back in the characters [start, end)."""
        return tuple(one for one in self.repairs if one.start < end and start < one.end)


class KeyWords:
    """Puts the words of a pack back into passages.

    Args:
        words: with how often the pack uses each; of words that sound the same the commonest is put back.
        slots: slot words by word.
    """

    def __init__(self, words: Mapping[str, int], slots: Mapping[str, Sequence[str]]) -> None:
        self._slots = {plain(word): tuple(map(plain, near)) for word, near in slots.items()}
        self._uses: Counter[str] = Counter()
        for word, uses in words.items():
            self._uses[plain(word)] += uses
        self._codes: dict[str, str] = {}
        by_sound: dict[str, list[str]] = {}
        for word in self._uses:
            if len(set(word) - _UNTOUCHED) < _FEWEST:
                continue
            code = "".join(map(self._code, normalize(word).syllables))
            by_sound.setdefault(code, []).append(word)
        self._letters = automaton({word: len(word) for word in self._uses if len(word) >= _FEWEST})
        self._sounds = automaton({code: sorted(words, key=self._rank) for code, words in by_sound.items()})

    def _code(self, sound: str) -> str:
        return self._codes.setdefault(sound, chr(FIRST_CODE + len(self._codes)))

    def _rank(self, word: str) -> tuple[int, str]:
        return -self._uses[word], word

    def read(self, passage: Passage) -> Reading | None:
        """The second reading of a passage; None where nothing is to be put back."""
        if self._sounds is None:
            return None
        codes = "".join([self._codes.get(sound, UNKNOWN_CODE) for sound in passage.sounds])
        candidates = [
            (last + 1 - len(words[0]), last + 1, word)
            for last, words in self._sounds.iter(codes)
            for word in words
            if passage.letters[last + 1 - len(word) : last + 1] != word
        ]
        if not candidates:
            return None
        kept = self._kept(passage)
        repairs: list[Repair] = []
        for start, end, word in sorted(candidates, key=lambda one: (one[0] - one[1], self._rank(one[2]))):
            if any(start < other.end and other.start < end for other in repairs):
                continue
            repair = self._repair(passage, start, word, kept)
            if repair is not None:
                repairs.append(repair)
        if not repairs:
            return None
        letters = list(passage.text)
        for repair in repairs:
            for index, letter in enumerate(repair.word, start=repair.start):
                if passage.letters[index] != letter:
                    letters[index] = letter
        return Reading(text="".join(letters), repairs=tuple(sorted(repairs, key=lambda one: one.start)))

    def _kept(self, passage: Passage) -> frozenset[int]:
        """The characters of words of the pack, which were heard as they stand."""
        return frozenset(
            index
            for last, length in self._letters.iter(passage.letters)
            for index in range(last + 1 - length, last + 1)
        )

    def _repair(self, passage: Passage, start: int, word: str, kept: frozenset[int]) -> Repair | None:
        """The word put back, if it may stand there."""
        end = start + len(word)
        changed = [index for index in range(start, end) if passage.letters[index] != word[index - start]]
        if (
            not kept.isdisjoint(changed)
            or not _UNTOUCHED.isdisjoint(passage.letters[index] for index in changed)
            or not _PRONOUNS.isdisjoint(word[index - start] for index in changed)
            or passage.strongest_mark(start, end)
            or cuts_a_word(passage, start, end)
        ):
            return None
        everyday = _in_words(passage, changed)
        if self._has_slot(passage, start, end, word):
            doubted = False
        else:
            least = least_probability(passage, start, end)
            if everyday and (least is None or least >= UNSURE):
                return None
            doubted = least is None or least >= (GUESSED if everyday else UNSURE)
        return Repair(start=start, end=end, word=word, everyday=everyday, doubted=doubted)

    def _has_slot(self, passage: Passage, start: int, end: int, word: str) -> bool:
        before = passage.letters[max(0, start - SLOT_REACH) : start]
        after = passage.letters[end : end + SLOT_REACH]
        return any(slot in before or slot in after for slot in self._slots.get(word, ()))


def _in_words(passage: Passage, characters: Iterable[int]) -> bool:
    """Whether each of the characters belongs to a word of two characters or more."""
    in_words = {index for low, high in passage.words if high - low > 1 for index in range(low, high)}
    return in_words.issuperset(characters)


def pattern_words(condition: Condition) -> Iterator[str]:
    """The words that the patterns of a condition spell out, of two characters and more."""
    for _, leaf in leaves(condition):
        if isinstance(leaf, RegexCondition):
            yield from _spelled_out(leaf.regex)


def _spelled_out(pattern: str) -> Iterator[str]:
    """Runs of Chinese characters outside of sets; a quantifier takes its character away from the run."""
    for run in _RUN.finditer(_SET.sub(" ", pattern)):
        word = run.group() if run.group(1) is None else run.group()[:-1]
        if len(word) >= _FEWEST:
            yield word
