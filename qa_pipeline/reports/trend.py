"""How scores went from day to day or from week to week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qa_pipeline.reports.rates import Average, average
from qa_pipeline.types import Inspection, Scorecard

_DAILY_UP_TO = 14
"""Longest period, in days, whose trend goes by days; a longer one goes by weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """The calls of a day, or of the week that begins on `start`."""

    start: date
    calls: int
    score: Average
    red_lines: int


def call_day(inspection: Inspection) -> date | None:
    """The day of a call in the time zone of its call log."""
    started_at = inspection.call.started_at
    return started_at.date() if started_at else None


def average_score(cards: Iterable[Scorecard]) -> Average:
    """The mean of the scores that there are."""
    return average([card.normalised for card in cards if card.normalised is not None])


def is_daily(judged: Sequence[Inspection]) -> bool:
    """Whether the calls lie so close together that their trend goes by days."""
    days = [day for one in judged if (day := call_day(one))]
    return not days or (max(days) - min(days)).days < _DAILY_UP_TO


def trend(judged: Sequence[Inspection], *, daily: bool) -> tuple[TrendPoint, ...]:
    """One point for each day, or week, that has judged calls; calls without a time are in none."""
    groups: dict[date, list[Inspection]] = defaultdict(list)
    for one in judged:
        if day := call_day(one):
            groups[day if daily else day - timedelta(days=day.weekday())].append(one)
    return tuple(_point(start, groups[start]) for start in sorted(groups))


def _point(start: date, calls: Sequence[Inspection]) -> TrendPoint:
    cards = [one.scorecard for one in calls if one.scorecard]
    return TrendPoint(
        start=start,
        calls=len(calls),
        score=average_score(card for card in cards if not card.provisional),
        red_lines=sum(card.fatal for card in cards),
    )
