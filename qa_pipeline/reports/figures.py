"""How figures are written for people; what is not defined is a dash, never a zero."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from qa_pipeline.i18n import gettext as _
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.outlook import Outlook, Range
from qa_pipeline.reports.rates import Average

NOTHING = "—"


def clock(ms: int | None) -> str:
    """A place in a recording, ``m:ss.t``."""
    if ms is None:
        return NOTHING
    minutes, rest = divmod(ms // 100, 600)
    return f"{minutes}:{rest // 10:02}.{rest % 10}"


def duration(ms: int | None) -> str:
    """A length, ``m:ss`` or ``h:mm:ss``."""
    if ms is None:
        return NOTHING
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def number(value: float | None, places: int = 1) -> str:
    """Points and averages, without idle zeros."""
    if value is None:
        return NOTHING
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None, places: int = 0) -> str:
    """A share of 0..1."""
    return NOTHING if share is None else f"{share * 100:.{places}f}%"


def interval(bounds: tuple[float, float] | None) -> str:
    """The bounds of a share."""
    return NOTHING if bounds is None else f"{bounds[0] * 100:.0f}–{bounds[1] * 100:.0f}%"


def amount(yuan: Decimal | None) -> str:
    """Yuan to the cent."""
    return NOTHING if yuan is None else f"¥{yuan:,.2f}"


def moment(at: datetime | None) -> str:
    """Date and time as the call log has them."""
    return NOTHING if at is None else at.strftime("%Y-%m-%d %H:%M")


def score_range(scores: Range) -> str:
    """Points from the lowest to the highest; one figure where both are the same."""
    lowest, highest = number(scores.lowest), number(scores.highest)
    return lowest if lowest == highest else f"{lowest}–{highest}"


def share_range(shares: Range) -> str:
    """A share from the lowest to the highest; one figure where both are the same."""
    lowest, highest = percent(shares.lowest), percent(shares.highest)
    return lowest if lowest == highest else f"{lowest.removesuffix('%')}–{highest}"


def counts(of: Proportion) -> str:
    """The counts of a share alone."""
    return f"{of.count}/{of.total}" if of.total else NOTHING


def passes(expected: Outlook) -> str:
    """The counts behind a pass rate, and what is still open."""
    if not (expected.waiting or expected.undecided):
        return share(expected.passed)
    return _("{passed} passed · {waiting} red lines not confirmed · {undecided} undecided").format(
        passed=expected.passed.count, waiting=expected.waiting, undecided=expected.undecided
    )


def sample(figure: Average | Range) -> str:
    """How many calls an average rests on, and whether they are too few."""
    if figure.small_sample:
        return _("n = {count}, small sample").format(count=figure.n)
    return _("n = {count}").format(count=figure.n)


def share(of: Proportion) -> str:
    """The counts behind a share, and its interval; a dash where nothing was counted."""
    if not of.total:
        return NOTHING
    return _("{count} of {total}, between {interval} (95 %)").format(
        count=of.count, total=of.total, interval=interval(of.interval)
    )
