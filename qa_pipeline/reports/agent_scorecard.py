"""How one agent's calls of a period fared, with the numbers every figure rests on.

Definitions follow domain 4.3. Money promised is shown, and nothing is ranked by it.
"""

from __future__ import annotations

import tempfile
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.breakdown import ElementRate, ElementTally, ViolationRate, ViolationTally, per_100
from qa_pipeline.reports.masking import Masking
from qa_pipeline.reports.outlook import Outlook, OutlookTally, awaits_confirmation
from qa_pipeline.reports.page import call_anchor, render_page
from qa_pipeline.reports.privacy import keep_for_owner, make_private_folder
from qa_pipeline.reports.rates import average
from qa_pipeline.reports.trend import TrendPoint, TrendTally, call_day
from qa_pipeline.types import (
    CallStatus,
    CallType,
    Finding,
    FindingOutcome,
    Inspection,
    PromiseToPay,
    Severity,
    TimeSpan,
    message,
)

WEIGHTS: Mapping[Severity, int] = {
    Severity.FATAL: 5,
    Severity.SERIOUS: 2,
    Severity.MINOR: 1,
    Severity.INFO: 0,
}
"""Of a violation in the weighted rate (domain 4.3)."""

_QUOTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `first` to `last`, both included; None leaves that end open."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date | None) -> bool:
        if day is None:
            return self.first is None and self.last is None
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedPromise:
    """A promise to pay with the call it was given in; `red_line` if that call has one, confirmed or not."""

    call_id: str
    promise: PromiseToPay
    red_line: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words behind a violation, with where to find them."""

    call_id: str
    anchor: str
    category: str
    severity: Severity
    text: str
    span: TimeSpan | None
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentScorecard:
    """The figures of one agent over one period.

    Args:
        judged: calls that were neither failed nor excluded: scored and needing review.
        expected: scores and passes, as ranges while red lines wait for a person.
        red_lines: calls whose red line stands, of all judged.
        unreviewed_red_lines: calls with a red line that no person has confirmed, of all judged.
        violations_per_100: hits in a hundred judged calls; `weighted_per_100` by severity.
        promises: in order of calls; `promise_rate` of judged calls that reached the right party.
        daily: whether a trend point is a day or a week.
        mean_duration_ms: of judged recordings; `agent_talk_share` of all talk.
        quotes: the worst hits.
    """

    agent_id: str
    agent_name: str | None
    team: str | None
    period: Period
    calls: int
    scored: int
    needs_review: int
    excluded: int
    failed: int
    expected: Outlook
    red_lines: Proportion
    unreviewed_red_lines: Proportion
    violations: tuple[ViolationRate, ...]
    violations_per_100: float | None
    weighted_per_100: float | None
    elements: tuple[ElementRate, ...]
    promises: tuple[AgreedPromise, ...]
    promise_rate: Proportion
    daily: bool
    trend: tuple[TrendPoint, ...]
    mean_duration_ms: int | None
    agent_talk_share: float | None
    quotes: tuple[Quote, ...]

    @property
    def judged(self) -> int:
        return self.scored + self.needs_review

    @property
    def promised_amount(self) -> Decimal | None:
        """Sum of the amounts that were said; None where none was."""
        return _sum(self.promises)

    @property
    def red_line_amount(self) -> Decimal | None:
        """The part of `promised_amount` that was promised in calls with a red line."""
        return _sum(one for one in self.promises if one.red_line)


def build(
    inspections: Iterable[Inspection], agent_id: str, period: Period | None = None, *, unmasked: bool = False
) -> AgentScorecard:
    """The scorecard of an agent.

    Args:
        inspections: of any agent; those of others and of other days are left out. A call without a start
            time belongs to no dated period.
        period: days of the call log's own time zone.
        unmasked: show names and numbers as heard.
    """
    tally = _Tally(agent_id=agent_id, period=period or Period(), unmasked=unmasked)
    for one in inspections:
        if one.call.agent_id == agent_id and call_day(one) in tally.period:
            tally.add(one)
    return tally.scorecard()


def write_page(card: AgentScorecard, path: Path, *, report: str | None = None) -> Path:
    """Write the scorecard as a page, whole or not at all, readable by its owner alone.

    Args:
        report: address of the run's page, relative to this one, so that quotes lead to their calls.

    Raises:
        ConfigurationError: code ``output_unwritable``; a folder or a device is there.
    """
    if path.exists() and not path.is_file():
        told = message("{path} is not an ordinary file; name another file", path=path)
        raise ConfigurationError("output_unwritable", told)
    make_private_folder(path.parent)
    html = render_page(
        "agent_scorecard.html",
        card=card,
        call_address=lambda call_id: f"{report}#{call_anchor(call_id)}" if report else "",
    )
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=path.parent) as partial:
        made = Path(partial) / path.name
        made.write_text(html, encoding="utf-8", errors="replace")
        keep_for_owner(made)
        made.replace(path)
    return path


def _sum(promises: Iterable[AgreedPromise]) -> Decimal | None:
    said = [one.promise.amount for one in promises if one.promise.amount is not None]
    return sum(said, Decimal(0)) if said else None


def _hits(inspection: Inspection) -> Iterator[Finding]:
    return (found for found in inspection.findings if found.outcome is FindingOutcome.HIT)


def _order(found: Finding | Quote) -> tuple[int, float]:
    """The worst first, then the surest."""
    return -found.severity.rank, -found.confidence


@dataclass(kw_only=True)
class _Tally:
    """Counts the calls of an agent as they pass; a quarter has thousands, each large with its words."""

    agent_id: str
    period: Period
    unmasked: bool
    agent_name: str | None = None
    team: str | None = None
    statuses: Counter[CallStatus] = field(default_factory=Counter)
    expected: OutlookTally = field(default_factory=OutlookTally)
    violations: ViolationTally = field(default_factory=ViolationTally)
    elements: ElementTally = field(default_factory=ElementTally)
    trend: TrendTally = field(default_factory=TrendTally)
    hits: Counter[Severity] = field(default_factory=Counter)
    red_lines: int = 0
    unreviewed_red_lines: int = 0
    promises: list[AgreedPromise] = field(default_factory=list)
    right_party: int = 0
    right_party_promises: int = 0
    durations: list[int] = field(default_factory=list)
    agent_talk_ms: int = 0
    talk_ms: int = 0
    quotes: list[Quote] = field(default_factory=list)

    def add(self, call: Inspection) -> None:
        """Count one call."""
        self.statuses[call.status] += 1
        if self.agent_name is None and call.call.agent_name:
            self.agent_name = Masking(call, self.unmasked).agent_name()
        self.team = self.team or call.call.team
        if call.status in (CallStatus.SCORED, CallStatus.NEEDS_REVIEW):
            self._judge(call)

    def _judge(self, call: Inspection) -> None:
        self.violations.add(call)
        self.trend.add(call)
        self.hits.update(found.severity for found in _hits(call))
        card, promise = call.scorecard, call.promise_to_pay
        if card is not None:
            self.expected.add(card)
            self.elements.add(card)
            self.red_lines += card.fatal and not card.provisional
            self.unreviewed_red_lines += awaits_confirmation(card)
        if promise is not None:
            red_line = card is not None and card.fatal
            self.promises.append(AgreedPromise(call_id=call.call.call_id, promise=promise, red_line=red_line))
        if call.call_type is CallType.RIGHT_PARTY:
            self.right_party += 1
            self.right_party_promises += promise is not None
        if call.recording is not None:
            self.durations.append(call.recording.duration_ms)
        talk = call.characteristics
        if talk is not None and talk.agent_talk_ms is not None and talk.customer_talk_ms is not None:
            self.agent_talk_ms += talk.agent_talk_ms
            self.talk_ms += talk.agent_talk_ms + talk.customer_talk_ms
        self._quote(call)

    def _quote(self, call: Inspection) -> None:
        for found in _hits(call):
            enters = len(self.quotes) < _QUOTES or _order(found) < _order(self.quotes[-1])
            if found.evidence and enters:
                quote = Quote(
                    call_id=call.call.call_id,
                    anchor=call_anchor(call.call.call_id),
                    category=found.category,
                    severity=found.severity,
                    text=Masking(call, self.unmasked).quotation(found.evidence[0]).text,
                    span=found.evidence[0].span,
                    confidence=found.confidence,
                )
                insort(self.quotes, quote, key=_order)
                del self.quotes[_QUOTES:]

    def scorecard(self) -> AgentScorecard:
        """The figures so far."""
        scored, needs_review = self.statuses[CallStatus.SCORED], self.statuses[CallStatus.NEEDS_REVIEW]
        judged = scored + needs_review
        mean = average(self.durations)
        return AgentScorecard(
            agent_id=self.agent_id,
            agent_name=self.agent_name,
            team=self.team,
            period=self.period,
            calls=self.statuses.total(),
            scored=scored,
            needs_review=needs_review,
            excluded=self.statuses[CallStatus.EXCLUDED],
            failed=self.statuses[CallStatus.FAILED],
            expected=self.expected.outlook(),
            red_lines=Proportion(count=self.red_lines, total=judged),
            unreviewed_red_lines=Proportion(count=self.unreviewed_red_lines, total=judged),
            violations=self.violations.rates(),
            violations_per_100=per_100(self.hits.total(), judged),
            weighted_per_100=per_100(sum(WEIGHTS[kind] * n for kind, n in self.hits.items()), judged),
            elements=self.elements.rates(),
            promises=tuple(self.promises),
            promise_rate=Proportion(count=self.right_party_promises, total=self.right_party),
            daily=self.trend.daily,
            trend=self.trend.points(),
            mean_duration_ms=None if mean.value is None else round(mean.value),
            agent_talk_share=self.agent_talk_ms / self.talk_ms if self.talk_ms else None,
            quotes=tuple(self.quotes),
        )
