"""The figures of a run: how many calls, how they fared, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from qa_pipeline.types import CallStatus, FindingOutcome, Grade, Inspection, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """How often a violation was found, by severity; uncertain findings apart."""

    category: str
    hits: Mapping[Severity, int]
    uncertain: int

    @property
    def total_hits(self) -> int:
        return sum(self.hits.values())

    @property
    def total(self) -> int:
        """Uncertain ones included."""
        return self.total_hits + self.uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """Figures of a run; averages are None where nothing was scored.

    Args:
        audio_ms: of all recordings that could be opened.
        mean_score: of final scores alone; `final_scores` of them.
        mean_provisional: of provisional ones, kept apart because they may change.
        categories: the worst and most frequent first.
        failures: call id and error code of each failed call.
    """

    calls: int
    audio_ms: int
    statuses: Mapping[CallStatus, int]
    grades: Mapping[Grade, int]
    final_scores: int
    mean_score: float | None
    provisional_scores: int
    mean_provisional: float | None
    red_lines: int
    hits: int
    uncertain: int
    categories: tuple[CategoryCount, ...]
    failures: tuple[tuple[str, str], ...]

    @property
    def judged(self) -> int:
        """Calls that were judged: neither failed nor excluded."""
        return self.statuses[CallStatus.SCORED] + self.statuses[CallStatus.NEEDS_REVIEW]

    @property
    def review_share(self) -> float | None:
        """Share of judged calls that a person has to look at."""
        return self.statuses[CallStatus.NEEDS_REVIEW] / self.judged if self.judged else None


@dataclass
class RunTally:
    """Counts inspections as they pass, so that a run of any size is summed up without keeping it."""

    _audio_ms: int = 0
    _statuses: Counter[CallStatus] = field(default_factory=Counter)
    _grades: Counter[Grade] = field(default_factory=Counter)
    _final: list[float] = field(default_factory=list)
    _provisional: list[float] = field(default_factory=list)
    _hits: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    _uncertain: Counter[str] = field(default_factory=Counter)
    _failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, inspection: Inspection) -> None:
        """Count one call."""
        self._statuses[inspection.status] += 1
        self._audio_ms += inspection.recording.duration_ms if inspection.recording else 0
        if inspection.failure and inspection.status is CallStatus.FAILED:
            self._failures.append((inspection.call.call_id, inspection.failure.code))
        card = inspection.scorecard
        if card is not None:
            self._grades[card.grade] += 1
            if card.normalised is not None:
                (self._provisional if card.provisional else self._final).append(card.normalised)
        for finding in inspection.findings:
            if finding.outcome is FindingOutcome.HIT:
                self._hits[finding.category, finding.severity] += 1
            else:
                self._uncertain[finding.category] += 1

    def summary(self) -> RunSummary:
        """The figures so far."""
        return RunSummary(
            calls=self._statuses.total(),
            audio_ms=self._audio_ms,
            statuses={status: self._statuses[status] for status in CallStatus},
            grades={grade: self._grades[grade] for grade in Grade},
            final_scores=len(self._final),
            mean_score=_mean(self._final),
            provisional_scores=len(self._provisional),
            mean_provisional=_mean(self._provisional),
            red_lines=self._grades[Grade.RED_LINE],
            hits=self._hits.total(),
            uncertain=self._uncertain.total(),
            categories=self._categories(),
            failures=tuple(sorted(self._failures)),
        )

    def _categories(self) -> tuple[CategoryCount, ...]:
        names = {category for category, _ in self._hits} | set(self._uncertain)
        counts = [
            CategoryCount(
                category=name,
                hits={severity: self._hits[name, severity] for severity in Severity},
                uncertain=self._uncertain[name],
            )
            for name in names
        ]
        return tuple(sorted(counts, key=_weight))


def _weight(count: CategoryCount) -> tuple[int, int, int, int, str]:
    hits = count.hits
    return (
        -hits[Severity.FATAL],
        -hits[Severity.SERIOUS],
        -count.total_hits,
        -count.uncertain,
        count.category,
    )


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
