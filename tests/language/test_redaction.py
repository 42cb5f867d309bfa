"""What is masked and what stays; every number and name here is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.language.redaction import heard_names, mask

# A masked character is written #, so that a row reads like the text.
MASKED = [
    # mobile numbers
    ("手机13800138000对吗", "手机###########对吗"),
    ("打138 0013 8000", "打### #### ####"),
    ("１３８００１３８０００", "###########"),
    ("一三八零零一三八零零零", "###########"),
    ("幺三八零零幺三八零零零", "###########"),
    ("要三八零零要三八零零零", "###########"),
    ("一三八，零零一三，八零零零。", "###，####，####。"),
    ("一三八呃零零一三八零零零", "###呃########"),
    ("一三八零零一三八零零", "##########"),
    ("138-0013-800", "###-####-###"),
    ("13800138000，尾号6688", "###########，尾号6688"),
    ("6688，13800138000", "6688，###########"),
    ("打13800138000或者13900139000", "打###########或者###########"),
    # landlines and other long runs
    ("010-85001234", "###-########"),
    ("座机85001234", "座机########"),
    ("电话85001234，85005678", "电话########，########"),
    ("合同号202405200012345", "合同号###############"),
    # identity numbers
    ("身份证11010519491231002X", "身份证##################"),
    ("11010519491231002x", "##################"),
    ("一一零一零五一九四九一二三一零零二零", "##################"),
    ("110105 19491231 0021", "###### ######## ####"),
    ("110105491231002", "###############"),
    ("身份证号是340203开头", "身份证号是######开头"),
    # bank cards
    ("卡号6222020200112233445", "卡号###################"),
    ("6222 0202 0011 2233 445", "#### #### #### #### ###"),
    ("4111-1111-1111-1111", "####-####-####-####"),
    ("六二二二零二零二零零一一二二三三四四五", "###################"),
    # secrets
    ("验证码是483920", "验证码是######"),
    ("密码三八二九", "密码####"),
    # titled names, whoever they are
    ("请问是张建国先生本人吗", "请问是张##先生本人吗"),
    ("我找李梅女士", "我找李#女士"),
    ("欧阳明先生", "欧阳#先生"),
    # the same in traditional characters
    ("驗證碼是123456", "驗證碼是######"),
    ("密碼三八二九", "密碼####"),
    ("身份證號是110101", "身份證號是######"),
    ("手機號碼是6555123", "手機號碼是#######"),
    ("帳號62220202", "帳號########"),
    ("張偉先生您好", "張#先生您好"),
    ("陳小明先生", "陳##先生"),
    ("歐陽蘭女士", "歐陽#女士"),
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_masked(text: str, expected: str) -> None:
    assert mask(text) == expected.replace("#", "*")


STAYS = [
    "尾号6688的信用卡",
    "尾号六六八八，金额四千三百二十一块五",
    "身份证后四位1234",
    "后四位是一二三四",
    "您欠4321.50元",
    "全额123456789元",
    "一共十三万八千零一十三块八",
    "最低1200，全额5300，还差4100",
    "1,380,013.80元",
    "二零二四年五月二十号",
    "20240520",
    "2024-05-20 10:30:15",
    "工号零零一二三",
    "工号12345678",
    "公号六六八八九九",
    "拨打12378",
    "客服电话95588",
    "拨打400-820-8820",
    "九五五八八",
    "逾期一百二十三天",
    "三号两千，五号一千",
    "第一二三四五期",
    "您要三千还是要五千",
    "请问王先生在吗",
    "谢谢董先生",
    "王先生本人",
    "李女士您好",
    "于是先生您看",
    "全額123456789塊",
    "一共123456789萬",
    "工號12345678",
    "尾號6688的信用卡",
    "謝謝董先生",
    "",
]


@pytest.mark.parametrize("text", STAYS)
def test_stays(text: str) -> None:
    assert mask(text) == text


NAMES = [
    ("张伟，你该还款了", ["张伟"], "张*，你该还款了"),
    ("张伟和张伟", ["张伟"], "张*和张*"),
    ("司马小兰在吗", ["司马小兰"], "司马**在吗"),
    ("张伟和李娜", ["张伟", "李娜"], "张*和李*"),
    ("请问是章维吗", ["张伟"], "请问是章*吗"),
    ("逾期了于琪先生", ["于琪"], "逾期了于*先生"),
    ("您已经逾期了", ["于琪"], "您已经逾期了"),
    ("王总好", ["王"], "王总好"),
    # by sound, wherever three syllables agree
    ("刘建国，你今天还不还", ["刘建国"], "刘**，你今天还不还"),
    ("流建国你今天还不还", ["刘建国"], "流**你今天还不还"),
    ("是留健国的账单", ["刘建国"], "是留**的账单"),
    ("欧阳小岚的账单", ["欧阳晓兰"], "欧阳**的账单"),
    # two syllables: no everyday word, written as a family name, where a name may begin
    ("张玮你什么时候还", ["张伟"], "张*你什么时候还"),
    ("你和张薇说一声", ["张伟"], "你和张*说一声"),
    ("慌张为什么", ["张伟"], "慌张为什么"),
    ("这里一共三千", ["李一"], "这里一共三千"),
    ("已经逾期十天", ["于琪"], "已经逾期十天"),
    # the given name alone, to a person
    ("建国先生您好", ["刘建国"], "**先生您好"),
    ("建国哥帮个忙", ["刘建国"], "**哥帮个忙"),
    ("建国以来", ["刘建国"], "建国以来"),
    ("张先生", ["张伟"], "张先生"),
    # whichever characters the text and the case data are written in
    ("陳曉明欠款的事", ["陈晓明"], "陳**欠款的事"),
    ("陈晓明欠款的事", ["陳曉明"], "陈**欠款的事"),
    ("建國哥幫個忙", ["劉建國"], "**哥幫個忙"),
]


@pytest.mark.parametrize(("text", "names", "expected"), NAMES)
def test_names_known_from_metadata(text: str, names: list[str], expected: str) -> None:
    assert mask(text, names=names) == expected


HEARD = [
    (["请问是何军先生吗", "对，我是何军"], ("何军",)),
    (["赵小燕女士您好", "赵小燕女士"], ("赵小燕",)),
    (["請問是趙磊嗎", "劉建國先生您好", "刘建国女士"], ("赵磊", "刘建国")),
    (["王先生您好", "谢谢董先生", "李女士"], ()),
    (["于是先生您看"], ()),
    (["您好，请问是赵磊吗", "喂，是欧阳小兰吗？"], ("赵磊", "欧阳小兰")),
    (["请问是金额吗", "您是江苏人吗", "是钱的问题吗", "是不是"], ()),
]


@pytest.mark.parametrize(("texts", "names"), HEARD)
def test_names_somebody_was_addressed_by(texts: list[str], names: tuple[str, ...]) -> None:
    assert heard_names(texts) == names


@given(st.text(alphabet="0123456789０一二三零幺要 -,，。xX卡号號元张張伟先生身份证證ß㈠½", max_size=40))
def test_length_and_other_characters_are_kept(text: str) -> None:
    masked = mask(text, names=["张伟"])
    assert len(masked) == len(text)
    assert all(new in (old, "*") for old, new in zip(text, masked, strict=True))
    assert all(old == new for old, new in zip(text, masked, strict=True) if not old.isalnum())


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", "，", "呃"]))
def test_no_mobile_number_survives(number: str, pause: str) -> None:
    grouped = pause.join((number[:3], number[3:7], number[7:]))
    spoken = grouped.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    for text in (grouped, spoken):
        assert not set(mask(f"我的电话是{text}啊")) & set("0123456789零幺二三四五六七八九")
