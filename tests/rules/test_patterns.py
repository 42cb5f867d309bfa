"""Patterns are searched for a moment, and once more where the machine stood still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
import regex

from qa_pipeline.rules.patterns import Search, compile_pattern, find_all


class Stalled:
    """A pattern that the machine has no time for, the first times."""

    def __init__(self, times: int) -> None:
        self.pattern = "上门"
        self._times = times

    def finditer(self, text: str, **options: Any) -> Iterator[regex.Match[str]]:
        if self._times:
            self._times -= 1
            raise TimeoutError
        return compile_pattern(self.pattern).finditer(text, **options)


@pytest.mark.parametrize(("times", "expected"), [
    (0, Search(found=((1, 3),))),
    (1, Search(found=((1, 3),))),
    (2, Search(given_up=True)),
])  # fmt: skip
def test_a_machine_that_stood_still_costs_no_finding(times: int, expected: Search) -> None:
    assert find_all(cast("regex.Pattern[str]", Stalled(times)), "我上门") == expected
