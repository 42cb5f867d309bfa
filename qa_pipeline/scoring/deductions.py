"""What violations cost after the criteria: red line, one deduction a turn, limits and the cap."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from qa_pipeline.scoring.form import DeductionRule, Form
from qa_pipeline.types import Deduction, Finding, Message, Severity, Transcript, message


def turns_of(transcript: Transcript) -> dict[str, int]:
    """The turn of each utterance: what one speaker says until another speaks."""
    turns: dict[str, int] = {}
    turn, speaker = 0, None
    for utterance in transcript.utterances:
        if utterance.role is not speaker:
            turn, speaker = turn + 1, utterance.role
        turns[utterance.id] = turn
    return turns


def deduct(
    score: Decimal, *, form: Form, hits: Sequence[Finding], absorbed: Collection[str], transcript: Transcript
) -> tuple[Deduction, ...]:
    """Every deduction, the gravest first and a cap last; their points take `score` to the final one.

    A hit that costs nothing is listed with no points and the reason. A fatal one takes all there is. In each
    turn only the gravest violation deducts; a violation known from metadata alone is a turn of its own.

    Args:
        score: of the criteria, 0..100.
        absorbed: keys of hits that cost points in a criterion already.
    """
    sheet = _Sheet(score, turns_of(transcript))
    by_severity = {
        severity: [hit for hit in hits if hit.severity is severity and hit.key not in absorbed]
        for severity in Severity
    }
    for hit in by_severity[Severity.FATAL]:
        sheet.take(hit, sheet.left, message("red line: the score is 0"))
    if form.deductions is not None:
        # The limit is filled from turns without a minor violation first. Otherwise a third serious violation,
        # which costs nothing any more, could hide a minor one, and one violation more would raise the score.
        with_minor = {sheet.turn_of(hit) for hit in by_severity[Severity.MINOR]}
        serious = sorted(by_severity[Severity.SERIOUS], key=lambda hit: sheet.turn_of(hit) in with_minor)
        sheet.take_each(serious, form.deductions.serious, message("serious violation"))
        sheet.take_each(by_severity[Severity.MINOR], form.deductions.minor, message("minor violation"))
    for hit in hits:
        if hit.key in absorbed and (criterion := form.criterion_of(hit)) is not None:
            sheet.take(hit, Decimal(0), message("counted in {criterion}", criterion=criterion.title))
    if form.deductions is not None:
        sheet.cap(hits, Severity.SERIOUS, form.deductions.serious)
        sheet.cap(hits, Severity.MINOR, form.deductions.minor)
    return tuple(sheet.deductions)


class _Sheet:
    """The running score, what was taken from it, and in which turns."""

    def __init__(self, score: Decimal, turns: Mapping[str, int]) -> None:
        self.left = score
        self.deductions: list[Deduction] = []
        self._turns = turns
        self._taken: set[int | str] = set()

    def turn_of(self, hit: Finding) -> int | str:
        """The turn in which it was first said; its own key where it was not said."""
        return self._turns.get(hit.evidence[0].utterance_id, hit.key) if hit.evidence else hit.key

    def take(self, hit: Finding, points: Decimal, reason: Message) -> None:
        """Take points, never more than are left."""
        if points > 0 and self.left == 0:
            reason = message("nothing is left to deduct")
        points = min(points, self.left)
        self.left -= points
        if points > 0:
            self._taken.add(self.turn_of(hit))
        self.deductions.append(
            Deduction(
                finding_key=hit.key,
                category=hit.category,
                severity=hit.severity,
                points=float(points),
                reason=reason,
            )
        )

    def take_each(self, hits: Iterable[Finding], rule: DeductionRule, reason: Message) -> None:
        """Deduct once in each turn in which nothing was taken yet, up to the limit of the rule."""
        points, limit = Decimal(str(rule.points)), Decimal(str(rule.at_most))
        for hit in hits:
            cost = min(points, limit)
            if self.turn_of(hit) in self._taken:
                self.take(hit, Decimal(0), message("a violation in the same turn is deducted already"))
            elif cost == 0:
                self.take(hit, cost, message("the limit for violations of this severity is reached"))
            else:
                self.take(hit, cost, reason)
                limit -= cost

    def cap(self, hits: Iterable[Finding], severity: Severity, rule: DeductionRule) -> None:
        """Take what is above the score that a violation of this severity allows."""
        first = next((hit for hit in hits if hit.severity is severity), None)
        if first is not None and rule.score_at_most is not None:
            limit = Decimal(f"{rule.score_at_most:g}")
            if self.left > limit:
                told = message(
                    "with such a violation the score cannot exceed {limit}", limit=limit.normalize()
                )
                self.take(first, self.left - limit, told)
