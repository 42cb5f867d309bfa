"""Days named in normalised text, resolved against the day of the call in China Standard Time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from qa_pipeline.language.numerals import WRITTEN_DIGITS, bounds

Stretch = Callable[[int, int], tuple[int, int]]
"""Start and end of what is around the characters [start, end) of a text."""

CHINA_STANDARD_TIME = timezone(timedelta(hours=8))  # no summer time since 1991


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A day named at [start_char, end_char) of the normalised text.

    Args:
        day: None where no calendar day can be told: it is vague, does not exist (六月三十一号), or no call
            time was given to count from.
        vague: no single day was named (这两天, 月初, 周末, 下个月).
    """

    start_char: int
    end_char: int
    day: date | None
    vague: bool


def find_dates(
    text: str, called_at: datetime | None, *, clause: Stretch | None = None
) -> tuple[DateMention, ...]:
    """The days named in a normalised text, from left to right.

    A day without a month, or a month without a year, is the next one after the call (a promise); where the
    words before it in its clause speak of a due date (到期日是五号) it is the last one before.

    Args:
        called_at: when the call began; a time without zone is taken as local to the call.
        clause: the clause around given characters; where it is left out the text is one.
    """
    today = day_of(called_at)
    mentions = []
    for found, resolve in _leftmost_longest(text):
        day = None
        if resolve is not None and (today is not None or _names_year(found)):
            begun = 0 if clause is None else clause(*found.span())[0]
            past = _DUE_BEFORE.search(text[max(begun, found.start() - _DUE_REACH) : found.start()])
            day = resolve(found, today or date.min, bool(past))
        mentions.append(
            DateMention(start_char=found.start(), end_char=found.end(), day=day, vague=resolve is None)
        )
    return tuple(mentions)


def day_of(called_at: datetime | None) -> date | None:
    """The day of a call; None without its time."""
    if called_at is None:
        return None
    return (called_at.astimezone(CHINA_STANDARD_TIME) if called_at.tzinfo else called_at).date()


_Resolver = Callable[[re.Match[str], date, bool], date | None]

_DAY_OFFSETS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "昨日": -1, "今天": 0, "今日": 0, "今晚": 0, "今早": 0,
    "明天": 1, "明早": 1, "明晚": 1, "明日": 1, "明儿": 1, "大后天": 3, "后天": 2,
    "今儿": 0, "后儿": 2, "今夜": 0, "后日": 2, "大后日": 3,
}  # fmt: skip
_WEEK_OFFSETS = {
    "上": -1,
    "上个": -1,
    "这": 0,
    "这个": 0,
    "本": 0,
    "下": 1,
    "下个": 1,
    "下下": 2,
    "下下个": 2,
}
_MONTH_OFFSETS = {
    "上月": -1, "上个月": -1, "本月": 0, "这个月": 0, "这月": 0, "当月": 0, "下月": 1, "下个月": 1, "次月": 1,
}  # fmt: skip
_YEAR_OFFSETS = {"去": -1, "今": 0, "明": 1}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6} | {
    str(number): number - 1 for number in range(1, 8)
}

_DUE_BEFORE = re.compile("到期|还款日|账单日|出账|应还|逾期|截止|过了|当时|上次|办理的|借[的款]|[从自]$")
_DUE_REACH = 8  # characters


def _any_of(names: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(names, key=len, reverse=True)) + ")"


_DIGIT = "[一二三四五六七八九]"
_NO_DIGIT_BEFORE = "(?<![零〇一二三四五六七八九十\\d])"
_NO_STREET_BEFORE = "(?<![路街道巷弄村])"
_MONTH = f"(?P<month>1[0-2]|0?[1-9]|十[一二]?|{_DIGIT})月份?"
_DAY = f"(?P<day>3[01]|[12]\\d|0?[1-9]|三十一?|二?十{_DIGIT}?|{_DIGIT})[号日](?![线楼院店码])"
_BARE_DAY = (  # 六月二十五, as said without 号
    f"(?P<bare_day>3[01]|[12]\\d|三十一?|二?十{_DIGIT}?)(?![零〇一二三四五六七八九十百千万\\d块元个天多年月点期号日])"
)
_OF_CENTURY = f"{_DIGIT}?十{_DIGIT}?|{_DIGIT}{{2}}"  # 二十六, and 二六 as said of a year
_YEAR = (
    f"(?P<year>[二两]千(?:零?(?:{_OF_CENTURY})|零{_DIGIT})|[12一二][\\d零〇一二三四五六七八九]{{3}}"
    f"|{_any_of(_YEAR_OFFSETS)})年"
)
_MONTHLY = f"(?P<monthly>{_any_of(_MONTH_OFFSETS)})"
_COUNT = "(?P<count>\\d{1,3}|[一二两三四五六七八九十]{1,3})"
_WEEK = "(?:周|星期|礼拜)"


def _number(words: str) -> int | None:
    """The number, the lower of two (两三天); None where the words are none (十十天)."""
    limits = bounds(words)
    return int(limits[0]) if limits else None


def _year_number(words: str, today: date) -> int | None:
    if words in _YEAR_OFFSETS:
        return today.year + _YEAR_OFFSETS[words]
    _, thousand, of_century = words.partition("千")
    if not thousand:
        return int(words.translate(WRITTEN_DIGITS))
    rest = of_century.removeprefix("零")
    written = rest.translate(WRITTEN_DIGITS)
    number = int(written) if written.isdecimal() else _number(rest)
    return None if number is None else 2000 + number


def _calendar_day(year: int | None, month: int | None, day: int | None) -> date | None:
    if year is None or month is None or day is None:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shifted_month(today: date, months: int) -> tuple[int, int]:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def _month_end(year: int | None, month: int | None) -> date | None:
    if year is None or month is None:
        return None
    return _calendar_day(year, month, calendar.monthrange(year, month)[1])


def _written(found: re.Match[str], today: date, past: bool) -> date | None:
    return _calendar_day(int(found["year"]), int(found["month"]), int(found["day"]))


def _month_and_day(found: re.Match[str], today: date, past: bool) -> date | None:
    month, day = _number(found["month"]), _number(found["day"] or found["bare_day"])
    if found["year"]:
        return _calendar_day(_year_number(found["year"], today), month, day)
    near = [_calendar_day(today.year + shift, month, day) for shift in (-1, 0, 1)]
    days = [candidate for candidate in near if candidate and (not past or candidate <= today)]
    return min(days, key=lambda candidate: abs(candidate - today), default=None)


def _day_of_month(found: re.Match[str], today: date, past: bool) -> date | None:
    day = _number(found["day"])
    if day is None:
        return None
    if found["monthly"]:
        return _calendar_day(*_shifted_month(today, _MONTH_OFFSETS[found["monthly"]]), day)
    shift = -int(day > today.day) if past else int(day < today.day)
    return _calendar_day(*_shifted_month(today, shift), day)


def _end_of_month(found: re.Match[str], today: date, past: bool) -> date | None:
    if found["month"]:
        month = _number(found["month"])
        if found["year"]:
            return _month_end(_year_number(found["year"], today), month)
        near = [_month_end(today.year + shift, month) for shift in (-1, 0, 1)]
        return min(filter(None, near), key=lambda candidate: abs(candidate - today), default=None)
    return _month_end(*_shifted_month(today, _MONTH_OFFSETS[found["monthly"]] if found["monthly"] else 0))


def _relative_day(found: re.Match[str], today: date, past: bool) -> date | None:
    return today + timedelta(days=_DAY_OFFSETS[found.group()])


def _day_of_week(found: re.Match[str], today: date, past: bool) -> date | None:
    days = _WEEKDAYS[found["weekday"]] - today.weekday()
    if found["week"]:
        return today + timedelta(days=days + 7 * _WEEK_OFFSETS[found["week"]])
    return today + timedelta(days=days % 7)


def _days_later(found: re.Match[str], today: date, past: bool) -> date | None:
    count = _number(found["count"])
    return None if count is None else today + timedelta(days=count * (7 if found["weeks"] else 1))


def _half_a_month_later(found: re.Match[str], today: date, past: bool) -> date | None:
    return today + timedelta(days=15)


def _hours_later(found: re.Match[str], today: date, past: bool) -> date | None:
    return today + timedelta(days=2 if found.group().startswith(("四", "48")) else 1)


_PATTERNS: tuple[tuple[re.Pattern[str], _Resolver | None], ...] = tuple(
    (re.compile(pattern), resolve)
    for pattern, resolve in (
        ("(?P<year>20\\d\\d)(?P<mark>[/.-])(?P<month>\\d{1,2})(?P=mark)(?P<day>\\d{1,2})(?!\\d)", _written),
        (f"{_NO_DIGIT_BEFORE}(?:{_YEAR}的?)?{_MONTH}的?(?:{_DAY}|{_BARE_DAY})", _month_and_day),
        (f"(?:{_MONTHLY}的?|{_NO_DIGIT_BEFORE}{_NO_STREET_BEFORE}){_DAY}", _day_of_month),
        (f"(?:{_MONTHLY}|(?:{_YEAR}的?)?{_MONTH}|月)的?(?:[底末]|最后[一1]天)", _end_of_month),
        (_any_of(_DAY_OFFSETS), _relative_day),
        (
            f"(?P<week>{_any_of(_WEEK_OFFSETS)})?{_WEEK}(?P<weekday>[一二三四五六日天1-7])(?!\\d)",
            _day_of_week,
        ),
        (f"{_NO_DIGIT_BEFORE}{_COUNT}(?:天|(?P<weeks>个?{_WEEK}))(?:(?:之|以)?[后内])", _days_later),
        ("半个?月(?:(?:之|以)?[后内])", _half_a_month_later),
        ("(?:四十八|48|二十四|24)个?小时(?:(?:之|以)?内)", _hours_later),
        (f"(?<![超已经])过(?!两天){_COUNT}(?:天|(?P<weeks>个?{_WEEK}))(?!了)", _days_later),
        ("[这过]两天|[这过]几天|两三天|三五天|最近几天|近期|过段时间|过一阵|改天|年底|年前|明年", None),
        (f"{_any_of(_WEEK_OFFSETS)}?周末|下下?个?{_WEEK}(?!末)", None),
        (f"{_any_of(_MONTH_OFFSETS)}[初中]旬?|月初|月中|[上中下]旬|下半个?月|下下?个?月", None),
        (f"{_NO_DIGIT_BEFORE}{_YEAR}{_MONTH}", None),
    )
)


def _leftmost_longest(text: str) -> list[tuple[re.Match[str], _Resolver | None]]:
    found = [(match, resolve) for pattern, resolve in _PATTERNS for match in pattern.finditer(text)]
    found.sort(key=lambda pair: (pair[0].start(), -pair[0].end()))
    kept: list[tuple[re.Match[str], _Resolver | None]] = []
    for match, resolve in found:
        if not kept or match.start() >= kept[-1][0].end():
            kept.append((match, resolve))
    return kept


def _names_year(found: re.Match[str]) -> bool:
    year = found.groupdict().get("year")
    return year is not None and year not in _YEAR_OFFSETS
