"""A quote in its clauses: what a person needs to hear around the words that were found."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 40
"""Characters of a quotation that still reads at a glance; longer quotes stand as they are."""

_CLAUSE_ENDS = re.compile(r"[，,。！？!?；;：:…—]+\s*|(?<![\s\x21-\x7e])\s+(?![\s\x21-\x7e])")
"""Marks, and spaces between Chinese characters: recognised speech has them in place of marks."""

_LEFT_OUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """The words a judgement rests on, and what stands before and after them in their clauses."""

    words: str
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """All of it as one text."""
        return f"{self.before}{self.words}{self.after}"


def quotation(text: str, start: int, end: int) -> Quotation:
    """The characters [start, end) of a text with the rest of the clauses they touch.

    What is longer than `LONGEST` then is cut, and the cut marked.
    """
    marks = [found.span() for found in _CLAUSE_ENDS.finditer(text)]
    low = max((after for _, after in marks if after <= start), default=0)
    high = min((before for before, _ in marks if before >= end), default=len(text))
    before, after = text[low:start], text[end:high]
    if high - low > LONGEST:
        spare = max(LONGEST - (end - start), 0)
        left = min(len(before), max(spare // 2, spare - len(after)))
        before = _cut(before, slice(len(before) - left, None), at_start=True)
        after = _cut(after, slice(spare - left), at_start=False)
    return Quotation(words=text[start:end], before=before, after=after)


def _cut(beside: str, kept: slice, *, at_start: bool) -> str:
    left = beside[kept]
    if left == beside:
        return beside
    return f"{_LEFT_OUT}{left}" if at_start else f"{left}{_LEFT_OUT}"
