"""Where amounts, days, channels and digits are said, by the kinds of the condition language."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from qa_pipeline.language.entities import (
    find_amounts,
    find_channels,
    find_dates,
    find_digits,
    find_institutions,
    find_overdue_days,
    find_phones,
    find_staff_numbers,
)
from qa_pipeline.rules.grammar import EntityKind


@lru_cache(maxsize=8192)  # several rules and elements ask for the same kind in the same passage
def find_facts(kind: EntityKind, text: str, called_at: datetime | None) -> tuple[tuple[int, int], ...]:
    """Start and end of what a condition of this kind finds: what a calendar or a ledger could name.

    A range or a vague day (几千块, 这两天) is no fact, nor is a private way to pay.
    """
    match kind:
        case EntityKind.AMOUNT:
            spans = [(said.start_char, said.end_char) for said in find_amounts(text) if not said.vague]
        case EntityKind.DATE:
            spans = [
                (said.start_char, said.end_char) for said in find_dates(text, called_at) if not said.vague
            ]
        case EntityKind.OVERDUE_DAYS:
            spans = [(said.start_char, said.end_char) for said in find_overdue_days(text) if not said.vague]
        case EntityKind.CHANNEL:
            channels = find_channels(text)
            spans = [(said.start_char, said.end_char) for said in channels if said.official is not False]
        case EntityKind.STAFF_NUMBER:
            spans = [(said.start_char, said.end_char) for said in find_staff_numbers(text)]
        case EntityKind.DIGITS:
            spans = [(said.start_char, said.end_char) for said in find_digits(text)]
        case EntityKind.PHONE:
            spans = [(said.start_char, said.end_char) for said in find_phones(text)]
        case EntityKind.INSTITUTION:
            spans = [(said.start_char, said.end_char) for said in find_institutions(text)]
    return tuple(spans)
