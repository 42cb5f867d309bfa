"""What counts as hearing a phrase: the pairs are documented recognition errors of the field, and traps."""

from __future__ import annotations

import pytest

from qa_pipeline.rules.phrases import FARTHEST, PhraseIndex
from qa_pipeline.types import MatchKind
from tests.rules.calls import passage

EXACT, PHONETIC = MatchKind.EXACT, MatchKind.PHONETIC
SLOTS = {"逾期": ["天", "了", "账单"], "拘留": ["天"]}


@pytest.mark.parametrize(("phrase", "text", "kind", "everyday"), [
    # By letters, whatever the spelling.
    ("上门", "我就上门找你", EXACT, False),
    ("上门", "我就上門找你", EXACT, False),
    ("给你免了", "我给您免了", EXACT, False),
    ("APP还款", "用app还款", EXACT, False),
    # Homophones of a whole phrase.
    ("起诉", "要被起素的", PHONETIC, False),
    ("起诉", "启诉你", PHONETIC, False),
    ("诈骗罪", "构成了信用卡炸片罪", PHONETIC, False),
    ("上门", "今天商门", PHONETIC, False),
    ("坐牢", "等着去坐老吧", PHONETIC, False),
    ("法院", "发院判决", PHONETIC, False),
    ("减免", "给你简免", PHONETIC, False),
    ("录音", "有路音", PHONETIC, False),
    ("违约金", "维约金", PHONETIC, False),
    ("爆通讯录", "报通讯录", PHONETIC, False),
    ("如实报送征信", "如实报送真信", PHONETIC, False),
    # An everyday word needs its slot.
    ("逾期", "已经预期了十五天", PHONETIC, False),
    ("逾期", "你的语气不好", PHONETIC, True),
    ("拘留", "居留十五天", PHONETIC, False),
    ("拘留", "他想居留", PHONETIC, True),
    # One edit in four syllables, near or half alike.
    ("堵你家门", "多你家门", PHONETIC, False),
    ("直接上门", "直接伤门", PHONETIC, False),
    # A longer phrase with one syllable lost.
    ("今天晚上去你家堵门", "今天晚上去家堵门", PHONETIC, False),
])  # fmt: skip
def test_a_phrase_is_heard(phrase: str, text: str, kind: MatchKind, everyday: bool) -> None:
    heard = PhraseIndex({phrase: True}, SLOTS).search(passage(text))[phrase]

    assert [(each.kind, each.everyday) for each in heard] == [(kind, everyday)]
    assert heard[0].distance <= FARTHEST


@pytest.mark.parametrize(("phrase", "text"), [
    # The edges cut a word.
    ("起诉", "一起宿舍"),
    ("你爸", "处理吧"),
    # Function words are what they are.
    ("你妈", "是你吗"),
    # Two or three characters allow no edit.
    ("坐牢", "做了"),
    ("诈骗罪", "炸片嘴里"),
    # Another word that was most likely said.
    ("直接上门", "直接上面"),
    # A negation is no mishearing.
    ("就是不还钱", "就是要还钱"),
    # One character by its letter only.
    ("拿", "那"),
    # Too far.
    ("堵你家门", "都那家们"),
])  # fmt: skip
def test_a_phrase_is_not_heard(phrase: str, text: str) -> None:
    assert phrase not in PhraseIndex({phrase: True}, SLOTS).search(passage(text))


def test_sound_can_be_switched_off() -> None:
    assert PhraseIndex({"起诉": False}, {}).search(passage("要被起素的")) == {}


def test_letters_win_over_sound_in_the_same_place() -> None:
    heard = PhraseIndex({"起诉": True}, {}).search(passage("起诉你要起素你"))["起诉"]

    assert [(each.start, each.kind) for each in heard] == [(0, EXACT), (4, PHONETIC)]


def test_a_negation_is_never_added_by_an_edit() -> None:
    index = PhraseIndex({"我们会去你单位找你领导": True}, {})

    assert index.search(passage("我们不会去你单位找你领导")) == {}


def test_the_best_place_is_chosen() -> None:
    (heard,) = PhraseIndex({"今天晚上去你家堵门": True}, {}).search(passage("今天晚上我去你家堵门"))[
        "今天晚上去你家堵门"
    ]

    assert heard.distance == pytest.approx(1 / 9)
