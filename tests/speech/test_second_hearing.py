"""What a second hearing adds to the words of the first: other figures, and what else a character may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from qa_pipeline.speech.second_hearing import HeardCharacter, digit_tokens, heard_characters, heard_twice
from qa_pipeline.types import Alternative, TimeSpan, Word

BYTES = 256


class ByteTokenizer:
    """Tokens are single bytes, as Whisper has them for rare characters, and a few words beside them."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self.eot = BYTES + len(words)

    def decode(self, tokens: Sequence[int]) -> str:
        parts = (bytes([token]) if token < BYTES else self._words[token - BYTES].encode() for token in tokens)
        return b"".join(parts).decode(errors="replace")

    def split_to_word_tokens(self, tokens: list[int]) -> tuple[list[str], list[list[int]]]:
        words: list[str] = []
        parts: list[list[int]] = [[]]
        for token in tokens:
            parts[-1].append(token)
            text = self.decode(parts[-1])
            if "\N{REPLACEMENT CHARACTER}" not in text:
                words.append(text)
                parts.append([])
        return words, parts[:-1]

    def encode(self, *words: str) -> list[int]:
        return [token for word in words for token in self._tokens(word)]

    def _tokens(self, word: str) -> list[int]:
        return [BYTES + self._words.index(word)] if word in self._words else list(word.encode())

    def logits(self, *steps: Mapping[int, float]) -> list[np.ndarray]:
        """What gives these probabilities; what is left of one is spread over all other tokens."""
        rows = []
        for step in steps:
            rest = (1 - sum(step.values())) / (self.eot + 1 - len(step))
            row = np.full(self.eot + 1, np.log(rest), np.float32)
            for token, probability in step.items():
                row[token] = np.log(probability)
            rows.append(row + 3)  # logits, not yet normalised
        return rows


def told(characters: Sequence[HeardCharacter]) -> list[tuple[str, dict[str, float]]]:
    """Rounded, for comparison."""
    return [
        (one.text, {text: round(each, 2) for text, each in one.probabilities.items()}) for one in characters
    ]


def test_other_tokens_of_a_step_are_other_characters() -> None:
    tokenizer = ByteTokenizer("录", "印", "音", "。", "录音")
    (recorded, printed, sound, mark, both) = range(BYTES, BYTES + 5)
    characters = heard_characters(
        tokenizer,
        [recorded, printed],
        tokenizer.logits(
            {recorded: 0.9, both: 0.06}, {printed: 0.58, sound: 0.33, mark: 0.05}, {tokenizer.eot: 0.9}
        ),
    )

    assert told(characters) == [("录", {"录": 0.9}), ("印", {"印": 0.58, "音": 0.33, "。": 0.05})]


def test_a_word_of_one_token_has_an_alternative_where_another_differs_in_one_character() -> None:
    tokenizer = ByteTokenizer("还款", "环款", "还有", "还", "罚款息")
    (paid, round_, still, _, fine) = range(BYTES, BYTES + 5)
    characters = heard_characters(
        tokenizer, [paid], tokenizer.logits({paid: 0.6, round_: 0.2, still: 0.1, fine: 0.05})
    )

    assert told(characters) == [("还", {"还": 0.6, "环": 0.2}), ("款", {"款": 0.6, "有": 0.1})]


def test_traditional_and_simplified_are_one_character() -> None:
    tokenizer = ByteTokenizer("錄", "录", "路")
    (traditional, simplified, road) = range(BYTES, BYTES + 3)
    characters = heard_characters(
        tokenizer, [traditional], tokenizer.logits({traditional: 0.5, simplified: 0.3, road: 0.1})
    )

    assert told(characters) == [("录", {"录": 0.8, "路": 0.1})]


def test_bytes_of_a_rare_character_make_one() -> None:
    tokenizer = ByteTokenizer("路")
    first, second, third = "珞".encode()
    other = "珑".encode()[2]
    characters = heard_characters(
        tokenizer,
        [first, second, third],
        tokenizer.logits({first: 0.5, BYTES: 0.4}, {second: 0.9}, {third: 0.6, other: 0.3}),
    )

    assert told(characters) == [("珞", {"珞": 0.27, "路": 0.4, "珑": 0.14})]


def test_tokens_that_write_a_digit() -> None:
    tokenizer = ByteTokenizer("一", "3千", "19", "年")

    assert digit_tokens(tokenizer) == [*b"0123456789", BYTES + 1, BYTES + 2]


def heard(*words: str, probability: float = 0.6) -> list[Word]:
    return [
        Word(text=word, span=TimeSpan(start_ms=100 * at, end_ms=100 * at + 100), probability=probability)
        for at, word in enumerate(words)
    ]


def again(text: str, **others: Mapping[str, float]) -> list[HeardCharacter]:
    """A second hearing, each character with these probabilities, or sure."""
    return [HeardCharacter(one, others.get(one, {one: 1.0})) for one in text]


@pytest.mark.parametrize(("first", "second", "expected"), [
    # Figures that the second hearing writes in characters.
    (["欠", "12", "40", "块"], "欠一万零二百四十块", ["一万零二百", "四十"]),
    (["3", "天"], "三天", ["三"]),
    (["应还", "60", "8"], "应还六百零八", ["六百零", "八"]),
    # The same, in whatever script.
    (["對", "了"], "对了", []),
    (["您好"], "您好", []),
    # What the first left out goes with a number that follows, else with what stands before.
    (["一万", "零三百"], "一万零三百六十", ["零三百六十"]),
    (["您", "好"], "喂您好", ["喂您"]),
    (["欠", "300"], "欠了一万三千", ["了一万三千"]),
    # What the second left out.
    (["您", "好", "啊"], "您好", [""]),
    ([], "您好", []),
    (["您好"], "", [""]),
])  # fmt: skip
def test_words_have_what_the_second_hearing_has_in_their_place(
    first: list[str], second: str, expected: list[str]
) -> None:
    found = heard_twice(heard(*first), again(second))

    assert [word.text for word in found] == first
    assert [word.again for word in found if word.again is not None] == expected


def alternatives(words: Sequence[Word]) -> list[dict[str, float]]:
    return [dict(each) for word in words for each in word.alternatives or [()] * len(word.text)]


@pytest.mark.parametrize(("second", "expected"), [
    # Beside what was written, by the odds of the second hearing.
    (again("录印", 印={"印": 0.5, "音": 0.25}), [{}, {"音": 0.5}]),
    # The second hearing wrote another one.
    (again("录音", 音={"音": 0.6, "印": 0.3}), [{}, {"音": 2.0}]),
    # It did not think of what was written: that is as probable as the first hearing says.
    (again("录影", 影={"影": 0.3, "音": 0.06}), [{}, {"影": 0.5, "音": 0.1}]),
    # Marks, letters and what is hardly probable are none.
    (again("录印", 印={"印": 0.5, "。": 0.3, "E": 0.1, "英": 0.019}), [{}, {}]),
    # Nothing stands in its place.
    (again("录"), [{}, {}]),
])  # fmt: skip
def test_what_else_a_character_may_be(second: list[HeardCharacter], expected: list[dict[str, float]]) -> None:
    assert alternatives(heard_twice(heard("录", "印"), second)) == expected


def test_a_word_of_several_characters_has_alternatives_for_each() -> None:
    (word,) = heard_twice(heard("还款"), again("还款", 还={"还": 0.5, "环": 0.25}))
    expected: tuple[tuple[Alternative, ...], ...] = ((("环", 0.5),), ())

    assert word.alternatives == expected
