"""What scores can come to once a person has decided on the red lines that wait.

A machine's red line sets a score to a provisional 0. Leaving such calls out would show an agent by the calls
that went well, so figures over them are ranges: the lowest if every waiting red line is confirmed, the
highest if every one is rejected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.rates import SMALL_SAMPLE
from qa_pipeline.types import Grade, Scorecard

_PASSING = frozenset({Grade.EXCELLENT, Grade.GOOD, Grade.PASS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Between what a figure over `n` calls lies; None where there are none."""

    lowest: float | None
    highest: float | None
    n: int

    @property
    def small_sample(self) -> bool:
        return self.n < SMALL_SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Scores and passes over final calls and those with a waiting red line.

    Args:
        score: lowest with a 0 for each waiting call, highest with the points of its form alone.
        pass_rate: lowest with none of the waiting calls passing, highest with all of them.
        passed: final scores with a passing grade, of all final scores.
        waiting: calls with a red line that no person has confirmed.
        undecided: provisional for other reasons; in neither range.
    """

    score: Range
    pass_rate: Range
    passed: Proportion
    waiting: int
    undecided: int


def awaits_confirmation(card: Scorecard) -> bool:
    """Whether a machine's red line stands that no person has decided on."""
    return card.fatal and card.provisional


@dataclass
class OutlookTally:
    """Counts scorecards as they pass, without keeping them."""

    _final: int = 0
    _passed: int = 0
    _waiting: int = 0
    _undecided: int = 0
    _scores: list[float] = field(default_factory=list)
    _form_scores: list[float] = field(default_factory=list)

    def add(self, card: Scorecard) -> None:
        """Count one scorecard."""
        if awaits_confirmation(card):
            self._waiting += 1
            self._form_scores.append(_form_score(card))
        elif card.provisional:
            self._undecided += 1
        elif card.grade is not Grade.UNSCORED:
            self._final += 1
            self._passed += card.grade in _PASSING
            if card.normalised is not None:
                self._scores.append(card.normalised)

    def outlook(self) -> Outlook:
        """The ranges so far."""
        return Outlook(
            score=_range(
                math.fsum(self._scores), math.fsum(self._form_scores), len(self._scores) + self._waiting
            ),
            pass_rate=_range(self._passed, self._waiting, self._final + self._waiting),
            passed=Proportion(count=self._passed, total=self._final),
            waiting=self._waiting,
            undecided=self._undecided,
        )


def _range(certain: float, possible: float, n: int) -> Range:
    if not n:
        return Range(lowest=None, highest=None, n=0)
    return Range(lowest=certain / n, highest=(certain + possible) / n, n=n)


def _form_score(card: Scorecard) -> float:
    return min(100.0, 100 * card.raw / card.potential) if card.potential else 0.0
