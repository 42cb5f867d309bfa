"""Conditions: what each kind finds in a passage, with which doubts."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qa_pipeline.rules.conditions import compile_condition, phrases_in
from qa_pipeline.rules.grammar import Condition
from qa_pipeline.rules.matches import Hearing, Match
from qa_pipeline.rules.passages import passages_of
from qa_pipeline.rules.phrases import PhraseIndex
from qa_pipeline.types import CallType, Conversation, TimeSpan, Utterance, Word
from tests.rules.calls import A, call, say

WORDS = {"family": ("爸妈", "老婆")}
_ADAPTER: TypeAdapter[Condition] = TypeAdapter(Condition)


def matches(condition: Mapping[str, object], conversation: Conversation) -> tuple[Match, ...]:
    parsed = _ADAPTER.validate_json(json.dumps(condition))
    (passage,) = passages_of(conversation)
    index = PhraseIndex(dict(phrases_in(parsed, WORDS)), {})
    hearing = Hearing(conversation=conversation, passage=passage, phrases=index.search(passage))
    return compile_condition(parsed, WORDS)(hearing)


def found(condition: dict[str, object], text: str) -> list[list[str]]:
    conversation = call(say(A, text))
    written = conversation.normalized[0].text
    return [
        [written[part.start : part.end] for part in match.parts] for match in matches(condition, conversation)
    ]


FAMILY = {"phrase": ["@family"]}
PAY = {"regex": "替你(还|付)"}


@pytest.mark.parametrize(("condition", "text", "expected"), [
    (FAMILY, "让你爸妈和老婆还", [["爸妈"], ["老婆"]]),
    (FAMILY, "你自己还", []),
    (PAY, "让他替你付", [["替你付"]]),
    ({"regex": "上门", "exclude": "上门服务"}, "上门服务会预约，上门堵你", [["上门"]]),
    ({"regex": "^好"}, "好的", [["好"]]),
    ({"entity": "amount"}, "先还三千块", [["三千块"]]),
    ({"entity": "amount"}, "还几千块", []),
    ({"entity": "date"}, "二十五号可以吗", [["二十五号"]]),
    ({"entity": "date"}, "过几天看看", []),
    ({"entity": "overdue_days"}, "已经逾期十五天", [["逾期十五天"]]),
    ({"entity": "channel"}, "用手机银行还", [["手机银行"]]),
    ({"entity": "channel"}, "转到我的微信", []),
    ({"entity": "staff_number"}, "我的工号六六八八", [["六六八八"]]),
    ({"entity": "digits"}, "是我，三三一五", [["三三一五"]]),
    ({"entity": "digits"}, "先还三千块", []),
    ({"entity": "phone"}, "打幺三八零零幺三八零零零", [["幺三八零零幺三八零零零"]]),
    ({"entity": "phone"}, "打12378或者95588", [["12378"], ["95588"]]),
    ({"entity": "phone"}, "尾号六六八八欠四千三百块", []),
    ({"entity": "institution"}, "我是某某银行信用卡中心的", [["某某银行信用卡中心"]]),
    ({"entity": "institution"}, "受某某银行委托的甲乙咨询公司", [["某某银行"], ["甲乙咨询公司"]]),
    ({"entity": "institution"}, "我是银行的", []),
    ({"count": {"phrase": ["呃"]}, "at_least": 3}, "呃我呃看呃", [["呃", "呃", "呃"]]),
    ({"count": {"phrase": ["呃"]}, "at_least": 3}, "呃我呃看", []),
    ({"count": {"phrase": ["没完", "没完没了"]}, "at_least": 2}, "没完没了", []),  # the same words once
    ({"any": [FAMILY, PAY]}, "让爸妈替你还", [["爸妈"], ["替你还"]]),
    ({"all": [FAMILY, PAY]}, "让爸妈替你还", [["爸妈", "替你还"]]),
    ({"all": [FAMILY, PAY]}, "让爸妈还", []),
    ({"all": [FAMILY, {"not": PAY}]}, "让爸妈还", [["爸妈"]]),
    ({"all": [FAMILY, {"not": PAY}]}, "让爸妈替你还", []),
    # The nearest of several.
    ({"all": [PAY, FAMILY]}, "老婆不知道，让爸妈替你还", [["爸妈", "替你还"]]),
    ({"near": [FAMILY, PAY], "gap": 3}, "让爸妈来替你还", [["爸妈", "替你还"]]),
    ({"near": [PAY, FAMILY], "gap": 3}, "让爸妈来替你还", [["爸妈", "替你还"]]),
    ({"near": [PAY, FAMILY], "gap": 3, "ordered": True}, "让爸妈来替你还", []),
    ({"near": [FAMILY, PAY], "gap": 3}, "让爸妈明天就过来替你还", []),
    # Not the first of each part, but the two that stand together.
    ({"near": [FAMILY, PAY], "gap": 1}, "爸妈不管，那就老婆替你还", [["老婆", "替你还"]]),
    # How far the words may reach: to the end of the sentence unless it says otherwise.
    ({"near": [FAMILY, PAY]}, "叫你爸妈，替你还", [["爸妈", "替你还"]]),
    ({"near": [FAMILY, PAY]}, "叫你爸妈。替你还", []),
    ({"near": [FAMILY, PAY], "within": "clause"}, "叫你爸妈，替你还", []),
    ({"near": [FAMILY, PAY], "within": "clause"}, "叫你爸妈 替你还", []),
    ({"near": [FAMILY, PAY], "within": "passage"}, "叫你爸妈。替你还", [["爸妈", "替你还"]]),
    ({"regex": "上.{0,3}门"}, "好了上。我出门", []),
    ({"regex": "上.{0,3}门", "within": "clause"}, "上了，门口上家门", [["上家门"]]),
    ({"regex": "排队.{0,4}(最闲|正好)", "within": "clause"}, "排队最闲了，正好说说", [["排队最闲"]]),
    ({"regex": "挂.{0,3}了$", "within": "clause"}, "挂了，不说了", []),
    ({"phrase": ["打死你"]}, "那是大事，你说", []),  # no sound reaches over the end of a clause
    ({"phrase": ["老朋友了不记得"]}, "老朋友了，不记得我", [["老朋友了不记得"]]),
    ({"phrase": ["行了不说"]}, "行了。不说这个", []),
])  # fmt: skip
def test_what_a_condition_finds(condition: dict[str, object], text: str, expected: list[list[str]]) -> None:
    assert found(condition, text) == expected


LITIGATION = {"all": [{"phrase": ["起诉"]}, {"metadata": "legal_stage", "is_in": ["litigation"]}]}
NOT_LITIGATION = {
    "all": [{"phrase": ["起诉"]}, {"not": {"metadata": "legal_stage", "is_in": ["litigation"]}}]
}
UNPLANNED = {"all": [{"phrase": ["起诉"]}, {"not": {"metadata": "approved_plans", "is_in": ["减免"]}}]}
STRANGER = {"all": [{"phrase": ["起诉"]}, {"not": {"metadata": "contact_role", "is_in": ["debtor"]}}]}
NO_GUARANTOR = {"all": [{"phrase": ["起诉"]}, {"not": {"metadata": "guarantor", "is_in": [True]}}]}
TYPED = {"call_type": CallType.THIRD_PARTY}


@pytest.mark.parametrize(("condition", "metadata", "expected"), [
    (LITIGATION, {"legal_stage": "litigation"}, [set()]),
    (LITIGATION, {"legal_stage": "none"}, []),
    (LITIGATION, {}, [{"needs_case_data:legal_stage"}]),
    (NOT_LITIGATION, {"legal_stage": "litigation"}, []),
    (NOT_LITIGATION, {"legal_stage": "none"}, [set()]),
    (NOT_LITIGATION, {}, [{"needs_case_data:legal_stage"}]),
    (UNPLANNED, {"approved_plans": ()}, [set()]),
    (UNPLANNED, {"approved_plans": ("延期",)}, [set()]),
    (UNPLANNED, {"approved_plans": ("延期", "减免")}, []),
    (UNPLANNED, {}, [set()]),
    # The talk stands for the contact role when it is sure.
    (STRANGER, {"contact_role": "contact"}, [set()]),
    (STRANGER, {"contact_role": "unknown", "sure": 0.9, **TYPED}, [set()]),
    (STRANGER, {"sure": 0.9, **TYPED}, [set()]),
    (STRANGER, {"sure": 0.7, **TYPED}, [{"needs_case_data:contact_role"}]),
    (STRANGER, {"sure": 0.9, "call_type": CallType.RIGHT_PARTY}, []),
    (NO_GUARANTOR, {"sure": 0.9, **TYPED}, [set()]),
    (NO_GUARANTOR, {"guarantor": True, **TYPED}, []),
    (NO_GUARANTOR, {"contact_role": "guarantor"}, []),
    (NO_GUARANTOR, {"sure": 0.5, **TYPED}, [{"needs_case_data:guarantor"}]),
])  # fmt: skip
def test_case_data_are_three_valued(
    condition: dict[str, object], metadata: dict[str, object], expected: list[set[str]]
) -> None:
    conversation = call(say(A, "我们要起诉"), **metadata)

    assert [set(match.doubts) for match in matches(condition, conversation)] == expected


@pytest.mark.parametrize(("metadata", "expected"), [
    ({}, 0),
    ({"agency": "诚达商务"}, 1),
    ({"extra": (("agent_type", "external"),)}, 1),
    ({"agency": "诚达商务", "extra": (("agent_type", "self"),)}, 0),
])  # fmt: skip
def test_an_agency_shows_that_the_agent_is_not_of_the_bank(metadata: dict[str, Any], expected: int) -> None:
    condition = {"all": [{"phrase": ["银行的"]}, {"metadata": "agent_type", "is_in": ["external"]}]}

    assert len(matches(condition, call(say(A, "我就是银行的"), **metadata))) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("这里是望则铃行", ["望则铃行"]),
    ("这里是望泽银行", ["望泽银行"]),
    ("这里是东泽银行", []),
])  # fmt: skip
def test_a_name_of_the_case_data_may_be_misheard(text: str, expected: list[str]) -> None:
    found = matches({"named": "institution"}, call(say(A, text), institution="望泽银行"))

    assert [text[match.start : match.end] for match in found] == expected


@pytest.mark.parametrize(("text", "institution", "expected"), [
    ("这里是北阜车金的", "北阜汽车金融", ["北阜"]),
    ("这里是背负车金的", "北阜汽车金融", ["背负"]),
    ("您在北阜的那笔贷款", "北阜汽车金融", []),
    ("这里是南阜车金的", "北阜汽车金融", []),
    ("这里是北阜的", "北阜", []),
    ("这里是北阜的", "北阜有限公司", []),
])  # fmt: skip
def test_the_beginning_of_a_name_may_be_enough(text: str, institution: str, expected: list[str]) -> None:
    condition = {"named": "institution", "beginning": 2}
    found = matches(condition, call(say(A, text), institution=institution))

    assert [text[match.start : match.end] for match in found] == expected


CALLED_AT = datetime.fromisoformat("2026-03-12T10:20:00+08:00")
OWED = {
    "amount_due": Decimal("4321.50"),
    "min_due": Decimal(432),
    "overdue_days": 21,
    "due_date": date(2026, 2, 19),
    "started_at": CALLED_AT,
}


@pytest.mark.parametrize(("figure", "text", "metadata", "expected"), [
    ("amount", "您一共欠六千九百块", OWED, [set()]),
    ("amount", "您一共欠四千三百二十一块五", OWED, []),
    ("amount", "先还最低四百三十二块", OWED, []),
    # Rounded, vague or a part of what is right.
    ("amount", "您欠四千三百多", OWED, []),
    ("amount", "您应还四千三", OWED, []),
    ("amount", "本金三千八百元，合计四千三百二十一块五", OWED, []),
    ("amount", "您一共欠六千九百块", {}, []),
    ("amount", "您一共欠六千九百块", OWED | {"extra": (("total_due", "6900"),)}, []),
    # What the case data cannot mean is no amount.
    ("amount", "您一共欠六千九百块", OWED | {"extra": (("total_due", "1e16"), ("past_due", "NaN"))}, [set()]),
    ("amount", "您一共欠六千九百块", OWED | {"extra": (("total_due", "-6900"),)}, [set()]),
    ("amount", "一共欠六千九百块，卡号是6222021234567890123", OWED, [set()]),
    # 7, 4 and 1 are confused by ear.
    ("amount", "您欠七百二十块", {"amount_due": Decimal(120)}, [{"phonetic"}]),
    ("overdue_days", "逾期四十天了", OWED, [set()]),
    ("overdue_days", "逾期二十二天了", OWED, []),
    # What sounds like the right figure contradicts nothing.
    ("amount", "一共欠4300 二十一块五", OWED, []),
    ("overdue_days", "到今天与721天了", OWED, []),
    ("overdue_days", "到今天与731天了", OWED, [set()]),
    ("overdue_days", "逾期二十七天了", OWED, [{"phonetic"}]),
    ("overdue_days", "逾期一个月了", OWED, []),
    ("overdue_days", "逾期四个月了", OWED, [set()]),
    ("overdue_days", "您这个都拖了两个多月了", OWED, [set()]),
    ("overdue_days", "您这个都拖了两个多月了", {"overdue_days": 70}, []),
    ("overdue_days", "拖到今儿是六十三天", OWED, [set()]),
    ("overdue_days", "才五十六天", OWED, [set()]),
    ("amount", "您的卡一共三块东西", OWED, []),
    ("least_amount", "最低六百五十二块", OWED, [set()]),
    ("least_amount", "最低四百三十二块", OWED, []),
    ("least_amount", "最低四百三十二，全清四千三百二十一块五", OWED, []),
    ("least_amount", "最低一百三十二块", OWED, [{"phonetic"}]),
    ("least_amount", "最低六百五十二块", {"amount_due": Decimal("4321.50")}, []),
    ("due_date", "还款日是二月二十三号", OWED, [set()]),
    ("due_date", "还款日是二月十九号", OWED, []),
    # Another instalment's, what is to come, and digits that sound alike.
    ("due_date", "还款日是一月十九号", OWED, [set()]),
    ("due_date", "还款日是三月十九号", OWED | {"started_at": datetime(2026, 4, 2, 10, tzinfo=UTC)}, []),
    ("due_date", "还款日是四月二十三号", OWED, []),
    ("due_date", "还款日是二月十七号", OWED | {"due_date": date(2026, 2, 14)}, [{"phonetic"}]),
    ("due_date", "还款日是二月二十三号", {"started_at": CALLED_AT}, []),
])  # fmt: skip
def test_figures_are_held_against_the_case_data(
    figure: str, text: str, metadata: dict[str, Any], expected: list[set[str]]
) -> None:
    conversation = call(say(A, text), **metadata)

    assert [set(match.doubts) for match in matches({"misstated": figure}, conversation)] == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("您一共欠六千九百块", ["六千九百块"]),
    ("您一共欠三千块", []),
    ("您欠三千块，连本带息六千九百块", ["六千九百块"]),
])  # fmt: skip
def test_only_more_than_is_owed_is_inflated(text: str, expected: list[str]) -> None:
    conversation = call(say(A, text), **OWED)
    written = conversation.normalized[0].text
    found = matches({"misstated": "amount", "traits": ["inflated"]}, conversation)

    assert [written[match.start : match.end] for match in found] == expected


@pytest.mark.parametrize(("trait", "text", "expected"), [
    ("precise", "这儿挂着六千九百五十五块三", ["六千九百五十五块三"]),
    ("precise", "大约六千九百块", []),
    ("precise", "要交六千九百块", []),
    # The digits of a known amount in another order.
    ("scrambled", "您准备四千二百三十一块五就行", ["四千二百三十一块五"]),
    ("scrambled", "存四百二十三块就可以", ["四百二十三块"]),  # of the minimum payment
    ("scrambled", "您准备四千三百二十一块五就行", []),
    ("scrambled", "您准备四万二千三百一十五块", []),  # another size
    ("scrambled", "先存四千四百二十一块五", []),  # other digits
    ("scrambled", "转三百块", []),
])  # fmt: skip
def test_a_contradiction_may_be_asked_for_by_its_traits(trait: str, text: str, expected: list[str]) -> None:
    conversation = call(say(A, text), **OWED)
    written = conversation.normalized[0].text
    found = matches({"misstated": "amount", "traits": [trait]}, conversation)

    assert [written[match.start : match.end] for match in found] == expected


def test_only_an_amount_is_precise() -> None:
    with pytest.raises(ValidationError, match="only an amount"):
        matches({"misstated": "due_date", "traits": ["precise"]}, call(say(A, "二月十九号到期")))


def test_no_time_overdue_is_inflated() -> None:
    with pytest.raises(ValidationError, match="only an amount"):
        matches({"misstated": "overdue_days", "traits": ["inflated"]}, call(say(A, "逾期四十天了")))


@pytest.mark.parametrize(("figure", "text", "expected"), [
    ("amount", "您这期四千三百二十一块五", ["四千三百二十一块五"]),
    ("amount", "四千三百块", []),
    ("amount", "最低四百三十二块", []),
    ("amount", "一共4300二十一块五", ["4300二十一块五"]),
    ("overdue_days", "到今天于721天", ["于721天"]),
    ("overdue_days", "已经晚了二十一天", ["二十一天"]),
    ("overdue_days", "二十一天内还", []),
    ("overdue_days", "逾期二十天", []),
])  # fmt: skip
def test_the_figure_of_the_case_data_needs_no_words_around(
    figure: str, text: str, expected: list[str]
) -> None:
    conversation = call(say(A, text), **OWED)
    found = matches({"stated": figure}, conversation)

    assert [text[match.start : match.end] for match in found] == expected


@pytest.mark.parametrize(("text", "count"), [("您欠4321人", 0), ("您欠3800六十天", 1), ("您欠3800六百块", 0)])
def test_a_figure_counts_where_its_money_word_was_misheard(text: str, count: int) -> None:
    conversation = call(say(A, text), amount_due=Decimal(3860))

    assert len(matches({"stated": "amount"}, conversation)) == count


def _heard_twice(*words: tuple[str, str] | str) -> Utterance:
    """What an agent says, some words with what a second hearing has in their place."""
    pairs = [(word, None) if isinstance(word, str) else word for word in words]
    return say(
        A,
        "".join(text for text, _ in pairs),
        words=tuple(
            Word(text=text, span=TimeSpan(start_ms=0, end_ms=1), probability=0.9, again=again)
            for text, again in pairs
        ),
    )


@pytest.mark.parametrize(("figure", "words", "stated", "misstated"), [
    ("amount", ["您欠", ("14321", "一万零二百四十"), "块"], ("14321块", "一万零二百四十块"), 0),
    ("overdue_days", ["于", ("721", "七三十一"), "天"], ("721天", "三十一天"), 0),
    # Right already in the first hearing: nothing is taken for another.
    ("amount", ["您欠", ("10240", "一万零二百四百"), "块"], ("10240块", None), 0),
    # Wrong in both, and in the only one.
    ("amount", ["您欠", ("14321", "一万四千三百二十一"), "块"], None, 1),
    ("amount", ["您欠14321块"], None, 1),
    # Beside a right figure another one is held against nobody.
    ("amount", [("1240", "一万零二百四十"), "块，本金", "9000", "块"], ("1240块", "一万零二百四十块"), 0),
])  # fmt: skip
def test_a_figure_was_said_where_one_of_two_hearings_has_it(
    figure: str,
    words: list[tuple[str, str] | str],
    stated: tuple[str, str | None] | None,
    misstated: int,
) -> None:
    conversation = call(_heard_twice(*words), amount_due=Decimal(10240), overdue_days=31)
    written = conversation.normalized[0].text
    first, *_ = [*matches({"stated": figure}, conversation), None]
    part = first.parts[0] if first else None

    assert (part and (written[part.start : part.end], part.heard_as)) == stated
    assert len(matches({"misstated": figure}, conversation)) == misstated


@pytest.mark.parametrize(("words", "expected"), [
    (["您欠", ("1240", "一万零二百四十"), "块"], [("1240块", "一万零二百四十块")]),
    # Not where both hearings have it, nor where neither has.
    (["五", "号欠", ("10240", "一万零二百四十"), "块"], [("10240块", None)]),
    (["您欠", ("1240", "一千二百四十"), "块"], [("1240块", None)]),
])  # fmt: skip
def test_an_amount_shows_what_it_was_taken_for(
    words: list[tuple[str, str] | str], expected: list[tuple[str, str | None]]
) -> None:
    conversation = call(_heard_twice(*words), amount_due=Decimal(10240))
    written = conversation.normalized[0].text
    parts = [match.parts[0] for match in matches({"entity": "amount"}, conversation)]

    assert [(written[part.start : part.end], part.heard_as) for part in parts] == expected


def test_a_figure_recognised_badly_is_doubted() -> None:
    conversation = call(say(A, "您一共欠六千九百块", logprob=-0.3), amount_due=Decimal(4321))

    (match,) = matches({"misstated": "amount"}, conversation)

    assert match.doubts == {"low_recognition"}


@pytest.mark.parametrize(("condition", "text", "expected"), [
    ({"phrase": ["起诉"], "weak": True}, "要起诉", {"pattern_weak"}),
    ({"regex": "起诉", "weak": True}, "要起诉", {"pattern_weak"}),
    ({"phrase": ["逾期"]}, "你的语气不好", {"homophone_common_word"}),
    ({"phrase": ["堵你家门"]}, "多你家门", {"phonetic"}),
    ({"phrase": ["起诉"]}, "要起素", set()),
])  # fmt: skip
def test_weak_words_are_doubted(condition: dict[str, object], text: str, expected: set[str]) -> None:
    (match,) = matches(condition, call(say(A, text)))

    assert set(match.doubts) == expected


EXPLODING = {"regex": "(还|还还)+钱"}
ENDLESS = "还" * 60
THE_HOUSE = {"regex": "上门"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_pipeline.rules.patterns.TIMEOUT_S", 0.02)


@pytest.mark.usefixtures("impatient")
def test_an_exploding_pattern_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        (match,) = matches(EXPLODING, call(say(A, ENDLESS)))

    assert (match.start, match.end, match.doubts) == (0, 60, {"pattern_timeout"})
    (record,) = caplog.records
    assert "took over 0.02 s on 60 characters" in record.getMessage()
    assert ENDLESS not in record.getMessage()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("condition", "text", "expected"), [
    # What was found before it was given up stays beside the doubt.
    (EXPLODING, "还钱" + ENDLESS, [set(), {"pattern_timeout"}]),
    ({"any": [THE_HOUSE, EXPLODING]}, "上门" + ENDLESS, [set(), {"pattern_timeout"}]),
    ({"all": [THE_HOUSE, EXPLODING]}, "上门" + ENDLESS, [{"pattern_timeout"}]),
    ({"all": [THE_HOUSE, EXPLODING]}, ENDLESS, []),
    ({"all": [THE_HOUSE, {"not": EXPLODING}]}, "上门" + ENDLESS, [{"pattern_timeout"}]),
    ({"near": [THE_HOUSE, EXPLODING], "gap": 2}, "上门" + ENDLESS, [{"pattern_timeout"}]),
    ({"near": [THE_HOUSE, EXPLODING], "gap": 2}, ENDLESS, []),
    ({"count": EXPLODING, "at_least": 3}, ENDLESS, [{"pattern_timeout"}]),
    # What may bar a match leaves a doubt on it.
    (THE_HOUSE | {"exclude": EXPLODING["regex"]}, "上门" + ENDLESS, [{"exemption_unsure"}]),
    (THE_HOUSE | {"exclude": EXPLODING["regex"]}, "上门", [set()]),
    # The shorter match before a comma.
    ({"regex": "上门(还|还还)+.?钱", "within": "clause"}, "上门" + ENDLESS + "，钱", [{"pattern_timeout"}]),
])  # fmt: skip
def test_a_pattern_given_up_leaves_a_doubt(
    condition: dict[str, object], text: str, expected: list[set[str]]
) -> None:
    assert [set(match.doubts) for match in matches(condition, call(say(A, text)))] == expected


@pytest.mark.parametrize(("metadata", "condition", "expected"), [
    ({"overdue_days": 95}, {"metadata": "overdue_days", "at_least": 90}, 1),
    ({"overdue_days": 95}, {"metadata": "overdue_days", "at_least": 90, "at_most": 94}, 0),
    ({"extra": (("attempts_today", "7"),)}, {"metadata": "attempts_today", "at_least": 7}, 1),
    ({"extra": (("attempts_today", "6"),)}, {"metadata": "attempts_today", "at_least": 7}, 0),
    ({"direction": "out"}, {"metadata": "direction", "is_in": ["out"]}, 1),
])  # fmt: skip
def test_case_data_may_be_numbers(
    metadata: dict[str, Any], condition: dict[str, object], expected: int
) -> None:
    assert len(matches(condition, call(say(A, "喂"), **metadata))) == expected


def test_no_phrase_crosses_a_seam_but_near_does() -> None:
    conversation = call(say(A, "让你爸", 0, 900), say(A, "妈替你还", 1000, 1900))

    assert matches(FAMILY, conversation) == ()
    apart = call(say(A, "让爸妈", 0, 900), say(A, "替你还", 1000, 1900))
    assert len(matches({"near": [FAMILY, PAY], "gap": 2}, apart)) == 1
