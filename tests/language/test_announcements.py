"""Machines on the line, as recognition writes them down; and people who sound nearly like one."""

from __future__ import annotations

import pytest

from qa_pipeline.language.announcements import Machine, answered_by_machine, machine_in
from qa_pipeline.language.call_type import decide_call_type
from qa_pipeline.language.normalization import normalize
from qa_pipeline.types import CallMetadata, CallType, Role, Transcript, Utterance


def transcript(*turns: tuple[str, str], sure: float = 1.0) -> Transcript:
    return Transcript(
        recording_id="c",
        language="zh",
        asr=None,
        options_digest="given",
        utterances=tuple(
            Utterance(
                id=f"u{number}", role=Role(role), role_confidence=sure, channel=None, span=None, text=text
            )
            for number, (role, text) in enumerate(turns)
        ),
    )


@pytest.mark.parametrize(
    ("words", "machine"),
    [
        ("您好,您播打的电话与关机,", Machine.NETWORK),
        ("请收后再播", Machine.NETWORK),
        ("您拨叫的用户正在通话中，请稍后再拨", Machine.NETWORK),
        ("您好，您拨打的号码是空号，请查证后再拨", Machine.NETWORK),
        ("机主无法接听，请在提示音后留言", Machine.VOICEMAIL),
        ("您好，我是来电助理，请问您找机主有什么事", Machine.VOICEMAIL),
        ("欢迎支电源商务流", Machine.MENU),
        ("投诉请按二", Machine.MENU),
        ("人工服务请按零", Machine.MENU),
        ("返回请按井号键", Machine.MENU),
        ("返回请按警号键", Machine.MENU),
        ("重听请按星号键", Machine.MENU),
        ("重听请按米字键，返回请按井字键", Machine.MENU),
        ("转人工请按0号键，谢谢", Machine.MENU),
        ("查询余额请按1键", Machine.MENU),
        ("普通话请按一，英文请按二", Machine.MENU),
        ("缴费请按9", Machine.MENU),
        ("退出请按#", Machine.MENU),
        ("继续请按任意键", Machine.MENU),
        ("转接请按幺", Machine.MENU),
        ("请您一定要请按时还", None),
        ("这个月请按时", None),
        ("麻烦请按期还", None),
        ("麻烦请按期", None),
        ("请按要求", None),
        ("请按照", None),
        ("请按一下", None),
        ("请按一般流程走", None),
        ("请按三期还", None),
        ("查询快件请按你", Machine.MENU),
        ("坐席全忙，请您继续等待", Machine.MENU),
        ("请按时还款，不要再拖了", None),
        ("请按照合同约定还款", None),
        ("你过一会再打给我", None),
        ("您的电话一直打不通", None),
        ("我昨天关机了", None),
        ("喂，你好，哪位", None),
    ],
)
def test_machine_in(words: str, machine: Machine | None) -> None:
    found = machine_in(normalize(words))
    assert found is machine


CALLS = [
    ([("customer", "您好您播打的电话与关机"), ("customer", "请收后再播")], Machine.NETWORK),
    ([("unknown", "您好您播打的电话与关机"), ("unknown", "您好您拨打的电话已关机")], Machine.NETWORK),
    (
        [
            ("customer", "您好，您拨打的用户无法接听，请在提示音后留言"),
            ("agent", "您好，我是海诚银行的，请您回电"),
        ],
        None,
    ),
    ([("customer", "您拨打的用户暂时无法接听，请在提示音后留言")], Machine.VOICEMAIL),
    (
        [
            ("customer", "欢迎致电远山物流，查件请按一"),
            ("customer", "人工服务请按零"),
            ("customer", "喂"),
        ],
        Machine.MENU,
    ),
    ([("customer", "欢迎致电远山物流，人工服务请按零"), ("customer", "您好远山物流，请问您找哪位啊")], None),
    (
        [("unknown", "您好,您波达的煎花已关注。"), ("unknown", "请稍后再播"), ("unknown", "请稍候再拨")],
        Machine.NETWORK,
    ),
    ([("customer", "我打的电话没人接"), ("customer", "你打的电话是谁的")], None),
    ([("agent", "您好，欢迎致电海诚银行")], None),
    ([("customer", "我不在家"), ("agent", "好的")], None),
    ([], None),
]


@pytest.mark.parametrize(("turns", "machine"), CALLS)
def test_answered_by_machine(turns: list[tuple[str, str]], machine: Machine | None) -> None:
    call = transcript(*turns)
    normalized = [normalize(utterance.text) for utterance in call.utterances]
    assert answered_by_machine(call, normalized) is machine


@pytest.mark.parametrize(
    ("turns", "call_type"),
    [
        (
            [("customer", "您播打的用户暂时无法接听"), ("agent", "您好，我是海诚银行的，请您回电")],
            "no_contact",
        ),
        (
            [
                ("customer", "欢迎致电远山物流，人工服务请按零"),
                ("agent", "您好，请问您认识马军先生吗"),
                ("customer", "他是我同事"),
            ],
            "third_party",
        ),
    ],
)
def test_call_type_beside_a_machine(turns: list[tuple[str, str]], call_type: str) -> None:
    call = transcript(*turns)
    normalized = [normalize(utterance.text) for utterance in call.utterances]
    found, confidence = decide_call_type(CallMetadata(call_id="c"), call, normalized)
    assert found is CallType(call_type)
    assert confidence >= 0.8
