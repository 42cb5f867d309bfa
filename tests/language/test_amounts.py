"""Money as it is said, and whether two amounts may be the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa_pipeline.language.amounts import Agreement, amounts_agree, find_amounts
from qa_pipeline.language.normalization import normalize, quote

# raw words, the one exact amount in them, as quoted
EXACT = [
    ("七千七百六十五块零五，钱够吗", "7765.05", "七千七百六十五块零五"),
    # a recogniser changes from digits to characters within a number
    ("一共3800六十块两毛", "3860.2", "3800六十块两毛"),
    ("应还十万零三千四百元", "103400", "十万零三千四百元"),
    ("壹佰捌拾壹圆柒角", "181.7", "壹佰捌拾壹圆柒角"),
    ("手续费零点五元", "0.5", "零点五元"),
    ("一共六千七百八十九块二", "6789.20", "六千七百八十九块二"),
    ("应还五千零六元三角", "5006.30", "五千零六元三角"),
    ("本息两万三千四百五十六元整", "23456", "两万三千四百五十六元整"),
    ("五千八", "5800", "五千八"),
    ("两千六百五", "2650", "两千六百五"),
    ("一万二", "12000", "一万二"),
    ("十二万三千", "123000", "十二万三千"),
    ("四百三十万元", "4300000", "四百三十万元"),
    ("还一百五", "150", "一百五"),
    ("三万零八十块钱", "30080", "三万零八十块钱"),
    ("一千零五十块", "1050", "一千零五十块"),
    ("九十九块九", "99.90", "九十九块九"),
    ("一百块零五分", "100.05", "一百块零五分"),
    ("十二元三角四分", "12.34", "十二元三角四分"),
    ("八毛五", "0.85", "八毛五"),
    ("两块半", "2.50", "两块半"),
    ("二零三八块", "2038", "二零三八块"),
    ("两千点五元", "2000.5", "两千点五元"),
    ("二点五万", "25000", "二点五万"),
    ("您欠6789.2元", "6789.2", "6789.2元"),
    ("共１，２３４．５０元", "1234.50", "１，２３４．５０元"),
    ("1万2300元", "12300", "1万2300元"),
    ("3.6万元", "36000", "3.6万元"),
    ("￥88.8", "88.8", "￥88.8"),
    ("最低还款5678", "5678", "5678"),
    ("贰仟伍佰圆", "2500", "贰仟伍佰圆"),
    ("一千…呃…三百六十五", "1365", "一千…呃…三百六十五"),
    ("两千那个八百块", "2800", "两千那个八百块"),
    ("至少要一千五百三十块七毛七", "1530.77", "一千五百三十块七毛七"),
    # dictated in two pieces
    ("一万块打头，后头跟着八百六十二块三毛三", "10862.33", "一万块打头，后头跟着八百六十二块三毛三"),
    ("两万打底，再添四百八，零头没有", "20480", "两万打底，再添四百八"),
    # what follows belongs to something else
    ("先还三千两期一起", "3000", "三千"),
    ("先还五千三号之前", "5000", "五千"),
    ("两千块五号还", "2000", "两千块"),
    ("两千块，五号还", "2000", "两千块"),
    ("六百块两个月", "600", "六百块"),
    ("还四千二十五号之前", "4000", "四千"),
    ("尾号三三四四，六千七百块", "6700", "六千七百块"),
    ("周三，四千块", "4000", "四千块"),
    ("周三四千块", "4000", "四千块"),
    ("申请把五千分期还", "5000", "五千"),
]


@pytest.mark.parametrize(("raw", "value", "words"), EXACT)
def test_exact_amount(raw: str, value: str, words: str) -> None:
    normalized = normalize(raw)
    (amount,) = find_amounts(normalized.text)
    assert amount.value == Decimal(value)
    assert not amount.vague
    assert amount.currency == "CNY"
    assert quote(raw, normalized, amount.start_char, amount.end_char) == words


VAGUE = [
    ("三千来块", "3000", "4000"),
    ("就几千块嘛", "1000", "10000"),
    ("两三百块", "200", "300"),
    ("四五千", "4000", "5000"),
    ("十几块", "10", "20"),
    ("二十几万", "200000", "300000"),
    ("十几点五块", "10.5", "20.5"),
    ("六千多块", "6000", "7000"),
    ("五百多", "500", "600"),
    ("一万七八", "17000", "18000"),
    ("差不多六千", "6000", "6000"),
    ("大概要三千块", "3000", "3000"),
    ("至少要三千块", "3000", "3000"),
    ("两千块左右", "2000", "2000"),
    ("不到八百块", "800", "800"),
    ("一千五到两千", "1500", "2000"),
    ("五到八千块", "5000", "8000"),
    ("六十到九十万", "600000", "900000"),
    ("600-900元", "600", "900"),
    ("1万（含）-5万元", "10000", "50000"),
    ("10k~15k", "10000", "15000"),
]


@pytest.mark.parametrize(("raw", "low", "high"), VAGUE)
def test_vague_amount(raw: str, low: str, high: str) -> None:
    (amount,) = find_amounts(normalize(raw).text)
    assert (amount.low, amount.high, amount.vague) == (Decimal(low), Decimal(high), True)
    assert amount.value == (Decimal(low) if low == high else None)


SEVERAL = [
    ("全额九千零一十二，最低九百零一块二", ["9012", "901.2"]),
    ("五号一千，月底两千", ["1000", "2000"]),
    ("四千八左右，准确是四千七百九十八块五", ["4800", "4798.5"]),
    ("逾期金额是七千零三十块，其中违约金一百一", ["7030", "110"]),
]


@pytest.mark.parametrize(("raw", "values"), SEVERAL)
def test_several_amounts_in_order(raw: str, values: list[str]) -> None:
    assert [amount.value for amount in find_amounts(normalize(raw).text)] == list(map(Decimal, values))


NO_AMOUNT = [
    "逾期四十五天了",
    "二十五号之前",
    "二零二四年三月",
    "尾号六六八八",
    "工号零零一二三",
    "拨打九五五八八",
    "请拨12378",
    "身份证后四位1234",
    "打了三百多个电话",
    "来了两千人",
    "百分之二十四",
    "利率是24%",
    "上午十点二十",
    "第一千零一次",
    "千万别转给别人",
    "万一有事",
    "咱们一块商量",
    "三百六十五天",
    "三角关系",
    "一共12期",
    "10:30打给您",
    "",
]


@pytest.mark.parametrize("raw", NO_AMOUNT)
def test_no_amount(raw: str) -> None:
    assert find_amounts(normalize(raw).text) == ()


UNITS = [
    ("还三千", "", "CNY"),
    ("还三千块钱", "块", "CNY"),
    ("三千元人民币", "元", "CNY"),
    ("三千美元", "美元", "USD"),
    ("港币两千五百元", "元", "HKD"),
    ("三毛钱", "毛", "CNY"),
]


@pytest.mark.parametrize(("raw", "unit", "currency"), UNITS)
def test_unit_and_currency(raw: str, unit: str, currency: str) -> None:
    (amount,) = find_amounts(normalize(raw).text)
    assert (amount.unit, amount.currency) == (unit, currency)


AGREEMENTS = [
    ("4321.50", "4321.5", Agreement.EXACT),
    ("4321", "4321.00", Agreement.EXACT),
    ("1321.50", "4321.50", Agreement.MAYBE),
    ("4327.50", "4321.50", Agreement.MAYBE),
    ("4321.50", "4324.50", Agreement.MAYBE),
    ("4321.10", "4321.70", Agreement.MAYBE),
    ("1327.50", "4321.50", Agreement.DIFFERENT),
    ("4322.50", "4321.50", Agreement.DIFFERENT),
    ("4321", "4321.50", Agreement.DIFFERENT),
    ("43215", "4321.5", Agreement.DIFFERENT),
    ("700", "70", Agreement.DIFFERENT),
]


@pytest.mark.parametrize(("said", "known", "expected"), AGREEMENTS)
def test_amounts_agree(said: str, known: str, expected: Agreement) -> None:
    assert amounts_agree(Decimal(said), Decimal(known)) is expected
    assert amounts_agree(Decimal(known), Decimal(said)) is expected


def _spoken(value: int) -> str:
    """How a whole number below 100,000 is read aloud, written out by the school rule."""
    digits = "零一二三四五六七八九"
    if value >= 10_000:
        rest = value % 10_000
        zero = "零" if 0 < rest < 1_000 else ""
        return _spoken(value // 10_000) + "万" + zero + (_spoken(rest) if rest else "")
    words, pending = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            words += ("零" if pending and words else "") + digits[digit] + unit
            pending = False
        else:
            pending = True
    return words


@given(st.integers(min_value=1, max_value=99_999).filter(lambda value: value != 1))
def test_every_whole_amount_read_aloud_is_understood(value: int) -> None:
    (amount,) = find_amounts(f"还{_spoken(value)}块")
    assert amount.value == value


@given(
    st.text(alphabet="零一二两三四五六七八九十百千万亿块元毛角分点半几多到-,.1234567890还欠号天", max_size=14)
)
@example("十几点五")
def test_any_heap_of_number_words_is_survived(text: str) -> None:
    for amount in find_amounts(text):
        assert 0 <= amount.start_char < amount.end_char <= len(text)
        assert amount.low >= 0
