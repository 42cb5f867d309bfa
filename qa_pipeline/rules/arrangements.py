"""What an agent proposes to pay: the day, the amount and the channel, told from facts of the debt.

A date or an amount is one to pay where the words around it arrange (a verb of paying, or a question that asks
for consent); what is due (应还), what was due and when somebody calls again (再给您打) are no arrangement
(domain 2.4, 2.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Literal

from qa_pipeline.language.dates import day_of
from qa_pipeline.language.entities import DateMention, find_amounts, find_channels, find_dates
from qa_pipeline.rules.figure_sounds import said_amount
from qa_pipeline.rules.figures import known_amounts
from qa_pipeline.rules.passages import Passage

PromisePart = Literal["date", "amount", "channel"]
Value = date | Decimal | str

_CONTEXT = 8  # characters; a label or a verb stands beside its date or amount

# 还 as a verb of paying: not 没还, nor 还 as an adverb (还有, 还没, 还是, 还排着).
_TO_PAY = "(?<![没未])还(?![是有没不要会能得想可在差欠剩该排真好挺算请望需未用记说问年早晚])"
_ARRANGES = re.compile(
    f"{_TO_PAY}|[环换]款|存|转|付|交(?!给)|处理|结清|扣|安排|登记|记录|承诺|[可行好对]以?[吗吧]|[是对行好]不[是对行好]|是[吗吧]"
    "|没问题|没错|您看|补个|补[一二两三四五六七八九\\d]|[打补缴充汇凑](?:进|到|入|上|够|足|齐|过来)|确认|核对|复述|重复|重说|再说一遍|说好|说定|约定|敲定|答应|定了"
    "|那就|就[走用从去定按]|记(?:[起下好的准牢清住]|得住)|没?[记说听]错|没得?错|这意思|[这那]样|[过念捋理顺]一[遍道下]|日子|[要得成中]不[要得成中]"
)
CONFIRMS = re.compile(
    "确认|核[对实]|复述|重复|重说|重新[说念报讲]|再[说念报讲]一?[遍次回]|总结|小结|归[拢总]|汇总|登记的是|登记内容|记录?的是"
    "|[对核念报说过捋理顺][一两]?[遍次回下道]|一[遍道]|第二遍|最后一次|说好了|说定|敲定|敲实|答应|[记说听]错|没出入|应我?一声|点个头"
)
"""Words with which an arrangement is said again."""

_OF_THE_DEBT = re.compile(
    "应还|[该要]还的?|逾期|到期|还款日|账单|总额|总共|一共|合计|[欠差]|本金|利息|罚息|违约金|滞纳金|尾号|到今天|今天[是已]"
    "|(?:贷|(?<!刷)卡)款?$|分期$"
)
_WAS_DUE = re.compile(
    "到期|逾期|还款日|的?账单|就该|应该|[已都][经是有]|第?[零一二两三四五六七八九十百\\d]+[天期](?![内后])|[没未]还|[没未]动|还?[没未](?:发|到|下来|结|凑|清)|先?不(?:还|处理|结清|到账|谈|聊|讲|提|催|说)"
    "|拒绝|表示|款项|的?通话|的?电话|那期|起(?:就)?(?:没|未|断)|断"
)
# What else than a payment is done on a day.
_OTHER_DEED = re.compile(
    "^.{0,6}?(?:提交|递交|上报|答复|回复|反馈|审[核批]|送达|开庭|出结果|给(?:您|你)(?:结果|消息|答复|说法)|回(?:您|你))"
)
_INCOME = (
    "(?:工资|薪水?|工钱|货款|尾款|奖金|回款|补贴|退休金|养老金|提成|工程款|稿费|课时费|报销|绩效"
    "|租金|粮|饷|钱)"
)
_COMES = "(?:到账|到手|到位|下来|发下来|出来)"
_THEN = "(?:那天|当天|之?后|以后|就|的?时候|再|了(?![吗没么]))"
_PAY_DAY = re.compile(
    f"等.{{0,3}}(?:发|开|领|结|拿到?|到|收|出)了?的?{_INCOME}|{_INCOME}(?:哪天|几号|什么时候)(?:{_COMES}|发|到)|"
    f"(?:发|开|领|结|拿到?|到|收|回|出)了?的?{_INCOME}{_COMES}?(?:{_THEN}|.{{0,2}}[您你我])|{_INCOME}一?(?:(?:发|到|结|打)了?|了)?{_COMES}?{_THEN}"
)
_ASKS_WHEN = re.compile("什么时候|哪天|几号|几时|多久|没有|没(?!问题)|[吗么]$")
_NOTED = re.compile("(?:块钱?|元)?(?:这个数)?(?:我|这边)?(?:先|都)?记(?:下|住|着|上)(?:了|来)")
"""A figure that is only taken down: what the customer earns or has left is no promise."""
_UNTIL = re.compile("(?:到|至|截止|止)$")
_SETTLES = re.compile(
    "先还|能还|要还|来还|去还|您还|还上|还清|还款?[一二两三四五六七八九十\\d]|处理|安排|[吗吧]$"
    "|[还存转交付打补缴充汇放](?:掉|进|到|上|入|清|完|齐|够|足|过来|给|了[吗吧行好可])"
)
_CALLS = (
    "联系[您你]|打过?来(?!款)|拨过?来|[给跟同与和][您你](?:打|回|发|联系|沟通|通|对|聊)|打(?:个)?电话|打(?:给)?[您你]|发(?:个)?短信|提醒"
    "|回电|回信|跟进|对一下账|专员|专人|(?:告诉|通知|答复|回复|知会)[您你]|[打拨]这个|听[您你]的?(?:信|消息|结果|安排)"
)
_LATER_CALL = re.compile(
    f"再(?:给|跟|和|同|打|拨|来|去|联系|确认|沟通|聊|问|找|看|通)|来(?:问|电)|去电|致电|问候|{_CALLS}"
)
_CALL_BEFORE = re.compile(f"{_CALLS}|(?:上次|上回|那次|当时|之前).{{0,4}}说")
_PAYS = re.compile("还|存|转|付|处理|结清")
_CLOCK = re.compile(
    "(?:凌晨|清早|早上|上午|中午|下午|傍晚|晚上|夜里)?"
    "(?:[零一二两三四五六七八九十\\d]{1,3}(?:点(?:钟|半|整|[一三]刻|[零一二三四五六七八九十\\d]{1,3}分?)?|:\\d\\d))?"
    "(?:之?前|之?后|左右|以[前后])?"
)
_AT_ONCE = re.compile(
    "(?:现在|马上|立刻|立马|这就|当场|挂了?(?:电话)?就)就?(?:去|来|把|先)?(?=还[上清掉进款一二两三四五六七八九最全]|转[一二两三四五六七八九过进]|存[进入上]|付[清掉]|操作还)"
    "|(?:中午|下午|傍晚|晚上)(?:[一二两三四五六七八九十\\d]{1,3}点(?:半|钟)?)?(?:之前|以前|前)(?=.{0,8}(?:还|转|存|到账|付))"
)
"""A payment of today, whose day is not named."""
_GOES = re.compile("(?:去|走|到|用|从|上|通过)(?!不|没).{0,8}$")
_UNUSABLE = re.compile("(?:不(?:要|能|用|走|是|会|收)|别|莫|除了|[登上进]不[上去了]|打不开|用不了).{0,4}$")
_UNUSABLE_AFTER = re.compile("^.{0,3}(?:不[行能了]|[登上进]不|打不开|用不了)")

_ONE_CHANNEL = {"手机银行": "app", "线上": "app"}
"""Two names of one way to pay: a bank's app is its 手机银行."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One part of an arrangement, as it is said; no value where no calendar can tell the day."""

    part: PromisePart
    value: Value | None
    start: int
    end: int

    def identity(self, passage: Passage) -> tuple[PromisePart, Value]:
        """The part and its value, or its words where no calendar can tell it."""
        if self.value is None:
            return self.part, passage.text[self.start : self.end]
        return self.part, _ONE_CHANNEL.get(str(self.value), self.value)


def arranges(passage: Passage) -> bool:
    """Whether some word of the passage arranges something."""
    return bool(_ARRANGES.search(passage.text))


def names_way(passage: Passage) -> bool:
    """Whether the passage sends the customer to a way to pay: 去柜台, 走手机银行."""
    return any(_GOES.search(passage.text[: channel.start]) for channel in _channels(passage))


def proposals(passage: Passage) -> Iterator[Proposal]:
    """The parts of an arrangement in a passage, in order of kind and then of place."""
    text, called_at = passage.text, passage.conversation.call.started_at
    days, today = days_named(passage), day_of(called_at)
    for position, day in enumerate(days):
        past = day.day is not None and today is not None and day.day < today
        until_today = today is not None and day.day == today and _UNTIL.search(text[: day.start_char])
        if day.vague or past or until_today:
            continue
        end = _named_until(days[position:])
        clause = text[end : passage.clauses(day.start_char, end)[1]]
        if not _OTHER_DEED.search(clause) and _arranged(text, day.start_char, end):
            yield Proposal(part="date", value=day.day, start=day.start_char, end=day.end_char)
    if not days:
        for at_once in _AT_ONCE.finditer(text):
            yield Proposal(part="date", value=today, start=at_once.start(), end=at_once.end())
    for amount in _amounts(passage):
        if _arranged(text, amount.start, amount.end):
            yield amount
    yield from _channels(passage)


def days_named(passage: Passage) -> tuple[DateMention, ...]:
    """The days that a passage names, vague ones too."""
    return find_dates(passage.text, passage.conversation.call.started_at, clause=passage.clauses)


def pay_days(passage: Passage) -> Iterator[tuple[int, int]]:
    """Where a payment is arranged for when the customer's own money comes, which no calendar tells."""
    for found in _PAY_DAY.finditer(passage.text):
        low, high = passage.sentence(*found.span())
        clause = passage.text[slice(*passage.clauses(*found.span()))]
        if _ARRANGES.search(passage.text[low:high]) and not _ASKS_WHEN.search(clause):
            yield found.span()


def mentions(passage: Passage) -> Iterator[Proposal]:
    """Every day, amount and channel that is named, whether it is arranged or not."""
    for day in days_named(passage):
        if not day.vague:
            yield Proposal(part="date", value=day.day, start=day.start_char, end=day.end_char)
    yield from _amounts(passage)
    yield from _channels(passage)


def _amounts(passage: Passage) -> Iterator[Proposal]:
    """Every amount that is named; what sounds like one of the case data's is that one."""
    text = passage.text
    known = [
        Proposal(part="amount", value=amount, start=start, end=end)
        for amount in known_amounts(passage.conversation.call)
        for start, end in _said(passage, amount)
    ]
    for amount in find_amounts(text):
        start, end = amount.start_char, amount.end_char
        if not amount.vague and not any(start < other.end and other.start < end for other in known):
            yield Proposal(part="amount", value=amount.value, start=start, end=end)
    yield from known


def _said(passage: Passage, amount: Decimal) -> list[tuple[int, int]]:
    """Where a passage sounds like an amount of the case data, as it was heard or heard again."""
    again = passage.heard_again(partial(said_amount, amount=amount))
    return list(said_amount(passage.text, amount)) or [(start, end) for start, end, _ in again]


def _channels(passage: Passage) -> Iterator[Proposal]:
    text = passage.text
    for channel in find_channels(text):
        low, high = passage.clauses(channel.start_char, channel.end_char)
        unusable = _UNUSABLE.search(text[low : channel.start_char]) or _UNUSABLE_AFTER.search(
            text[channel.end_char : high]
        )
        if channel.official is not False and not unusable:
            yield Proposal(
                part="channel", value=channel.channel, start=channel.start_char, end=channel.end_char
            )


def _arranged(text: str, start: int, end: int) -> bool:
    """Whether a date or an amount is one to pay, not one of the debt or of a later call."""
    clock = _CLOCK.match(text, end)
    end = clock.end() if clock else end
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    later = _LATER_CALL.search(after)
    if later is not None and not _PAYS.search(before[-2:] + after[: later.start()]):
        return False
    if _CALL_BEFORE.search(before) or _WAS_DUE.match(after):
        return False
    if _NOTED.match(after) and not _PAYS.search(text):
        return False
    return not _OF_THE_DEBT.search(before) or bool(_SETTLES.search(before[-4:] + after))


def _named_until(days: Sequence[DateMention]) -> int:
    """Where the naming of the first day ends: 后天四月十五号 names one day twice."""
    end = days[0].end_char
    for day in days[1:]:
        if day.start_char > end + 1:
            break
        end = day.end_char
    return end
