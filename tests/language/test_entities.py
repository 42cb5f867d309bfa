"""Days overdue, payment channels and digits read out."""

from __future__ import annotations

import pytest

from qa_pipeline.language.entities import find_channels, find_digits, find_overdue_days, find_staff_numbers
from qa_pipeline.language.normalization import normalize, quote

OVERDUE = [
    ("您已经逾期十八天了", 18, 18),
    ("逾期了二十三天", 23, 23),
    ("逾期天数是45天", 45, 45),
    ("逾期整三十天", 30, 30),
    ("已经预期了十五天", 15, 15),
    ("语气了八天", 8, 8),
    ("您到现在已经玉琪三十天了", 30, 30),
    ("到今天已经是第二十九天了", 29, 29),
    ("截至今天您还款日已超过十二天", 12, 12),
    ("还款日已经过了六天", 6, 6),
    ("您有十天没还了", 10, 10),
    ("拖到今儿是六十三天", 63, 63),
    ("晚了十九天", 19, 19),
    ("已经一百九十一天了", 191, 191),
    ("还好，才五十六天", 56, 56),
    ("逾期可整四个月了", 84, 154),
    ("逾期三期", 56, 123),
    ("您这边逾期两个月了", 28, 92),
    ("两期没还了", 28, 92),
    ("拖欠了四期", 84, 154),
    ("逾期一个月零一天", 29, 32),
    ("逾期的天数呢是两个月零五天", 61, 67),
    ("拖了一个半月", 36, 54),
    ("欠了三个多月", 84, 124),
    ("到现在仨月出头", 56, 123),
    ("前后也就一个半月", 36, 54),
    ("整整五个月没动了", 112, 185),
    ("逾期两个星期了", 7, 21),
    ("拖了三周", 14, 28),
    ("这都过去五个多礼拜了", 35, 42),
    ("现在才过了三天", 3, 3),
    ("您整整六个月没往里头放过一分钱", 140, 216),
    ("您连着五期都没给", 112, 185),
    ("您这一拖就是三个月", 56, 123),
    ("一分没还都大半年了", 183, 335),
    ("您都半年没还了", 152, 214),
    ("拖了一年多", 365, 700),
    ("欠了半个月", 13, 17),
    ("我看一下时间，六十二天啦", 62, 62),
    ("系统这边计的是七十九天", 79, 79),
]


@pytest.mark.parametrize(("raw", "least", "most"), OVERDUE)
def test_overdue(raw: str, least: int, most: int) -> None:
    (mention,) = find_overdue_days(normalize(raw).text)
    assert (mention.least, mention.most) == (least, most)


@pytest.mark.parametrize(("raw", "vague"), [
    ("欠了三个多月", True),
    ("这都过去五个多礼拜了", True),
    ("一分没还都大半年了", True),
    ("拖了一年多", True),
    ("您都半年没还了", False),
    ("逾期两个月了", False),
])  # fmt: skip
def test_an_open_count_is_vague(raw: str, vague: bool) -> None:
    (mention,) = find_overdue_days(normalize(raw).text)
    assert mention.vague is vague


NOT_OVERDUE = [
    "您逾期了",
    "逾期好几天了",
    "逾期十几天",
    "预期收益不错",
    "逾期超过九十天会移交",
    "逾期三十天以上的话",
    "三天内处理",
    "等了十五天",
    "分十二期还",
    "今天二十号",
    "等过了三天再给您打",
    "过去三个月您都按时还",
    "三个月没给我打电话",
    "半年没发工资",
    "您办卡一年多了",
    "您住院都三十天了",
    "给您三十天的时间",
    "",
]


@pytest.mark.parametrize("raw", NOT_OVERDUE)
def test_not_overdue(raw: str) -> None:
    assert find_overdue_days(normalize(raw).text) == ()


CHANNELS = [
    ("您登录手机银行还一下", "手机银行", True),
    ("在我们ＡＰＰ上操作", "app", True),
    ("打开客户端", "app", True),
    ("您在我们的应用里操作", "app", True),
    ("存进还款的那张卡", "自动扣款", True),
    ("转入贷款账户", "官方转账", True),
    ("去柜面办理", "柜台", True),
    ("关注我行微信公众号", "公众号", True),
    ("从您绑定的储蓄卡扣", "自动扣款", True),
    ("设置代扣", "自动扣款", True),
    ("就从绑定的农行卡扣", "自动扣款", True),
    ("到门店刷卡交", "刷卡", True),
    ("存到ATM机里", "自助机", True),
    ("转到对公账户", "官方转账", True),
    ("用網銀轉", "网上银行", True),
    ("在官网上还", "官网", True),
    ("支付宝可以吗", "支付宝", None),
    ("存到原来那张卡里", "自动扣款", True),
    ("钱放工资卡就行", "自动扣款", True),
    ("走银联", "官方转账", True),
    ("转进我行的账户", "官方转账", True),
    ("去网点交", "柜台", True),
    ("用柜员机", "自助机", True),
    ("在我们软件里点还款", "app", True),
    ("微信里的信用卡还款", "微信", None),
    ("手机上操作", "线上", None),
    ("用微信支付", "微信", None),
    ("你直接微信转给我", "微信转账", False),
    ("加我微信", "微信转账", False),
    ("打到我私人账户", "个人账户", False),
    ("扫我的收款码", "收款码", False),
]


@pytest.mark.parametrize(("raw", "channel", "official"), CHANNELS)
def test_channel(raw: str, channel: str, official: bool | None) -> None:
    (mention,) = find_channels(normalize(raw).text)
    assert (mention.channel, mention.official) == (channel, official)


@pytest.mark.parametrize(
    "raw", ["存进来就好", "老办法", "跟你说一下", "微信上说过", "还到信用卡里", "规则应用于所有人", ""]
)
def test_no_channel(raw: str) -> None:
    assert find_channels(normalize(raw).text) == ()


STAFF = [
    ("我姓赵，工号零零七八九", "00789", "零零七八九"),
    ("工号是５０６０", "5060", "５０６０"),
    ("公号幺二三四", "1234", "幺二三四"),
    ("编号B二零三", "b203", "B二零三"),
    ("由六零一八号为您服务", "6018", "六零一八"),
    ("我是三三零七号客服", "3307", "三三零七"),
    ("工号十七，姓温", "17", "十七"),
    # digits as recognition writes them
    ("工号要就要久", "1919", "要就要久"),
    ("我公后留二林酒", "6209", "留二林酒"),
    ("工号是意思", "14", "意思"),
]


@pytest.mark.parametrize(("raw", "number", "words"), STAFF)
def test_staff_number(raw: str, number: str, words: str) -> None:
    normalized = normalize(raw)
    (mention,) = find_staff_numbers(normalized.text)
    assert mention.digits == number
    assert quote(raw, normalized, mention.start_char, mention.end_char) == words


@pytest.mark.parametrize(
    "raw", ["您的工号是多少", "别问工号", "工号就是要我报吗", "二十五号之前", "五月三号", "尾号六六八八", ""]
)
def test_no_staff_number(raw: str) -> None:
    assert find_staff_numbers(normalize(raw).text) == ()


DIGITS = [
    ("后四位是四三二一", "4321", "四三二一"),
    ("是我，零五三七。", "0537", "零五三七"),
    ("嗯，五三二", "532", "五三二"),
    ("3,1234", "1234", "1234"),
    # a clause of nothing but digits by their sound
    ("留柳妖久", "6619", "留柳妖久"),
    ("对，林舞山起", "0537", "林舞山起"),
]


@pytest.mark.parametrize(("raw", "digits", "words"), DIGITS)
def test_digits(raw: str, digits: str, words: str) -> None:
    normalized = normalize(raw)
    (mention,) = find_digits(normalized.text)
    assert mention.digits == digits
    assert quote(raw, normalized, mention.start_char, mention.end_char) == words


@pytest.mark.parametrize(
    "raw", ["4321块", "4321.50元", "一二三天", "四千三百", "是是是", "就是要", "五百块", "留下来", ""]
)
def test_no_digits(raw: str) -> None:
    assert find_digits(normalize(raw).text) == ()
