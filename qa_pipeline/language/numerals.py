"""Spoken and written numbers in normalised text: a pattern that finds them and their value.

Covers what is said on the telephone: 四千三百二十一, 四千五 (4500), 一万零八十, 1万2, 1.2万, 三点五万,
digits read one by one, a coefficient left open (三五百, 几千, 十几) and a pause inside (一千呃二百九十二).
Exact values come from cn2an, which knows the shorthand 四千五; ranges are two exact numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import cast

_PAIRS = "一二|一两|二三|两三|三四|三五|四五|五六|六七|七八|八九"
_SPOKEN_DIGITS = "零〇一二三四五六七八九幺"
SPOKEN_DIGIT = rf"[\d{_SPOKEN_DIGITS}]"
"""A pattern of one digit of a code, written or read out."""
WRITTEN_DIGITS = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")
"""Digits read out, as they are written: for `str.translate`."""
_DIGIT = "[一二两三四五六七八九壹贰叁肆伍陆柒捌玖]"
_COEFFICIENT = rf"(?:\d+(?:\.\d+)?|[几数]|{_PAIRS}|{_DIGIT})"
_PAUSE = "(?:[呃嗯额啊]|那个)*"
_MAGNITUDES = "十百千万亿拾佰仟"

# What a number counts when it is not money. A shorthand tail must not be followed by one of these, or
# 三千两期 would be 3200 periods.
COUNTED = (
    r"(?:[个人天号期秒岁米户件条套张台斤通倍位名笔次遍句字度例届楼层%:/]|月(?![底初末])|年(?![底初末])"
    r"|日(?![元币])|点(?![零〇一二三四五六七八九]+[元块百千万亿])|分(?![期文])|小时|公里|平米|多[个人天]|来[个人天])"
)
_END = rf"(?!{COUNTED}|[十百千拾佰仟\d])"

# Atomic groups keep a numeral whole: without them 三百六十五天 would lose its last digit to become 三百六十.
_TENS = rf"{_COEFFICIENT}?[十拾]{_PAUSE}{_COEFFICIENT}?"
_BELOW_100 = rf"(?:{_TENS}|{_COEFFICIENT})"
_SHORTHAND = rf"(?>{_BELOW_100}){_END}"
_HUNDREDS = rf"{_COEFFICIENT}[百佰]{_PAUSE}(?:零{_COEFFICIENT}|{_TENS}|{_SHORTHAND})?"
_THOUSANDS = rf"{_COEFFICIENT}[千仟k]{_PAUSE}(?:零{_BELOW_100}|{_HUNDREDS}|{_SHORTHAND})?"
_BELOW_10000 = rf"(?:{_THOUSANDS}|{_HUNDREDS}|{_BELOW_100})"
_BELOW_MYRIAD = rf"(?:零(?:{_THOUSANDS}|{_HUNDREDS}|{_BELOW_100})|{_THOUSANDS}|{_HUNDREDS}|{_SHORTHAND})"
_MYRIADS = rf"{_BELOW_10000}[万w]{_PAUSE}{_BELOW_MYRIAD}?"
_HUNDRED_MILLIONS = rf"(?:{_MYRIADS}|{_BELOW_10000})个?亿{_PAUSE}(?:零?(?:{_MYRIADS}|{_BELOW_MYRIAD}))?"
_DECIMAL = (
    rf"(?:{_MYRIADS}|{_BELOW_10000}|零(?!点[{_SPOKEN_DIGITS}]*[十分刻]))点[{_SPOKEN_DIGITS}]+[{_MAGNITUDES}]*"
)
_ONE_BY_ONE = rf"[{_SPOKEN_DIGITS}]{{3,}}(?![{_MAGNITUDES}])"

# A recogniser that writes the first words of a number in digits goes on in characters: 3800六十块.
_CONTINUED = rf"\d*[1-9]0+(?:{_HUNDREDS}|[一二三四五六七八九][十拾][一二三四五六七八九]?)"

NUMERAL = (
    rf"(?>{_CONTINUED}|{_DECIMAL}|{_ONE_BY_ONE}|{_HUNDRED_MILLIONS}|{_MYRIADS}|{_THOUSANDS}|{_HUNDREDS}|{_TENS}"
    rf"|{_COEFFICIENT})"
)


@cache
def pattern(template: str = "{numeral}") -> re.Pattern[str]:
    """A pattern around numerals, compiled when it is first used: it takes a third of a second.

    Args:
        template: a regular expression; {numeral} stands for one numeral.
    """
    return re.compile(template.replace("{numeral}", NUMERAL))


_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟〇幺kw数", "一二三四五六七八九十百千零一千万几")
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)([十百千万亿]*)")
_CONTINUED_PARTS = re.compile(r"(\d*[1-9](0+))([一二三四五六七八九]+[百十].*)")
_POINT = re.compile(rf"(.+)点([{_SPOKEN_DIGITS}]+)([{_MAGNITUDES}]*)")
_PAIR = re.compile(rf"(?<![{_SPOKEN_DIGITS}两])(?:{_PAIRS})(?![{_SPOKEN_DIGITS}])")


def bounds(numeral: str) -> tuple[Decimal, Decimal] | None:
    """The lowest and highest value that a numeral may mean; both the same where it is exact.

    Args:
        numeral: a match of `NUMERAL`.

    Returns:
        None where the characters make no number after all.
    """
    plain = re.sub(_PAUSE, "", numeral).replace("个", "").translate(_FORMAL)
    if "几" in plain:
        return _open_bounds(plain)
    pair = None if is_one_by_one(plain) else _PAIR.search(plain)
    if pair:
        values = [_exact(plain[: pair.start()] + digit + plain[pair.end() :]) for digit in pair.group()]
    else:
        values = [_exact(plain)] * 2
    low, high = values
    return None if low is None or high is None else (low, high)


MOST_IN_WORDS = 10**16 - 1
"""The most that `in_words` can say: cn2an counts to sixteen digits."""


def in_words(value: int) -> str:
    """A whole number as it is spoken: 十九, 一百一十, 四千零六.

    Args:
        value: from 0 to `MOST_IN_WORDS`.
    """
    from cn2an import an2cn  # noqa: PLC0415 - it brings tables that take a tenth of a second

    return re.sub("^一十", "十", str(an2cn(value, "low")))


def is_one_by_one(numeral: str) -> bool:
    """True for digits read out singly (六六八八), which are a code more often than a number."""
    return len(numeral) > 2 and all(character in _SPOKEN_DIGITS for character in numeral)


def lowest_unit(numeral: str) -> Decimal:
    """The unit of a numeral's last part: 1000 for 三千 and for 3000, 10000 for 两万, 10 for 四十, else 1."""
    plain = re.sub(_PAUSE, "", numeral).translate(_FORMAL)
    written = re.fullmatch(r"\d*?(0*)", plain)
    if written:
        return Decimal(10) ** len(written.group(1))
    return magnitude_power(trailing_magnitudes(plain))


def trailing_magnitudes(numeral: str) -> str:
    """The magnitudes a numeral ends in, in plain spelling: 十万 for 三十万, nothing for 三千二."""
    ending = re.search("[十百千万亿]*$", numeral.translate(_FORMAL))
    return ending.group() if ending else ""


def _leading_magnitudes(plain: str) -> str:
    beginning = re.match("[十百千万亿]*", plain)
    return beginning.group() if beginning else ""


def magnitude_power(magnitudes: str) -> Decimal:
    """10,000 for 万, 100,000 for 十万, 1 for nothing."""
    return Decimal(10) ** sum(_POWERS[magnitude] for magnitude in magnitudes)


def _open_bounds(plain: str) -> tuple[Decimal, Decimal] | None:
    """几 is one to ten of what follows: 几千 1000 to 10000, 十几 10 to 20, 二十几万 200,000 to 300,000."""
    before, _, after = plain.partition("几")
    after = after.partition("几")[0]
    if not before:
        low = _exact("一" + after) if after else Decimal(1)
        return None if low is None else (low, low * 10)
    if before.endswith("十"):
        low = _exact(before + after)
        return None if low is None else (low, low + 10 * magnitude_power(_leading_magnitudes(after)))
    low, high = _exact(f"{before}一{after}"), _exact(f"{before}九{after}")
    return None if low is None or high is None else (low, high)


def _exact(plain: str) -> Decimal | None:
    written = _WRITTEN.fullmatch(plain)
    if written:
        return Decimal(written.group(1)) * magnitude_power(written.group(2))
    continued = _CONTINUED_PARTS.fullmatch(plain)
    if continued:
        rest = _whole(continued.group(3))
        fits = rest is not None and rest < Decimal(10) ** len(continued.group(2))
        return Decimal(continued.group(1)) + rest if rest is not None and fits else None
    point = _POINT.fullmatch(plain)
    if point:
        whole = _exact(point.group(1))
        if whole is None:
            return None
        return (whole + Decimal(f"0.{_one_by_one(point.group(2))}")) * magnitude_power(point.group(3))
    return _whole(plain)


def _whole(plain: str) -> Decimal | None:
    if is_one_by_one(plain):
        return Decimal(_one_by_one(plain))
    try:
        return Decimal(str(_cn2an()(plain, "smart")))
    except (ValueError, KeyError):  # what cn2an raises for characters in an order that is no number
        return None


def _one_by_one(digits: str) -> str:
    return "".join(str("零一二三四五六七八九".index(digit)) for digit in digits)


@cache
def _cn2an() -> Callable[[str, str], object]:
    """Loaded on first use: it brings tables that take a tenth of a second."""
    from cn2an import cn2an  # noqa: PLC0415

    return cast("Callable[[str, str], object]", cn2an)
