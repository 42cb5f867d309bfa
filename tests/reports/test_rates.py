"""Shares and averages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.rates import Average, average


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # values of R's binom::binom.wilson
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (50, 100, 0.4038, 0.5962),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_wilson_interval(count: int, total: int, low: float, high: float) -> None:
    assert Proportion(count=count, total=total).interval == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_holds_the_rate_and_stays_a_share(counts: tuple[int, int]) -> None:
    share = Proportion(count=counts[0], total=counts[1])
    assert share.interval is not None
    assert share.rate is not None
    low, high = share.interval
    assert 0 <= low <= share.rate + 1e-12
    assert share.rate - 1e-12 <= high <= 1


def test_of_nothing_there_is_no_rate() -> None:
    assert Proportion(count=0, total=0).rate is None
    assert Proportion(count=0, total=0).interval is None
    assert average([]) == Average(value=None, n=0)


@pytest.mark.parametrize(("n", "small"), [(0, True), (29, True), (30, False)])
def test_fewer_than_thirty_are_few(n: int, small: bool) -> None:
    assert average([80.0] * n).small_sample is small
