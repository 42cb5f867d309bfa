"""The promise to pay: what the agent proposed or repeated and the customer agreed to.

A date, an amount or a channel counts when the agent says it as an arrangement (see `arrangements.py`) and the
customer agrees in the next turn, or had just said the same. The last agreement of each part counts (domain
2.4, 2.8).

A promise is repeated where the agent says again what was agreed, and the customer agrees again: wholly with
two of its parts, or with one and words of confirming beside another; otherwise in part. With words of
confirming also what had been proposed without an answer is said again. What the customer changes afterwards
was not confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qa_pipeline.language.entities import find_amounts, find_channels
from qa_pipeline.rules.arrangements import (
    CONFIRMS,
    Proposal,
    Value,
    arranges,
    days_named,
    mentions,
    names_way,
    pay_days,
    proposals,
)
from qa_pipeline.rules.evidence import evidence_of
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.matches import Match, Part
from qa_pipeline.rules.passages import Passage
from qa_pipeline.types import Evidence, MatchKind, PromiseToPay, Role

_ARRANGEMENT = 2  # parts of a promise that, named in one breath, are an arrangement without a verb
_ECHO = 12  # characters; a longer answer is more than the agent's words given back

_REFUSES = re.compile("[不没别]|吗|什么|多少|怎么|凭|还是|账单")
_ASKS = re.compile("[?？]")
_ASKS_FOR_FAULTS = re.compile(
    "(?:问题|困难|难处|难度|压力|障碍|不便|误|错|岔|异议|意见|出入|不对|疑问|补充|改|漏|偏差|差别)[^，]{0,4}(?:[吗吧么呢的]|没有?)?$"
)
_NONE = re.compile(
    "^[嗯哦啊]*(?:没有|没(?!有)|无|不用)(?!钱|[办法]|时间|空|这|那|说(?!错)|收|人|多少|想|答应)"
)
_SHORT = 6  # characters; so short an answer that neither asks, refuses nor hedges is a yes
_HEDGES = re.compile(
    "再说|再看|看看|看情况|看吧|尽[量力]|争取|考虑|商量|想想|到时|随便|谁|难|够呛|悬|太|多了|少[点些]|挂|再见|拜|[喂等忙骗啥咋嘛呵烦催滚你问改换欠告]"
    "|先这|哪|听不|可能|也许|大概|或者|但"
)
_CHANGES = re.compile(
    "等等|等[一下会哈]|慢着|不对|算错|记错|说错|改|换|推|延|晚[一两几]|缓|提前|不行|不得行|不成|来不及|赶不上|只[拿能有够]|拿不出|凑不|要不(?!要)"
    "|还是"
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


def find_promise(heard: Listening, *, agreement: str | None) -> Promise:
    """What the customer agreed to pay.

    Args:
        agreement: the trigger that is a yes; None where the pack names none, then nothing is agreed.
    """
    agreed = {said.passage for said in heard.said.get(agreement or "", ()) if not said.doubts}
    values: dict[str, Value | None] = {}
    evidence: dict[str, Evidence] = {}
    utterances: dict[str, set[int]] = {}
    promised: set[tuple[str, Value]] = set()
    proposed: set[tuple[str, Value]] = set()
    for hearing in heard.hearings:
        passage = hearing.passage
        if passage.role is not Role.AGENT:
            if _takes_back(passage, promised):
                utterances.pop("repetition", None)
            continue
        answers = list(heard.answers(passage))
        answered = any(
            answer.index in agreed
            or _echoes(answer, passage)
            or _finds_no_fault(answer, passage)
            or _accepts(answer)
            for answer in answers
        )
        repeated = None if answered else _customers_words(passage, heard)
        arranged = [
            proposal
            for proposal in proposals(passage)
            if answered or (repeated is not None and _says(proposal, repeated))
        ]
        given_back = _given_back(passage, answers, promised) if answered else []
        if answered:
            arranged += _without(arranged, _named_again(passage, promised) or given_back)
        if answered and not any(each.part == "date" for each in arranged):
            for start, end in pay_days(passage):
                places = (place for place, _, _ in passage.split(start, end))
                utterances.setdefault("pay_day", set()).update(places)
        before = promised | proposed if CONFIRMS.search(passage.text) else promised
        proposed |= {proposal.identity(passage) for proposal in proposals(passage)}
        settled = arranges(passage) or given_back or (promised and names_way(passage))
        if not settled and len({each.part for each in arranged}) < _ARRANGEMENT:
            continue
        said = {proposal.identity(passage) for proposal in arranged}
        if answered and len(said & before) * 2 >= len(said) > 0:
            whole = _repeats(passage, said, before)
            if whole or given_back or _confirms_part(passage, said & before):
                utterances.setdefault("repetition" if whole else "part_repetition", set()).update(
                    passage.utterances
                )
        promised |= said
        for proposal in arranged:
            quoted = evidence_of(Match((Part(proposal.start, proposal.end, MatchKind.PATTERN),)), passage)
            values[proposal.part] = proposal.value
            evidence[proposal.part] = quoted[0]
            places = (place for place, _, _ in passage.split(proposal.start, proposal.end))
            utterances.setdefault(proposal.part, set()).update(places)
    if _is_part_payment(values.get("amount"), heard):
        utterances["part_payment"] = utterances["amount"]
    return Promise(
        record=_record(values, tuple(dict.fromkeys(evidence.values()))),
        utterances={part: frozenset(places) for part, places in utterances.items()},
    )


def _named_again(passage: Passage, promised: Collection[tuple[str, Value]]) -> list[Proposal]:
    """What was promised and is named again, two parts at least, in whatever words stand around it."""
    again = [each for each in mentions(passage) if each.identity(passage) in promised]
    return again if len({each.part for each in again}) >= _ARRANGEMENT else []


def _given_back(
    passage: Passage, answers: Collection[Passage], promised: Collection[tuple[str, Value]]
) -> list[Proposal]:
    """What was promised, is named again, and is given back by the customer: 二十三号哦 — 嗯，二十三号."""
    return [
        each
        for each in mentions(passage)
        if each.identity(passage) in promised and any(_says(each, answer) for answer in answers)
    ]


def _without(known: Collection[Proposal], more: Collection[Proposal]) -> list[Proposal]:
    """More proposals without those that are known."""
    starts = {each.start for each in known}
    return [each for each in more if each.start not in starts]


def _repeats(
    passage: Passage, said: Collection[tuple[str, Value]], promised: Collection[tuple[str, Value]]
) -> bool:
    """Whether what was agreed is said again as a whole, not one part of it in passing."""
    again = {part for part, value in said if (part, value) in promised}
    return len(again) > 1 or (len({part for part, _ in said}) > 1 and bool(CONFIRMS.search(passage.text)))


def _confirms_part(passage: Passage, again: Collection[tuple[str, Value]]) -> bool:
    """Whether one part is confirmed; how to pay is talked of later without being confirmed."""
    return any(part != "channel" for part, _ in again) or bool(CONFIRMS.search(passage.text))


def _takes_back(passage: Passage, promised: Collection[tuple[str, Value]]) -> bool:
    """Whether the customer changes the day or the amount that was promised."""
    if not promised or not _CHANGES.search(passage.text):
        return False
    return any(
        each.part != "channel" and each.identity(passage) not in promised for each in mentions(passage)
    )


def _is_part_payment(amount: Value | None, heard: Listening) -> bool:
    """Whether less is promised than the case data say is due."""
    due = heard.conversation.call.amount_due
    return isinstance(amount, Decimal) and due is not None and amount < due


def _record(values: Mapping[str, Value | None], evidence: tuple[Evidence, ...]) -> PromiseToPay | None:
    if "date" not in values and "amount" not in values:
        return None
    due, amount, channel = (values.get(part) for part in ("date", "amount", "channel"))
    return PromiseToPay(
        due=due if isinstance(due, date) else None,
        amount=amount if isinstance(amount, Decimal) else None,
        channel=channel if isinstance(channel, str) else None,
        evidence=evidence,
    )


def _echoes(answer: Passage, passage: Passage) -> bool:
    """Whether the customer says yes by giving back a part of the arrangement."""
    asks = any(_ASKS.search(said.text) for said in (answer.first, answer.last))
    if len(answer.text) > _ECHO or asks or _REFUSES.search(answer.text):
        return False
    return any(_says(proposal, answer) for proposal in proposals(passage)) or (
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


def _says(proposal: Proposal, words: Passage) -> bool:
    """Whether a passage names the value of a proposal itself."""
    match proposal.part:
        case "date":
            days = {said.day for said in days_named(words) if not said.vague}
            return proposal.value in days
        case "amount":
            return proposal.value in {said.value for said in find_amounts(words.text) if not said.vague}
        case "channel":
            return proposal.value in {said.channel for said in find_channels(words.text)}
