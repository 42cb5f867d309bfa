"""An agent's scorecard as plain rows, for a screen without pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import figures, labels
from qa_pipeline.reports.agent_scorecard import AgentScorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure; `note` says what it rests on."""

    section: str
    name: str
    value: str
    note: str = ""


def rows(card: AgentScorecard) -> tuple[Row, ...]:
    """The figures of a scorecard in the order of reading."""
    return tuple(
        Row(section=section, name=name, value=value, note=note)
        for section, part in (
            (_("Quality"), _quality(card)),
            (_("Calls"), _calls(card)),
            (_("Violations"), _violations(card)),
            (_("Script, with what people put right"), _script(card)),
            (_("Promises to pay"), _promises(card)),
            (_("Trend"), _trend(card)),
            (_("Quotes"), _quotes(card)),
        )
        for name, value, note in part
    )


_Part = Iterator[tuple[str, str, str]]


def _calls(card: AgentScorecard) -> _Part:
    yield _("Calls"), str(card.calls), ""
    for status in ("scored", "needs_review", "excluded", "failed"):
        yield labels.status(status), str(getattr(card, status)), ""
    yield _("Average duration"), figures.duration(card.mean_duration_ms), ""
    yield _("Agent's share of talk"), figures.percent(card.agent_talk_share), ""


def _quality(card: AgentScorecard) -> _Part:
    waiting, confirmed = card.unreviewed_red_lines, card.red_lines
    yield _("Red lines not confirmed"), figures.counts(waiting), figures.share(waiting)
    yield _("Red lines confirmed"), figures.counts(confirmed), figures.share(confirmed)
    expected = card.expected
    yield _("Average score"), figures.score_range(expected.score), figures.sample(expected.score)
    yield _("Pass rate"), figures.share_range(expected.pass_rate), figures.passes(expected)


def _violations(card: AgentScorecard) -> _Part:
    yield _("Per 100 calls"), figures.number(card.violations_per_100), ""
    yield _("Weighted by severity"), figures.number(card.weighted_per_100), ""
    for rate in card.violations:
        note = _("hits {hits}, uncertain {uncertain}").format(hits=rate.hits, uncertain=rate.uncertain)
        yield labels.category(rate.category), figures.number(rate.per_100), note


def _script(card: AgentScorecard) -> _Part:
    for rate in card.elements:
        yield labels.criterion(rate.criterion_id), figures.percent(rate.met.rate), figures.counts(rate.met)


def _promises(card: AgentScorecard) -> _Part:
    yield _("Promises to pay"), str(len(card.promises)), figures.share(card.promise_rate)
    yield _("Amount promised"), figures.amount(card.promised_amount), ""
    if card.red_line_amount is not None:
        yield _("of it in red-line calls"), figures.amount(card.red_line_amount), ""
    for one in card.promises:
        due = one.promise.due.isoformat() if one.promise.due else figures.NOTHING
        yield one.call_id, figures.amount(one.promise.amount), due


def _trend(card: AgentScorecard) -> _Part:
    for point in card.trend:
        day = point.start.isoformat()
        name = day if card.daily else _("week of {day}").format(day=day)
        yield name, figures.number(point.score.value), figures.sample(point.score)


def _quotes(card: AgentScorecard) -> _Part:
    for quote in card.quotes:
        at = figures.clock(quote.span.start_ms) if quote.span else figures.NOTHING
        yield labels.category(quote.category), quote.text, f"{quote.call_id} {at}"
