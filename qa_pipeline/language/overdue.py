"""How long a debt is said to be overdue, in days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qa_pipeline.language.numerals import bounds
from qa_pipeline.language.phonetics import spelled_as


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueMention:
    """How long a debt is said to be overdue.

    Args:
        least, most: in days; the same where days are said, apart where months, weeks or billing periods are.
        vague: whether the count itself is left open (三个多月, 大半年).
    """

    start_char: int
    end_char: int
    least: int
    most: int
    vague: bool = False


SHORTEST_MONTH, LONGEST_MONTH = 28, 31
"""Days of a calendar month, and of a billing period."""

# 逾期超过九十天会移交 names a limit, not this debt.
_CONDITION = "(?!以上|的话|会|将|可能|之?后(?![面续])|之?内)"
_COUNT = "第?(?P<count>\\d{1,4}|[一二两三四五六七八九十百零]{1,6}|[仨俩](?=月))"
_MORE = "(?:[零又加外]?(?:带|有)?(?P<more>[一二两三四五六七八九十]{1,3})天)?"
_WEEKS = "个?(?P<weeks_part>多)?(?:星期|礼拜)|周"
_UNIT = f"(?P<unit>天|期|个账期|{_WEEKS}|个?(?P<part>半|多|来)?月){_MORE}{_CONDITION}"
_WITHOUT_COUNT = {
    "半个月": (13, 17),
    "半月": (13, 17),
    "大半个月": (16, 30),
    "小半年": (90, 183),
    "半年": (152, 214),
    "半年多": (183, 335),
    "大半年": (183, 335),
    "一年": (335, 395),
    "一年多": (365, 700),
    "一年半": (487, 608),
    "两年": (670, 790),
}
"""Days at least and at most; half a year may be a month off, as months are."""
_SPAN = (
    f"(?:{_COUNT}{_UNIT}|(?P<whole>{'|'.join(sorted(_WITHOUT_COUNT, key=len, reverse=True))}){_CONDITION})"
)
_DAYS = f"{_COUNT}(?P<unit>天){_CONDITION}"
_TWINS = {"俩": "两", "仨": "三"}
_PARTS = {"半": (8, -8), "多": (0, 0), "来": (0, 0), None: (-SHORTEST_MONTH, -1)}
"""Days more than the months that are counted at least, and more than one month beyond them at most."""
_LINK = (
    "(?:已经|已|都|了|是|有|到|为止|现在|今[天儿日]|眼下|超过|超|过|可|整|足|刚好"
    "|时间|天数|的|呢|嘛|您|你|目前|累计|连续|快|又|将近)*"
)
_UNPAID = (
    "(?:还?没有?还|未还|没有?处理|没交|没扣|没[动缴付]|没入账|没还上|逾期|未结清|没有?结清"
    "|没(?:往|朝|向)[^，]{1,4}(?:放|存|打|交)|没给(?![我你您他她咱]|工|发|打电话|报)|一[分毛]钱?[都也]?没[还给交动进付])"
)
_OVERDUE = tuple(
    re.compile(pattern)
    for pattern in (
        f"(?:逾期|过期|超期|拖欠|断[供交缴]|欠款?|[拖超晚迟断挂搁压][了到]|拖就|超时间|账龄|计的?是|眼下过了){_LINK}{_SPAN}",
        f"(?:到期日?|还款日|截?[至止到](?:今[天儿日]|现在)|今天){_LINK}{_DAYS}",
        f"(?:才|整整|足足){_DAYS}",
        f"(?:截?[至止到](?:今[天儿日]|现在)|前前?后后?){_LINK}(?:也就|大概)?{_SPAN}",
        f"(?:已经|已)(?:超?过了?)?{_DAYS}",
        f"(?:都|已经|已|这|才|又)过(?:去|了)+(?:都|有|快|足足|整整)*{_SPAN}",
        f"{_SPAN}{_LINK}{_UNPAID}",
        f"(?:一[分毛]|分文)钱?[都也]?[没未][还给交动进付][过上]?{_LINK}{_SPAN}",
        f"第(?P<count>\\d{{2,4}}|[一二三四五六七八九十百零]{{2,6}})(?P<unit>天){_CONDITION}",
        # Of so many days an agent speaks of the debt alone, but for `_OF_LIFE`.
        "(?P<count>[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五]百零?[一二三四五六七八九十]{0,3})(?P<unit>天)[了啦咧嘞喽哩]",
        # More than a month has days: no date.
        f"(?P<count>[四五六七八九]十[一二三四五六七八九]?|[一二三]百零?[一二三四五六七八九十]{{1,3}})(?P<unit>日){_CONDITION}",
    )
)


_OF_LIFE = re.compile(
    "(?:住院|出院|生病|手术|失业|停工|离职|上班|出差|出门|怀孕|隔离|休息|休假|结婚|过世|走)(?:了|都|有|已经|快)*$"
)
"""What befell the customer is counted in days, too."""


def find_overdue_days(text: str) -> tuple[OverdueMention, ...]:
    """How long a debt is overdue, where a number says it (逾期十五天, 到今天第三十二天, 两期没还).

    逾期 also counts when recognised as a word of the same sound (预期十五天, 语气了十五天).
    """
    heard = spelled_as(text, "逾期", "逾期")
    matches = sorted(
        (match for pattern in _OVERDUE for match in pattern.finditer(heard)),
        key=lambda match: (match.start(), -match.end()),
    )
    mentions: list[OverdueMention] = []
    for match in matches:
        days = _days_of(match)
        inside = mentions and match.start() < mentions[-1].end_char
        if days is not None and not inside and not _OF_LIFE.search(heard, 0, match.start()):
            least, most = days
            mentions.append(
                OverdueMention(
                    start_char=match.start(),
                    end_char=match.end(),
                    least=least,
                    most=most,
                    vague=_is_vague(match.groupdict()),
                )
            )
    return tuple(mentions)


def _days_of(found: re.Match[str]) -> tuple[int, int] | None:
    """How many days are said at least and at most; None where the count is none, or vague.

    Months and billing periods without days beside them may have begun or be over.
    """
    said = found.groupdict()
    if said.get("whole"):
        return _WITHOUT_COUNT[said["whole"]]
    limits = bounds(_TWINS.get(said["count"], said["count"]))
    if limits is None or limits[0] != limits[1]:
        return None
    count, unit = int(limits[0]), said["unit"]
    more = bounds(said["more"]) if said.get("more") else None
    if unit in {"天", "日"}:
        return count, count
    if unit.endswith(("周", "星期", "礼拜")):
        return 7 * (count if said.get("weeks_part") else count - 1), 7 * (count + 1)
    if more is not None:
        return SHORTEST_MONTH * count + int(more[0]), LONGEST_MONTH * count + int(more[1])
    begun, over = _PARTS[said.get("part")]
    return SHORTEST_MONTH * count + begun, LONGEST_MONTH * (count + 1) + over


def _is_vague(said: Mapping[str, str | None]) -> bool:
    words = (said.get(name) or "" for name in ("part", "weeks_part", "whole"))
    return not {"多", "来", "大", "小"}.isdisjoint("".join(words))
