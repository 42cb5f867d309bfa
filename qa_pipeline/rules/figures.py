"""Figures that contradict the case data: amounts, the day that was due, and how long the debt is overdue."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from qa_pipeline.language.amounts import PRECISE_DIGITS, last_place, telling_digits
from qa_pipeline.language.dates import day_of, find_dates
from qa_pipeline.language.entities import Agreement, amounts_agree, find_amounts, find_overdue_days
from qa_pipeline.language.numerals import bounds, pattern
from qa_pipeline.rules.figure_sounds import said_amount, said_overdue_days
from qa_pipeline.types import CallMetadata

_DAYS = "第?(?P<count>{numeral})天(?!之?内|以内|之?后(?![面续])|以后|前)"
_TELLING_DIGITS = 3
"""An amount with fewer digits that are not idle zeros is said of many things."""
_LEAST_TOLD = 10
"""Fewer yuan are no debt that anybody calls about: 三块 is three pieces too."""
_LONG_AGO = timedelta(days=270)
"""还款日是四月二十三号, said in March without a year, is next month's."""
_TELLING_DAYS = 8
"""Up to a week is said of what is to come."""

Figure = Literal["amount", "least_amount", "overdue_days", "due_date"]
"""What the case data have a figure of; an amount is all that is due, or any other of them."""

Trait = Literal["inflated", "precise", "scrambled"]
"""How an amount contradicts the case data: it is more than any of theirs, has as many digits as only an
account has, or the digits of one of theirs in another order."""

_OTHER_AMOUNTS = ("past_due", "total_due")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A figure at characters [start, end) that is none of the case data's.

    Args:
        maybe_misheard: it differs from one of them by digits that sound alike.
        traits: what an amount shows besides.
    """

    start: int
    end: int
    maybe_misheard: bool
    traits: frozenset[Trait] = frozenset()


def contradictions(
    figure: Figure, text: str, call: CallMetadata, *, exactly: bool = False
) -> tuple[Contradiction, ...]:
    """The figures in a normalised text that the case data contradict; none where the data are silent.

    A day contradicts where neither it nor another one in the text was due (see `_due_dates`).

    A vague or rounded figure contradicts nothing (四千三 of 4321.50), nor does one day more or less. Where a
    right figure stands in the same text, or what sounds like it, the others are parts of it; but not what is
    more than all that is owed, where only the minimum payment is right.

    Args:
        exactly: a rounded amount contradicts too.
    """
    match figure:
        case "amount":
            return _amount_contradictions(text, call, exactly=exactly)
        case "least_amount":
            return _least_contradictions(text, call, exactly=exactly)
        case "overdue_days":
            return _overdue_contradictions(text, call.overdue_days)
        case "due_date":
            return tuple(_due_dates(text, call))


def statements(figure: Figure, text: str, call: CallMetadata) -> tuple[tuple[int, int], ...]:
    """Where a normalised text says the very figure of the case data, or what sounds like it."""
    match figure:
        case "amount" | "least_amount":
            due = call.amount_due if figure == "amount" else call.min_due
            return () if due is None else tuple(_said_amounts(text, due)) or tuple(said_amount(text, due))
        case "overdue_days":
            days = call.overdue_days
            if days is None:
                return ()
            return tuple(_said_days(text, days)) or tuple(said_overdue_days(text, days))
        case "due_date":
            said = find_dates(text, call.started_at)
            return tuple(
                (one.start_char, one.end_char) for one in said if one.day and one.day == call.due_date
            )


def _said_amounts(text: str, due: Decimal) -> Iterator[tuple[int, int]]:
    for amount in find_amounts(text):
        if amount.value == due and not amount.vague:
            yield amount.start_char, amount.end_char
    if len(telling_digits(due)) < _TELLING_DIGITS:
        return
    for numeral in pattern().finditer(text):  # the money word was lost or misheard
        limits = bounds(numeral.group())
        if limits == (due, due):
            yield numeral.span()


def _said_days(text: str, overdue: int) -> Iterator[tuple[int, int]]:
    for said in pattern(_DAYS).finditer(text):
        limits = bounds(said["count"])
        if limits == (Decimal(overdue), Decimal(overdue)) and overdue >= _TELLING_DAYS:
            yield said.span()


def known_amounts(call: CallMetadata) -> tuple[Decimal, ...]:
    """The amounts that the case data give: due, least, and what else is stated."""
    known = [amount for amount in (call.amount_due, call.min_due) if amount is not None]
    for key, value in call.extra:
        if key in _OTHER_AMOUNTS:
            try:
                amount = Decimal(value)
            except InvalidOperation:
                continue
            if amount.is_finite() and amount >= 0:
                known.append(amount)
    return tuple(known)


def _amount_contradictions(text: str, call: CallMetadata, *, exactly: bool) -> tuple[Contradiction, ...]:
    known = known_amounts(call)
    least = None if call.min_due == call.amount_due else call.min_due
    found = tuple(_amounts(text, known, least, exactly))
    if found and any(any(said_amount(text, right)) for right in known if right != least):
        return ()
    if found and least is not None and any(said_amount(text, least)):
        return tuple(one for one in found if "inflated" in one.traits)
    return found


def _least_contradictions(text: str, call: CallMetadata, *, exactly: bool) -> tuple[Contradiction, ...]:
    """Amounts that are neither the minimum payment nor another amount of the case data."""
    if call.min_due is None:
        return ()
    found = tuple(_amounts(text, (call.min_due,), None, exactly))
    if found and any(said_amount(text, call.min_due)):
        return ()
    others = [
        span for due in known_amounts(call) for span in (*_said_amounts(text, due), *said_amount(text, due))
    ]
    return tuple(
        one for one in found if not any(start < one.end and one.start < end for start, end in others)
    )


def _amounts(
    text: str, known: tuple[Decimal, ...], least: Decimal | None, exactly: bool
) -> Iterator[Contradiction]:
    said = [(amount, amount.value) for amount in find_amounts(text) if not amount.vague]
    values = [value for _, value in said if value is not None]
    agree = operator.eq if exactly else _rounds
    right = {each for value in values for each in known if agree(value, each)}
    if not known or right - {least}:
        return
    for amount, value in said:
        # Beside the right minimum payment only what is more is no part of it.
        if value is not None and value >= _LEAST_TOLD and all(value > each for each in right):
            alike = any(amounts_agree(value, each) is Agreement.MAYBE for each in known)
            yield Contradiction(
                amount.start_char,
                amount.end_char,
                maybe_misheard=alike,
                traits=frozenset(_traits(value, known)),
            )


def _traits(said: Decimal, known: tuple[Decimal, ...]) -> Iterator[Trait]:
    if said > max(known):
        yield "inflated"
    if len(telling_digits(said)) >= PRECISE_DIGITS:
        yield "precise"
    if any(_is_scrambled(said, each) for each in known):
        yield "scrambled"


def _rounds(said: Decimal, known: Decimal) -> bool:
    """Whether the amount said is the known one, or it with its last places left out or rounded off."""
    if said == known:
        return True
    return abs(said - known) < last_place(said) and len(telling_digits(said)) > 1


def _is_scrambled(said: Decimal, known: Decimal) -> bool:
    """Whether the digits are the known ones in another order: 636.21 for 366.21, 86700 for 87600."""
    digits = telling_digits(said)
    same = said != known and sorted(digits) == sorted(telling_digits(known))
    return same and len(digits) >= _TELLING_DIGITS and said.adjusted() == known.adjusted()


def _overdue(text: str, known: int) -> Iterator[Contradiction]:
    for said in find_overdue_days(text):
        if not said.least - 1 <= known <= said.most + 1:
            exact = said.least == said.most
            alike = exact and amounts_agree(Decimal(said.least), Decimal(known)) is Agreement.MAYBE
            yield Contradiction(said.start_char, said.end_char, alike)


def _overdue_contradictions(text: str, known: int | None) -> tuple[Contradiction, ...]:
    if known is None:
        return ()
    found = tuple(_overdue(text, known))
    return () if found and any(said_overdue_days(text, known)) else found


def _due_dates(text: str, call: CallMetadata) -> Iterator[Contradiction]:
    """Days that are not the one that was due.

    The same day of a later month is another instalment's, of an earlier one it contradicts: before the day
    that is due nothing was. What is to come is not overdue.
    """
    due, called = call.due_date, day_of(call.started_at)
    said = [(one, one.day) for one in find_dates(text, call.started_at) if one.day is not None]
    if due is None or called is None or any(day == due for _, day in said):
        return
    for one, day in said:
        named_year = "年" in text[one.start_char : one.end_char]
        to_come = day >= called or (called - day > _LONG_AGO and not named_year)
        later_instalment = day.day == due.day and day > due
        if not later_instalment and not to_come:
            alike = amounts_agree(Decimal(day.day), Decimal(due.day)) is Agreement.MAYBE
            yield Contradiction(one.start_char, one.end_char, alike)
