"""How scores went from day to day or from week to week."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from qa_pipeline.reports.rates import Average, average
from qa_pipeline.types import Inspection

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


@dataclass
class _Day:
    calls: int = 0
    scores: list[float] = field(default_factory=list)
    red_lines: int = 0


@dataclass
class TrendTally:
    """Counts judged calls by day as they pass; calls without a time are in no point."""

    _days: dict[date, _Day] = field(default_factory=lambda: defaultdict(_Day))

    def add(self, judged: Inspection) -> None:
        """Count one call."""
        day = call_day(judged)
        if day is None:
            return
        counts, card = self._days[day], judged.scorecard
        counts.calls += 1
        if card is not None:
            counts.red_lines += card.fatal
            if not card.provisional and card.normalised is not None:
                counts.scores.append(card.normalised)

    @property
    def daily(self) -> bool:
        """Whether the calls lie so close together that their trend goes by days."""
        return not self._days or (max(self._days) - min(self._days)).days < _DAILY_UP_TO

    def points(self) -> tuple[TrendPoint, ...]:
        """One point for each day, or week, that has judged calls."""
        groups: dict[date, list[_Day]] = defaultdict(list)
        for day in sorted(self._days):
            groups[day if self.daily else day - timedelta(days=day.weekday())].append(self._days[day])
        return tuple(
            TrendPoint(
                start=start,
                calls=sum(one.calls for one in days),
                score=average([score for one in days for score in one.scores]),
                red_lines=sum(one.red_lines for one in days),
            )
            for start, days in groups.items()
        )
