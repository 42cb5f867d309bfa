"""The promise to pay: what the agent proposed or repeated and the customer agreed to."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from qa_pipeline.rules.grammar import RegexCondition
from qa_pipeline.rules.listening import Listener
from qa_pipeline.rules.phrases import PhraseIndex
from qa_pipeline.rules.promise import find_promise
from qa_pipeline.rules.schema import Trigger
from qa_pipeline.types import PromiseToPay, Role
from tests.rules.calls import A, C, U, call, judge, make_pack, say

CALLED = datetime(2025, 6, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))
THE_25TH = date(2025, 6, 25)
AGREES = Trigger(id="agrees", title="同意", condition=RegexCondition(regex="^(好|可以|对|是|行|嗯)"))


def promise(
    tmp_path: Path, lines: list[tuple[Role, str]], called: datetime | None = CALLED
) -> PromiseToPay | None:
    conversation = call(*(say(role, text) for role, text in lines), started_at=called)
    return judge(make_pack(tmp_path), conversation).promise_to_pay


@pytest.mark.parametrize(("lines", "expected"), [
    ([(A, "本月二十五号还三千，用手机银行，可以吗"), (C, "可以")],
     (THE_25TH, Decimal(3000), "手机银行")),
    # Each part by itself, the last one counts.
    ([(A, "您看二十三号还，可以吗"), (C, "不行，二十五号"), (A, "那二十五号，对吗"), (C, "对")],
     (THE_25TH, None, None)),
    ([(A, "先还两千可以吗"), (C, "行"), (A, "还是三千吧，好吗"), (C, "好")], (None, Decimal(3000), None)),
    # The agent repeats what the customer said.
    ([(C, "我二十五号还三千"), (A, "好的，给您登记二十五号还三千")], (THE_25TH, Decimal(3000), None)),
    ([(C, "我二十五号还"), (A, "那给您登记二十三号还")], None),
    ([(C, "一个月三千左右吧"), (A, "三千的话，我可以帮您提交申请")], None),
    # No yes, another's yes, a yes of nobody known.
    ([(A, "二十五号还三千，可以吗")], None),
    ([(A, "二十五号还三千，可以吗"), (C, "我再想想")], None),
    ([(A, "二十五号还三千，可以吗"), (A, "好")], None),
    ([(A, "二十五号还三千，可以吗"), (U, "好")], None),
    # Facts of the debt and of a later call.
    ([(A, "您的账单五号到期，本期应还三千二，请您确认"), (C, "是")], None),
    ([(A, "那我二十五号再给您打电话，可以吗"), (C, "好")], None),
    ([(A, "那后天六月二十二号上午十点我再联系您，可以吗"), (C, "好")], None),
    ([(A, "二十五号下午专员联系您说结果，行吗"), (C, "行")], None),
    # A later call about a payment that is named first.
    ([(A, "二十五号还三千，当天我再给您打电话，好吗"), (C, "好")], (THE_25TH, Decimal(3000), None)),
    ([(A, "那我二十五号上午再问您结果"), (C, "好")], None),
    ([(A, "您今天拒绝处理的意见我记下了"), (C, "嗯")], None),
    ([(A, "这张信用卡该还三千二百块"), (C, "知道了")], None),
    ([(A, "您的消费贷三千二百块四十天没还，对不对"), (C, "对")], None),
    # Two parts in one breath need no verb, one does.
    ([(A, "好，二十五号，三千块，手机银行"), (C, "对")], (THE_25TH, Decimal(3000), "手机银行")),
    ([(A, "好，二十五号"), (C, "对")], None),
    # 刷卡 is no card that owes.
    ([(A, "二十五号您到门店刷卡三千块，行吗"), (C, "行")], (THE_25TH, Decimal(3000), "刷卡")),
    # The customer says yes by giving the words back, and not by a question.
    ([(A, "那就二十五号，柜台，三千块全额"), (C, "全额")], (THE_25TH, Decimal(3000), "柜台")),
    ([(A, "您看二十五号还三千"), (C, "二十五号啊？")], None),
    # A yes in other words, or nothing wrong with it; a hedge is none.
    *(([(A, "您看二十五号还三千，这样安排有问题吗"), (C, answer)], (THE_25TH, Decimal(3000), None))
      for answer in ("没有", "办得到", "我愿意", "就照这个来", "您写上吧", "那必须的")),
    *(([(A, "您看二十五号还三千，这样安排有问题吗"), (C, answer)], None)
      for answer in ("再看吧", "没有钱", "尽量吧", "你谁啊", "我考虑下", "难说")),
    # A sum that is owed is promised where it is to be paid in.
    ([(A, "您二十五号把逾期的三千块存进来，好吧"), (C, "好")], (THE_25TH, Decimal(3000), None)),
    ([(A, "那我二十五号打过来，您看行吗"), (C, "行")], None),
    ([(A, "您看二十五号还三千"), (C, "三千没有")], None),
    # A day to come, though it is said who pays, from where and with whose money.
    ([(A, "那您自己15号还3860块，可以吧"), (C, "可以")], (date(2025, 7, 15), Decimal(3860), None)),
    ([(A, "那您从支付宝提出来，15号还3860块，可以吧"), (C, "可以")],
     (date(2025, 7, 15), Decimal(3860), "支付宝")),
    ([(A, "那行，您找家里借一下，15号还3860块，可以吧"), (C, "可以")],
     (date(2025, 7, 15), Decimal(3860), None)),
    ([(A, "您先不管借的那笔，15号还3860块，可以吧"), (C, "可以")],
     (date(2025, 7, 15), Decimal(3860), None)),
    ([(A, "卡里会自动扣款15号，3860块，可以吧"), (C, "可以")],
     (date(2025, 7, 15), Decimal(3860), "自动扣款")),
    # Nothing that a calendar or a ledger could name.
    ([(A, "您过几天还几千块，可以吗"), (C, "好")], None),
    # What is only taken down, and the way to pay in a sentence of its own.
    ([(C, "跑一个月能剩三千吧"), (A, "三千我记下了，二十五号我再跟您谈"), (C, "好")], None),
    ([(A, "三千我记下了，二十五号还进来"), (C, "好")], (THE_25TH, Decimal(3000), None)),
    ([(A, "二十五号还三千，可以吗"), (C, "可以"), (A, "去我们网点柜台，带上证件"), (C, "嗯，晓得")],
     (THE_25TH, Decimal(3000), "柜台")),
    # A channel alone is no promise.
    ([(A, "用手机银行还，可以吗"), (C, "好")], None),
    # The customer's own words without the agent's are none either.
    ([(C, "我二十五号还三千"), (A, "好的")], None),
])  # fmt: skip
def test_what_was_promised(
    tmp_path: Path,
    lines: list[tuple[Role, str]],
    expected: tuple[date | None, Decimal | None, str | None] | None,
) -> None:
    found = promise(tmp_path, lines)

    assert (None if found is None else (found.due, found.amount, found.channel)) == expected


def test_without_the_time_of_the_call_the_day_stays_open(tmp_path: Path) -> None:
    found = promise(tmp_path, [(A, "二十五号还三千，可以吗"), (C, "可以")], called=None)

    assert found is not None
    assert (found.due, found.amount) == (None, Decimal(3000))
    assert [each.quote for each in found.evidence] == ["二十五号", "三千"]


@pytest.mark.parametrize("said", ["八百元", "巴百员", "800006元"])
def test_an_amount_of_the_case_data_is_known_by_its_sound(tmp_path: Path, said: str) -> None:
    lines = say(A, f"那您还最低{said}，手机银行，可以吗"), say(C, "可以")
    due = {"amount_due": Decimal(8006), "min_due": Decimal(800)}
    found = judge(make_pack(tmp_path), call(*lines, started_at=CALLED, **due)).promise_to_pay

    assert found is not None
    assert found.amount == (8006 if said.startswith("8") else 800)


FIRST = [(A, "二十五号用手机银行还三千，可以吗"), (C, "可以")]


@pytest.mark.parametrize(("lines", "whole", "part"), [
    ([*FIRST, (A, "跟您确认，二十五号手机银行还三千，对吗"), (C, "对")], [2], []),
    ([*FIRST, (A, "好，二十五号还三千"), (C, "嗯")], [2], []),
    ([*FIRST, (A, "好，跟您确认，二十五号三千，手机银行，没问题吧"), (C, "可以，没问题")], [2], []),
    ([*FIRST, (A, "那二十五号，说好了"), (C, "好")], [], [2]),
    # One part is named again and given back, in whatever words.
    ([*FIRST, (A, "可莫忘哦，二十五号"), (C, "嗯，二十五号")], [], [2]),
    ([*FIRST, (A, "柜台人多，就手机银行哈"), (C, "好，手机银行")], [], [2]),
    ([*FIRST, (A, "可莫忘哦，二十五号"), (C, "嗯")], [], []),
    # The whole is named in confirming what was agreed piece by piece.
    ([(A, "二十五号还，可以吗"), (C, "可以"), (A, "跟您核对一下，二十五号还三千"), (C, "对")], [2], []),
    ([(A, "二十五号还，可以吗"), (C, "可以"), (A, "那二十五号还三千行吗"), (C, "行")], [], [2]),
    ([*FIRST, (A, "再跟您对一遍，二十五号，三千块，手机银行"), (C, "对")], [2], []),
    # Said again in confirming, though the customer had answered the proposal with another part.
    (
        [
            (A, "二十五号还三千，您从哪儿还"),
            (C, "手机银行"),
            (A, "核对一遍，二十五号，手机银行，三千，对吗"),
            (C, "对"),
        ],
        [2],
        [],
    ),
    # One part said again beside two new ones is a proposal.
    ([(A, "今天还，可以吗"), (C, "可以"), (A, "那今天三千，柜台还，行吗"), (C, "行")], [], []),
    # The first time is no repetition, nor is anything without a yes, or something else.
    (FIRST, [], []),
    ([*FIRST, (A, "跟您确认，二十五号手机银行还三千，对吗"), (C, "我再想想")], [], []),
    ([*FIRST, (A, "那改成二十六号还四千，在柜台，可以吗"), (C, "可以")], [], []),
    ([*FIRST, (A, "我二十五号再给您打电话，好吗"), (C, "好")], [], []),
])  # fmt: skip
def test_what_was_repeated(
    tmp_path: Path, lines: list[tuple[Role, str]], whole: list[int], part: list[int]
) -> None:
    conversation = call(*(say(role, text) for role, text in lines), started_at=CALLED)
    found = find_promise(Listener(PhraseIndex({}, {}), [AGREES], {}).listen(conversation), agreement="agrees")

    assert sorted(found.utterances.get("repetition", ())) == whole
    assert sorted(found.utterances.get("part_repetition", ())) == part
