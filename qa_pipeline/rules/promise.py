"""The promise to pay: what the agent proposed or repeated and the customer agreed to.

A date, an amount or a channel counts when the agent says it as an arrangement (a verb of paying, or a
question that asks for consent) and the customer agrees in the next turn, or had just said the same. Facts of
the debt (应还) and of a later call (再给您打) are no promise. The last agreement of each part counts (domain
2.4, 2.8).

A promise is repeated where the agent says again what was agreed, and the customer agrees again: wholly with
two of its parts, or with one and words of confirming beside another; otherwise in part.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from qa_pipeline.language.entities import DateMention, find_amounts, find_channels, find_dates
from qa_pipeline.rules.evidence import evidence_of
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.matches import Match, Part
from qa_pipeline.rules.passages import Passage
from qa_pipeline.types import Evidence, MatchKind, PromiseToPay, Role

PromisePart = Literal["date", "amount", "channel"]

_CONTEXT = 8  # characters; a label or a verb stands beside its date or amount
_ARRANGEMENT = 2  # parts of a promise that, named in one breath, are an arrangement without a verb
_ECHO = 12  # characters; a longer answer is more than the agent's words given back

_ARRANGES = re.compile(
    "还|[环换]款|存|转|付|交|处理|结清|扣|安排|登记|记录|承诺|[可行好对]以?[吗吧]|[是对行好]不[是对行好]|是[吗吧]|没问题|没错|您看"
    "|[打补缴充汇凑](?:进|到|入|上|够|足|齐|过来)|确认|核对|复述|重复|重说|再说一遍|说好|说定|约定|敲定|答应|定了|那就|就[走用从去]|记[起下好]|没得?错|这意思|[这那]样"
)
_CONFIRMS = re.compile(
    "确认|核[对实]|复述|重复|重说|再[说念报讲]一?[遍次回]|总结|登记的是|登记内容|[对核念报说]一?[遍次回下]|第二遍|最后一次"
    "|说好了|说定|敲定|答应"
)
_OF_THE_DEBT = re.compile(
    "应还|[该要]还的?|逾期|到期|还款日|账单|总额|总共|一共|合计|[欠差]|本金|利息|罚息|违约金|滞纳金|尾号|到今天|今天[是已]"
    "|[贷卡]款?$|分期$"
)
_WAS_DUE = re.compile(
    "到期|逾期|还款日|的?账单|就该|应该|[已都][经是有]|第?[零一二两三四五六七八九十百\\d]+[天期](?![内后])|没还|未还|没动"
    "|拒绝|表示|款项|的?通话|的?电话"
)
_SETTLES = re.compile(
    "先还|能还|要还|来还|去还|您还|还上|还清|还款?[一二两三四五六七八九十\\d]|处理|安排|[吗吧]$"
    "|[还存转交付打补缴充汇放](?:掉|进|到|上|入|清|完|齐|够|足|过来|给|了[吗吧行好可])"
)
_CALLS = (
    "联系[您你]|打过?来(?!款)|拨过?来|[给跟][您你](?:打|回|发|联系|沟通|通)|打(?:个)?电话|打(?:给)?[您你]|发(?:个)?短信|提醒"
    "|回电|回信|跟进|对一下账|专员|专人"
)
_LATER_CALL = re.compile(
    f"再(?:给|跟|和|打|拨|来|去|联系|确认|沟通|聊|问|找|看)|来(?:问|电)|去电|致电|{_CALLS}"
)
_CALL_BEFORE = re.compile(_CALLS)
_PAYS = re.compile("还|存|转|付|处理|结清")
_REFUSES = re.compile("[不没别]|吗|什么|多少|怎么|凭|还是|账单")
_ASKS = re.compile("[?？]")
_ASKS_FOR_FAULTS = re.compile(
    "(?:问题|困难|难处|难度|压力|障碍|不便|误|错|异议|意见|出入|不对|疑问|补充|改)[^，]{0,4}(?:[吗吧么呢]|没有?)?$"
)
_NONE = re.compile("^[嗯哦啊]*(?:没有|没(?!有)|无|不用)(?!钱|[办法]|时间|空|这|那|说|收|人|多少|想|答应)")
_SHORT = 6  # characters; so short an answer that neither asks, refuses nor hedges is a yes
_HEDGES = re.compile(
    "再说|再看|看看|看情况|看吧|尽[量力]|争取|考虑|商量|想想|到时|随便|谁|难|够呛|悬|太|多了|少[点些]|挂|再见|拜|[喂等忙骗啥咋嘛呵烦催滚你问改换欠告]"
    "|先这|哪|听不|可能|也许|大概|或者|但"
)
_CLOCK = re.compile(
    "(?:凌晨|清早|早上|上午|中午|下午|傍晚|晚上|夜里)?"
    "(?:[零一二两三四五六七八九十\\d:]{1,5}点?(?:半|整|一刻|[零一二三四五六七八九十\\d]{1,3}分?)?)?"
    "(?:之?前|之?后|左右|以[前后])?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The promise of a call, and the utterances it rests on.

    Args:
        record: None where neither a day nor an amount was agreed.
        utterances: positions in the transcript, by part.
    """

    record: PromiseToPay | None
    utterances: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """One part of an arrangement, as the agent says it; no value where no calendar can tell the day."""

    part: PromisePart
    value: date | Decimal | str | None
    start: int
    end: int

    def identity(self, passage: Passage) -> date | Decimal | str:
        """The value, or the words where no calendar can tell it."""
        return passage.text[self.start : self.end] if self.value is None else self.value


def find_promise(heard: Listening, *, agreement: str | None) -> Promise:
    """What the customer agreed to pay.

    Args:
        agreement: the trigger that is a yes; None where the pack names none, then nothing is agreed.
    """
    agreed = {said.passage for said in heard.said.get(agreement or "", ()) if not said.doubts}
    values: dict[str, date | Decimal | str | None] = {}
    evidence: dict[str, Evidence] = {}
    utterances: dict[str, set[int]] = {}
    promised: set[tuple[str, date | Decimal | str]] = set()
    for hearing in heard.hearings:
        passage = hearing.passage
        if passage.role is not Role.AGENT:
            continue
        answered = any(
            answer.index in agreed
            or _echoes(answer, passage)
            or _finds_no_fault(answer, passage)
            or _accepts(answer)
            for answer in heard.answers(passage)
        )
        repeated = None if answered else _customers_words(passage, heard)
        proposals = [
            proposal
            for proposal in _proposals(passage)
            if answered or (repeated is not None and _says(proposal, repeated))
        ]
        if not _ARRANGES.search(passage.text) and len({each.part for each in proposals}) < _ARRANGEMENT:
            continue
        said = {(proposal.part, proposal.identity(passage)) for proposal in proposals}
        if answered and len(said & promised) * 2 >= len(said) > 0:
            whole = _repeats(passage, said, promised)
            utterances.setdefault("repetition" if whole else "part_repetition", set()).update(
                passage.utterances
            )
        promised |= said
        for proposal in proposals:
            quoted = evidence_of(Match((Part(proposal.start, proposal.end, MatchKind.PATTERN),)), passage)
            values[proposal.part] = proposal.value
            evidence[proposal.part] = quoted[0]
            places = (place for place, _, _ in passage.split(proposal.start, proposal.end))
            utterances.setdefault(proposal.part, set()).update(places)
    return Promise(
        record=_record(values, tuple(dict.fromkeys(evidence.values()))),
        utterances={part: frozenset(places) for part, places in utterances.items()},
    )


def _repeats(
    passage: Passage,
    said: Collection[tuple[str, date | Decimal | str]],
    promised: Collection[tuple[str, date | Decimal | str]],
) -> bool:
    """Whether what was agreed is said again as a whole, not one part of it in passing."""
    again = {part for part, value in said if (part, value) in promised}
    return len(again) > 1 or (len({part for part, _ in said}) > 1 and bool(_CONFIRMS.search(passage.text)))


def _record(
    values: Mapping[str, date | Decimal | str | None], evidence: tuple[Evidence, ...]
) -> PromiseToPay | None:
    if "date" not in values and "amount" not in values:
        return None
    due, amount, channel = (values.get(part) for part in ("date", "amount", "channel"))
    return PromiseToPay(
        due=due if isinstance(due, date) else None,
        amount=amount if isinstance(amount, Decimal) else None,
        channel=channel if isinstance(channel, str) else None,
        evidence=evidence,
    )


def _proposals(passage: Passage) -> Iterator[_Proposal]:
    """The parts of an arrangement in a passage, in order of kind and then of place."""
    text, called_at = passage.text, passage.conversation.call.started_at
    days = find_dates(text, called_at)
    for position, day in enumerate(days):
        past = day.day is not None and called_at is not None and day.day < called_at.date()
        if not day.vague and not past and _arranged(text, day.start_char, _named_until(days[position:])):
            yield _Proposal(part="date", value=day.day, start=day.start_char, end=day.end_char)
    for amount in find_amounts(text):
        if not amount.vague and _arranged(text, amount.start_char, amount.end_char):
            yield _Proposal(part="amount", value=amount.value, start=amount.start_char, end=amount.end_char)
    for channel in find_channels(text):
        if channel.official is not False:
            yield _Proposal(
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
    return not _OF_THE_DEBT.search(before) or bool(_SETTLES.search(before[-4:] + after))


def _named_until(days: Sequence[DateMention]) -> int:
    """Where the naming of the first day ends: 后天四月十五号 names one day twice."""
    end = days[0].end_char
    for day in days[1:]:
        if day.start_char > end + 1:
            break
        end = day.end_char
    return end


def _echoes(answer: Passage, passage: Passage) -> bool:
    """Whether the customer says yes by giving back a part of the arrangement."""
    asks = any(_ASKS.search(said.text) for said in (answer.first, answer.last))
    if len(answer.text) > _ECHO or asks or _REFUSES.search(answer.text):
        return False
    return any(_says(proposal, answer) for proposal in _proposals(passage)) or (
        len(answer.text) > 1 and answer.letters in passage.letters
    )


def _finds_no_fault(answer: Passage, passage: Passage) -> bool:
    """Whether a bare no is a yes: the agent asked whether anything is wrong."""
    return bool(_NONE.search(answer.text)) and bool(_ASKS_FOR_FAULTS.search(passage.text))


def _accepts(answer: Passage) -> bool:
    """Whether a short answer is a yes in whatever words, since it is nothing else."""
    asks = any(_ASKS.search(said.text) for said in (answer.first, answer.last))
    short = len(answer.text) <= _SHORT and answer.role is Role.CUSTOMER
    return short and not asks and not _REFUSES.search(answer.text) and not _HEDGES.search(answer.text)


def _customers_words(passage: Passage, heard: Listening) -> Passage | None:
    """What the customer said just before the passage."""
    earlier = (hearing.passage for hearing in reversed(heard.hearings[: passage.index]))
    return next((other for other in earlier if other.role is not Role.AGENT), None)


def _says(proposal: _Proposal, words: Passage) -> bool:
    """Whether a passage names the value of a proposal itself."""
    called_at = words.conversation.call.started_at
    match proposal.part:
        case "date":
            days = {said.day for said in find_dates(words.text, called_at) if not said.vague}
            return proposal.value in days
        case "amount":
            return proposal.value in {said.value for said in find_amounts(words.text) if not said.vague}
        case "channel":
            return proposal.value in {said.channel for said in find_channels(words.text)}
