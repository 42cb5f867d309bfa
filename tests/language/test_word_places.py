"""Recognised words find their places in the text."""

from __future__ import annotations

import pytest

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.word_places import normal_place, placed_words
from qa_pipeline.types import Role, TimeSpan, Utterance, Word


@pytest.mark.parametrize(("text", "words", "places"), [
    ("您好您好", ["您好", "您好"], [(0, 2), (2, 4)]),
    ("您好, 请讲", ["您好", ", ", "请讲"], [(0, 2), (2, 3), (4, 6)]),
    (" APP 里还", [" APP", " 里", "还"], [(1, 4), (5, 6), (6, 7)]),
    ("您好", ["您好", "", " "], [(0, 2)]),
    # What a filter took out of the text has no place, and moves nobody else's.
    ("您好再见", ["您好", "字幕", "再见"], [(0, 2), (2, 4)]),
    ("您好", [], []),
])  # fmt: skip
def test_words_stand_where_they_were_written(
    text: str, words: list[str], places: list[tuple[int, int]]
) -> None:
    utterance = Utterance(
        id="u1",
        role=Role.AGENT,
        role_confidence=1.0,
        channel=0,
        span=None,
        text=text,
        words=tuple(Word(text=word, span=TimeSpan(start_ms=0, end_ms=1), probability=1.0) for word in words),
    )

    assert [(begin, end) for begin, end, _ in placed_words(utterance)] == places


@pytest.mark.parametrize(("text", "begin", "end", "expected"), [
    ("您好，请讲", 0, 2, "您好"),
    ("您好，请讲", 1, 4, "好请"),
    ("您好，请讲", 2, 3, ""),
    ("您好，请讲", 3, 5, "请讲"),
    ("您好，请讲", 5, 5, ""),
])  # fmt: skip
def test_raw_places_have_normal_ones(text: str, begin: int, end: int, expected: str) -> None:
    normalized = normalize(text)
    first, after = normal_place(normalized, begin, end)

    assert normalized.text[first:after] == expected
