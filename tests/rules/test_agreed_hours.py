"""The hours agreed with a customer: what a case record's free text states, and what it leaves open."""

from __future__ import annotations

from datetime import time

import pytest

from qa_pipeline.rules.agreed_hours import Hours, read_hours


def shown(stated: str) -> list[str]:
    return [f"{hours.starts:%H:%M}-{hours.ends:%H:%M}" for hours in read_hours(stated).hours]


@pytest.mark.parametrize(("stated", "expected"), [
    ("20:00-22:30", ["20:00-22:30"]),
    ("20:00 ~ 22:30", ["20:00-22:30"]),
    ("20：00-22：30", ["20:00-22:30"]),
    ("20:00－22:30", ["20:00-22:30"]),
    ("２０：００～２２：３０", ["20:00-22:30"]),
    ("20:00:00-22:30:00", ["20:00-22:30"]),
    ("00:00-24:00", ["00:00-00:00"]),
    ("22:00-02:00", ["22:00-02:00"]),
    ("22:00至次日02:00", ["22:00-02:00"]),
    ("20-23点", ["20:00-23:00"]),
    ("20点到22点半", ["20:00-22:30"]),
    ("20点30分至22点15", ["20:30-22:15"]),
    ("9点到18点", ["09:00-18:00"]),
    # Hours counted to twelve, with the part of the day.
    ("晚上8点到11点", ["20:00-23:00"]),
    ("晚8-10点", ["20:00-22:00"]),
    ("晚上八点半到十点一刻", ["20:30-22:15"]),
    ("晚上20:00至23:00", ["20:00-23:00"]),
    ("晚上8:00-10:00", ["20:00-22:00"]),
    ("晚上8点到12点", ["20:00-00:00"]),
    ("晚上10点到凌晨1点", ["22:00-01:00"]),
    ("晚上10点到1点", ["22:00-01:00"]),
    ("下午6点到10点", ["18:00-22:00"]),
    ("上午9点到下午5点", ["09:00-17:00"]),
    ("中午12点到2点", ["12:00-14:00"]),
    # Several, and words that name no time.
    ("12:00-13:00，21:00-22:30", ["12:00-13:00", "21:00-22:30"]),
    ("周一至周五 18:00-22:30", ["18:00-22:30"]),
    ("客户同意每晚20:00-22:30之间", ["20:00-22:30"]),
    ("", []),
    ("无", []),
])  # fmt: skip
def test_what_can_be_read(stated: str, expected: list[str]) -> None:
    assert shown(stated) == expected
    assert read_hours(stated).whole


@pytest.mark.parametrize(("stated", "expected"), [
    ("8点到10点", []),  # in the morning or in the evening
    ("上午9点到5点", []),
    ("上午9:00-5:00", []),
    ("10点到2点", []),
    ("晚上", []),
    ("全天", []),
    ("下班后，晚上8点以后", []),
    ("20-23", []),
    ("20:75-22:00", []),
    ("25:00-26:00", []),
    ("3月5日20:00-22:00", []),
    ("12:00-13:00，晚上也行", ["12:00-13:00"]),
])  # fmt: skip
def test_what_is_left_open(stated: str, expected: list[str]) -> None:
    assert shown(stated) == expected
    assert not read_hours(stated).whole


@pytest.mark.parametrize(("starts", "ends", "held"), [
    (time(20), time(22), [20, 21]),
    (time(22), time(2), [22, 23, 0, 1]),
    (time(0), time(0), list(range(24))),
])  # fmt: skip
def test_hours_may_reach_over_midnight_and_round_the_clock(starts: time, ends: time, held: list[int]) -> None:
    hours = Hours(starts=starts, ends=ends)

    assert {hour for hour in range(24) if hours.hold(time(hour))} == set(held)
