"""Days as people name them, and the instants at which they begin and end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_FIRST, _LAST = date.min + _DAY, date.max - _DAY
"""Between them every midnight is an instant in UTC too, whatever the zone."""


def beginning(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a day begins; None where no day is named."""
    return None if day is None else _midnight(day, zone)


def end(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a day is over; None where no day is named."""
    return None if day is None else _midnight(min(day, _LAST - _DAY) + _DAY, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(min(max(day, _FIRST), _LAST), time(), tzinfo=zone)
