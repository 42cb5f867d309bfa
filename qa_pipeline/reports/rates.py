"""Shares and averages with the numbers they rest on: undefined is None, never 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SMALL_SAMPLE = 30
"""Below so many calls a figure says little (domain 4.3)."""

_Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `total`."""

    count: int
    total: int

    @property
    def rate(self) -> float | None:
        """None where nothing was counted."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson score interval, 95 % (E. B. Wilson, 1927)."""
        if not self.total:
            return None
        rate, n = self.count / self.total, self.total
        centre = (rate + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """The mean of `n` values; None where there are none."""

    value: float | None
    n: int

    @property
    def small_sample(self) -> bool:
        return self.n < SMALL_SAMPLE


def average(values: Sequence[float]) -> Average:
    """The mean of the values."""
    return Average(value=math.fsum(values) / len(values) if values else None, n=len(values))
