"""Words that sound like a figure of the case data, however recognition wrote them.

A recogniser writes spoken numbers in digits and slips at their joints: 九千三百零五 becomes 930005 (9300 and
05), 两千四百零六 becomes 2400-06, 七千四百二十 becomes 7.420, 三千八百六十块 becomes 3800 六十块,
逾期五十七天 becomes 于757天, 九百元 becomes 就败员. What is due is known, so it is enough to ask whether it
was said. Nothing is forgiven that is another number: a digit or a magnitude heard as such must be the
figure's own, and only letters that are no number are compared by sound.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from qa_pipeline.language.numerals import MOST_IN_WORDS, in_words
from qa_pipeline.language.phonetics import NEAR_COST, substitution_cost, syllables

_NUMBER_WORDS = frozenset("零一二三四五六七八九十百千万亿")
_SAME_WORD = str.maketrans("两〇幺", "二零一")
_RUN = re.compile(r"\d+(?:\.\d{3}(?!\d))?")
"""Three places after a point are no change of an amount: the point parts thousands."""
_PAUSES = frozenset(",-")
"""What the normaliser leaves between numbers."""
_WITHOUT_UNIT = 4
"""Fewer characters are no amount unless 元 or 块 is said with them: 九百 sounds like 就白."""

_LONGEST_NUMBER = len(str(MOST_IN_WORDS))

_MOST_NEAR = 1
"""Syllables that are only near: 意望 is 一万, but three of eight would be another number."""


def said_amount(text: str, amount: Decimal) -> Iterator[tuple[int, int]]:
    """Where a normalised text sounds like the amount."""
    return _said(text, _amount_readings(amount))


def said_overdue_days(text: str, days: int) -> Iterator[tuple[int, int]]:
    """Where a normalised text sounds like "so many days overdue"."""
    if days > MOST_IN_WORDS:
        return iter(())
    number = in_words(days)
    return _said(text, tuple(f"逾期{link}{number}天" for link in ("", "第", "了")))


def _said(text: str, readings: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    sounds = syllables(text)
    for start in range(len(text)):
        if start and _is_number(text[start - 1]) and _is_number(text[start]):
            continue
        for reading in readings:
            end = _end_of(reading, text, sounds, start, _MOST_NEAR)
            if end is not None and not (end < len(text) and _is_number(text[end])):
                yield start, end
                break


def _end_of(reading: str, text: str, sounds: tuple[str, ...], at: int, near: int) -> int | None:
    """Where the reading ends in the text if it begins there; None where something else is said."""
    if not reading:
        return at
    if at == len(text):
        return None
    run = _RUN.match(text, at)
    if run is not None:
        ends = (
            _end_of(reading[len(spoken) :], text, sounds, run.end(), near)
            for spoken in _read_out(run.group().replace(".", ""))
            if len(spoken) <= len(reading) and all(map(_is_heard_digit, reading, spoken))
        )
        return next((end for end in ends if end is not None), None)
    if text[at] in _PAUSES:
        return _end_of(reading, text, sounds, at + 1, near)
    cost = _cost(reading[0], text[at], sounds[at])
    if cost > NEAR_COST or (cost and not near):
        return None
    return _end_of(reading[1:], text, sounds, at + 1, near - bool(cost))


def _is_heard_digit(wanted: str, spoken: str) -> bool:
    """Whether a written digit may stand for this character: 七 stands for 期 too."""
    return _cost(wanted, spoken, _sound(spoken)) == 0


def _cost(wanted: str, heard: str, sound: str) -> float:
    heard = heard.translate(_SAME_WORD)
    if wanted in _NUMBER_WORDS and heard in _NUMBER_WORDS:
        return 0.0 if wanted == heard else 1.0
    return substitution_cost(_sound(wanted), sound)


def _is_number(character: str) -> bool:
    return character.isdigit() or character.translate(_SAME_WORD) in _NUMBER_WORDS


@lru_cache(maxsize=256)
def _sound(character: str) -> str:
    return syllables(character)[0]


@lru_cache(maxsize=256)
def _amount_readings(amount: Decimal) -> tuple[str, ...]:
    """The amount in the words people say: 三千八百六十块二毛, 三千八百六十块二, 三千八百六十点二.

    None where it is more than anybody could say.
    """
    if amount > MOST_IN_WORDS:
        return ()
    cents = int((amount * 100).to_integral_value())
    yuan, tenths, hundredths = in_words(cents // 100), cents // 10 % 10, cents % 10
    if not cents % 100:
        whole = (yuan,) if len(yuan) >= _WITHOUT_UNIT else ()
        return (yuan + "元", yuan + "块", *whole)
    if not tenths:
        return tuple(f"{yuan}{unit}零{in_words(hundredths)}分" for unit in "元块")
    dime, cent = in_words(tenths), in_words(hundredths) if hundredths else ""
    changes = (
        f"{dime}{coin}{cent}{last}" for coin in ("毛", "角", "") for last in {"", "分" if cent else ""}
    )
    return tuple(f"{yuan}{unit}{change}" for unit, change in itertools.product("元块点", sorted(changes)))


@lru_cache(maxsize=1024)
def _read_out(digits: str) -> tuple[str, ...]:
    """What may have been said where digits were written: one number, or two that were run together.

    Nothing for more digits than a number has words: the number of a card or an account.
    """
    if len(digits) > _LONGEST_NUMBER:
        return ()
    parts = ((digits[:cut], digits[cut:]) for cut in range(1, len(digits)))
    joined = (
        in_words(int(first)) + ("零" if second[0] == "0" else "") + in_words(int(second))
        for first, second in parts
        if int(first) and int(second)
    )
    alone = in_words(int(digits))
    return ("零" + alone if digits[0] == "0" and int(digits) else alone, *joined)
