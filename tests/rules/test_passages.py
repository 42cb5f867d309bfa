"""Passages: what belongs to one breath, where sentences end, and the way back to utterances."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.rules.passages import CLAUSE_PAUSE_MS, Mark, passages_of
from qa_pipeline.types import TimeSpan, Utterance, Word
from tests.rules.calls import A, C, U, call, passage, say


@pytest.mark.parametrize(("utterances", "expected"), [
    # A breath apart, the same speaker.
    ([say(A, "你再不还", 0, 1000), say(A, "我就上门", 1500, 2500)], ["你再不还\n我就上门"]),
    # A longer pause ends the passage.
    ([say(A, "你再不还", 0, 1000), say(A, "我就上门", 2600, 3600)], ["你再不还", "我就上门"]),
    # Another speaker in between.
    ([say(A, "您好", 0, 900), say(C, "喂", 1000, 1200), say(A, "请问", 1300, 1900)], ["您好", "喂", "请问"]),
    # Without times every line stands for itself.
    ([say(A, "您好"), say(A, "请问")], ["您好", "请问"]),
    # Nothing but marks is no passage.
    ([say(A, "……", 0, 500), say(A, "您好", 600, 900)], ["您好"]),
    # Joined passages stay short.
    ([say(A, "一" * 50, 0, 900), say(A, "二" * 50, 1000, 1900)], ["一" * 50, "二" * 50]),
])  # fmt: skip
def test_passages_are_breaths(utterances: list[Utterance], expected: list[str]) -> None:
    assert [found.text for found in passages_of(call(*utterances))] == expected


def test_turns_count_by_role() -> None:
    conversation = call(say(A, "您好"), say(A, "请问"), say(C, "喂"), say(A, "是张先生吗"), say(U, "嗯"))

    assert [(each.role, each.turn) for each in passages_of(conversation)] == [
        (A, 0), (A, 0), (C, 0), (A, 1), (U, 0),
    ]  # fmt: skip


def test_two_voices_without_roles_are_two_speakers() -> None:
    one, other = (
        replace(say(U, text, start, start + 900), channel=0, speaker=speaker)
        for text, start, speaker in (("您还欠三千", 0, 0), ("我没钱", 1000, 1))
    )
    again = replace(say(U, "那怎么办", 2000, 2900), channel=0, speaker=0)

    assert [(each.text, each.turn, each.order) for each in passages_of(call(one, other, again))] == [
        ("您还欠三千", 0, 0), ("我没钱", 1, 1), ("那怎么办", 2, 2),
    ]  # fmt: skip


def test_characters_lead_back_to_their_utterances() -> None:
    (only,) = passages_of(call(say(A, "你再不还", 0, 1000), say(A, "我就上门", 1100, 2000)))

    assert list(only.split(2, 7)) == [(0, 2, 4), (1, 0, 2)]
    assert list(only.split(5, 9)) == [(1, 0, 4)]


@pytest.mark.parametrize(("text", "start", "end", "expected"), [
    ("您放心。不会坐牢的！再见", 5, 7, "不会坐牢的"),
    ("您放心，不会坐牢的", 5, 7, "您放心不会坐牢的"),
    ("一二三四五六七八九十" * 5 + "坐牢" + "一二三四五六七八九十" * 5, 50, 52,
     "一二三四五六七八九十" * 3 + "坐牢" + "一二三四五六七八九十" * 3),
])  # fmt: skip
def test_a_sentence_ends_at_its_marks_or_at_thirty_characters(
    text: str, start: int, end: int, expected: str
) -> None:
    found = passage(text)
    low, high = found.sentence(start, end)

    assert found.text[low:high] == expected


def test_polite_and_plain_address_are_one() -> None:
    polite, plain = passage("您家"), passage("你家")

    assert polite.letters == plain.letters
    assert polite.sounds == plain.sounds
    assert polite.text == "您家"


@pytest.mark.parametrize(("text", "expected"), [
    ("您先处理，利息不变。再见", "您先处理|利息不变‖再见"),
    ("三千块，五号还", "三千块,|五号还"),  # the comma stays between numbers, and parts the clauses
    ("利息 违约金、罚息", "利息|违约金罚息"),  # recognition has spaces for marks
    ("用 APP 还款", "用app还款"),  # a space beside Latin letters is spelling
    ("逾期3.5个月", "逾期3.5个月"),
])  # fmt: skip
def test_clauses_and_sentences_end_at_marks_and_spaces(text: str, expected: str) -> None:
    found = passage(text)
    signs = {Mark.NONE: "", Mark.CLAUSE: "|", Mark.SENTENCE: "‖"}

    assert (
        "".join(signs[mark] + letter for mark, letter in zip(found.marks, found.text, strict=True))
        == expected
    )


@pytest.mark.parametrize(("pause_ms", "expected"), [
    (CLAUSE_PAUSE_MS - 1, Mark.NONE),
    (CLAUSE_PAUSE_MS, Mark.CLAUSE),
])  # fmt: skip
def test_a_pause_ends_a_clause_inside_an_utterance_and_between_two(pause_ms: int, expected: Mark) -> None:
    words = (word("你再不还", 0, 1000), word("我就上门", 1000 + pause_ms, 3000))
    (inside,) = passages_of(call(say(A, "你再不还我就上门", 0, 3000, words=words)))
    (between,) = passages_of(call(say(A, "你再不还", 0, 1000), say(A, "我就上门", 1000 + pause_ms, 3000)))

    assert inside.strongest_mark(0, len(inside.text)) is expected
    assert between.strongest_mark(0, len(between.text)) is expected


def word(text: str, start_ms: int, end_ms: int) -> Word:
    return Word(text=text, span=TimeSpan(start_ms=start_ms, end_ms=end_ms), probability=1.0)


def test_figures_that_nobody_heard_again_leave_the_others_in_their_place() -> None:
    """A number that makes an utterance and was lost in the second hearing, before one that it has."""
    lost = replace(word("5", 0, 300), again="")
    found = replace(word("1240", 900, 1_500), again="一万零二百四十")
    (passage,) = passages_of(
        call(say(A, "5", 0, 300, words=(lost,)), say(A, "1240", 900, 1_500, words=(found,)))
    )
    assert passage.other_figures is not None
    assert passage.other_figures.text == "\n一万零二百四十"
    assert len(passage.other_figures.places) == len(passage.other_figures.text)

    ((low, high, words),) = passage.heard_again(lambda text: [(1, len(text))])

    assert (passage.text[low:high], words) == ("1240", "一万零二百四十")
