"""The hours agreed with a customer, as a case record states them: 20:00-22:30, 晚上8点到11点, 20-23点."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time

from qa_pipeline.language.numerals import bounds

_HOUR = 60
_DAY = 24 * _HOUR
_SMALL_HOURS = 5 * _HOUR
_NOON = 12 * _HOUR
_EVENING = 18 * _HOUR

_LINK = re.compile(r"\s*(?:[-~‐‑‒–—―−〜]+|至|到)\s*(?:次日|第二天)?\s*")
_BETWEEN_WINDOWS = re.compile(r"[,;、/|或和及\s]+")
_NAMES_A_TIME = re.compile(r"\d|点|午|早|晚|夜|全天|随时|任何")

_AFTER_NOON = {
    **dict.fromkeys(("晚上", "晚间", "夜里", "夜间", "夜晚", "晚"), range(5, 13)),
    **dict.fromkeys(("下午", "午后", "傍晚"), range(1, 12)),
    "中午": range(1, 4),
}
"""The hours counted to twelve that each part of the day puts after noon: 晚上1点 is 01:00."""
_PARTS = "|".join([*_AFTER_NOON, "凌晨", "清早", "清晨", "早上", "早晨", "早", "上午"])
_CHINESE = "零一二两三四五六七八九十"
_CLOCK = re.compile(
    rf"[^\d点]*?(?P<part>{_PARTS})?(?P<hour>\d{{1,2}}|[{_CHINESE}]{{1,3}})"
    r"(?::(?P<minute>\d\d)(?::\d\d)?|(?P<dial>[点时])(?:(?P<fraction>半|一刻|三刻)|(?P<past>\d\d)分?)?)?"
    rf"[^\d点半刻{_CHINESE}]*"
)
_FRACTIONS = {"半": 30, "一刻": 15, "三刻": 45}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of a day from `starts` up to `ends`.

    Over midnight where `ends` is the earlier one, the whole day where they are the same.
    """

    starts: time
    ends: time

    def hold(self, moment: time) -> bool:
        """Whether a time of day lies in them."""
        if self.starts < self.ends:
            return self.starts <= moment < self.ends
        return moment >= self.starts or moment < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedHours:
    """What was agreed, as far as it can be read.

    Args:
        hours: those that were read.
        whole: whether nothing else in the text names a time.
    """

    hours: tuple[Hours, ...]
    whole: bool


def read_hours(stated: str) -> AgreedHours:
    """The hours that a text states.

    Hours counted to twelve (8点到10点) tell morning from evening only by a word (晚上8点到10点).
    """
    text = _LINK.sub("-", unicodedata.normalize("NFKC", stated))
    windows = [_hours(window) for window in _BETWEEN_WINDOWS.split(text) if _NAMES_A_TIME.search(window)]
    hours = tuple(window for window in windows if window is not None)
    return AgreedHours(hours=hours, whole=len(hours) == len(windows))


def _hours(window: str) -> Hours | None:
    """One window such as 20:00-22:30; None where it cannot be told which hours are meant."""
    stated = [_CLOCK.fullmatch(edge) for edge in window.split("-")]
    if len(stated) != 2 or stated[0] is None or stated[1] is None:
        return None
    starts, ends = stated[0], stated[1]
    dial = starts["dial"] or ends["dial"]
    part = ends["part"] or starts["part"]
    first, last = _minutes(starts, starts["part"]), _minutes(ends, part)
    if first is None or last is None or not (dial or ends["minute"]):
        return None
    over_midnight = first >= _EVENING and last <= _SMALL_HOURS
    unclear = part is None and max(first, last) <= _NOON
    if (dial or part) and (unclear or not (first < last or over_midnight)):
        return None
    return Hours(starts=_time(first), ends=_time(last))


def _minutes(clock: re.Match[str], part: str | None) -> int | None:
    """Minutes since midnight; None where the day has no such time."""
    named = bounds(clock["hour"])
    if named is None:
        return None
    hour = int(named[0])
    if part is not None and hour in _AFTER_NOON.get(part, ()):
        hour += 12
    past = int(clock["minute"] or clock["past"] or _FRACTIONS.get(clock["fraction"], 0))
    minutes = hour * _HOUR + past
    return minutes if past < _HOUR and minutes <= _DAY else None


def _time(minutes: int) -> time:
    return time(minutes % _DAY // _HOUR, minutes % _HOUR)
