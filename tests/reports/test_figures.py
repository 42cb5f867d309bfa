"""Figures as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from qa_pipeline.proportion import Proportion
from qa_pipeline.reports import figures
from qa_pipeline.reports.rates import Average
from tests.builders import BEIJING


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figures.clock(0), "0:00.0"),
        (figures.clock(65_432), "1:05.4"),
        (figures.clock(3_600_000), "60:00.0"),
        (figures.duration(59_600), "1:00"),
        (figures.duration(3_725_000), "1:02:05"),
        (figures.number(80.0), "80"),
        (figures.number(0.0), "0"),
        (figures.number(83.333), "83.3"),
        (figures.number(100, 0), "100"),
        (figures.percent(0.456), "46%"),
        (figures.percent(0.0012, 1), "0.1%"),
        (figures.interval((0.05, 0.301)), "5–30%"),
        (figures.amount(Decimal("12345.6")), "¥12,345.60"),
        (figures.moment(datetime(2026, 3, 16, 9, 42, tzinfo=BEIJING)), "2026-03-16 09:42"),
        (figures.sample(Average(value=80.0, n=29)), "n = 29，样本偏小"),
        (figures.sample(Average(value=80.0, n=30)), "n = 30"),
        (figures.share(Proportion(count=0, total=0)), "—"),
    ],
)
def test_figures(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    "show",
    [
        *(figures.clock, figures.duration, figures.number, figures.percent),
        *(figures.interval, figures.amount, figures.moment),
    ],
)
def test_what_is_undefined_is_a_dash(show: object) -> None:
    assert callable(show)
    assert show(None) == "—"
