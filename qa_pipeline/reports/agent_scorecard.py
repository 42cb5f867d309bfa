"""How one agent's calls of a period fared, with the numbers every figure rests on.

Definitions follow domain 4.3. Money promised is shown, and nothing is ranked by it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports.breakdown import ElementRate, ViolationRate, element_rates, per_100, violation_rates
from qa_pipeline.reports.masking import Masking
from qa_pipeline.reports.outlook import Outlook, awaits_confirmation, outlook
from qa_pipeline.reports.page import call_anchor, render_page
from qa_pipeline.reports.privacy import keep_for_owner, make_private_folder
from qa_pipeline.reports.rates import average
from qa_pipeline.reports.trend import TrendPoint, call_day, is_daily, trend
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
    period = period or Period()
    own = [one for one in inspections if one.call.agent_id == agent_id and call_day(one) in period]
    judged = [one for one in own if one.status in (CallStatus.SCORED, CallStatus.NEEDS_REVIEW)]
    cards = [one.scorecard for one in judged if one.scorecard]
    statuses = Counter(one.status for one in own)
    hits = Counter(found.severity for one in judged for found in _hits(one))
    right_party = [one for one in judged if one.call_type is CallType.RIGHT_PARTY]
    promises = tuple(
        AgreedPromise(
            call_id=one.call.call_id,
            promise=one.promise_to_pay,
            red_line=one.scorecard is not None and one.scorecard.fatal,
        )
        for one in judged
        if one.promise_to_pay
    )
    daily = is_daily(judged)
    return AgentScorecard(
        agent_id=agent_id,
        agent_name=next((Masking(one, unmasked).agent_name() for one in own if one.call.agent_name), None),
        team=next((one.call.team for one in own if one.call.team), None),
        period=period,
        calls=len(own),
        scored=statuses[CallStatus.SCORED],
        needs_review=statuses[CallStatus.NEEDS_REVIEW],
        excluded=statuses[CallStatus.EXCLUDED],
        failed=statuses[CallStatus.FAILED],
        expected=outlook(cards),
        red_lines=Proportion(
            count=sum(card.fatal and not card.provisional for card in cards), total=len(judged)
        ),
        unreviewed_red_lines=Proportion(count=sum(map(awaits_confirmation, cards)), total=len(judged)),
        violations=violation_rates(judged),
        violations_per_100=per_100(hits.total(), len(judged)),
        weighted_per_100=per_100(sum(WEIGHTS[kind] * n for kind, n in hits.items()), len(judged)),
        elements=element_rates(cards),
        promises=promises,
        promise_rate=Proportion(
            count=sum(one.promise_to_pay is not None for one in right_party), total=len(right_party)
        ),
        daily=daily,
        trend=trend(judged, daily=daily),
        mean_duration_ms=_mean_duration(judged),
        agent_talk_share=_talk_share(judged),
        quotes=_quotes(judged, unmasked=unmasked),
    )


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


def _mean_duration(judged: Sequence[Inspection]) -> int | None:
    mean = average([one.recording.duration_ms for one in judged if one.recording])
    return None if mean.value is None else round(mean.value)


def _talk_share(judged: Sequence[Inspection]) -> float | None:
    talks = [one.characteristics for one in judged if one.characteristics]
    both = [
        (talk.agent_talk_ms, talk.customer_talk_ms)
        for talk in talks
        if talk.agent_talk_ms is not None and talk.customer_talk_ms is not None
    ]
    total = sum(agent + customer for agent, customer in both)
    return sum(agent for agent, _ in both) / total if total else None


def _quotes(judged: Sequence[Inspection], *, unmasked: bool) -> tuple[Quote, ...]:
    quotes = [
        Quote(
            call_id=one.call.call_id,
            anchor=call_anchor(one.call.call_id),
            category=found.category,
            severity=found.severity,
            text=Masking(one, unmasked).quotation(found.evidence[0]).text,
            span=found.evidence[0].span,
            confidence=found.confidence,
        )
        for one in judged
        for found in _hits(one)
        if found.evidence
    ]
    return tuple(sorted(quotes, key=lambda quote: (-quote.severity.rank, -quote.confidence))[:_QUOTES])
