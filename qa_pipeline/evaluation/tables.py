"""An evaluation taken apart: by criterion, by layout of the recording, by how well it was recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from qa_pipeline.evaluation.comparison import CallComparison, Evaluation
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import CriterionOutcome

FAIR, POOR = 0.10, 0.20
"""Character error rates from which a call counts as fairly and as poorly recognised: practice."""


class Recognition(StrEnum):
    """How well a call was recognised, by its character error rate after the normaliser."""

    GIVEN = "given"
    CLEAR = "clear"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionTable:
    """One criterion over all calls that have it on their form.

    Args:
        confusion: how often each expected outcome got each answer.
    """

    criterion_id: str
    confusion: Counter[tuple[CriterionOutcome, CriterionOutcome | None]]

    @property
    def right(self) -> Proportion:
        """Of the calls where it applies, those judged the same; uncertain is not right."""
        applicable = self._applicable()
        return Proportion(
            count=sum(count for (expected, answered), count in applicable.items() if expected is answered),
            total=applicable.total(),
        )

    @property
    def uncertain(self) -> Proportion:
        """Of the calls where it applies, those left to a person."""
        applicable = self._applicable()
        left = sum(
            count for (_, answered), count in applicable.items() if answered is CriterionOutcome.UNCERTAIN
        )
        return Proportion(count=left, total=applicable.total())

    def _applicable(self) -> Counter[tuple[CriterionOutcome, CriterionOutcome | None]]:
        return Counter(
            {
                pair: count
                for pair, count in self.confusion.items()
                if pair[0] is not CriterionOutcome.NOT_APPLICABLE
            }
        )


def by_criterion(evaluation: Evaluation) -> tuple[CriterionTable, ...]:
    """The table of each criterion, by name."""
    found: dict[str, Counter[tuple[CriterionOutcome, CriterionOutcome | None]]] = {}
    for call in evaluation.calls:
        for name, expected, answered in call.criteria:
            found.setdefault(name, Counter())[expected, answered] += 1
    return tuple(CriterionTable(criterion_id=name, confusion=found[name]) for name in sorted(found))


def by_layout(evaluation: Evaluation) -> Mapping[str, Evaluation]:
    """The calls of each layout; without recordings nothing."""
    return _grouped(evaluation, lambda call: call.layout)


def by_recognition(evaluation: Evaluation) -> Mapping[str, Evaluation]:
    """The calls of each quality of recognition."""
    return _grouped(evaluation, recognition)


def recognition(call: CallComparison) -> Recognition | None:
    """The quality of one call; None where no reference text tells."""
    if call.layout is None:
        return Recognition.GIVEN
    rate = None if call.characters is None else call.characters.rate
    if rate is None:
        return None
    if rate < FAIR:
        return Recognition.CLEAR
    return Recognition.FAIR if rate < POOR else Recognition.POOR


def _grouped(evaluation: Evaluation, key: Callable[[CallComparison], str | None]) -> Mapping[str, Evaluation]:
    groups: dict[str, list[CallComparison]] = {}
    for call in evaluation.calls:
        name = key(call)
        if name is not None:
            groups.setdefault(name, []).append(call)
    return {name: Evaluation(calls=tuple(groups[name]), unanswered=()) for name in sorted(groups)}
