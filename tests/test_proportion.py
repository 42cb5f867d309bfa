"""Shares and their Wilson intervals against published values."""

from __future__ import annotations

import pytest

from qa_pipeline.proportion import Proportion


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        # Newcombe (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_interval(count: int, total: int, low: float, high: float) -> None:
    interval = Proportion(count=count, total=total).interval
    assert interval is not None
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_is_undefined() -> None:
    empty = Proportion(count=0, total=0)
    assert empty.rate is None
    assert empty.interval is None


def test_shares_add_by_counts() -> None:
    assert Proportion(count=1, total=2) + Proportion(count=3, total=4) == Proportion(count=4, total=6)
