"""Money in normalised text, and whether an amount said is the amount known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from qa_pipeline.language.numerals import (
    COUNTED,
    bounds,
    is_one_by_one,
    lowest_unit,
    magnitude_power,
    pattern,
    trailing_magnitudes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount of money at [start_char, end_char) of the normalised text.

    Args:
        low, high: the same for an exact amount; the limits of 三五百 or 几千.
        vague: said as about, more than, at most or as a range.
        unit: the money word as spoken; empty where none was (还三千).
        currency: ISO 4217; CNY where none was named.
    """

    start_char: int
    end_char: int
    low: Decimal
    high: Decimal
    vague: bool
    unit: str
    currency: str

    @property
    def value(self) -> Decimal | None:
        """The one figure named, rounded or not; None for a range."""
        return self.low if self.low == self.high else None


class Agreement(StrEnum):
    """Whether two amounts are the same."""

    EXACT = "exact"
    MAYBE = "maybe"
    DIFFERENT = "different"


def amounts_agree(said: Decimal, known: Decimal) -> Agreement:
    """Compare an amount heard with the amount on record.

    MAYBE where they differ in one digit and both digits are 7, 4 or 1, which sound alike on the telephone
    (seed 001 of the domain notes): the recogniser may have erred, so nobody may be blamed.
    """
    left, right = f"{said:.2f}", f"{known:.2f}"
    if left == right:
        return Agreement.EXACT
    if len(left) == len(right):
        differing = [{a, b} for a, b in zip(left, right, strict=True) if a != b]
        if len(differing) == 1 and differing[0] <= set("741"):
            return Agreement.MAYBE
    return Agreement.DIFFERENT


PRECISE_DIGITS = 4
"""An amount with so many telling digits is read from an account: nobody rounds so, not even after 至少."""

_CURRENCIES = {
    "元": "CNY", "块": "CNY", "圆": "CNY", "人民币": "CNY", "rmb": "CNY", "cny": "CNY", "¥": "CNY",
    "美元": "USD", "美金": "USD", "$": "USD", "欧元": "EUR", "€": "EUR", "英镑": "GBP", "£": "GBP",
    "港元": "HKD", "港币": "HKD", "新台币": "TWD", "台币": "TWD", "日元": "JPY", "日币": "JPY", "韩元": "KRW",
    "澳元": "AUD", "泰铢": "THB", "卢布": "RUB", "马来西亚令吉": "MYR", "令吉": "MYR",
}  # fmt: skip
_UNITS = sorted(_CURRENCIES, key=len, reverse=True)
_FOREIGN = "|".join(re.escape(name) for name in _UNITS if _CURRENCIES[name] != "CNY")
_DIGIT = "[一二两三四五六七八九壹贰叁肆伍陆柒捌玖1-9]"
_SMALL_DIGITS = {
    digit: value
    for row in ("零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
    for value, digit in enumerate(row)
} | {"两": 2}

_CHANGE = (
    rf"(?:零(?P<spoken_cents>{_DIGIT})(?!{COUNTED}|[十百千万\d.月年元块毛角分])"
    rf"|零?(?:(?P<tenths>{_DIGIT})[毛角](?:零?(?P<hundredths>{_DIGIT})分?(?!{COUNTED}|[十百千万]))?"
    rf"|(?P<cents>{_DIGIT})分(?!期)"
    rf"|(?P<spoken_tenths>{_DIGIT}|半)(?!{COUNTED}|[十百千万\d.月年元块毛角])))"
)
_AMOUNT = (
    rf"(?P<prefix>人民币|rmb|cny|[¥$€£]|{_FOREIGN})?"
    r"(?P<number>{numeral})(?P<more>好几|多|余|来)?"
    rf"(?:[元块]?[到至-](?P<until>{{numeral}})(?!{COUNTED}))?"
    rf"(?P<unit>元?(?P<foreign>{_FOREIGN})|(?P<yuan>[元块圆](?:{_CHANGE})?(?:人民币|钱(?!够|不够|都|呢)|整)?)|人民币|rmb"
    rf"|(?P<dime>[毛角](?:(?P<dime_cents>{_DIGIT})分?)?钱?)|(?P<cent>分)钱)?"
)
_CONTINUATION = re.compile(
    "[^零一二两三四五六七八九十\\d]{0,8}(?:后[头面边]|再|外)(?:还|就)?(?:跟着?|添|带着?|加上?|零头|是|有)+"
)
_WEEKDAY_BEFORE = re.compile("(?:周|星期|礼拜)$")
_AT_LEAST = re.compile("(?:至少|最少|起码)[是有要得]?$")
_ABOUT_BEFORE = re.compile(
    "(?:约|大概|差不多|将近|接近|近|不到|最多|顶多|超过|小于|大于|低于|高于|不足)[是有要得]?$"
)
_ABOUT_AFTER = re.compile("左右|上下|以上|以下|以内|出头|不到|的样子|含以上")
_CODE_BEFORE = re.compile("(?:第|分之|工号|尾号|编号|卡号|号码|电话|客服|拨打|每年|[a-z:/%.])$")
_MONEY_BEFORE = re.compile("(?:[还欠付转存交缴扣额款息金钱差减免借贷]|一共|总共|最低).{0,3}$")
_COUNTED = re.compile(rf"{COUNTED}|[十百千万亿\d]")
_MAGNITUDE = re.compile("[百千万亿佰仟kw]")


def find_amounts(text: str) -> tuple[Amount, ...]:
    """The amounts of money in a normalised text, from left to right.

    A number without a money word counts when it has a magnitude (三千) or follows a word of paying or owing
    (欠4321), is 100 or more, and does not count something else (三千次).
    """
    return tuple(_joined(_amounts(text), text))


def telling_digits(amount: Decimal) -> tuple[int, ...]:
    """The digits of an amount without the zeros that only give its size."""
    return amount.normalize().as_tuple().digits


def last_place(amount: Decimal) -> Decimal:
    """The size of the last telling digit: 1000 of 三千, 0.1 of 三块五."""
    return Decimal(1).scaleb(amount.adjusted() - len(telling_digits(amount)) + 1)


def _joined(amounts: Iterable[Amount], text: str) -> Iterator[Amount]:
    """The amounts, those dictated in two pieces as one (一万打头，后头跟着八百六十二块三)."""
    held: Amount | None = None
    for amount in amounts:
        if held is not None and _continues(held, amount, text):
            held = replace(
                held, end_char=amount.end_char, low=held.low + amount.low, high=held.high + amount.high,
                vague=held.vague or amount.vague, unit=amount.unit,
            )  # fmt: skip
            continue
        if held is not None:
            yield held
        held = amount
    if held is not None:
        yield held


def _continues(first: Amount, second: Amount, text: str) -> bool:
    """Whether the second amount is the smaller places of the first."""
    if first.value is None or second.value is None or first.currency != second.currency:
        return False
    smaller = second.value < last_place(first.value)
    return smaller and _CONTINUATION.fullmatch(text, first.end_char, second.start_char) is not None


def _amounts(text: str) -> Iterator[Amount]:
    position = 0
    while found := pattern(_AMOUNT).search(text, position):
        if _WEEKDAY_BEFORE.search(text, 0, found.start()) and not found["number"][0].isdigit():
            position = found.start() + 1  # 周三四千块: the weekday takes the first numeral
            continue
        position = found.end()
        amount = _read(found, text)
        if amount is not None:
            yield amount


def _read(found: re.Match[str], text: str) -> Amount | None:
    limits = _limits(found)
    if limits is None or not _is_money(found, text, limits[0]):
        return None
    low, high = (_with_change(found, limit) for limit in limits)
    before = text[max(0, found.start() - 4) : found.start()]
    rounded = _AT_LEAST.search(before) is not None and len(telling_digits(low)) < PRECISE_DIGITS
    about = rounded or _ABOUT_BEFORE.search(before) or _ABOUT_AFTER.match(text, found.end())
    coin = (found["yuan"] or found["dime"] or found["cent"] or "")[:1]
    unit = found["foreign"] or coin or found["unit"] or ""
    return Amount(
        start_char=found.start(),
        end_char=found.end(),
        low=low,
        high=high,
        vague=low != high or bool(found["more"]) or bool(about),
        unit=unit,
        currency=_currency(found["prefix"] or "", unit),
    )


def _currency(prefix: str, unit: str) -> str:
    named = [_CURRENCIES[name] for name in (unit, prefix) if name in _CURRENCIES]
    return next((code for code in named if code != "CNY"), "CNY")


def _limits(found: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    first = bounds(found["number"])
    if first is None:
        return None
    low, high = first
    if found["more"]:
        high += lowest_unit(found["number"])
    if found["until"] is None:
        return low, high
    last = bounds(found["until"])
    if last is None:
        return None
    return low * _shared_magnitude(low, found["number"], last[0], found["until"]), last[1]


def _shared_magnitude(low: Decimal, number: str, last: Decimal, until: str) -> Decimal:
    """What the first number of a range borrows from the second: 1000 in 两到三千, 1 in 8500到3万."""
    magnitudes = trailing_magnitudes(until)
    for start in range(len(magnitudes)):
        power = magnitude_power(magnitudes[start:])
        if low < last / power and not set(magnitudes[start:]) & set(number):
            return power
    return Decimal(1)


def _is_money(found: re.Match[str], text: str, low: Decimal) -> bool:
    number, unit = found["number"], found["unit"]
    if unit or found["prefix"]:
        together = unit == "块" and number == "一"  # 一块 alone means together, 三角 alone is a shape
        return not together and unit != "角" and not (found["dime"] and low >= 10)
    before = text[max(0, found.start() - 5) : found.start()]
    if low < 100 or is_one_by_one(number) or _COUNTED.match(text, found.end()) or _CODE_BEFORE.search(before):
        return False
    return bool(_MAGNITUDE.search(number + (found["until"] or "")) or _MONEY_BEFORE.search(before))


def _with_change(found: re.Match[str], value: Decimal) -> Decimal:
    if found["dime"]:
        return value / 10 + _cents(found["dime_cents"], 1)
    if found["cent"]:
        return value / 100
    change = _cents(found["tenths"], 10) + _cents(found["hundredths"], 1) + _cents(found["cents"], 1)
    change += _cents(found["spoken_cents"], 1)
    return value + change + _cents(found["spoken_tenths"], 10)


def _cents(digit: str | None, worth: int) -> Decimal:
    if digit is None:
        return Decimal(0)
    if digit == "半":
        return Decimal("0.5")
    value = int(digit) if digit.isascii() else _SMALL_DIGITS[digit]
    return Decimal(value * worth) / 100
