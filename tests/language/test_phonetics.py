"""Sounds: readings, folds, distances; the homophone pairs are those collected in this field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.language.phonetics import NEAR_COST, PART_COST, distance, fold, substitution_cost, syllables

READINGS = [
    ("逾期", "yu qi"),
    ("重新", "cong xin"),
    ("严重", "yan zong"),
    ("银行", "yin hang"),
    ("我行", "wo hang"),
    ("执行", "zi xin"),
    ("还款", "huan kuan"),
    ("还是", "huan si"),
    ("长期", "cang qi"),
    ("了解", "le jie"),
    ("打的电话", "da de dian hua"),
    ("都会", "dou hui"),
    ("4321", "si san er yi"),
    ("app还款", "a p p huan kuan"),
    ("5.5%", "wu . wu %"),
    ("〇", "lin"),
    ("你", "li"),
    ("嗯", "en"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_syllables(text: str, expected: str) -> None:
    assert syllables(text) == tuple(expected.split())


FOLDS = [
    ("zhang", "zang"),
    ("chi", "ci"),
    ("shui", "sui"),
    ("neng", "len"),
    ("nv", "lv"),
    ("xing", "xin"),
    ("zheng", "zen"),
    ("ming", "min"),
    ("n", "n"),
    ("er", "er"),
    ("lang", "lang"),
    ("song", "song"),
    (",", ","),
    ("x1", "x1"),
]


@pytest.mark.parametrize(("syllable", "expected"), FOLDS)
def test_fold(syllable: str, expected: str) -> None:
    assert fold(syllable) == expected
    assert fold(expected) == expected


# What was said, what recognition wrote.
HOMOPHONES = [
    ("起诉", "启诉"),
    ("起诉", "起素"),
    ("逾期", "预期"),
    ("逾期", "愉期"),
    ("逾期", "语气"),
    ("征信", "真信"),
    ("征信", "证信"),
    ("上门", "商门"),
    ("减免", "简免"),
    ("录音", "路音"),
    ("工号", "公号"),
    ("还款", "环款"),
    ("还款", "换款"),
    ("账单", "帐单"),
    ("罚息", "发息"),
    ("最低", "最底"),
    ("违约金", "维约金"),
    ("立案", "力案"),
    ("律师", "律式"),
    ("公安", "公案"),
    ("法院", "发院"),
    ("拘留", "居留"),
    ("坐牢", "做牢"),
    ("爆通讯录", "报通讯录"),
    ("银行", "因行"),
    ("诈骗罪", "炸片罪"),
    ("四", "是"),
    ("来电", "耐电"),
]


@pytest.mark.parametrize(("said", "heard"), HOMOPHONES)
def test_homophones_are_no_distance_apart(said: str, heard: str) -> None:
    assert distance(said, heard) == 0.0


COSTS = [
    ("qi", "qi", 0.0),
    ("xian", "xiang", NEAR_COST),
    ("zang", "zan", NEAR_COST),
    ("guan", "guang", NEAR_COST),
    ("fa", "hua", NEAR_COST),
    ("fei", "hui", NEAR_COST),
    ("fen", "hun", NEAR_COST),
    ("fu", "hu", NEAR_COST),
    ("ren", "len", NEAR_COST),
    ("yu", "yi", NEAR_COST),
    ("yuan", "yan", NEAR_COST),
    ("ju", "ji", NEAR_COST),
    ("xue", "xie", NEAR_COST),
    ("lv", "li", NEAR_COST),
    ("cui", "sui", PART_COST),
    ("cui", "ci", PART_COST),
    ("you", "yi", PART_COST),
    ("cui", "ji", 1.0),
    ("wu", "5", 1.0),
    (",", ".", 1.0),
]


@pytest.mark.parametrize(("first", "second", "cost"), COSTS)
def test_substitution_cost_is_graded_and_symmetric(first: str, second: str, cost: float) -> None:
    assert substitution_cost(first, second) == cost
    assert substitution_cost(second, first) == cost


DISTANCES = [
    ("先生", "相声", NEAR_COST / 2),
    ("催收", "寄收", 1 / 2),
    ("全额催收", "全额销售", 1 / 4),
    ("起诉", "起诉你", 1 / 3),
    ("还款", "", 1.0),
    ("", "", 0.0),
    ("坐牢", "吃饭", 1.0),
]


@pytest.mark.parametrize(("first", "second", "expected"), DISTANCES)
def test_distance(first: str, second: str, expected: float) -> None:
    assert distance(first, second) == pytest.approx(expected)


def test_distance_takes_syllables_as_well_as_text() -> None:
    assert distance(("qi", "su"), ("qi", "su")) == 0.0
    assert distance("起诉", syllables("起素")) == 0.0


han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=8)


@given(st.text(max_size=20))
def test_one_syllable_for_each_character(text: str) -> None:
    assert len(syllables(text)) == len(text)


@given(han, han)
def test_distance_is_a_symmetric_share(first: str, second: str) -> None:
    assert distance(first, second) == pytest.approx(distance(second, first))
    assert 0.0 <= distance(first, second) <= 1.0
    assert distance(first, first) == 0.0
