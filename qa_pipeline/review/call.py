"""A call between machine and people: findings with their verdicts, corrections, what is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from qa_pipeline.review.attachment import DECIDING, attach, in_force
from qa_pipeline.types import (
    Evidence,
    Finding,
    FindingOutcome,
    FindingState,
    Inspection,
    MatchKind,
    Review,
    ReviewAction,
    ReviewState,
    Role,
    Severity,
)

BY_HAND = "by_hand"
"""Rule id of findings that a person added."""

_Opinion = tuple[bool, str, Severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedFinding:
    """One finding, by the machine or added by a person, with what people think of it.

    Args:
        machine: as it was found, before any verdict.
        verdicts: the last one of each person, in order; for an added finding the adding counts as its first.
        added: the action that added it; None where the machine found it.
    """

    machine: Finding
    verdicts: tuple[Review, ...] = ()
    added: Review | None = None

    @property
    def key(self) -> str:
        return self.machine.key

    @property
    def state(self) -> FindingState:
        """Where it stands: two agreeing people for a red line, one for anything else, a majority of three."""
        opinions = [self._opinion(one) for one in self.verdicts]
        if not opinions:
            return FindingState.OPEN
        leading = max(opinions, key=opinions.count)
        votes = opinions.count(leading)
        if votes * 2 <= len(opinions):
            return FindingState.CONFLICT
        if votes < 2 and self.needs_two:
            return FindingState.AWAITS_SECOND
        return FindingState.CONFIRMED if leading[0] else FindingState.REJECTED

    @property
    def needs_two(self) -> bool:
        """Whether one person is not enough: what the machine is sure is a red line, or a person calls one."""
        sure = self.added is None and self.machine.outcome is FindingOutcome.HIT
        return (sure and self.machine.severity is Severity.FATAL) or any(
            confirms and severity is Severity.FATAL
            for confirms, _, severity in map(self._opinion, self.verdicts)
        )

    @property
    def must_be_decided(self) -> bool:
        """Whether a review is not finished without a verdict: grave or doubtful ones (domain 5.1)."""
        grave = self.machine.severity.rank >= Severity.SERIOUS.rank
        doubtful = self.machine.outcome is FindingOutcome.UNCERTAIN
        return self.machine.severity is not Severity.INFO and (grave or doubtful)

    @property
    def standing(self) -> Finding | None:
        """As it counts for the reviewed score; None where it was rejected.

        Until a verdict is final it counts as the machine had it, and one that a person added as uncertain.
        """
        if self.state is FindingState.REJECTED:
            return None
        if self.state is not FindingState.CONFIRMED:
            unsure = self.added is not None
            return replace(self.machine, outcome=FindingOutcome.UNCERTAIN) if unsure else self.machine
        opinions = [self._opinion(one) for one in self.verdicts]
        _, category, severity = max(opinions, key=opinions.count)
        return replace(
            self.machine, category=category, severity=severity, outcome=FindingOutcome.HIT, doubts=()
        )

    def _opinion(self, verdict: Review) -> _Opinion:
        if verdict.action is ReviewAction.REJECT:
            return False, "", Severity.INFO
        return True, verdict.category or self.machine.category, verdict.severity or self.machine.severity


@dataclass(frozen=True, kw_only=True)
class ReviewedCall:
    """An inspection and the history of what people did, read together."""

    inspection: Inspection
    history: tuple[Review, ...] = ()

    @cached_property
    def actions(self) -> tuple[Review, ...]:
        """What was not taken back, in order."""
        return in_force(self.history)

    @cached_property
    def _attached(self) -> tuple[Mapping[str, tuple[Review, ...]], tuple[Review, ...]]:
        # A verdict on an addition goes with it, and never to what the machine found in the same words.
        own = {one.id for one in self.history if one.action is ReviewAction.ADD}
        verdicts = [one for one in self.actions if one.action in DECIDING and one.target not in own]
        return attach(self.inspection.findings, verdicts)

    @cached_property
    def findings(self) -> tuple[ReviewedFinding, ...]:
        """The machine's findings in their order, then those that people added."""
        attached, _ = self._attached
        found = [
            ReviewedFinding(machine=one, verdicts=_last_of_each(attached.get(one.key, ())))
            for one in self.inspection.findings
        ]
        for action in self.actions:
            if action.action is ReviewAction.ADD:
                verdicts = [one for one in self.actions if one.action in DECIDING and one.target == action.id]
                found.append(
                    ReviewedFinding(
                        machine=added_finding(action, self.inspection),
                        verdicts=_last_of_each((action, *verdicts)),
                        added=action,
                    )
                )
        return tuple(found)

    @property
    def to_confirm_again(self) -> tuple[Review, ...]:
        """Verdicts whose words are no longer where they were; never dropped."""
        return _last_of_each(self._attached[1])

    @cached_property
    def corrections(self) -> Mapping[str, Review]:
        """The last correction of each line of the form."""
        return {one.target: one for one in self.actions if one.action is ReviewAction.CORRECT}

    def finding(self, key: str) -> ReviewedFinding | None:
        """The finding with this key."""
        return next((one for one in self.findings if one.key == key), None)

    @property
    def undecided(self) -> tuple[ReviewedFinding, ...]:
        """What has to be decided before the review can be finished."""
        return tuple(one for one in self.findings if one.state is FindingState.OPEN and one.must_be_decided)

    @property
    def final(self) -> frozenset[str]:
        """Keys of the findings that as many people as are needed have confirmed."""
        return frozenset(one.key for one in self.findings if one.state is FindingState.CONFIRMED)

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Who decided or finished something, in order."""
        deciding = {*DECIDING, ReviewAction.ADD, ReviewAction.CORRECT, ReviewAction.FINISH}
        return tuple(dict.fromkeys(one.reviewer for one in self.actions if one.action in deciding))

    def last(self, action: ReviewAction) -> Review | None:
        """The last action of this kind that stands."""
        return next((one for one in reversed(self.actions) if one.action is action), None)

    @property
    def acknowledged(self) -> Review | None:
        """The agent's answer to the release that stands."""
        released, answer = self.last(ReviewAction.RELEASE), self.last(ReviewAction.ACKNOWLEDGE)
        return answer if released and answer and answer.seq > released.seq else None

    def state(self, *, needed: bool) -> ReviewState:
        """Where the call stands.

        Args:
            needed: whether a person has to look at it in the first place.
        """
        kinds = {one.action for one in self.actions}
        states = {one.state for one in self.findings}
        finished = ReviewAction.FINISH in kinds
        in_order = (
            (ReviewState.CONFLICT, FindingState.CONFLICT in states),
            (ReviewState.ACKNOWLEDGED, self.acknowledged is not None),
            (ReviewState.RELEASED, ReviewAction.RELEASE in kinds),
            (ReviewState.WAITING, finished and bool(self.undecided)),
            (ReviewState.AWAITS_SECOND, finished and FindingState.AWAITS_SECOND in states),
            (ReviewState.FINISHED, finished),
            (ReviewState.IN_REVIEW, bool(kinds - {ReviewAction.COMMENT})),
            (ReviewState.WAITING, needed),
        )
        return next((state for state, holds in in_order if holds), ReviewState.NOT_NEEDED)


def added_finding(action: Review, inspection: Inspection) -> Finding:
    """A finding that a person added, as if the machine had found it."""
    place, transcript = action.place, inspection.transcript
    said = next(
        (
            one
            for one in (transcript.utterances if transcript else ())
            if place and one.id == place.utterance_id
        ),
        None,
    )
    evidence = Evidence(
        utterance_id=said.id if said else "",
        role=said.role if said else Role.UNKNOWN,
        span=place.span if place else None,
        quote=place.quote if place else "",
        heard_as=None,
        match=MatchKind.EXACT,
        distance=0.0,
        confidence=1.0,
    )
    return Finding(
        key=action.id,
        rule_id=BY_HAND,
        rule_version="1",
        category=action.category or "",
        outcome=FindingOutcome.HIT,
        severity=action.severity or Severity.MINOR,
        confidence=1.0,
        match=MatchKind.EXACT,
        evidence=(evidence,) if place else (),
        explanation=(),
        doubts=(),
        basis=(),
    )


def _last_of_each(verdicts: Sequence[Review]) -> tuple[Review, ...]:
    last = {one.reviewer: one for one in verdicts}
    return tuple(sorted(last.values(), key=lambda one: one.seq))
