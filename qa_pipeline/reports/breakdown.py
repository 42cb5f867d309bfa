"""What went wrong how often, by violation and by line of the form."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from qa_pipeline.proportion import Proportion
from qa_pipeline.types import CriterionOutcome, CriterionResult, FindingOutcome, Inspection, Scorecard

_RESPECT = "service.respect"
_DECIDED = (CriterionOutcome.MET, CriterionOutcome.PARTIAL, CriterionOutcome.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationRate:
    """How often a violation was found, and by how much in a hundred judged calls."""

    category: str
    hits: int
    uncertain: int
    per_100: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementRate:
    """How often a line of the form was met where it applied and could be decided."""

    criterion_id: str
    met: Proportion
    undecided: int


def per_100(count: int, calls: int) -> float | None:
    """So many in a hundred calls; None where there are none."""
    return 100 * count / calls if calls else None


@dataclass
class ViolationTally:
    """Counts what was found in judged calls as they pass, without keeping them."""

    _calls: int = 0
    _hits: Counter[str] = field(default_factory=Counter)
    _uncertain: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Inspection) -> None:
        """Count the findings of one call."""
        self._calls += 1
        for found in judged.findings:
            (self._hits if found.outcome is FindingOutcome.HIT else self._uncertain)[found.category] += 1

    def rates(self) -> tuple[ViolationRate, ...]:
        """The violations so far, the most frequent first."""
        rates = (
            ViolationRate(
                category=category,
                hits=self._hits[category],
                uncertain=self._uncertain[category],
                per_100=per_100(self._hits[category], self._calls),
            )
            for category in self._hits | self._uncertain
        )
        return tuple(sorted(rates, key=lambda rate: (-rate.hits, -rate.uncertain, rate.category)))


@dataclass
class ElementTally:
    """Counts the lines of forms as they pass.

    Outcomes are as the cards have them. A call with a red line never counts as met for tone and respect: the
    line looks at wording alone and would praise a polite threat.
    """

    _outcomes: dict[str, Counter[CriterionOutcome]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, card: Scorecard) -> None:
        """Count the lines of one form."""
        for line in card.criteria:
            self._outcomes[line.criterion_id][_outcome(line, card)] += 1

    def rates(self) -> tuple[ElementRate, ...]:
        """The lines so far, in the order they first appeared."""
        return tuple(
            ElementRate(
                criterion_id=criterion_id,
                met=Proportion(
                    count=counts[CriterionOutcome.MET], total=sum(counts[outcome] for outcome in _DECIDED)
                ),
                undecided=counts[CriterionOutcome.UNCERTAIN],
            )
            for criterion_id, counts in self._outcomes.items()
        )


def _outcome(line: CriterionResult, card: Scorecard) -> CriterionOutcome:
    if card.fatal and line.criterion_id == _RESPECT and line.outcome is CriterionOutcome.MET:
        return CriterionOutcome.UNCERTAIN
    return line.outcome
