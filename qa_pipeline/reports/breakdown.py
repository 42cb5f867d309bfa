"""What went wrong how often, by violation and by line of the form."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from qa_pipeline.proportion import Proportion
from qa_pipeline.types import CriterionOutcome, CriterionResult, FindingOutcome, Inspection, Scorecard

_RESPECT = "service.respect"


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


def violation_rates(judged: Sequence[Inspection]) -> tuple[ViolationRate, ...]:
    """The violations of judged calls, the most frequent first."""
    hits, uncertain = Counter[str](), Counter[str]()
    for one in judged:
        for found in one.findings:
            (hits if found.outcome is FindingOutcome.HIT else uncertain)[found.category] += 1
    rates = (
        ViolationRate(
            category=category,
            hits=hits[category],
            uncertain=uncertain[category],
            per_100=per_100(hits[category], len(judged)),
        )
        for category in hits | uncertain
    )
    return tuple(sorted(rates, key=lambda rate: (-rate.hits, -rate.uncertain, rate.category)))


def element_rates(cards: Sequence[Scorecard]) -> tuple[ElementRate, ...]:
    """The lines of the forms, in the order they first appear.

    Outcomes are as the cards have them. A call with a red line never counts as met for tone and respect: the
    line looks at wording alone and would praise a polite threat.
    """
    outcomes: dict[str, Counter[CriterionOutcome]] = defaultdict(Counter)
    for card in cards:
        for line in card.criteria:
            outcomes[line.criterion_id][_outcome(line, card)] += 1
    decided = (CriterionOutcome.MET, CriterionOutcome.PARTIAL, CriterionOutcome.MISSED)
    return tuple(
        ElementRate(
            criterion_id=criterion_id,
            met=Proportion(
                count=counts[CriterionOutcome.MET], total=sum(counts[outcome] for outcome in decided)
            ),
            undecided=counts[CriterionOutcome.UNCERTAIN],
        )
        for criterion_id, counts in outcomes.items()
    )


def _outcome(line: CriterionResult, card: Scorecard) -> CriterionOutcome:
    if card.fatal and line.criterion_id == _RESPECT and line.outcome is CriterionOutcome.MET:
        return CriterionOutcome.UNCERTAIN
    return line.outcome
