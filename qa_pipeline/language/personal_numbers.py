"""Numbers that tell who somebody is or let others act for him, in text in the normaliser's spelling.

They count whether written (138 0013 8000) or spoken (一三八零零一三八零零零, 幺三八 ...), in one run or in
groups with pauses. Four-digit tails (尾号6688), amounts, days, staff numbers and public hotlines are none:
reviewers need them, and alone they identify nobody. In doubt a number is personal: a long run of digits that
fits no shape is one too, since recognition drops digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise, takewhile

from qa_pipeline.language.numerals import COUNTED

_VALUES = dict(zip("零〇一二三四五六七八九幺要腰妖", "001234567891111", strict=True))
_DIGIT = "[0-9零〇一二三四五六七八九幺]"
# 幺 is often recognised as 要: it is a digit inside a run, or before nine digits.
_GROUP = re.compile(
    rf"(?:[要腰妖](?=(?:{_DIGIT}|[要腰妖](?={_DIGIT})){{9}}))?{_DIGIT}(?:{_DIGIT}|[要腰妖](?={_DIGIT}))*x?"
)
_PAUSE = re.compile(r"(?:[\s\-－—–,，、.。…·]|呃|嗯|额|啊|哦|然后|那个){1,4}")
_TIGHT_PAUSE = re.compile(r"[\s\-－—–]{1,2}")

# What was asked for just before tells how few digits are already too many.
_PHONE_BEFORE = re.compile("(?:手机|电话|号码|座机|联系方式).{0,4}$")
_ASKED = (
    (re.compile("(?:验证码|密码|安全码).{0,4}$"), 3),
    (re.compile("(?:身份证|证件).{0,6}$"), 6),
    (_PHONE_BEFORE, 7),
    (re.compile("(?:卡号|账号|账户).{0,4}$"), 8),
)
_CARD_BEFORE = re.compile("(?:卡|账号|账户).{0,6}$")
_STAFF_BEFORE = re.compile("(?:工号|公号|编号)(?:就?是|为|[:：])?\\s*$")
_TAIL_BEFORE = re.compile("(?:尾号|尾数|[后末][四4]位).{0,3}$")
_MONEY_AFTER = re.compile("[元块圆万亿千百十]|[.点．][0-9零一二三四五六七八九]")
_MEASURED_AFTER = re.compile(f"{_MONEY_AFTER.pattern}|{COUNTED}")
_BEFORE = 12  # characters in front that are looked at, so that the work grows with the text alone
_LONGEST_NUMBER = 19  # digits of a bank card, so also the most groups one number can have
_MOST_GROUPS_OF_A_HOTLINE = 3  # 400 820 8820
_LONGEST_PLAIN_RUN = 8  # a day is written with eight digits; nothing else that may stay is longer


def personal_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand, [start, end), group by group: the pauses between are no part of them."""
    for chain in _chains(text):
        before = text[max(0, chain[0].start() - _BEFORE) : chain[0].start()]
        groups = chain[_leading_plain(text, chain) :]
        answer = _answer(text, before, groups)
        yield from (group.span() for group in answer)
        groups = groups[len(answer) :]
        while groups:
            counts = range(min(len(groups), _LONGEST_NUMBER), 0, -1)
            taken = next((count for count in counts if _is_personal(text, before, groups[:count])), 0)
            yield from (group.span() for group in groups[:taken])
            groups = groups[max(1, taken) :]


def _leading_plain(text: str, chain: Sequence[re.Match[str]]) -> int:
    """How many groups at the start are a staff number or a written day, and may stay."""
    if (
        _STAFF_BEFORE.search(text, max(0, chain[0].start() - _BEFORE), chain[0].start())
        and len(chain[0].group()) <= _LONGEST_PLAIN_RUN
    ):
        return 1
    digits = [group.group() for group in chain[:3]]
    return 3 if list(map(len, digits)) == [4, 2, 2] and _is_day("".join(map(_value, "".join(digits)))) else 0


def _chains(text: str) -> Iterator[Sequence[re.Match[str]]]:
    """Groups of digits with only pauses between them."""
    chain: list[re.Match[str]] = []
    for group in _GROUP.finditer(text):
        if chain and not _PAUSE.fullmatch(text, chain[-1].end(), group.start()):
            yield chain
            chain = []
        chain.append(group)
    if chain:
        yield chain


def _answer(text: str, before: str, groups: Sequence[re.Match[str]]) -> Sequence[re.Match[str]]:
    """The groups that tell together what was asked for just before, up to a sum, a day or a count."""
    beginnings = (_digits_of(groups[:count]) for count in range(1, _MOST_GROUPS_OF_A_HOTLINE + 1))
    public = _PHONE_BEFORE.search(before) and any(map(_is_public, beginnings))
    if public or _TAIL_BEFORE.search(before):
        return ()
    told = tuple(takewhile(lambda group: not _MEASURED_AFTER.match(text, group.end()), groups))
    return told if _was_asked_for(before, _digits_of(told)) else ()


def _was_asked_for(before: str, digits: str) -> bool:
    return any(len(digits) >= fewest and asked.search(before) for asked, fewest in _ASKED)


def _digits_of(groups: Iterable[re.Match[str]]) -> str:
    return "".join(map(_value, "".join(group.group() for group in groups)))


def _is_personal(text: str, before: str, groups: Sequence[re.Match[str]]) -> bool:
    digits = _digits_of(groups)
    if _is_identity_number(digits) or _is_phone(digits, [len(group.group()) for group in groups]):
        return True
    if _is_card(digits) or (16 <= len(digits) <= 19 and _CARD_BEFORE.search(before)):
        return True
    joined = len(groups) == 1 or all(
        _TIGHT_PAUSE.fullmatch(text, left.end(), right.start()) for left, right in pairwise(groups)
    )
    if not joined or _is_hotline(digits) or _MONEY_AFTER.match(text, groups[-1].end()):
        return False
    return len(digits) > _LONGEST_PLAIN_RUN or _was_asked_for(before, digits)


def _value(character: str) -> str:
    return _VALUES.get(character, character)


def _is_identity_number(digits: str) -> bool:
    """GB 11643: region, date of birth, sequence and check character; 15 digits before 1999.

    The check character is not tested, and a digit after the day may be lost: one heard wrong must not lay
    open the others.
    """
    if re.fullmatch(r"\d{16,17}[\dx]", digits):
        return digits[6:8] in {"19", "20"} and _is_day(digits[6:14])
    return len(digits) == 15 and digits.isdigit() and digits[0] != "0" and _is_day("19" + digits[6:12])


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _is_phone(digits: str, lengths: Sequence[int]) -> bool:
    """A landline with its area code, a mobile number, or one with a digit lost or added that is still grouped
    like one (138 ...).
    """
    if re.fullmatch(r"0[1-9]\d{8,10}", digits):
        return True
    if not re.match(r"1[3-9]\d", digits) or not digits.isdigit():
        return False
    return len(digits) == 11 or (10 <= len(digits) <= 12 and lengths[0] == 3)


def _is_card(digits: str) -> bool:
    """A bank card by its length and Luhn check digit (ISO/IEC 7812), or by UnionPay's leading 62."""
    if not digits.isdigit() or not 16 <= len(digits) <= 19:
        return False
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return digits.startswith("62") or sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_hotline(digits: str) -> bool:
    """400 and 800 lines, which anyone may read."""
    return len(digits) == 10 and digits[:3] in {"400", "800"}


def _is_public(digits: str) -> bool:
    """Among telephone numbers those that anyone may read: 95xxx and 96xxx of companies, 12xxx of authorities.

    No landline begins with 9 and no mobile number with 12 (telephone network numbering plan, 2017).
    """
    return _is_hotline(digits) or re.fullmatch(r"9[56]\d{3,4}|12[1-3]\d\d", digits) is not None
