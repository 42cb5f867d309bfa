"""What counts as hearing a phrase: the pairs are documented recognition errors of the field, and traps."""

from __future__ import annotations

import pytest

from qa_pipeline.rules.doubts import FAR
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
    # Nor does an edit make one of another, or leave half a word behind.
    ("脸都不要", "您都不要转"),
    ("投诉去啊", "投诉去查"),
    ("你先闭嘴", "您先补最低的"),
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


@pytest.mark.parametrize(("fold", "phrase", "heard", "everyday"), [
    # Folded to one: the same syllables suffice; everyday words are doubted.
    ("zh z", "转账", "你赶紧转脏过来", False),
    ("zh z", "执行", "他很自信", True),
    ("ch c", "查封", "房子要擦封", False),
    ("ch c", "撤诉", "前面有测速", True),
    ("sh s", "上门", "明天桑门找你", False),
    ("sh s", "失信", "给你发私信", True),
    ("n l", "牢饭", "等着吃挠饭", False),
    ("n l", "律师", "这位女士", True),
    ("in ing", "经侦", "我是今侦支队", False),
    ("in ing", "经侦", "行业竞争很大", True),
    ("en eng", "征信", "影响真信", False),
    ("en eng", "征信", "真心感谢", True),
    # Near: only in a phrase long enough for an edit.
    ("f hu", "法院传票", "华院传票到了", False),
    ("an ang", "上门堵人", "善门堵人", False),
    ("ian iang", "强制执行", "前制执行", False),
    ("uan uang", "银行转账", "银行状账", False),
    ("r l", "找人收拾你", "找棱收拾你", False),
    ("rounded i", "法院传票", "法燕传票", False),
])  # fmt: skip
def test_accents_are_folded(fold: str, phrase: str, heard: str, everyday: bool) -> None:
    (found,) = PhraseIndex({phrase: True}, {}).search(passage(heard))[phrase]

    assert (found.kind, found.everyday) == (PHONETIC, everyday), fold
    assert (found.distance > 0) == (fold in {"f hu", "an ang", "ian iang", "uan uang", "r l", "rounded i"})


@pytest.mark.parametrize(("fold", "phrase", "heard"), [
    ("f hu", "罚款", "今天划款"),
    ("an ang", "上门", "这座山门"),
    ("ian iang", "减免", "讲面子"),
    ("uan uang", "传票", "一张床票"),
    ("r l", "利率", "一天的日率"),
    ("rounded i", "预留", "医留的"),
    # No fold at all.
    ("b p", "报案", "泡暗"),
    ("d t", "冻结", "痛解"),
    ("j q", "拘留", "曲流"),
    ("g k", "公安", "空安"),
    ("an en", "判刑", "喷性"),
])  # fmt: skip
def test_near_sounds_join_no_short_words(fold: str, phrase: str, heard: str) -> None:
    assert phrase not in PhraseIndex({phrase: True}, {}).search(passage(heard)), fold


@pytest.mark.parametrize(("length", "edits", "phrase", "heard", "outcome"), [
    (2, "half", "起诉", "吃诉", "none"),
    (3, "half", "黑名单", "黑明丹", "hit"),
    (3, "half", "黑名单", "黑门单", "none"),
    (4, "near", "强制执行", "前制执行", "hit"),
    (4, "half", "堵你家门", "多你家门", "uncertain"),
    (4, "whole", "直接上门", "跑接上门", "none"),
    (5, "half", "拉进黑名单", "拉进黑名伞", "uncertain"),
    (5, "whole", "拉进黑名单", "拉进跑名单", "none"),
    (6, "half", "恶意透支信用", "恶意透吃信用", "hit"),
    (6, "whole", "恶意透支信用", "恶意透跑信用", "none"),
    (7, "whole", "拉进征信黑名单", "拉进征信跑名单", "uncertain"),
    (7, "two halves", "拉进征信黑名单", "拉进吃信黑名山", "none"),
    (9, "lost", "今天晚上去你家堵门", "今天晚上去家堵门", "uncertain"),
    (9, "added", "今天晚上去你家堵门", "今天晚上我去你家堵门", "uncertain"),
    (10, "whole", "把你的名字拉进黑名单", "把你的名字拉破黑名单", "hit"),
    (10, "two wholes", "把你的名字拉进黑名单", "把你的名破拉破黑名单", "none"),
    (14, "two wholes", "把你的名字拉进全国征信黑名单", "把你的名破拉破全国征信黑名单", "uncertain"),
    (14, "three wholes", "把你的名字拉进全国征信黑名单", "把破的名破拉破全国征信黑名单", "none"),
])  # fmt: skip
def test_edits_are_scaled_to_length(length: int, edits: str, phrase: str, heard: str, outcome: str) -> None:
    assert len(phrase) == length
    found = PhraseIndex({phrase: True}, {}).search(passage(heard)).get(phrase, ())

    distance = min((each.distance for each in found), default=None)
    assert ("none" if distance is None else "uncertain" if distance > FAR else "hit") == outcome, edits


@pytest.mark.parametrize(("phrase", "text", "heard"), [
    ("身份证后四位", "身份证后，四维", True),
    ("后四位", "后，四维", False),
    ("今天晚上去你家堵门", "今天晚上，去家堵门", False),
    ("身份证后四位", "身份证后。四维", False),
])  # fmt: skip
def test_a_comma_parts_no_longer_phrase_heard_whole(phrase: str, text: str, heard: bool) -> None:
    assert (phrase in PhraseIndex({phrase: True}, {}).search(passage(text))) is heard
