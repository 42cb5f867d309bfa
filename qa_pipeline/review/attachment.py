"""Which finding a verdict belongs to, also after the call was transcribed or judged again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qa_pipeline.types import Finding, Review, ReviewAction, TimeSpan

DECIDING = frozenset({ReviewAction.CONFIRM, ReviewAction.REJECT})


def in_force(history: Iterable[Review]) -> tuple[Review, ...]:
    """The actions that nobody took back, in order."""
    actions = tuple(history)
    taken_back = {one.target for one in actions if one.action is ReviewAction.WITHDRAW}
    return tuple(
        one for one in actions if one.action is not ReviewAction.WITHDRAW and one.id not in taken_back
    )


def attach(
    findings: Sequence[Finding], verdicts: Iterable[Review]
) -> tuple[Mapping[str, tuple[Review, ...]], tuple[Review, ...]]:
    """Verdicts by the key of their finding, and those that found none: they are to be given again.

    A verdict finds its place by key; else by category and overlapping time, the longest overlap first; else,
    where there are no times, by category and the same words.
    """
    by_key = {finding.key: finding for finding in findings}
    attached: dict[str, list[Review]] = {}
    lost: list[Review] = []
    for verdict in verdicts:
        place = by_key.get(verdict.target) or _same_place(findings, verdict)
        if place is None:
            lost.append(verdict)
        else:
            attached.setdefault(place.key, []).append(verdict)
    return {key: tuple(those) for key, those in attached.items()}, tuple(lost)


def _same_place(findings: Sequence[Finding], verdict: Review) -> Finding | None:
    place = verdict.place
    if place is None or verdict.found_as is None:
        return None
    alike = [finding for finding in findings if finding.category == verdict.found_as]
    span = place.span
    if span is None:
        same = (one for one in alike if any(place.quote == part.quote for part in one.evidence))
        return next(same, None) if place.quote else None
    best = max(alike, key=lambda one: _overlap(one, span), default=None)
    return best if best is not None and _overlap(best, span) else None


def _overlap(finding: Finding, span: TimeSpan) -> int:
    return max((part.span.overlap_ms(span) for part in finding.evidence if part.span), default=0)
