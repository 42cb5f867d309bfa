"""Days named on the telephone, counted from a Monday in May."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.language.dates import find_dates
from qa_pipeline.language.normalization import normalize, quote

CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2024, 5, 20, 10, 0, tzinfo=CHINA)

DAYS = [
    # words, as quoted, day
    ("今天下班前", "今天", "2024-05-20"),
    ("明儿一早", "明儿", "2024-05-21"),
    ("后天中午", "后天", "2024-05-22"),
    ("今儿个下班前", "今儿", "2024-05-20"),
    ("两千零二十五年一月三号", "两千零二十五年一月三号", "2025-01-03"),
    ("大后天", "大后天", "2024-05-23"),
    ("昨天打过", "昨天", "2024-05-19"),
    ("二十七号", "二十七号", "2024-05-27"),
    ("二十号", "二十号", "2024-05-20"),
    ("八号之前", "八号", "2024-06-08"),
    ("31号", "31号", "2024-05-31"),
    ("这个月二十二号", "这个月二十二号", "2024-05-22"),
    ("下个月六号", "下个月六号", "2024-06-06"),
    ("下月3日", "下月3日", "2024-06-03"),
    ("六月十五号", "六月十五号", "2024-06-15"),
    ("5月12日", "5月12日", "2024-05-12"),
    ("一月三号", "一月三号", "2024-01-03"),
    ("二零二五年一月三号", "二零二五年一月三号", "2025-01-03"),
    ("两千零二六年三月底", "两千零二六年三月底", "2026-03-31"),
    ("两千二三年三月底", "两千二三年三月底", "2023-03-31"),
    ("两千零六年三月五号", "两千零六年三月五号", "2006-03-05"),
    ("二千一十九年三月五号", "二千一十九年三月五号", "2019-03-05"),
    ("两千十年三月五号", "两千十年三月五号", "2010-03-05"),
    ("二〇二三年三月底", "二〇二三年三月底", "2023-03-31"),
    ("一九九八年三月底", "一九九八年三月底", "1998-03-31"),
    ("2023年3月底", "2023年3月底", "2023-03-31"),
    ("去年十二月一号", "去年十二月一号", "2023-12-01"),
    ("2024/6/1", "2024/6/1", "2024-06-01"),
    ("2024-06-01", "2024-06-01", "2024-06-01"),
    ("月底", "月底", "2024-05-31"),
    ("下个月底", "下个月底", "2024-06-30"),
    ("二月底", "二月底", "2024-02-29"),
    ("周三之前", "周三", "2024-05-22"),
    ("周一", "周一", "2024-05-20"),
    ("这周日", "这周日", "2024-05-26"),
    ("下周二", "下周二", "2024-05-28"),
    ("下个礼拜五", "下个礼拜五", "2024-05-31"),
    ("上周五", "上周五", "2024-05-17"),
    ("三天内", "三天内", "2024-05-23"),
    ("两周后", "两周后", "2024-06-03"),
    ("过五天", "过五天", "2024-05-25"),
    # a due date lies behind
    ("到期日是六号", "六号", "2024-05-06"),
    ("还款日是二十八号", "二十八号", "2024-04-28"),
    ("账单日十二月五号", "十二月五号", "2023-12-05"),
    ("从二十八号", "二十八号", "2024-04-28"),
    ("自二十八号", "二十八号", "2024-04-28"),
    ("您借的那笔二十八号", "二十八号", "2024-04-28"),
    ("您办理的贷款二十八号", "二十八号", "2024-04-28"),
    # ... but who pays, from where and with what does not
    ("您自己二十八号", "二十八号", "2024-05-28"),
    ("您从支付宝二十八号", "二十八号", "2024-05-28"),
    ("去银行办理二十八号", "二十八号", "2024-05-28"),
    ("会自动扣款二十八号", "二十八号", "2024-05-28"),
    ("找家里借二十八号", "二十八号", "2024-05-28"),
]


@pytest.mark.parametrize(("raw", "words", "day"), DAYS)
def test_day(raw: str, words: str, day: str) -> None:
    normalized = normalize(raw)
    (mention,) = find_dates(normalized.text, MONDAY)
    assert (mention.day, mention.vague) == (date.fromisoformat(day), False)
    assert quote(raw, normalized, mention.start_char, mention.end_char) == words


VAGUE = [
    "这两天",
    "过几天再看",
    "过两天",
    "下个月吧",
    "月初",
    "下月中旬",
    "周末",
    "明年",
    "改天",
    "下周吧",
    "上旬",
]


@pytest.mark.parametrize("raw", VAGUE)
def test_vague(raw: str) -> None:
    (mention,) = find_dates(normalize(raw).text, MONDAY)
    assert (mention.day, mention.vague) == (None, True)


NONE = [
    "逾期十五天",
    "工号零零四五号",
    "坐一号线",
    "住三号楼",
    "前门大街30号",
    "已经过了三天",
    "超过十天",
    "三千块",
    "尽快",
    "好几个月没还",
    "工作日内",
    "",
]


@pytest.mark.parametrize("raw", NONE)
def test_no_day(raw: str) -> None:
    assert find_dates(normalize(raw).text, MONDAY) == ()


def test_a_due_date_is_spoken_of_in_the_clause_of_its_day() -> None:
    text = "逾期了二十八号还"
    (in_one_clause,) = find_dates(text, MONDAY)
    (of_the_next,) = find_dates(text, MONDAY, clause=lambda _start, end: (3, end))
    assert (in_one_clause.day, of_the_next.day) == (date(2024, 4, 28), date(2024, 5, 28))


def test_several_days_in_order() -> None:
    mentions = find_dates(normalize("到期日是五号，今天二十号，您说二十五号还。").text, MONDAY)
    assert [mention.day and mention.day.day for mention in mentions] == [5, 20, 20, 25]


@pytest.mark.parametrize("words", ["六月三十一号", "十十天后", "两千零二六年二月三十号"])
def test_a_day_that_does_not_exist_has_no_date(words: str) -> None:
    (mention,) = find_dates(words, MONDAY)
    assert (mention.day, mention.vague) == (None, False)


WITHOUT_CALL_TIME = [
    ("二零二四年五月三号", date(2024, 5, 3)),
    ("今年五月三号", None),
    ("明天", None),
    ("五号", None),
]


@pytest.mark.parametrize(("words", "day"), WITHOUT_CALL_TIME)
def test_without_a_call_time_only_a_full_date_is_known(words: str, day: date | None) -> None:
    (mention,) = find_dates(words, None)
    assert (mention.day, mention.vague) == (day, False)


TODAY = [
    (datetime(2024, 5, 20, 17, 0, tzinfo=UTC), date(2024, 5, 21)),
    (datetime(2024, 5, 20, 10, 0, tzinfo=UTC), date(2024, 5, 20)),
    (datetime(2024, 5, 20, 23, 0), date(2024, 5, 20)),  # noqa: DTZ001
]


@pytest.mark.parametrize(("called_at", "day"), TODAY)
def test_days_are_counted_in_china_standard_time(called_at: datetime, day: date) -> None:
    (mention,) = find_dates("今天", called_at)
    assert mention.day == day


WEEK_EDGES = [
    (datetime(2024, 5, 26, tzinfo=CHINA), "下周一", date(2024, 5, 27)),
    (datetime(2024, 5, 26, tzinfo=CHINA), "周日", date(2024, 5, 26)),
    (datetime(2024, 5, 25, tzinfo=CHINA), "周五", date(2024, 5, 31)),
    (datetime(2024, 12, 30, tzinfo=CHINA), "三号", date(2025, 1, 3)),
    (datetime(2024, 12, 30, tzinfo=CHINA), "一月三号", date(2025, 1, 3)),
    (datetime(2025, 1, 2, tzinfo=CHINA), "到期日是三十号", date(2024, 12, 30)),
]


@pytest.mark.parametrize(("called_at", "words", "day"), WEEK_EDGES)
def test_the_edges_of_weeks_and_years(called_at: datetime, words: str, day: date) -> None:
    (mention,) = find_dates(words, called_at)
    assert mention.day == day


DAY_WORDS = "今明后天上下本这个周月年底初末号日一二三十五0123456789过内后星期零两千去"


@given(st.text(alphabet=DAY_WORDS, max_size=12))
def test_any_heap_of_day_words_is_survived(text: str) -> None:
    edge = 0
    for mention in find_dates(text, MONDAY):
        assert edge <= mention.start_char < mention.end_char <= len(text)
        edge = mention.end_char
