"""Figures that contradict the case data: amounts, and how long the debt is overdue."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from qa_pipeline.language.entities import Agreement, amounts_agree, find_amounts, find_overdue_days
from qa_pipeline.language.numerals import bounds, pattern
from qa_pipeline.rules.figure_sounds import said_amount, said_overdue_days
from qa_pipeline.types import CallMetadata

DAYS_OF_A_PERIOD = 31
"""The longest billing month."""

_DAYS = "第?(?P<count>{numeral})天(?!之?内|以内|之?后(?![面续])|以后|前)"
_TELLING_DIGITS = 3
"""An amount with fewer digits that are not idle zeros is said of many things."""
_TELLING_DAYS = 8
"""Up to a week is said of what is to come."""

Figure = Literal["amount", "overdue_days"]
"""What the case data have a figure of."""

_OTHER_AMOUNTS = ("past_due", "total_due")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A figure at characters [start, end) that is none of the case data's.

    Args:
        maybe_misheard: it differs from one of them by digits that sound alike.
        inflated: it is more than all of them.
    """

    start: int
    end: int
    maybe_misheard: bool
    inflated: bool = False


def contradictions(
    figure: Figure, text: str, call: CallMetadata, *, exactly: bool = False
) -> tuple[Contradiction, ...]:
    """The figures in a normalised text that the case data contradict; none where the data are silent.

    A vague or rounded figure contradicts nothing (四千三 of 4321.50), nor does one day more or less. Where a
    right figure stands in the same text, or what sounds like it, the others are parts of it; but not what is
    more than all that is owed, where only the minimum payment is right.

    Args:
        exactly: a rounded amount contradicts too.
    """
    if figure == "amount":
        known = known_amounts(call)
        least = None if call.min_due == call.amount_due else call.min_due
        found = tuple(_amounts(text, known, least, exactly))
        sounds_right = found and any(any(said_amount(text, right)) for right in known if right != least)
        if found and least is not None and any(said_amount(text, least)):
            found = tuple(one for one in found if one.inflated)
    elif call.overdue_days is not None:
        found = tuple(_overdue(text, call.overdue_days))
        sounds_right = found and any(said_overdue_days(text, call.overdue_days))
    else:
        return ()
    return () if sounds_right else found


def statements(figure: Figure, text: str, call: CallMetadata) -> tuple[tuple[int, int], ...]:
    """Where a normalised text says the very figure of the case data, or what sounds like it."""
    if figure == "amount":
        due = call.amount_due
        return () if due is None else tuple(_said_amounts(text, due)) or tuple(said_amount(text, due))
    days = call.overdue_days
    return () if days is None else tuple(_said_days(text, days)) or tuple(said_overdue_days(text, days))


def _said_amounts(text: str, due: Decimal) -> Iterator[tuple[int, int]]:
    for amount in find_amounts(text):
        if amount.value == due and not amount.vague:
            yield amount.start_char, amount.end_char
    if len(_digits(due)) < _TELLING_DIGITS:
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
        # Beside the right minimum payment only what is more than all that is owed is no part of it.
        if value is not None and (not right or value > max(known)):
            alike = any(amounts_agree(value, each) is Agreement.MAYBE for each in known)
            yield Contradiction(amount.start_char, amount.end_char, alike, value > max(known))


def _rounds(said: Decimal, known: Decimal) -> bool:
    """Whether the amount said is the known one, or it with its last places left out or rounded off."""
    if said == known:
        return True
    places = said.normalize().as_tuple().exponent
    return isinstance(places, int) and abs(said - known) < Decimal(10) ** places and len(_digits(said)) > 1


def _digits(amount: Decimal) -> tuple[int, ...]:
    return amount.normalize().as_tuple().digits


_MONTHS_AND_MORE = re.compile(
    "(?:逾期|拖欠?|欠)(?:了|都|已经|快|有)*(?P<count>[一二两三四五六七八九十])个多月"
)


def _overdue(text: str, known: int) -> Iterator[Contradiction]:
    for more in _MONTHS_AND_MORE.finditer(text):
        limits = bounds(more["count"])
        if limits is not None and not _within(int(limits[0]) + 1, known):
            yield Contradiction(more.start(), more.end(), False)
    for said in find_overdue_days(text):
        if said.days is not None and abs(said.days - known) > 1:
            agreement = amounts_agree(Decimal(said.days), Decimal(known))
            yield Contradiction(said.start_char, said.end_char, agreement is Agreement.MAYBE)
        if said.periods is not None and not _within(said.periods, known):
            yield Contradiction(said.start_char, said.end_char, False)


def _within(periods: int, days: int) -> bool:
    """Whether so many days are that many months or billing periods, begun or completed."""
    return (periods - 1) * (DAYS_OF_A_PERIOD - 3) - 1 <= days <= (periods + 1) * DAYS_OF_A_PERIOD
