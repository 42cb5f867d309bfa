"""Averages with the numbers they rest on: undefined is None, never 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SMALL_SAMPLE = 30
"""Below so many calls a figure says little (domain 4.3)."""


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
