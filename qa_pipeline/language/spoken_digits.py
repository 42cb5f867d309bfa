"""Digits read out one by one, by their letters or by their sound: staff numbers, the end of a document.

A recogniser that expects words writes 工号六二零九 as 公号留二林酒. Such letters are read as digits only
where hardly anything else can have been said: right after what sounds like 工号, or as a whole clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from qa_pipeline.language.numerals import COUNTED, SPOKEN_DIGIT, WRITTEN_DIGITS, bounds
from qa_pipeline.language.phonetics import spelled_as, syllables


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitString:
    """Digits read out one by one, as they are written (a staff number may begin with letters)."""

    start_char: int
    end_char: int
    digits: str


_NEVER_A_DIGIT = "是"
"""It says yes or links (工号是二零九), and recognition hardly ever writes it for another word."""

_HEARD_AS_NAME = ("工号", "工后")  # the vowel of 号 is often heard as that of 后
_NAME = re.compile("(?:工号|编号)(?:就?是|为|叫)?")
_NUMBER = re.compile(f"[a-z]{{0,2}}{SPOKEN_DIGIT}{{2,8}}|[二三四五六七八九]?十[一二三四五六七八九]?")
_SOUNDED = re.compile(r"\d{2,6}(?!\d|多少|什么|不)")
_SERVING = re.compile(
    f"(?<!{SPOKEN_DIGIT})[a-z]{{0,2}}{SPOKEN_DIGIT}{{3,8}}(?=号(?:为[您你]服务|坐席|客服|专员|我姓|我是|$))"
)

_YES = "(?:是我?|对|嗯|哦|好|本人|我的?)*"
_IN_A_ROW = re.compile(
    f"(?P<digits>{SPOKEN_DIGIT}{{4,}})(?!{SPOKEN_DIGIT}|\\.\\d|[元块])"
    f"|^{_YES}(?P<few>{SPOKEN_DIGIT}{{3}})(?!{SPOKEN_DIGIT}|{COUNTED}|[元块百千万点])",
    re.MULTILINE,
)
_WHOLE_CLAUSE = re.compile(f"^{_YES}(?P<digits>\\d{{3,5}})$", re.MULTILINE)


def find_staff_numbers(text: str) -> tuple[DigitString, ...]:
    """Staff numbers: digits after 工号 or 编号, or before 号为您服务.

    工号 and two to six digits after it count by their sound too.
    """
    heard, sounded = text, _by_sound(text)
    for name in _HEARD_AS_NAME:
        heard = spelled_as(heard, name, "工号")
    after = (
        _NUMBER.match(heard, name.end()) or _SOUNDED.match(sounded, name.end())
        for name in _NAME.finditer(heard)
    )
    found = [*filter(None, after), *_SERVING.finditer(heard)]
    return tuple(
        DigitString(start_char=number.start(), end_char=number.end(), digits=_written(number.group()))
        for number in sorted(found, key=lambda number: number.start())
    )


def find_digits(text: str) -> tuple[DigitString, ...]:
    """Four digits and more in a row, or three with which a clause begins after a yes, but no sum or count.

    Three to five that fill a clause count by their sound too (留柳妖久). A clause ends at a line's end.
    """
    found = {
        match.start(group): (match.end(group), match[group])
        for pattern, read in ((_WHOLE_CLAUSE, _by_sound(text)), (_IN_A_ROW, text))
        for match in pattern.finditer(read)
        for group in pattern.groupindex
        if match[group]
    }
    return tuple(
        DigitString(start_char=start, end_char=end, digits=_written(digits))
        for start, (end, digits) in sorted(found.items())
    )


def _written(number: str) -> str:
    limits = bounds(number) if "十" in number else None
    return str(limits[0]) if limits else number.translate(WRITTEN_DIGITS)


def _by_sound(text: str) -> str:
    """The text with every character that sounds like a digit written as that digit; the length stays."""
    return "".join(
        character if character == _NEVER_A_DIGIT else _digit_sounds().get(sound, character)
        for character, sound in zip(text, syllables(text), strict=True)
    )


@cache
def _digit_sounds() -> dict[str, str]:
    """Digits by the syllable that says them."""
    return {syllables(chr(spoken))[0]: chr(written) for spoken, written in WRITTEN_DIGITS.items()}
