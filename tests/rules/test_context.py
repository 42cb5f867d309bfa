"""The packaged exemptions in the order in which a reviewer decides: who speaks, quoted, denied, asked."""

from __future__ import annotations

import pytest

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack, make_pack
from qa_pipeline.types import CallType, FindingOutcome, Role, Severity
from tests.rules.calls import A, C, call, say

PACK = load_pack()
ENGINE = RuleEngine(make_pack(header=PACK.header, rules=PACK.rules, elements=[], locations={}))


def hits(text: str, role: Role = A, call_type: CallType = CallType.RIGHT_PARTY) -> set[str]:
    judged = ENGINE.judge(call(say(role, text), call_type=call_type))
    return {found.category for found in judged.findings if found.outcome is FindingOutcome.HIT}


@pytest.mark.parametrize(("role", "text", "expected"), [
    # Who speaks.
    (A, "你就等着坐牢吧", {"threat.arrest"}),
    (C, "你就等着坐牢吧", set()),
    # Quoted or reported.
    (A, "您刚才说听到有人讲要坐牢", set()),
    (A, "有人自称派出所的人让您转账的话别信", set()),
    (A, "我跟你说你就等着坐牢吧", {"threat.arrest"}),
    # Denied; what a later clause says leaves the denial as it is.
    (A, "这笔欠款不会让您坐牢", set()),
    (A, "这笔欠款不会让您坐牢，不处理的话利息会增加", set()),
    (A, "这笔欠款不会让您坐牢 不处理的话利息会增加", set()),
    (A, "我们不会去您家里堵门", set()),
    # False negation introduces a threat; what the debtor does not do is a condition, no denial.
    (A, "不是我吓唬你，再拖就等着坐牢", {"threat.arrest"}),
    (A, "你要是不能还就等着坐牢", {"threat.arrest"}),
    (A, "你不接电话我就去你家里堵门", {"threat.visit"}),
    (A, "别以为不用坐牢", {"threat.arrest"}),
    # Asked, and asked rhetorically.
    (A, "有没有人跟您提过坐牢这样的话", set()),
    (A, "你想坐牢吗", {"threat.arrest"}),
    # Lawful actor and modality.
    (A, "长期不处理，银行可能依法申请强制执行", set()),
    # ... which no law makes automatic.
    (A, "按照法律规定，您太太自动变成共同债务人", {"legal.false_consequence"}),
    (A, "判决生效之后，配偶是不是共同债务人由法院判", set()),
    # 不得 denies what the agent may do, not what is wished on somebody.
    (A, "催收人员不得骚扰您的家人", set()),
    (A, "我叫你这辈子都不得安宁", {"threat.implied"}),
    # A fee of the contract is no extra one.
    (A, "除了本金您还得另外付两百块的建卡费", {"payment.extra_fee"}),
    (A, "按照合同，提前还清要多付一百块手续费", set()),
    (A, "建议您到派出所报案", set()),
    (A, "我已经向公安机关报案了", {"threat.arrest"}),
    # Whom somebody else threatens is told to call the police.
    (A, "要是有人拿着棍子堵您家门，您马上打一一零", set()),
    (A, "有人到您家门口堵门的话您就报警", set()),
    (A, "我叫人拿着棍子堵你家门，你打一一零也没用", {"threat.violence", "threat.visit"}),
    # What the customer or a third person said before.
    (A, "您上回说走着瞧，我没当回事", set()),
    (A, "他说要打断您的腿是哪天的事", set()),
    # Words of money, of a call, of an end: what stands beside them decides.
    (A, "您有空的时候打给我吧", set()),
    (A, "钱直接打给我就行", {"payment.private"}),
    (A, "那我先挂了，您有事再打热线", set()),
    (A, "没空跟你磨，挂了", {"service.hangup"}),
    (A, "派出所给您的回执请留好", set()),
    (A, "派出所的，你那笔贷款怎么回事", {"identity.police"}),
    # No sound reaches over the end of a clause.
    (A, "这是大事，您先忙", set()),
    (A, "说回正事，您看哪天方便", set()),
])  # fmt: skip
def test_a_reviewer_would_decide_the_same(role: Role, text: str, expected: set[str]) -> None:
    assert hits(text, role) == expected


@pytest.mark.parametrize(
    ("call_type", "expected"),
    [
        (CallType.RIGHT_PARTY, set()),
        (CallType.THIRD_PARTY, {"disclosure.third_party"}),
    ],
)
def test_the_call_type_decides(call_type: CallType, expected: set[str]) -> None:
    assert hits("他有笔欠款一直没还", call_type=call_type) == expected


@pytest.mark.parametrize(
    "text", ["我是某某银行信用卡中心的", "我是某某小额贷款公司的", "我这边是某某催收服务公司"]
)
def test_the_name_of_an_institution_tells_no_debt(text: str) -> None:
    assert hits(text, call_type=CallType.THIRD_PARTY) == set()


@pytest.mark.parametrize(("customer", "told"), [
    ("你他妈有完没完", True),
    ("再打我弄死你", True),
    ("你们这帮吸血鬼", True),
    ("他妈的烦死了", True),
    ("我手头真的没有钱", False),
    ("我是他妈妈", False),
    ("他妈不在家，我是他舅", False),
])  # fmt: skip
def test_provocation_is_told_and_excuses_nothing(customer: str, told: bool) -> None:
    judged = ENGINE.judge(call(say(A, "您好"), say(C, customer), say(A, "你个王八蛋，等着坐牢吧")))
    assert {(one.category, one.outcome, one.severity) for one in judged.findings} == {
        ("abuse.profanity", FindingOutcome.HIT, Severity.FATAL),
        ("threat.arrest", FindingOutcome.HIT, Severity.FATAL),
    }
    shown = {any("excuses nothing" in part.text for part in one.explanation) for one in judged.findings}
    assert shown == {told}


def test_only_what_answers_a_provocation_is_told_so() -> None:
    judged = ENGINE.judge(
        call(say(C, "你他妈有完没完"), say(A, "您消消气"), say(C, "没钱"), say(A, "等着坐牢吧"))
    )
    (found,) = judged.findings
    assert not any("excuses nothing" in part.text for part in found.explanation)


@pytest.mark.parametrize(("asked", "answered", "expected"), [
    ("您当时贷款用途选的哪项", "装修", False),
    ("车架号最后三位有印象没", "六零九", False),
    ("放款卡是哪家银行的", "齐岳银行", False),
    ("我替河间银行打的电话，家里门牌是几号楼", "三号楼", False),
    ("您车子的颜色方便说一下吗", "银灰色", False),
    ("车是哪一年提的", "前年秋天提的，就是那个白色的越野车", False),
    ("您说说合同上留的通讯地址", "甘家镇", False),
    ("您方便说话吗", "你说", True),
    ("您说一下打算什么时候还", "月底", True),
    ("您打算哪天还", "月底吧", True),
    ("放款卡是哪家银行的", "你问这个干嘛", True),
    ("跟您说个事情", "嗯你讲", True),
])  # fmt: skip
def test_a_fact_that_is_asked_and_answered_is_an_identity_check(
    asked: str, answered: str, expected: bool
) -> None:
    talk = call(
        say(A, "您好，请问是解宝亮先生吗"),
        say(C, "是我"),
        say(A, asked),
        say(C, answered),
        say(A, "对的，您信用卡欠款两千九百七十五块，逾期二十九天了"),
    )
    found = {one.category for one in ENGINE.judge(talk).findings if one.outcome is FindingOutcome.HIT}
    assert ("disclosure.unverified" in found) is expected
