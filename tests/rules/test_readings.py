"""What is put back into a passage, what stays, and what that is worth."""

from __future__ import annotations

import pytest

from qa_pipeline.rules.grammar import AllCondition, PhraseCondition, RegexCondition
from qa_pipeline.rules.passages import Passage, passages_of
from qa_pipeline.rules.readings import KeyWords, pattern_words
from qa_pipeline.types import TimeSpan, Word
from tests.rules.calls import A, call, passage, say

WORDS = {
    "征信": 3,
    "逾期": 5,
    "语气": 1,
    "起诉": 4,
    "期数": 1,
    "冻结": 2,
    "消费贷": 1,
    "砍你": 1,
    "后四位": 1,
    "同事": 2,
}
SLOTS = {"后四位": ["身份证"]}


def heard(text: str, probability: float) -> Passage:
    """A passage as it was heard, of which every character was recognised with this probability."""
    words = tuple(
        Word(
            text=letter,
            span=TimeSpan(start_ms=200 * index, end_ms=200 * index + 200),
            probability=probability,
        )
        for index, letter in enumerate(text)
    )
    (only,) = passages_of(call(say(A, text, 0, 200 * len(text), words=words), spelled=False))
    return only


@pytest.mark.parametrize(("text", "probability", "said", "doubted"), [
    ("会上报正信的", 0.7, "会上报征信的", False),
    ("会上报正信的", 0.9, "会上报征信的", True),
    ("您的消费代", 0.7, "您的消费贷", False),
    # Of two words that sound the same, the one the pack uses more.
    ("已经与期三个月", 0.7, "已经逾期三个月", False),
    # Everyday words: only if the recogniser was unsure, without doubt only if it guessed.
    ("我同时在外面", 0.3, "我同事在外面", False),
    ("我同时在外面", 0.7, "我同事在外面", True),
    # A slot word tells what was meant.
    ("身份证后思维", 0.9, "身份证后四位", False),
])  # fmt: skip
def test_a_word_is_put_back(text: str, probability: float, said: str, doubted: bool) -> None:
    reading = KeyWords(WORDS, SLOTS).read(heard(text, probability))

    assert reading is not None
    assert reading.text == said
    assert [repair.doubted for repair in reading.repairs] == [doubted]


@pytest.mark.parametrize(("text", "probability"), [
    # Everyday words that the recogniser was sure of.
    ("我同时在外面", 0.9),
    ("后思维训练", 0.9),
    # A word of the pack was heard, though another sounds the same.
    ("银行会起诉的", 0.3),
    # One character that means something, beside a function word.
    ("我看你是不想还", 0.3),
    # The edges would cut a word.
    ("一起宿舍", 0.3),
    # No sound reaches over a comma.
    ("这件事正，信不信", 0.3),
])  # fmt: skip
def test_what_was_heard_stays(text: str, probability: float) -> None:
    assert KeyWords(WORDS, SLOTS).read(heard(text, probability)) is None


def test_without_probabilities_what_makes_no_sense_is_put_back_with_doubt() -> None:
    reading = KeyWords(WORDS, SLOTS).read(passage("账户全部动结"))

    assert reading is not None
    assert [(repair.word, repair.doubted) for repair in reading.repairs] == [("冻结", True)]
    assert KeyWords(WORDS, SLOTS).read(passage("我同时在外面")) is None


def test_polite_address_stays_as_it_was_heard() -> None:
    reading = KeyWords({"冻结你的账户": 1}, {}).read(heard("动结您的账户", 0.5))

    assert reading is not None
    assert reading.text == "冻结您的账户"


def test_words_are_those_that_patterns_spell_out() -> None:
    condition = AllCondition(
        all=(
            RegexCondition(regex="(上?征信|黑名单?|拉黑)[你您们]{1,2}冻结|把.{0,4}曝光"),
            PhraseCondition(phrase=("坐牢",)),
            RegexCondition(regex="冻结"),
        )
    )

    assert list(pattern_words(condition)) == ["征信", "黑名", "拉黑", "冻结", "曝光", "冻结"]
