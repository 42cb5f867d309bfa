"""Normalised text: what it says, and that every character leads back to its source."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.language.normalization import NORMALIZER, normalize, quote

CASES = [
    # width, case, compatibility
    ("ＡＰＰ还款４３２１．５元", "app还款4321.5元"),
    ("App", "app"),
    ("①㎡", "1m2"),
    ("cafe\u0301", "cafe"),
    # traditional, by character and by phrase
    ("還款", "还款"),
    ("電話號碼", "电话号码"),
    ("關於徵信", "关于征信"),
    ("乾脆", "干脆"),
    ("乾隆年間", "乾隆年间"),
    ("你別幹傻事", "你别干傻事"),
    # variant spellings t2s leaves
    ("你等著坐牢", "你等着坐牢"),
    ("著名案例顯著", "著名案例显著"),
    ("妳的帳單是甚麼", "你的账单是什么"),
    ("甚至", "甚至"),
    # marks and white space
    ("嗯……那个，您好！", "嗯那个您好"),
    ("  您 好\t\n", "您好"),
    ("“不还”？《合同》", "不还合同"),
    ("好\u200b的\ufeff", "好的"),
    ("👍好", "好"),
    ("你_好", "你好"),
    ("\ud800好", "好"),
    # marks inside numbers
    ("4321.50元。", "4321.50元"),
    ("1,234,567.8元", "1234567.8元"),
    ("73,114.50元", "73114.50元"),
    ("７３，１１４．５０元", "73114.50元"),
    ("10:30到12：00", "10:30到12:00"),
    ("2023/5/12", "2023/5/12"),
    ("50-100元", "50-100元"),
    ("2万元--6万元", "2万元-6万元"),
    ("1万—5万", "1万-5万"),
    ("两~3百", "两-3百"),
    ("1 万（含）-5 万元", "1万-5万元"),
    ("2万（含）以上", "2万以上"),
    ("10k~15k", "10k-15k"),
    ("5k，三千", "5k,三千"),
    ("ok-3", "ok3"),
    ("包含(含)税", "包含税"),
    ("年化24%，罚息50%", "年化24%罚息50%"),
    ("24%，36%", "24%,36%"),
    ("￥1.25", "¥1.25"),
    ("欠￥300，￥500", "欠¥300,¥500"),
    ("100%", "100%"),
    # two numbers must not run together
    ("尾号六六八八，四千三百", "尾号六六八八,四千三百"),
    ("138 0013 8000", "138,0013,8000"),
    ("3,50", "3,50"),
    ("1.5 万元", "1.5万元"),
    ("周五，三千", "周五,三千"),
    ("周五。下午", "周五下午"),
    ("三千块，五号", "三千块,五号"),
    ("三千块，对吗", "三千块对吗"),
    ("一千……二百", "一千,二百"),
    ("第1.第2", "第1第2"),
    ("。，！", ""),
    ("", ""),
]

# The comma that parts two numbers is no thousands comma, though normalised text cannot tell them apart.
PARTED = [
    ("一共500，300块的违约金给您减免", "一共500,300块的违约金给您减免"),
    ("欠1,500，300块先还", "欠1500,300块先还"),
    ("欠73，114.50元", "欠73,114.50元"),
    ("一共500﹐300块", "一共500,300块"),
]


@pytest.mark.parametrize(("raw", "expected"), [*CASES, *PARTED])
def test_normalize(raw: str, expected: str) -> None:
    assert normalize(raw).text == expected


@pytest.mark.parametrize("raw", [raw for raw, _ in CASES])
def test_normalizing_again_changes_nothing(raw: str) -> None:
    once = normalize(raw).text
    assert normalize(once).text == once


def test_the_normalizer_has_a_name_and_version() -> None:
    assert NORMALIZER == "zh-collection/3"


QUOTES = [
    ("您好，我是某某银行的。", "我是某某银行", "我是某某银行"),
    ("您的還款　逾期了。", "还款逾期", "還款　逾期"),
    ("欠４，３２１．５元！", "4321.5元", "４，３２１．５元"),
    ("尾号六六八八，四千三", "八,四", "八，四"),
    ("㎡", "m2", "㎡"),
]


@pytest.mark.parametrize(("raw", "words", "source"), QUOTES)
def test_quote_gives_the_raw_words(raw: str, words: str, source: str) -> None:
    normalized = normalize(raw)
    start = normalized.text.index(words)
    assert quote(raw, normalized, start, start + len(words)) == source


@pytest.mark.parametrize(("start", "end"), [(0, 0), (-1, 1), (1, 3), (2, 1)])
def test_quote_refuses_what_is_no_span(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        quote("您好", normalize("您好"), start, end)


texts = st.text(
    st.one_of(
        st.sampled_from(
            "您好还款逾期四千三百二十一块五零０１２３.,，。:：-—~％%¥￥ 　\n"
            "還徵信電話著帳甚麼後APPａ①½㎡é\u0301"
        ),
        st.characters(),
    ),
    max_size=40,
)


@given(texts)
def test_offsets_run_parallel_and_lead_back(raw: str) -> None:
    normalized = normalize(raw)
    assert len(normalized.text) == len(normalized.syllables) == len(normalized.offsets)
    assert list(normalized.offsets) == sorted(normalized.offsets)
    assert all(0 <= offset < len(raw) for offset in normalized.offsets)


@given(texts)
def test_only_letters_numbers_and_number_marks_stay(raw: str) -> None:
    for character in normalize(raw).text:
        assert unicodedata.category(character)[0] in "LN" or character in ".:/-,%¥$€£"


@given(texts)
def test_every_quote_holds_the_sources_of_its_characters(raw: str) -> None:
    normalized = normalize(raw)
    for position, offset in enumerate(normalized.offsets):
        assert quote(raw, normalized, position, position + 1) == raw[offset]
    if normalized.text:
        whole = quote(raw, normalized, 0, len(normalized.text))
        assert normalize(whole).text == normalized.text
