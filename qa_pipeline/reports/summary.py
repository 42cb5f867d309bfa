"""The figures of a run: how many calls, how they fared, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from qa_pipeline.reports import labels
from qa_pipeline.reports.masking import Masking
from qa_pipeline.reports.outlook import Outlook, OutlookTally
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
class FailedCall:
    """A call that could not be inspected: its file, why, and what to do, in the language in force."""

    call_id: str
    file: str
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """Figures of a run.

    Args:
        audio_ms: of all recordings that could be opened.
        expected: scores and passes, as ranges while red lines wait for a person.
        red_lines: calls with one, confirmed or not; `unreviewed_red_lines` of them wait.
        categories: the worst and most frequent first.
        failures: by call id.
    """

    calls: int
    audio_ms: int
    statuses: Mapping[CallStatus, int]
    grades: Mapping[Grade, int]
    expected: Outlook
    red_lines: int
    hits: int
    uncertain: int
    categories: tuple[CategoryCount, ...]
    failures: tuple[FailedCall, ...]

    @property
    def unreviewed_red_lines(self) -> int:
        return self.expected.waiting

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
    """Counts inspections as they pass, so that a run of any size is summed up without keeping it.

    Args:
        unmasked: show names and numbers in the messages of failed calls.
    """

    unmasked: bool = False
    _audio_ms: int = 0
    _statuses: Counter[CallStatus] = field(default_factory=Counter)
    _grades: Counter[Grade] = field(default_factory=Counter)
    _outlook: OutlookTally = field(default_factory=OutlookTally)
    _hits: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    _uncertain: Counter[str] = field(default_factory=Counter)
    _failures: list[FailedCall] = field(default_factory=list)

    def add(self, inspection: Inspection) -> None:
        """Count one call."""
        self._statuses[inspection.status] += 1
        self._audio_ms += inspection.recording.duration_ms if inspection.recording else 0
        if inspection.failure and inspection.status is CallStatus.FAILED:
            self._failures.append(_failed(inspection, inspection.failure.code, unmasked=self.unmasked))
        card = inspection.scorecard
        if card is not None:
            self._grades[card.grade] += 1
            self._outlook.add(card)
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
            expected=self._outlook.outlook(),
            red_lines=self._grades[Grade.RED_LINE],
            hits=self._hits.total(),
            uncertain=self._uncertain.total(),
            categories=self._categories(),
            failures=tuple(sorted(self._failures, key=lambda failed: failed.call_id)),
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


def _failed(inspection: Inspection, code: str, *, unmasked: bool) -> FailedCall:
    masking = Masking(inspection, unmasked)
    return FailedCall(
        call_id=inspection.call.call_id,
        file=PurePath(inspection.uri).name if inspection.uri else inspection.call.call_id,
        code=code,
        text=" ".join(masking.text(reason) for reason in labels.reasons(inspection)),
    )
