"""Call types from record and talk: what is explicit is sure, what is not stays below the line."""

from __future__ import annotations

import pytest

from qa_pipeline.language.call_type import SURE, decide_call_type
from qa_pipeline.language.normalization import normalize
from qa_pipeline.types import CallMetadata, CallType

from .conftest import MakeTranscript

RIGHT, THIRD, WRONG = CallType.RIGHT_PARTY, CallType.THIRD_PARTY, CallType.WRONG_NUMBER

HELLO = "坐席：您好，我是某某银行的，请问是赵强先生本人吗？\n"
KNOW = "坐席：您好，我是某某银行的，请问您认识赵强先生吗？\n"

# talk, contact_role, type, sure
TALKS = [
    # the person is confirmed
    (HELLO + "客户：是我，什么事？", None, RIGHT, True),
    (HELLO + "客户：对，你说。", None, RIGHT, True),
    (HELLO + "客户：嗯，是的。", "debtor", RIGHT, True),
    (HELLO + "客户：我是，怎么啦。", None, RIGHT, True),
    ("坐席：您好。\n客户：我这个月手头有点紧，还不上。", None, RIGHT, True),
    (HELLO + "客户：喂你好就是我。", "unknown", RIGHT, True),
    ("坐席：确认您是赵强先生，身份证后四位报一下。\n客户：三零二一，怎么了？", None, RIGHT, True),
    ("坐席：生日是哪年哪月？\n客户：八九年四月。", None, RIGHT, True),
    ("坐席：您是赵强吧？\n客户：赵强是我。", None, RIGHT, True),
    (
        HELLO
        + "客户：我是他老婆。\n坐席：方便叫他听吗？\n客户：喂？\n坐席：身份证后四位呢？\n客户：六零零七。",
        "debtor",
        RIGHT,
        True,
    ),
    # a trade after the name is an address, no relation
    ("坐席：您好，请问您是谭老板吗？\n客户：是我，有话快讲。", "debtor", RIGHT, True),
    ("坐席：您是袁得贵师傅不？\n客户：嗯，我就是，你讲嘛。", "debtor", RIGHT, True),
    ("坐席：您是卖水产的赖师傅，赖水生吧？\n客户：对，赖水生就是我。", "debtor", RIGHT, True),
    ("坐席：您是赵老师的同事吧？\n客户：对，怎么了？", None, THIRD, True),
    ("坐席：您是赵老师同事吧？\n客户：对，怎么了？", None, THIRD, True),
    ("坐席：您是小王的师傅吧？\n客户：是的。", None, THIRD, True),
    ("坐席：您是谭佳宜同学吧？\n客户：是我，尾数五一八。", "debtor", RIGHT, True),
    ("坐席：您是他老板吗？\n客户：是我，怎么了？", None, THIRD, True),
    # the check as recognition writes it
    ("坐席：说一下您身份证的后思维好吗？\n客户：四零六八。\n客户：我妈在老家呢。", None, RIGHT, True),
    ("坐席：全份证后四位是多少？\n客户：七七零三。", None, RIGHT, True),
    # what is no denial of being the person
    (HELLO + "客户：是我。\n坐席：是不是打算赖账？\n客户：我不是赖，月底就有了。", "debtor", RIGHT, True),
    # the agent finds that another is meant
    (
        HELLO
        + "客户：是我。\n坐席：尾数跟登记的不一样，是同名同姓找错人了。\n坐席：我们要找的不是您，对不住。",
        "wrong",
        WRONG,
        True,
    ),
    # a place of work is asked for
    ("坐席：请问是鑫旺鞋厂的财务室吗？\n客户：对，什么事？\n坐席：找一下小周。", "contact", THIRD, True),
    ("坐席：喂，东桥村委会么？\n客户：我是会计，你说。", None, THIRD, True),
    ("坐席：请问是通达修车厂吗？找一下小钟。\n客户：我是厂长，他忙着。", "contact", THIRD, True),
    ("坐席：请问您是向阳社区的网格员吧？\n客户：是我。", "contact", THIRD, True),
    # a contact says yes to his own name, and the agent speaks of another
    (
        "坐席：请问是卢凤霞女士吗？\n客户：是，你找谁？\n坐席：想联系一下丁少文，他还跟您来往吗？\n客户：不晓得。",
        "contact",
        THIRD,
        True,
    ),
    ("坐席：请问是康先生的父亲吗？\n客户：是，你哪位？", "contact", THIRD, True),
    # a fact of the debtor's is asked for, whoever stands in it
    (
        HELLO + "客户：是我。\n坐席：紧急联系人里头那位姓啥，您自己报。\n客户：我舅舅，姓年。",
        "debtor",
        RIGHT,
        True,
    ),
    # who says 我 before the name is no other
    ("坐席：您是耿长河先生？\n客户：我耿长河，刚睡醒，你说。", "debtor", RIGHT, True),
    # someone else answers
    (HELLO + "客户：我是他爱人，他在开车。", None, THIRD, True),
    (HELLO + "客户：他不在，我是他爸。", "debtor", THIRD, True),
    (HELLO + "客户：他手机落家里了，有事跟我说。", None, THIRD, True),
    (HELLO + "客户：我帮他接的，你说吧。", "debtor", THIRD, True),
    (KNOW + "客户：他是我同事，怎么了？", "contact", THIRD, True),
    (KNOW + "客户：她是不是欠你们钱了？", None, THIRD, True),
    (KNOW + "客户：行，我回头转告他。", None, THIRD, True),
    (HELLO + "客户：本人现在不在。", "debtor", THIRD, True),
    (KNOW + "客户：是的，有事吗？", None, THIRD, True),
    (KNOW + "客户：我是他表叔。", None, THIRD, True),
    (KNOW + "客户：好，我跟他说。", None, THIRD, True),
    ("坐席：请问您是赵强的爱人吗？\n客户：是啊，怎么了？", None, THIRD, True),
    ("坐席：您跟赵强是什么关系？\n客户：不好说。\n坐席：麻烦您转告他回个电话。", None, THIRD, False),
    (HELLO + "客户：我就是店里的帮工，掌柜出去了。", "debtor", THIRD, True),
    (HELLO + "客户：我跟她早就离了，别打了。", "debtor", THIRD, True),
    (HELLO + "客户：他上个月搬走了，我也找不着他。", "debtor", THIRD, True),
    # whoever is asked for is spoken of by name
    (HELLO + "客户：赵强不在家，你晚点打。", "debtor", THIRD, True),
    (HELLO + "客户：赵强是我前夫，我们没来往了。", "debtor", THIRD, True),
    (HELLO + "客户：强子手机在我这，我是他搭档。", "debtor", THIRD, True),
    (HELLO + "客户：他加班呢，接不了。", "debtor", THIRD, True),
    (HELLO + "客户：打错了吧，我是他侄子。", None, THIRD, True),
    (HELLO + "客户：你找我儿子啊，他去工地了。", "debtor", THIRD, True),
    (HELLO + "客户：我爸出去了，你等会儿打。", "debtor", THIRD, True),
    (HELLO + "客户：老赵送货去了，我是看店的。", "debtor", THIRD, True),
    (HELLO + "客户：他早不住这了，这是他家座机。", "debtor", THIRD, True),
    (HELLO + "客户：哪个赵强？没听过。", "debtor", WRONG, True),
    (HELLO + "客户：座机装了十来年了，没这个人。", "debtor", WRONG, True),
    (HELLO + "客户：我用这号五六年了。", "debtor", WRONG, True),
    (HELLO + "客户：哎，我就是，说吧。", "debtor", RIGHT, True),
    (HELLO + "客户：是我，我爸住院呢。", "debtor", RIGHT, True),
    (HELLO + "客户：是我，你别找我妈。", "debtor", RIGHT, True),
    (HELLO + "客户：是我，别打我单位前台。", "debtor", RIGHT, True),
    # a yes after a no is about something else
    (HELLO + "客户：不是，他出差了。\n坐席：那您是店员对吧？\n客户：对。", "debtor", THIRD, True),
    # a contact has a name of his own
    (
        "坐席：请问是孙丽女士吗？\n客户：是我。\n坐席：您认识赵强先生吗？\n客户：认识，一个单位的。",
        "contact",
        THIRD,
        True,
    ),
    # the number belongs to someone else
    (HELLO + "客户：没叫这个名字的。", "debtor", WRONG, True),
    (HELLO + "客户：我这是新办的卡，刚办的号码。", None, WRONG, True),
    (HELLO + "客户：这号我都用了六年了。", "debtor", WRONG, True),
    (HELLO + "客户：您找错人了。", "debtor", WRONG, True),
    (HELLO + "客户：你打错了。", None, WRONG, True),
    (HELLO + "客户：没有你说的这个人。", "debtor", WRONG, True),
    (KNOW + "客户：不认识。", None, WRONG, True),
    (KNOW + "客户：我不认识这个人，这号码是我刚办的。", "wrong", WRONG, True),
    (HELLO + "客户：没这人啊，他是不是欠钱了？", None, WRONG, True),
    (HELLO + "客户：打错了。\n坐席：您这手机尾号是三三零四吧？\n客户：是啊。", None, WRONG, True),
    (HELLO + "客户：我不是。\n坐席：抱歉，我登记成错号。\n客户：对。", None, WRONG, True),
    # not sure
    (HELLO + "客户：我从没跟你们公司打过交道。", None, WRONG, True),
    (HELLO + "客户：这是我爸上礼拜给我办的新号。", None, WRONG, True),
    (
        HELLO + "客户：你说谁？\n坐席：系统里登记的姓名和您说的不一致，是号码有误。\n客户：哦。",
        None,
        WRONG,
        True,
    ),
    ("坐席：您和他是两口子，对吗？\n客户：对。", None, THIRD, True),
    (HELLO + "客户：我不姓赵。", None, WRONG, False),
    (HELLO + "客户：你谁啊？", None, RIGHT, False),
    (HELLO + "客户：喂？\n客户：说话。", None, RIGHT, False),
    (HELLO + "客户：是我。\n坐席：跟您核对一下。\n客户：其实我是他哥，你跟我说吧。", None, RIGHT, False),
    (HELLO + "客户：对，是我本人。", "contact", RIGHT, False),
    (HELLO + "客户：我是他弟弟。", "wrong", THIRD, False),
    ("未知：请问是赵强先生本人吗？\n未知：我是他姐，他不在。", None, THIRD, False),
    # everyday words of a debtor that must not turn the call around
    (HELLO + "客户：是我。\n客户：我老婆不在家，钱在她那里。", None, RIGHT, True),
    (HELLO + "客户：对。\n客户：我不认识你们公司啊。", None, RIGHT, True),
    (HELLO + "客户：是的。\n客户：我不是不还，我不知道是什么情况。", None, RIGHT, True),
    (HELLO + "客户：我是。\n客户：你们问他们要吧。", "debtor", RIGHT, True),
    (HELLO + "客户：是我。\n客户：老板跑了，工资没发，我联系不上他。", "debtor", RIGHT, True),
    (HELLO + "客户：是我，我这手机用了三年。", "debtor", RIGHT, True),
    (HELLO + "客户：我是赵强，你说。\n客户：我媳妇管钱，她出差了。", "debtor", RIGHT, True),
    (HELLO + "客户：赵强是我。\n客户：我弟在住院。", "debtor", RIGHT, True),
    # the record alone
    (HELLO + "客户：你谁啊？", "debtor", RIGHT, True),
    (HELLO + "客户：你谁啊？", "guarantor", RIGHT, True),
    (HELLO + "客户：你谁啊？", "contact", THIRD, True),
    (HELLO + "客户：你谁啊？", "wrong", WRONG, True),
    (HELLO + "客户：你谁啊？", "unknown", RIGHT, False),
    # nobody
    (HELLO, "debtor", CallType.NO_CONTACT, True),
    (HELLO + "客户：您拨打的用户暂时无法接通，请稍后再拨。", "debtor", CallType.NO_CONTACT, True),
    (HELLO + "客户：我是对方的来电助理，请问您有什么事？", None, CallType.NO_CONTACT, True),
    ("", None, CallType.NO_CONTACT, True),
]


@pytest.mark.parametrize(("script", "contact_role", "expected", "sure"), TALKS)
def test_call_type(
    transcript_of: MakeTranscript, script: str, contact_role: str | None, expected: CallType, sure: bool
) -> None:
    transcript = transcript_of(script)
    normalized = [normalize(utterance.text) for utterance in transcript.utterances]
    call_type, confidence = decide_call_type(
        CallMetadata(call_id="call", contact_role=contact_role), transcript, normalized
    )
    assert (call_type, confidence >= SURE) == (expected, sure)
    assert 0.0 <= confidence <= 1.0


RECORDS = [
    (CallMetadata(call_id="c", direction="in"), CallType.INBOUND),
    (CallMetadata(call_id="c", direction="in", contact_role="contact"), CallType.INBOUND),
    (CallMetadata(call_id="c", connected=False), CallType.NO_CONTACT),
]


@pytest.mark.parametrize(("call", "expected"), RECORDS)
def test_direction_and_connection_decide_alone(
    transcript_of: MakeTranscript, call: CallMetadata, expected: CallType
) -> None:
    transcript = transcript_of(HELLO + "客户：是我。")
    normalized = [normalize(utterance.text) for utterance in transcript.utterances]
    call_type, confidence = decide_call_type(call, transcript, normalized)
    assert call_type is expected
    assert confidence >= SURE


SHORT = [(2, CallType.NO_CONTACT), (6, CallType.RIGHT_PARTY)]


@pytest.mark.parametrize(("seconds_each", "expected"), SHORT)
def test_a_few_seconds_of_talk_reach_nobody(
    transcript_of: MakeTranscript, seconds_each: int, expected: CallType
) -> None:
    transcript = transcript_of("坐席：您好。\n客户：喂。", seconds_each=seconds_each)
    normalized = [normalize(utterance.text) for utterance in transcript.utterances]
    call_type, _ = decide_call_type(CallMetadata(call_id="c", contact_role="debtor"), transcript, normalized)
    assert call_type is expected


DIRECTIONS = [(None, CallType.INBOUND), ("in", CallType.INBOUND), ("out", CallType.RIGHT_PARTY)]


@pytest.mark.parametrize(("direction", "expected"), DIRECTIONS)
def test_an_agent_who_was_called_says_so(
    transcript_of: MakeTranscript, direction: str | None, expected: CallType
) -> None:
    transcript = transcript_of("坐席：感谢您的来电，请问有什么可以帮您？\n客户：我的账单不对。")
    normalized = [normalize(utterance.text) for utterance in transcript.utterances]
    call_type, _ = decide_call_type(CallMetadata(call_id="c", direction=direction), transcript, normalized)
    assert call_type is expected
