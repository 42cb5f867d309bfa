"""Script elements of the shipped pack in other words than its examples, and what only looks like them."""

from __future__ import annotations

import pytest

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import CallType, CriterionOutcome, Utterance
from tests.rules.calls import A, C, call, say

MET, MISSED, PARTIAL = CriterionOutcome.MET, CriterionOutcome.MISSED, CriterionOutcome.PARTIAL
NOT_DUE = CriterionOutcome.NOT_APPLICABLE
RIGHT, THIRD, WRONG = CallType.RIGHT_PARTY, CallType.THIRD_PARTY, CallType.WRONG_NUMBER


@pytest.fixture(scope="module")
def engine() -> RuleEngine:
    return RuleEngine(load_pack())


def outcome(
    engine: RuleEngine, element: str, *said: Utterance, call_type: CallType = RIGHT
) -> CriterionOutcome:
    found = engine.judge(call(*said, call_type=call_type)).elements
    return next(one.outcome for one in found if one.element_id == element)


@pytest.mark.parametrize(("element", "text", "expected"), [
    ("reason_enquiry", "这回没按期存钱，是碰上了哪样的难关", MET),
    ("reason_enquiry", "是什么造成您这个月断了还款", MET),
    ("reason_enquiry", "是不是家里有人生病受影响了呢", MET),
    ("reason_enquiry", "什么理由都不好使，今天必须还", MISSED),
    ("reason_enquiry", "怎么都快三个月了还不还", PARTIAL),
    ("ability_enquiry", "您那笔尾款几号能到账", MET),
    ("ability_enquiry", "您最多能凑出多少来", MET),
    ("ability_enquiry", "您现在有工作吗", MET),
    ("ability_enquiry", "您现在在上班方便说话吗", MISSED),
    ("ability_enquiry", "这笔贷款您哪天还", MISSED),
    ("complaint_channel", "对我们有意见可以拨四零零八二三五零零零", NOT_DUE),
])  # fmt: skip
def test_said_to_the_debtor(engine: RuleEngine, element: str, text: str, expected: CriterionOutcome) -> None:
    if expected is NOT_DUE:  # without a complaint only what is said makes it due
        assert outcome(engine, element, say(A, "您好"), say(C, "嗯")) is NOT_DUE
        expected = MET
    assert outcome(engine, element, say(A, text), say(C, "嗯")) is expected


HARD = "我失业了，家里揭不开锅"


@pytest.mark.parametrize(("element", "text", "expected"), [
    ("solution_offer", "您可以把欠款拆成九个月慢慢还", MET),
    ("solution_offer", "我给您争取一下，看费用上能不能照顾", MET),
    ("solution_offer", "这个没有分期，不支持协商", MISSED),
    ("empathy", "碰上裁员真是够煎熬的", MET),
    ("empathy", "谢谢您这么信任我，跟我讲了实情", MET),
    ("empathy", "您自己赶紧想办法", MISSED),
    ("follow_up", "您先歇着，半小时后我再拨过来", MET),
    ("follow_up", "周四上午我再给您回个话", MET),
    ("follow_up", "您周四给我打个电话", MISSED),
])  # fmt: skip
def test_said_to_a_debtor_in_need(
    engine: RuleEngine, element: str, text: str, expected: CriterionOutcome
) -> None:
    assert outcome(engine, element, say(C, HARD), say(A, text), say(C, "嗯嗯")) is expected


def test_who_refuses_in_need_is_still_offered_a_way(engine: RuleEngine) -> None:
    said = (say(C, HARD), say(C, "反正我不还了"), say(A, "那随您"))

    assert outcome(engine, "solution_offer", *said) is MISSED


@pytest.mark.parametrize(("element", "answerer", "text", "expected"), [
    ("tp.relation_check", "喂", "请问丁女士在您那边吗", MET),
    ("tp.relation_check", "喂", "您跟他怎么认识的", MET),
    ("tp.relation_check", "喂", "你是他老公，就有义务管", MISSED),
    ("tp.neutral_purpose", "喂", "想核实下机主现在的联系方式", MET),
    ("tp.neutral_purpose", "喂", "他贷款没还，我要找到他", MISSED),
    ("tp.relay_request", "喂", "请您喊她得空给我们客服来个电", MET),
    ("tp.relay_request", "喂", "叫他赶快还钱", MISSED),
    ("tp.non_disclosure_reply", "他惹了什么祸", "这是他的隐私，我无权向您讲", MET),
    ("tp.non_disclosure_reply", "你跟我说也行", "只能跟他本人谈，您多包涵", MET),
    ("tp.non_disclosure_reply", "出啥事了", "您猜得八九不离十", MISSED),
    ("tp.non_disclosure_reply", "那先这样", "好的", NOT_DUE),
    ("tp.stop_respect", "你们少往我家打", "收到，往后不会来打扰", MET),
    ("tp.stop_respect", "以后都别来找我了", "这个我说了不算", MISSED),
    ("tp.stop_respect", "你别着急", "好", NOT_DUE),
])  # fmt: skip
def test_said_to_a_third_party(
    engine: RuleEngine, element: str, answerer: str, text: str, expected: CriterionOutcome
) -> None:
    found = outcome(engine, element, say(C, answerer), say(A, text), say(C, "哦"), call_type=THIRD)
    assert found is expected


@pytest.mark.parametrize(("element", "text"), [
    ("wn.confirm_number", "这号您用了多长时间了"),
    ("wn.confirm_number", "您家里没有叫这个名字的人吗"),
    ("wn.apology_removal", "对不起，我马上把资料订正过来"),
])  # fmt: skip
def test_said_to_a_stranger(engine: RuleEngine, element: str, text: str) -> None:
    assert outcome(engine, element, say(C, "你找谁"), say(A, text), call_type=WRONG) is MET


@pytest.mark.parametrize(("last", "expected"), [
    ("不跟你啰嗦", NOT_DUE),
    ("懒得听", NOT_DUE),
    ("不用谢", MISSED),
])  # fmt: skip
def test_who_was_hung_up_on_cannot_say_goodbye(
    engine: RuleEngine, last: str, expected: CriterionOutcome
) -> None:
    assert outcome(engine, "closing", say(A, "您周五还吧"), say(C, last)) is expected
