"""What a second hearing of the same sound tells about the words of the first.

Beam search gives one text, which on telephone speech has one character in five wrong, and does not tell what
it nearly wrote. CTranslate2 tells that for greedy decoding only: with each token the logits of all others. So
the encoded sound, which is what costs most, is decoded a second time, greedily, and tells two things:

* **Alternatives**: what each character may have been instead. Of 录印, 印 had 58 % and 音 33 %.
* **Figures**, written by somebody else: digits are forbidden in this hearing. Whisper writes spoken numbers
  in digits by itself and slips at their joints (一万零二百四十 as 1240); in characters it mishears others.

Both are evidence beside the text, which stays as the first hearing has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from qa_pipeline.speech.utterances import simplified
from qa_pipeline.types import Alternative, Word

CONSIDERED = 12
"""How many tokens of a step are looked at: few others reach `LEAST`."""

LEAST = 0.02
"""Less probable than this, a character is no alternative; with 0.005 as many errors are left."""


@dataclass(frozen=True, slots=True)
class HeardCharacter:
    """A character of the second hearing, simplified, and how probable it and others are in its place."""

    text: str
    probabilities: Mapping[str, float]


def digit_tokens(tokenizer: Any) -> list[int]:
    """The tokens that write a digit."""
    return [
        token for token in range(tokenizer.eot) if not set("0123456789").isdisjoint(tokenizer.decode([token]))
    ]


def heard_characters(
    tokenizer: Any, tokens: Sequence[int], logits: Iterable[np.ndarray]
) -> list[HeardCharacter]:
    """The characters that tokens write, with what else was probable.

    Args:
        tokenizer: faster-whisper's.
        tokens: of text alone, as greedy decoding chose them.
        logits: of the whole vocabulary, for each of these tokens at least.
    """
    steps = [_most_probable(row) for row, _ in zip(logits, tokens, strict=False)]
    words, parts = tokenizer.split_to_word_tokens(list(tokens))
    characters: list[HeardCharacter] = []
    begin = 0
    for word, part in zip(words, parts, strict=True):
        own, others = 1.0, {}
        for at, token in enumerate(part):
            for other, probability in steps[begin + at].items():
                if other != token and other < tokenizer.eot and own * probability >= LEAST:
                    others[tokenizer.decode([*part[:at], other])] = own * probability
            own *= steps[begin + at].get(token, 0.0)
        begin += len(part)
        characters += _characters(word, own, others)
    return characters


def heard_twice(words: Sequence[Word], second: Sequence[HeardCharacter]) -> tuple[Word, ...]:
    """The words of a window with what its second hearing tells of them."""
    first = "".join(map(_simplified, "".join(word.text for word in words)))
    again = [""] * len(first)
    alternatives: list[tuple[Alternative, ...]] = [()] * len(first)
    probabilities = [word.probability for word in words for _ in word.text]
    for step in Levenshtein.opcodes(first, "".join(one.text for one in second)):
        if step.tag == "insert" and first:
            # What the first hearing left out belongs to a number that follows, else to what stands before.
            ahead = first[step.src_start : step.src_start + 1].isdigit()
            into = step.src_start if ahead else max(step.src_start - 1, 0)
            again[into] += "".join(one.text for one in second[step.dest_start : step.dest_end])
        elif step.tag in {"equal", "replace"}:
            places = range(step.src_start, step.src_end)
            for place, one in zip(places, second[step.dest_start : step.dest_end], strict=True):
                again[place] += one.text
                others = _alternatives(first[place], probabilities[place], one)
                alternatives[place] = tuple(sorted(others, key=lambda other: -other[1]))
    edges = [0]
    for word in words:
        edges.append(edges[-1] + len(word.text))
    return tuple(
        _with_second(word, "".join(again[begin:end]), tuple(alternatives[begin:end]))
        for word, (begin, end) in zip(words, pairwise(edges), strict=True)
    )


def _most_probable(row: np.ndarray) -> dict[int, float]:
    """The most probable tokens of a step."""
    likely = np.argpartition(row, -CONSIDERED)[-CONSIDERED:]
    highest = row[likely].max()
    whole = np.exp(row - highest, dtype=np.float64).sum()
    return {int(token): float(np.exp(row[token] - highest) / whole) for token in likely}


def _characters(word: str, own: float, others: Mapping[str, float]) -> Iterator[HeardCharacter]:
    """The characters of a word, each with those that stand alone in its place in another word."""
    for place, character in enumerate(word):
        probabilities = {_simplified(character): own}
        before, after = word[:place], word[place + 1 :]
        for other, probability in others.items():
            if len(other) == len(word) and other[:place] == before and other[place + 1 :] == after:
                letter = _simplified(other[place])
                probabilities[letter] = probabilities.get(letter, 0.0) + probability
        yield HeardCharacter(_simplified(character), probabilities)


def _alternatives(written: str, probability: float, second: HeardCharacter) -> Iterator[Alternative]:
    """Letters other than the written one; marks, figures of the Latin script and noise are none."""
    own = max(second.probabilities.get(written, probability), LEAST)
    for other, likely in second.probabilities.items():
        if other != written and other.isalpha() and not other.isascii() and likely >= LEAST:
            yield other, round(likely / own, 3)


def _with_second(word: Word, again: str, alternatives: tuple[tuple[Alternative, ...], ...]) -> Word:
    differs = again != "".join(map(_simplified, word.text))
    return replace(
        word,
        again=again if differs else None,
        alternatives=alternatives if any(alternatives) else (),
    )


@lru_cache(maxsize=8192)
def _simplified(character: str) -> str:
    """The character as the mainland writes it; itself where that takes more than one."""
    other = simplified(character)
    return other if len(other) == 1 else character
