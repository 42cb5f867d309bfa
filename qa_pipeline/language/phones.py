"""Telephone numbers in normalised text, as written digits or read out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qa_pipeline.language.numerals import SPOKEN_DIGIT, WRITTEN_DIGITS


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMention:
    """A telephone number read out or written, as written digits."""

    start_char: int
    end_char: int
    number: str


_MOBILE = "[1一幺][3-9三四五六七八九]"
_HOTLINE = "[4四]零?0?[零0]{1,2}"
_AREA = "[零0][1-9一二三四五六七八九]"
_SERVICE = "[19一九][256二五六]"  # 95588 or 12378


def _any(numbers: Iterable[str]) -> str:
    return "(?:" + "|".join(numbers) + ")"


def _grouped(head: str, *groups: int) -> str:
    """A head and groups of so many digits, with what normalised text keeps between groups or nothing."""
    return head + "[-,]?".join(f"{SPOKEN_DIGIT}{{{digits}}}" for digits in groups)


_IN_ONE = _any(
    f"{head}{SPOKEN_DIGIT}{{{digits}}}"
    for head, digits in ((_MOBILE, "9"), (_HOTLINE, "7"), (_AREA, "8,10"), (_SERVICE, "3"))
)
_IN_GROUPS = _any(
    [
        *(_grouped(_MOBILE, *groups) for groups in ((1, 4, 4), (2, 3, 4))),
        *(_grouped(_HOTLINE, *groups) for groups in ((0, 3, 4), (0, 4, 3), (1, 3, 3))),
        *(_grouped(_AREA, *groups) for groups in ((1, 4, 4), (2, 4, 4), (1, 3, 4), (2, 3, 4))),
    ]
)
_PHONE = re.compile(
    f"(?<!{SPOKEN_DIGIT})(?:{_IN_ONE}"
    f"|(?<!{SPOKEN_DIGIT}{{3}}[-,]){_IN_GROUPS}(?![-,]{SPOKEN_DIGIT}{{3}})"  # not groups of a longer number
    f")(?!{SPOKEN_DIGIT})"
)


def find_phones(text: str) -> tuple[PhoneMention, ...]:
    """Telephone numbers: mobile, 400, with an area code, or of five digits such as 95588.

    Also in groups, as they are written and read out (400-820-8888, 138 0013 8000).
    """
    return tuple(
        PhoneMention(
            start_char=found.start(),
            end_char=found.end(),
            number=re.sub("[-,]", "", found.group()).translate(WRITTEN_DIGITS),
        )
        for found in _PHONE.finditer(text)
    )
