"""From matches of a rule to findings: what one event is, how bad, how sure, and its lasting key."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qa_pipeline.language.normalization import normalize
from qa_pipeline.rules.doubts import SURE_CALL_TYPE, in_order
from qa_pipeline.rules.exemptions import Decision, Verdict
from qa_pipeline.rules.listening import Listening
from qa_pipeline.rules.matches import Match
from qa_pipeline.rules.passages import Passage
from qa_pipeline.rules.schema import Charge, LadderStep
from qa_pipeline.types import (
    Conversation,
    Evidence,
    Finding,
    FindingOutcome,
    MatchKind,
    Message,
    Prediction,
    Role,
    Severity,
    message,
)

SAME_EVENT_MS = 10_000
"""Hits of one rule by one speaker within this time are one event (domain 1.0, point 9)."""

DOUBTED = 0.5
"""No doubted finding claims more confidence than this."""

UNKNOWN_ROLE = 0.5
"""Two speakers, and no idea which."""

_KIND_CONFIDENCE = {
    MatchKind.EXACT: 1.0,
    MatchKind.PHONETIC: 0.95,
    MatchKind.PATTERN: 0.9,
    MatchKind.ACOUSTIC: 0.85,
    MatchKind.CLASSIFIER: DOUBTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One match of a rule, and what the exemptions make of it.

    Args:
        dropped: whether it was only suspected and the classifier takes the words for ordinary talk.
    """

    passage: Passage
    match: Match
    evidence: tuple[Evidence, ...]
    doubts: frozenset[str]
    decision: Decision
    dropped: bool = False

    @property
    def acquitted(self) -> bool:
        """Whether nothing is found: an exemption holds without doubt, or the classifier's word does."""
        return self.dropped or self.decision.verdict is Verdict.ACQUITTED

    @property
    def sure(self) -> bool:
        """Whether it is held against the agent without doubt."""
        return not self.doubts and not self.acquitted

    @property
    def prediction(self) -> Prediction | None:
        """The classifier's word it rests on, if it rests on one."""
        return self.match.parts[0].prediction

    @property
    def confidence(self) -> float:
        """How sure it is that the agent said this.

        kind x (1 - 2 x distance) x (1 + recognition) / 2 x role. Exact 1, phonetic 0.95, pattern 0.9; the
        farthest phonetic match loses 30 %, words of no confidence half, an unknown speaker half; a doubted
        one is at most `DOUBTED`. What the classifier heard counts by its probability instead.
        A rank for reviewers set by hand, not a measured probability.
        """
        if self.prediction is not None:
            return min(self.prediction.probability, DOUBTED) if self.doubts else self.prediction.probability
        kind = min(_KIND_CONFIDENCE[part.match] for part in self.evidence)
        distance = max(part.distance for part in self.evidence)
        recognition = min(part.confidence for part in self.evidence)
        unknown = self.passage.role is Role.UNKNOWN
        role = UNKNOWN_ROLE if unknown else self.passage.role_confidence
        sure = kind * (1 - 2 * distance) * (1 + recognition) / 2 * role
        return min(sure, DOUBTED) if self.doubts else sure


def distinct(occurrences: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """Occurrences without those that overlap a better one: less doubted, then longer, then earlier."""
    kept: dict[int, list[Occurrence]] = {}
    for found in sorted(occurrences, key=_goodness):
        beside = kept.setdefault(found.passage.index, [])
        if not any(overlap(found.match, other.match) for other in beside):
            beside.append(found)
    return tuple(
        found
        for index in sorted(kept)
        for found in sorted(kept[index], key=lambda occurrence: occurrence.match.start)
    )


def _goodness(found: Occurrence) -> tuple[int, int, int, int]:
    length = found.match.end - found.match.start
    return len(found.doubts), -length, found.passage.index, found.match.start


def overlap(one: Match, other: Match) -> bool:
    """Whether two matches of a passage share words."""
    return one.start < other.end and other.start < one.end


def findings_of(
    rule: Charge,
    occurrences: Sequence[Occurrence],
    ladder: Sequence[LadderStep],
    heard: Listening,
    provocation: str | None = None,
) -> Iterator[Finding]:
    """The findings of one rule, in order of time.

    Args:
        occurrences: distinct, in order.
        ladder: the steps that apply to the rule.
        provocation: the trigger of which a reviewer is told where the words answer it.
    """
    quotes: Counter[str] = Counter()
    hits = 0
    for event in _events(occurrences):
        sure = [found for found in event if not found.doubts]
        best = max(sure or event, key=lambda found: found.confidence)
        hits += bool(sure)
        doubts = () if sure else in_order(best.doubts)
        severity, reasons = _severity(rule, ladder, heard, best, hits if sure else 0)
        if provocation is not None and heard.answers_to(provocation, event[0].passage):
            reasons.append(_PROVOKED)
        words = normalize(event[0].evidence[0].quote).text
        quotes[words] += 1
        yield Finding(
            key=_key(heard.conversation, rule, words, quotes[words]),
            rule_id=rule.id,
            rule_version=str(rule.version),
            category=rule.category,
            outcome=FindingOutcome.HIT if sure else FindingOutcome.UNCERTAIN,
            severity=severity,
            confidence=round(best.confidence, 3),
            match=_kind(best),
            evidence=tuple(part for found in event for part in found.evidence),
            explanation=(*_explanation(rule, best), *reasons),
            doubts=doubts,
            basis=tuple(basis.cite for basis in rule.basis),
        )


def _events(occurrences: Sequence[Occurrence]) -> Iterator[list[Occurrence]]:
    event: list[Occurrence] = []
    for found in occurrences:
        if event and not _same_event(event[-1], found):
            yield event
            event = []
        event.append(found)
    if event:
        yield event


def _same_event(earlier: Occurrence, later: Occurrence) -> bool:
    if earlier.passage.role is not later.passage.role:
        return False
    end, start = earlier.evidence[-1].span, later.evidence[0].span
    if end is None or start is None:
        return earlier.passage.index == later.passage.index
    return start.start_ms - end.end_ms <= SAME_EVENT_MS


def _severity(
    rule: Charge, ladder: Sequence[LadderStep], heard: Listening, found: Occurrence, hits: int
) -> tuple[Severity, list[Message]]:
    """The severity after the ladder, and why it rose.

    Args:
        hits: how many sure findings of the rule there are up to this one; 0 when this one is not sure.
    """
    severity, reasons = rule.severity, []
    for step in ladder:
        if severity is step.lifts and _climbs(step, heard, found, hits):
            severity = step.to
            reasons.append(_CLIMBED[_test_of(step)])
    return severity, reasons


def lifted_beside(
    findings: Sequence[Finding], ladders: Mapping[str, Sequence[LadderStep]]
) -> Iterator[Finding]:
    """The findings, each as grave as the hits of other categories in the call make it.

    Args:
        ladders: the steps of each rule by its id.
    """
    hits = {finding.category for finding in findings if finding.outcome is FindingOutcome.HIT}
    for finding in findings:
        others = hits - {finding.category}
        steps = (step for step in ladders[finding.rule_id] if not others.isdisjoint(step.beside or ()))
        step = next((step for step in steps if step.lifts is finding.severity), None)
        if step is None or finding.outcome is not FindingOutcome.HIT:
            yield finding
        else:
            explanation = (*finding.explanation, _CLIMBED["beside"])
            yield replace(finding, severity=step.to, explanation=explanation)


_PROVOKED = message("The customer had just been abusive or threatening; that excuses nothing.")

_CLIMBED = {
    "repeated": message("The severity is raised because it was repeated."),
    "call_types": message("The severity is raised because of whom the agent was talking to."),
    "after": message("The severity is raised because of what the customer had said before."),
    "beside": message("The severity is raised because of what else was said in the call."),
}


def _test_of(step: LadderStep) -> str:
    return next(name for name in _CLIMBED if getattr(step, name) is not None)


def _climbs(step: LadderStep, heard: Listening, found: Occurrence, hits: int) -> bool:
    conversation = heard.conversation
    if step.repeated is not None:
        return hits >= step.repeated
    if step.call_types is not None:
        sure = conversation.call_type_confidence >= SURE_CALL_TYPE
        return sure and conversation.call_type in step.call_types
    if step.after is None:
        return False  # `beside` is known only when every rule was asked
    said = heard.first_said(step.after)
    return said is not None and said < found.passage.index


def _kind(found: Occurrence) -> MatchKind:
    return min((part.match for part in found.evidence), key=lambda kind: _KIND_CONFIDENCE[kind])


def _explanation(rule: Charge, best: Occurrence) -> Iterator[Message]:
    yield message("{title}: {rationale}", title=rule.title, rationale=rule.rationale)
    if best.prediction is not None:
        yield message(
            "The model {model} takes the words for it with probability {probability}.",
            model=f"{best.prediction.model.name} {best.prediction.model.revision}",
            probability=f"{best.prediction.probability:.2f}",
        )
    for part in best.evidence:
        if part.heard_as is not None:
            yield message(
                '"{quote}" was taken for "{phrase}": distance {distance}, recognised at {confidence}.',
                quote=part.quote,
                phrase=part.heard_as,
                distance=f"{part.distance:.2f}",
                confidence=f"{part.confidence:.2f}",
            )


def _key(conversation: Conversation, rule: Charge, words: str, occurrence: int) -> str:
    recording = conversation.recording
    source = conversation.call.call_id if recording is None else recording.sha256
    return hashlib.sha256("\n".join((source, rule.id, words, str(occurrence))).encode()).hexdigest()
