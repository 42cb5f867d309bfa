"""Script elements of the shipped pack in other words than its examples, and what only looks like them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

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
    ("reason_enquiry", "这一期是忙得没顾上，还是手里转不开了", MET),
    ("reason_enquiry", "您是今天还，还是月底还", MISSED),
    ("reason_enquiry", "这两个月撞上么难处了", MET),
    ("reason_enquiry", "我想弄明白是卡到哪一关了", MET),
    ("ability_enquiry", "眼下能不能先凑出个最低来", MET),
    ("ability_enquiry", "余款大概几号补得齐", MET),
    ("ability_enquiry", "您一个月攒得下几多", MET),
    ("ability_enquiry", "账上余额够这期吗", MET),
    ("ability_enquiry", "账上余额不够了", MISSED),
    ("ability_enquiry", "也有别的来钱门路，您自己想", MISSED),
    ("overdue_days", "账单还款日过了五六天的样子", PARTIAL),
    ("overdue_days", "账单还款日过了十六天", MET),
    ("ability_enquiry", "您那笔尾款几号能到账", MET),
    ("ability_enquiry", "您最多能凑出多少来", MET),
    ("ability_enquiry", "您现在有工作吗", MET),
    ("ability_enquiry", "您现在在上班方便说话吗", MISSED),
    ("ability_enquiry", "这笔贷款您哪天还", MISSED),
    ("complaint_channel", "对我们有意见可以拨四零零八二三五零零零", NOT_DUE),
    ("complaint_channel", "有不清楚的打四零零七七幺二三四五", NOT_DUE),
    ("complaint_channel", "我给您提个账务异议申请", NOT_DUE),
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
    ("solution_offer", "我替您递个延期材料，成不成行里说了算", MET),
    ("solution_offer", "要不先还没争议的那部分", MET),
    ("empathy", "您先不要紧张，坐下来听我讲", MET),
    ("empathy", "换了谁心里也不舒服", MET),
    ("empathy", "诉苦的话跟家里讲，我没工夫听，您不容易", MISSED),
    ("empathy", "碰上裁员真是够煎熬的", MET),
    ("empathy", "谢谢您这么信任我，跟我讲了实情", MET),
    ("empathy", "您自己赶紧想办法", MISSED),
    ("follow_up", "您先歇着，半小时后我再拨过来", MET),
    ("follow_up", "周四上午我再给您回个话", MET),
    ("follow_up", "您周四给我打个电话", MISSED),
    ("follow_up", "材料递上去，审核五个工作日给答复", MISSED),
    ("follow_up", "今天这是我打给您的第九通了", MISSED),
    ("follow_up", "九月二号上午我给您核到账", MET),
])  # fmt: skip
def test_said_to_a_debtor_in_need(
    engine: RuleEngine, element: str, text: str, expected: CriterionOutcome
) -> None:
    assert outcome(engine, element, say(C, HARD), say(A, text), say(C, "嗯嗯")) is expected


@pytest.mark.parametrize("element", ["solution_offer", "ability_enquiry", "follow_up"])
def test_a_refusal_excuses_nothing_else(engine: RuleEngine, element: str) -> None:
    said = (say(C, HARD), say(C, "反正我不还了"), say(A, "那随您"))

    assert outcome(engine, element, *said) is MISSED


@pytest.mark.parametrize(
    "said", ["您好，公司客服热线，我是八号", "难受就拨心理热线幺二三五六", "我请主管按特殊情况处理"]
)
def test_no_way_to_complain(engine: RuleEngine, said: str) -> None:
    assert outcome(engine, "complaint_channel", say(A, said), say(C, "嗯")) is NOT_DUE


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
    ("tp.relation_check", "喂", "资料上的联系人写的就是您吗", MET),
    ("tp.relation_check", "喂", "您既然是他妈妈，欠债您也有份", MISSED),
    ("tp.neutral_purpose", "喂", "有张表格想请海波当面核一下", MET),
    ("tp.neutral_purpose", "喂", "有笔贷款要跟海波谈", MISSED),
    ("tp.non_disclosure_reply", "他到底怎么了", "是好是坏我都不予置评，等他来电", MET),
    ("tp.non_disclosure_reply", "他到底怎么了", "我多说一个字都是泄密", MET),
    ("tp.non_disclosure_reply", "他到底怎么了", "不能说，不过您想想银行找人能为啥", MISSED),
    ("tp.relay_request", "喂", "您碰见海波捎个口信，喊他打客服", MET),
    ("tp.relay_request", "喂", "您有义务转达", MISSED),
    ("tp.stop_respect", "以后别打来了", "行，这个号我立马停掉", MET),
    ("tp.stop_respect", "以后别打来了", "停止拨打我没有权限您别提", MISSED),
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


CALLED = datetime(2025, 6, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))
PROPOSED = (say(A, "那您本月二十五号通过手机银行还三千块，可以吗"), say(C, "可以"))


@pytest.mark.parametrize(("again", "answer", "expected"), [
    *(("我给您登记的是二十五号三千，走APP，有没有出入", answer, MET)
      for answer in ("没有出入", "一点不差", "你念得很对", "嗯，准的", "就是这三样", "没说错", "莫得问题",
                     "我这边没意见")),
    *((again, "对的", MET)
      for again in ("最后捋一下，二十五号当天，手机银行转三千元，没弄错吧",
                    "咱们再碰一下，二十五号，三千，手机上操作，是这个意思吧",
                    "那我记下来，下周三也就是二十五号，您用手机银行还三千元，麻烦给个准话")),
    *(("跟您核对一遍，二十五号，三千块，手机银行，对吧", answer, MISSED)
      for answer in ("我再想想吧", "慢着，我得问问家里", "没错，等一哈，三千不得行，只有两千",
                     "行是行，要晚两天，二十七号")),
    ("代扣晚上八点前跑完，余额先别动", "好", MISSED),
    ("日子是二十五号，您记得住吧", "记得住", PARTIAL),
    ("二十五号上午我再给您打电话", "好", MISSED),
])  # fmt: skip
def test_a_promise_is_confirmed(
    engine: RuleEngine, again: str, answer: str, expected: CriterionOutcome
) -> None:
    conversation = call(*PROPOSED, say(A, again), say(C, answer), started_at=CALLED)
    found = engine.judge(conversation).elements
    assert next(one.outcome for one in found if one.element_id == "second_confirmation") is expected


@pytest.mark.parametrize(("text", "answer", "expected"), [
    ("您现在就转三千过来，用手机银行，对吗", "对", MET),
    ("那等您发了工资，三千块走对公账户，是吧", "是", PARTIAL),
    ("您工资什么时候发，到时候还三千", "好", MISSED),
    ("您的申请五个工作日内审核完，结果短信通知", "好", NOT_DUE),
    ("您要是二十五号之前不还，利息会继续算", "嗯", NOT_DUE),
    ("二十五号上午九点，我拨这个号通知您结果，可以吗", "可以", NOT_DUE),
    ("今天不谈钱，您先缓缓，明天由主管打给您，好吗", "好", NOT_DUE),
    ("那等您拿了工资，三千块还进来，要是月底还没发再说，行吗", "行", PARTIAL),
    ("我今天下午还排着一百多户", "哦，知道了", NOT_DUE),
    ("到今天四十天没扣成功，没问题吧", "是", NOT_DUE),
])  # fmt: skip
def test_a_day_is_promised(engine: RuleEngine, text: str, answer: str, expected: CriterionOutcome) -> None:
    found = engine.judge(call(say(A, text), say(C, answer), started_at=CALLED)).elements
    assert next(one.outcome for one in found if one.element_id == "ptp.date") is expected


@pytest.mark.parametrize(("answer", "expected"), [
    ("我尽快还上", MISSED),
    ("这个月肯定还的", MISSED),
    ("哪天能还我真讲不准", NOT_DUE),
    ("等找到活了再还吧", NOT_DUE),
    ("能还多少我现在不晓得", NOT_DUE),
])  # fmt: skip
def test_who_is_willing_owes_a_day(engine: RuleEngine, answer: str, expected: CriterionOutcome) -> None:
    assert outcome(engine, "ptp.date", say(C, answer), say(A, "那您尽快")) is expected


@pytest.mark.parametrize(("told", "due", "expected"), [
    (HARD, 9000, MISSED),
    (HARD, 3000, MISSED),
    ("我在医院陪床忙昏了，钱一直都在卡上", 3000, NOT_DUE),
    ("报销压着没下来，后天能到", 3000, NOT_DUE),
])  # fmt: skip
def test_who_is_in_need_is_offered_a_way(
    engine: RuleEngine, told: str, due: int, expected: CriterionOutcome
) -> None:
    said = call(say(C, told), *PROPOSED, started_at=CALLED, amount_due=Decimal(due))
    found = engine.judge(said).elements
    assert next(one.outcome for one in found if one.element_id == "solution_offer") is expected


AGENCY = {"agency": "青檐信用管理有限公司", "institution": "泽川银行", "product": "安居贷"}


@pytest.mark.parametrize(("element", "text", "expected"), [
    ("self_ident.org", "您好，青檐信用管理，泽川银行那头交给我们的", MET),
    ("self_ident.org", "您好，我是青檐信用管理有限公司的", PARTIAL),
    ("self_ident.org", "您好，青檐信用管理，您在泽川银行的卡要谈一下", PARTIAL),
    ("self_ident.org", "您好，我们接到泽川银行移交，青檐信用管理会跟法院一道办", PARTIAL),
    ("self_ident.org", "您好，泽川银行委托的青檐信用管理有限公司，我也是律师", MET),
    ("self_ident.org", "您好，我在给银行发牌照的那个机关", MISSED),
    ("self_ident.org", "您好，泽川的，想问您个事", MISSED),
    ("self_ident.agent", "您好，青檐公司小骆，打扰了", MET),
    ("self_ident.agent", "您好，我是资产部的贺专员", MET),
    ("self_ident.agent", "您好，坐席编号三零七一", MET),
    ("self_ident.agent", "您好，我是催收专员", PARTIAL),
    ("purpose", "您那笔安居贷这期没扣上", MET),
    ("purpose", "安居贷部给您来电", MISSED),
    ("greeting", "阿姨好，占您一分钟", MET),
    ("greeting", "先问您个好", MISSED),
    ("recording_notice", "咱们双方讲话都会录下存档", MET),
    ("recording_notice", "您可以自己录音", MISSED),
    ("recording_notice", "先知会您，咱们的话音都留着声", MET),
    ("recording_notice", "系统对说的话有留音", MET),
    ("recording_notice", "线路有录音，您的账单应还三千二", MET),
    ("recording_notice", "您的账单应还三千二，刚忘了讲，线路有录音", MISSED),
])  # fmt: skip
def test_said_at_the_opening(engine: RuleEngine, element: str, text: str, expected: CriterionOutcome) -> None:
    found = engine.judge(call(say(A, text), say(C, "嗯"), **AGENCY)).elements
    assert next(one.outcome for one in found if one.element_id == element) is expected


@pytest.mark.parametrize(("asked", "answer"), [
    ("您办卡时填的毕业院校是哪一所", "江南学院"),
    ("户口本上的地址是哪个镇", "石桥镇"),
    ("您留的邮编念一下", "二一四零零零"),
    ("您是哪年出生的", "八二年"),
    ("预留手机中间四位报给我", "三三六九"),
    # As recognition writes 证件末四位 and 后四位.
    ("张建莫斯维", "三三六九"),
    ("整件后思维您念一念", "三三六九"),
])  # fmt: skip
def test_a_further_check_of_identity(engine: RuleEngine, asked: str, answer: str) -> None:
    said = (say(A, f"请问是田大海先生吗，{asked}"), say(C, f"是我，{answer}"))
    assert outcome(engine, "identity_verification", *said) is MET


@pytest.mark.parametrize(("goes_on", "expected"), [
    ("田先生您的账单这期没扣上", MET),
    ("田先生，您名下那张卡这期没扣上", MET),
    ("账单这期没扣上", PARTIAL),
    ("田先生是吗", PARTIAL),
])  # fmt: skip
def test_who_goes_on_by_name_has_taken_the_answer(
    engine: RuleEngine, goes_on: str, expected: CriterionOutcome
) -> None:
    said = (
        say(A, "您好，请问是田大海先生吗"),
        say(C, "是我"),
        say(A, "证件末四位报一下"),
        say(C, "太郭为儿"),
        say(A, goes_on),
    )
    assert outcome(engine, "identity_verification", *said) is expected


@pytest.mark.parametrize(("element", "said", "text", "expected"), [
    ("empathy", HARD, "一大家子就指着您，担子可不轻", MET),
    ("empathy", HARD, "换成是我也会急得团团转", MET),
    ("empathy", HARD, "谁都难，您难我也难做", MISSED),
    ("empathy", "喂", "换成是我也会急得团团转", NOT_DUE),
    ("refusal_close", "我就是不还", "行，我按您说的写上，递给上头", MET),
    ("refusal_close", "我就是不还", "逾期会如实报送征信", MISSED),
    ("reason_enquiry", "喂", "没缴上是行情差了，还是钱压在货里", MET),
    ("reason_enquiry", "喂", "方便问问这期怎么就拖下来了", MET),
    ("reason_enquiry", "喂", "您怎么能拖成这副样子", PARTIAL),
    ("ability_enquiry", "喂", "您外头那笔押金房东几时退", MET),
    ("ability_enquiry", "喂", "哪阵子手头能松快些", MET),
    ("ability_enquiry", "喂", "这会儿您家里有人陪着吗", MISSED),
    ("follow_up", HARD, "那我过二十分钟重拨给您", MET),
    ("follow_up", HARD, "我昨天下午给您联系过", MISSED),
    ("complaint_channel", "我要投诉", "公众号菜单里有意见反馈的入口", MET),
    ("complaint_channel", "我要投诉", "投诉电话没有，有也不给", MISSED),
    ("solution_offer", HARD, "要不头三个月少还点，开工了再补", MET),
    ("solution_offer", HARD, "我帮您约个协商专场，当面谈减免", MET),
])  # fmt: skip
def test_said_in_its_place(
    engine: RuleEngine, element: str, said: str, text: str, expected: CriterionOutcome
) -> None:
    assert outcome(engine, element, say(C, said), say(A, text), say(C, "嗯嗯")) is expected


@pytest.mark.parametrize(("element", "said", "due"), [
    *(("empathy", said, True) for said in (
        "厂里把我优化了，歇家里两个月", "一家五口就靠我开出租", "一栏猪全病死了", "现在哪来的钱啊",
        "我刚出院，药费都是借的", "每个月还完房贷就剩几百", "吓得我一宿没睡", "我真想一了百了",
    )),
    *(("empathy", said, False) for said in (
        "那个破车电池坏了三回", "上回那人说要把我腿打断", "旧卡里没钱了，换了张卡",
        "你们怎么知道我做过手术", "那就是九千九", "我工资卡换了", "我后天发工资",
    )),
    *(("refusal_close", said, True) for said in (
        "老子不还了", "这笔账一分都不得还", "莫想我还一分钱", "这个钱我坚决不还", "休想从我这拿走一毛",
        "不是我花的，我不会还", "凭啥要我还", "你去法院告我吧",
    )),
    *(("refusal_close", said, False) for said in (
        "我不是不还", "现在真是一分都拿不出来", "我凭啥给你身份证", "你们会不会去法院告我", "我老公不还",
    )),
    *(("complaint_channel", said, True) for said in (
        "不对吧，我看到上面写的是三千二", "我要向你们总行投诉", "你们必须给我个说法", "你们这是暴力催收",
        "我对你们有意见",
    )),
    *(("complaint_channel", said, False) for said in (
        "我室友一天接了二十几个", "你凭什么这么说我们县", "他上次说话很难听",
    )),
])  # fmt: skip
def test_what_the_debtor_says_makes_it_due(engine: RuleEngine, element: str, said: str, due: bool) -> None:
    assert (outcome(engine, element, say(C, said), say(A, "嗯")) is MISSED) is due


@pytest.mark.parametrize(("element", "said", "due"), [
    *(("tp.non_disclosure_reply", said, True) for said in (
        "找我儿子做么事", "你们老找他干嘛", "是信用卡没还吧", "你告诉我，我转给他", "小军又闯祸了吧",
    )),
    ("tp.non_disclosure_reply", "行，我告诉他", False),
    *(("tp.stop_respect", said, True) for said in (
        "把我号码删了", "别来烦我", "再打我报警", "我不想掺和这事",
    )),
    ("tp.stop_respect", "别担心，我碰到他就说", False),
])  # fmt: skip
def test_what_somebody_else_says_makes_it_due(engine: RuleEngine, element: str, said: str, due: bool) -> None:
    found = outcome(engine, element, say(C, said), say(A, "嗯"), call_type=THIRD)
    assert (found is MISSED) is due


@pytest.mark.parametrize(("said", "excused"), [
    ("开大车呢，讲不成", True),
    ("我在产房外头，晚点再打", True),
    ("我上班呢，不能接电话", True),
    ("刚下班，方便的", False),
    ("你账都说不清", False),
])  # fmt: skip
def test_who_cannot_talk_is_told_nothing_of_the_debt(engine: RuleEngine, said: str, excused: bool) -> None:
    found = outcome(engine, "amount", say(A, "您好"), say(C, said), say(A, "好的"))
    assert (found is NOT_DUE) is excused


@pytest.mark.parametrize(("answer", "excused"), [("是，我在高速上开车呢", True), ("是", False)])
def test_a_check_cut_short_is_no_half(engine: RuleEngine, answer: str, excused: bool) -> None:
    said = (say(A, "您好，请问是冯大伟先生吗"), say(C, answer), say(A, "好，那您先忙"))
    assert outcome(engine, "identity_verification", *said) is (NOT_DUE if excused else PARTIAL)


@pytest.mark.parametrize("born", ["是我，腊月的", "六月", "冯大伟，四月份生的", "属马"])
def test_who_is_busy_after_the_check_was_told_nothing(engine: RuleEngine, born: str) -> None:
    said = (say(A, "出生月份或属相报一下"), say(C, born), say(A, "对的"), say(C, "我上班开会走不开啊"))
    assert outcome(engine, "amount", *said, say(A, "好")) is MISSED
