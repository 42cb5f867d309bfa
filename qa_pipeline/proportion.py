"""A share with its counts and its interval, so that no figure is read without its doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """`count` of `total`."""

    count: int
    total: int

    @property
    def rate(self) -> float | None:
        """None where nothing was counted: undefined is never 0."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson score interval, 95 % (E. B. Wilson, 1927)."""
        if not self.total:
            return None
        rate, n, z2 = self.count / self.total, self.total, Z_95 * Z_95
        centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
        half = Z_95 / (1 + z2 / n) * math.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)

    def __add__(self, other: Proportion) -> Proportion:
        return Proportion(count=self.count + other.count, total=self.total + other.total)
