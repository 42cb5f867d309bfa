"""Whether the figure of the case data was said, however recognition wrote it; never another figure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qa_pipeline.language.normalization import normalize
from qa_pipeline.rules.figure_sounds import said_amount, said_overdue_days


@pytest.mark.parametrize(("text", "amount", "expected"), [
    # Run together, broken off, or with the change in digits.
    ("一共是480006元", "4806", ["480006元"]),
    ("合计6200 七十块三毛整", "6270.30", ["6200,七十块三"]),
    ("欠款5,830块45，请核对", "5830.45", ["5830块45"]),
    ("今天交1300-09块", "1309", ["1300-09块"]),
    ("总共是8.350元", "8350", ["8.350元"]),
    # Letters of the same sound, one of them only near.
    ("这期是武百员", "500", ["武百员"]),
    ("本息意望2650元", "12650", ["意望2650元"]),
    ("两万六千块", "26000", ["两万六千块"]),
    ("二万六千块", "26000", ["二万六千块"]),
    # Another number.
    ("一共是480060元", "4806", []),
    ("一万四千八百零六元", "4806", []),
    ("四千八百零六万", "4806", []),
    ("四十块", "14", []),
    ("2650元", "12650", []),
    ("今天交1300-900块", "1309", []),
    ("总共是8.35元", "8350", []),
    # Too short without its unit.
    ("武百", "500", []),
    ("你好", "4806", []),
    # The number of a card or an account, whatever its length.
    ("卡号是6222021234567890123", "3860.20", []),
    ("账号00000000000000003860.20", "3860.20", []),
    ("卡号6222021234567890123，一共4806元", "4806", ["4806元"]),
    ("9" * 5000, "4806", []),
    # More than there are words for.
    ("一共4806元", "10000000000000000", []),
])  # fmt: skip
def test_amounts(text: str, amount: str, expected: list[str]) -> None:
    normal = normalize(text).text
    assert [normal[start:end] for start, end in said_amount(normal, Decimal(amount))] == expected


@pytest.mark.parametrize(("text", "days", "expected"), [
    # 期 was written as the digit of its sound, in one number with what follows or beside it.
    ("消费贷于765天", 65, ["于765天"]),
    ("到今天与78天了", 18, ["与78天"]),
    ("语气第二十六天", 26, ["语气第二十六天"]),
    ("于740天", 14, []),
    ("逾期四十天", 14, []),
    ("与三十六天", 6, []),
    ("逾期6222021234567890123天", 6, []),
    ("逾期十天", 10**16, []),
])  # fmt: skip
def test_days_overdue(text: str, days: int, expected: list[str]) -> None:
    normal = normalize(text).text
    assert [normal[start:end] for start, end in said_overdue_days(normal, days)] == expected
