"""Misrecognitions as Whisper base makes them on telephone speech, judged by the packaged rules.

What was said and what was written differ in the words the recogniser was unsure of; the rest it was sure of.
No sentence stands in a rule, an example or the corpus.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache

import pytest

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import CallType, Finding, FindingOutcome, MatchKind, TimeSpan, Word
from tests.rules.calls import A, C, call, say

HIT, UNCERTAIN, NONE = FindingOutcome.HIT, FindingOutcome.UNCERTAIN, None

SURE = 0.95
MISHEARD = 0.6
GUESS = 0.4

MISRECOGNITIONS = [
    ("threat.arrest", "再拖下去你就等着坐牢", "再拖下去你就等着坐老", HIT),
    ("threat.arrest", "再不还我们让公安把你拘留", "再不还我们让公安把你居留", HIT),
    ("threat.arrest", "明天派出所就上门抓你", "明天派出锁就上门抓你", HIT),
    ("threat.arrest", "下个星期就把你刑拘", "下个星期就把你形拘", HIT),
    ("threat.arrest", "把你列成网逃", "把你列成网桃", HIT),
    ("threat.arrest", "看守所里的牢饭等着你吃", "看守所里的劳饭等着你吃", HIT),
    ("threat.arrest", "这个数额够判你几年了", "这个数额够盼你几年了", HIT),
    ("threat.arrest", "到时候戴上手铐你就知道后悔了", "到时候戴上手靠你就知道后悔了", HIT),
    ("threat.arrest", "警察马上就过去逮捕你", "警察马上就过去待捕你", HIT),
    ("threat.arrest", "今晚就来抓走你信不信", "今晚就来转走你信不信", NONE),
    ("threat.arrest", "蹲看守所的滋味你想尝尝是吧", "蹲看手所的滋味你想尝尝是吧", HIT),
    ("threat.visit", "明早派三个人去你家堵门", "明早派三个人去你家赌门", HIT),
    ("threat.visit", "我们的人今晚就住你家客厅不走了", "我们的人今晚就住你家课厅不走了", HIT),
    ("threat.visit", "再不接电话我天天上你家敲门", "再不接电话我天天上你家巧门", HIT),
    ("threat.visit", "不还钱我就带人堵在你家门口", "不还钱我就带人堵在你家闷口", HIT),
    ("threat.visit", "到你单位门口拉横幅", "到你单位门口拉恒服", HIT),
    ("threat.visit", "往你家门上泼油漆", "往你家门上破油器", HIT),
    ("threat.violence", "明天我叫几个兄弟收拾你", "明天我叫几个兄弟收十你", HIT),
    ("threat.violence", "信不信我打断你的腿", "信不信我打段你的腿", HIT),
    ("threat.violence", "惹急了我让人弄死你", "惹急了我让人弄四你", HIT),
    ("threat.violence", "我找人教训教训你", "我找人叫训叫训你", HIT),
    ("threat.violence", "你那个店我一把火烧了", "你那个店我一把火稍了", HIT),
    ("threat.violence", "找几个人打你一顿你就老实了", "找几个人打你一吨你就老实了", HIT),
    ("threat.violence", "要不要我卸你一条腿", "要不要我卸你一调腿", UNCERTAIN),
    ("threat.violence", "我让兄弟们带着家伙过来", "我让兄弟们带着加伙过来", HIT),
    ("threat.family", "我去幼儿园门口等你儿子放学", "我去幼儿圆门口等你儿子放学", HIT),
    ("threat.family", "让你爸妈在村里抬不起头来", "让你爸妈在村里抬不起投来", HIT),
    ("threat.family", "让你全家不得安宁", "让你全家不得安拧", HIT),
    ("threat.family", "你一家老小都跑不掉", "你一家老小都跑不吊", HIT),
    ("threat.family", "我去学校找你闺女", "我去学校找你归女", HIT),
    ("threat.exposure", "我把你的照片群发给通讯录里所有人", "我把你的照片群发给通讯路里所有人", HIT),
    ("threat.exposure", "明天就爆你通讯录", "明天就报你通信录", HIT),
    ("threat.exposure", "在你们小区拉横幅", "在你们小区拉横福", HIT),
    ("threat.exposure", "让你们单位同事都知道你欠钱", "让你们单位同是都知道你欠钱", HIT),
    ("threat.exposure", "把你欠钱的事发到你朋友圈", "把你欠钱的事发到你朋友全", HIT),
    ("threat.exposure", "在你们村里贴大字报", "在你们村里贴大字爆", HIT),
    ("threat.exposure", "用大喇叭在你楼下广播", "用大喇八在你楼下广播", HIT),
    ("threat.exposure", "通知你们公司人事开除你", "通知你们公司人是开除你", HIT),
    ("identity.police", "我是市公安局经侦支队的", "我是市公安局经真支队的", HIT),
    ("identity.police", "我们是派出所的民警", "我们是派出锁的民警", HIT),
    ("identity.police", "这里是经侦大队", "这里是竞争大队", HIT),
    ("identity.police", "我这边是刑侦大队的", "我这边是形真大队的", HIT),
    ("identity.police", "我这边是刑侦大队的", "我这边是行真大队的", UNCERTAIN),
    ("identity.court", "我们是法院执行局的", "我们是发院执行局的", HIT),
    ("identity.court", "我是立案庭的书记员", "我是力案庭的书记员", HIT),
    ("identity.court", "这边是人民法院诉前调解中心", "这边是人民法愿诉前条解中心", HIT),
    ("identity.court", "我是检察院的", "我是检查院的", HIT),
    ("identity.lawyer", "我是咱们公司的律师", "我是咱们公司的绿师", HIT),
    ("identity.lawyer", "我是承办你这个案子的律师", "我是成办你这个案子的绿师", HIT),
    ("identity.government", "我们是金融监管局的", "我们是金融监管居的", HIT),
    ("identity.government", "我是人民银行征信中心的", "我是人民银行正信中心的", HIT),
    ("abuse.profanity", "你他妈的到底还不还", "你他马的到底还不还", HIT),
    ("abuse.profanity", "你个王八蛋", "你个王八但", HIT),
    ("abuse.profanity", "你就是个混蛋", "你就是个混淡", HIT),
    ("abuse.profanity", "你神经病吧", "你神精病吧", HIT),
    ("abuse.profanity", "你真是个废物", "你真是个肺物", HIT),
    ("abuse.humiliation", "你这种老赖还要不要脸", "你这种老来还要不要脸", HIT),
    ("abuse.humiliation", "你就是个社会的垃圾", "你就是个社会的拉圾", HIT),
    ("legal.false_consequence", "你名下的房子车子今天就冻结", "你名下的房子车子今天就动结", HIT),
    ("legal.false_consequence", "你全家坐不了高铁飞机", "你全家做不了高铁飞机", HIT),
    ("legal.false_consequence", "你孩子以后考不了公务员", "你孩子以后考不了工务员", HIT),
    ("legal.false_consequence", "今天不还明天直接强制执行", "今天不还明天直接强制之行", HIT),
    ("legal.false_consequence", "你的工资卡马上查封", "你的工资卡马上茶封", HIT),
    ("legal.false_document", "律师函昨天已经寄到你家了", "律师寒昨天已经寄到你家了", UNCERTAIN),
    ("legal.false_document", "律师函昨天已经寄到你家了", "绿色函昨天已经寄到你家了", NONE),
    ("legal.false_document", "法院的传票我们已经发出去了", "法院的传漂我们已经发出去了", UNCERTAIN),
    ("legal.false_credit", "你会被拉进全国黑名单", "你会被拉进全国黑明单", HIT),
    ("payment.private", "钱转到我微信上我帮你还", "钱转到我威信上我帮你还", HIT),
    ("payment.private", "你把钱打到我个人账户", "你把钱打到我个人障户", HIT),
    ("payment.private", "扫一下我的收款码", "扫一下我的收款马", HIT),
    ("payment.private", "直接转我支付宝", "直接转我支付包", HIT),
    ("payment.extra_fee", "你给我点辛苦费我帮你办", "你给我点辛苦肺我帮你办", HIT),
    ("payment.extra_fee", "交两百块的好处费给我", "交两百块的好处飞给我", HIT),
    ("promise.credit_repair", "我帮你把征信洗白", "我帮你把真信洗白", HIT),
    ("promise.credit_repair", "还完征信上的逾期记录就给你消掉", "还完征信上的预期记录就给你消掉", HIT),
    ("funding.new_loan", "你去别的平台借一笔网贷先还上", "你去别的平台借一笔网代先还上", HIT),
    ("funding.new_loan", "花呗借呗套出来先还", "花呗借被套出来先还", HIT),
    ("funding.new_loan", "找亲戚朋友借钱先还上", "找亲七朋友借钱先还上", HIT),
    ("third_party.collect", "你是他哥你先替他还了吧", "你是他歌你先替他还了吧", HIT),
    ("service.tone", "你有完没完", "你有玩没玩", HIT),
    ("complaint.obstruct", "投诉也没用", "投素也没用", HIT),
    ("complaint.obstruct", "你去投诉也没人管你", "你去偷诉也没人管你", HIT),
    ("harassment.bombing", "用呼死你打爆你的电话", "用呼四你打爆你的电话", HIT),
    ("threat.arrest", "等着坐牢吧你", "等着吧坐牢你", HIT),
    ("threat.violence", "我找人过去收拾你", "我找人过去那个收拾你", HIT),
    ("threat.exposure", "我把你欠钱的事情发到你们单位群里", "我把你欠钱的事发到你们单位群里", HIT),
]


@cache
def engine() -> RuleEngine:
    return RuleEngine(load_pack())


def heard_as(said: str, written: str, misheard: float = MISHEARD) -> tuple[Word, ...]:
    """The written characters as words; the recogniser was unsure of those that were not said."""
    probabilities = [misheard] * len(written)
    for block in SequenceMatcher(None, said, written, autojunk=False).get_matching_blocks():
        probabilities[block.b : block.b + block.size] = [SURE] * block.size
    return tuple(
        Word(
            text=letter,
            span=TimeSpan(start_ms=200 * index, end_ms=200 * index + 200),
            probability=probability,
        )
        for index, (letter, probability) in enumerate(zip(written, probabilities, strict=True))
    )


def findings(written: str, words: tuple[Word, ...] = (), category: str = "") -> tuple[Finding, ...]:
    third = category.startswith("third_party")
    spoken = say(A, written, 0, 200 * len(written), words=words)
    call_type = CallType.THIRD_PARTY if third else CallType.RIGHT_PARTY
    return engine().judge(call(spoken, call_type=call_type)).findings


@pytest.mark.parametrize(("category", "said", "written", "expected"), MISRECOGNITIONS)
def test_what_was_misheard_is_found(
    category: str, said: str, written: str, expected: FindingOutcome | None
) -> None:
    found = [one for one in findings(written, heard_as(said, written), category) if one.category == category]

    assert max((one.outcome for one in found), key=(UNCERTAIN, HIT).index, default=None) is expected
    assert any(one.category == category for one in findings(said, heard_as(said, said), category))


ORDINARY = [
    "我同时给您登记一下",
    "您抓紧时间处理一下",
    "附近就有我们的网点您可以过去",
    "您在高速上开车的话我晚点再打",
    "请问是陈女士本人吗",
    "表格我发给您填一下",
    "您先登记一下身份信息",
    "他学的是艺术类的专业",
    "您选的期数是十二期",
    "真心感谢您的配合",
    "东街那个网点周末也上班",
    "您买两斤桔子回去吃",
    "楼下包子铺旁边就是柜台",
    "小区里的设施坏了可以报修",
    "您看这个日期合适吗",
    "现在这个行业竞争大生意不好做",
    "您语气别这么急慢慢说",
    "您预期什么时候能发工资",
    "他去年办了居留证",
    "您的公子现在在哪里上班",
    "作息不规律对身体不好",
    "其实您这个情况可以申请分期",
    "今年化肥又涨价了",
    "您的反应我已经记下来了",
    "我把资料整理好发给您",
    "我看您上个月还款很及时",
    "您的心理压力我能理解",
    "您克服一下困难尽量按时还",
    "这个事件我们会跟进",
    "意识到问题就好办了",
    "您一份材料都不用准备",
    "他老板不在店里",
    "您的出息大着呢别灰心",
    "七十岁的老人家也能办",
    "您下车的时候小心台阶",
    "师傅今天上门给您装宽带",
    "您做不了主的话请本人来电",
    "给您减免的前提是材料齐全",
    "他一直在外地跑车",
    "世纪大道那家银行关门了",
    "工程款的钱走哪边过来",
    "这些您都不要往外说",
    "您先补最近的一期",
]


@pytest.mark.parametrize("written", ORDINARY)
@pytest.mark.parametrize("sure", [SURE, None])
def test_everyday_words_that_sound_alike_stay_what_they_are(written: str, sure: float | None) -> None:
    words = () if sure is None else heard_as(written, written)

    assert findings(written, words) == ()


@pytest.mark.parametrize("written", ORDINARY)
def test_badly_recognised_everyday_words_accuse_nobody(written: str) -> None:
    found = findings(written, heard_as("", written, misheard=GUESS))

    assert [one for one in found if one.outcome is HIT] == []


def test_the_evidence_shows_what_was_heard_and_what_was_meant() -> None:
    said, written = "我是人民银行征信中心的", "我是人民银行正信中心的"
    (found,) = findings(written, heard_as(said, written))
    (evidence,) = found.evidence

    assert evidence.heard_as is not None
    assert "征信" in evidence.heard_as
    assert "正信" in evidence.quote
    assert evidence.distance == 0.0
    assert evidence.confidence < SURE
    assert any(evidence.heard_as in str(part.values) for part in found.explanation)


def test_the_evidence_tells_how_far_another_sound_is() -> None:
    """Words that the recogniser nearly wrote need not sound like those that it wrote."""
    words = heard_as("你就等着坐牢吧", "你就等着坐好吧")
    words = tuple(
        replace(word, alternatives=((("牢", 0.9),),)) if word.text == "好" else word for word in words
    )
    (found,) = findings("你就等着坐好吧", words)
    (evidence,) = found.evidence

    assert "坐好" in evidence.quote
    assert "坐牢" in str(evidence.heard_as)
    assert evidence.distance > 0


@pytest.mark.parametrize(("asked", "expected"), [
    ("身分证委号四位", 0),
    ("您抱一下身份证后,思维好吗", 0),
    ("证件默四位报一报", 0),
    ("想和您说个事情", 1),
])  # fmt: skip
def test_a_debt_told_after_a_misheard_identity_check_is_lawful(asked: str, expected: int) -> None:
    talk = call(
        say(A, "您好，这里是青洲银行的"),
        say(C, "嗯"),
        say(A, asked),
        say(C, "酸酸铃薄"),
        say(A, "信用卡一万零四十块，逾期八十一天了"),
    )
    found = [one for one in RuleEngine(load_pack()).judge(talk).findings if one.outcome is HIT]

    assert {one.category for one in found} == ({"disclosure.unverified"} if expected else set())


RESPELLED = [
    ("你真是个肺物", "你真是个废物", "废物", "abuse.profanity"),
    ("你他马的到底还不还", "你他妈的到底还不还", "你他妈", "abuse.profanity"),
    ("今天不还明天直接强制之行", "今天不还明天直接强制执行", "强制执行", "legal.false_consequence"),
]


@pytest.mark.parametrize(("written", "said", "meant", "category"), RESPELLED)
@pytest.mark.parametrize(("certainty", "expected", "doubts"), [
    (MISHEARD, HIT, ()),
    (SURE, UNCERTAIN, ("phonetic",)),
])  # fmt: skip
def test_a_spelling_is_doubted_where_something_else_was_surely_heard(
    written: str,
    said: str,
    meant: str,
    category: str,
    certainty: float,
    expected: FindingOutcome,
    doubts: tuple[str, ...],
) -> None:
    (found,) = (
        one for one in findings(written, heard_as(said, written, certainty)) if one.category == category
    )
    evidence = found.evidence[0]

    assert (found.outcome, found.doubts) == (expected, doubts)
    assert (evidence.heard_as, evidence.match) == (meant, MatchKind.PHONETIC)
    assert evidence.quote in written
    assert meant not in evidence.quote


@pytest.mark.parametrize(("asked", "answered", "expected"), [
    (-0.1, -0.1, HIT),
    # What was asked, or answered, may have been the check.
    (-0.7, -0.1, UNCERTAIN),
    (-0.1, -0.7, UNCERTAIN),
])  # fmt: skip
def test_a_check_that_was_perhaps_not_heard_leaves_a_doubt(
    asked: float, answered: float, expected: FindingOutcome
) -> None:
    talk = call(
        say(A, "您好，这里是青洲银行的", 0, 2_000, logprob=-0.1),
        say(C, "嗯", 2_500, 3_000, logprob=-0.1),
        say(A, "程分章好味麻返您", 3_500, 5_000, logprob=asked),
        say(C, "酸酸铃薄", 5_500, 6_500, logprob=answered),
        say(A, "信用卡一万零四十块，逾期八十一天了", 7_000, 11_000, logprob=-0.1),
    )
    found = [one for one in engine().judge(talk).findings if one.category == "disclosure.unverified"]

    assert {one.outcome for one in found} == {expected}
    assert all(("low_recognition" in one.doubts) is (expected is UNCERTAIN) for one in found)
