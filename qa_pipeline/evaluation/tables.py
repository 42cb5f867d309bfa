"""An evaluation taken apart: by criterion, by layout of the recording, by how well it was recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum

from qa_pipeline.evaluation.comparison import CallComparison, Evaluation, OutcomeTable
from qa_pipeline.types import CriterionOutcome

FAIR, POOR = 0.10, 0.20
"""Character error rates from which a call counts as fairly and as poorly recognised: practice."""


class Recognition(StrEnum):
    """How well a call was recognised, by its character error rate after the normaliser."""

    GIVEN = "given"
    CLEAR = "clear"
    FAIR = "fair"
    POOR = "poor"


def by_criterion(evaluation: Evaluation) -> Mapping[str, OutcomeTable]:
    """The outcomes of each criterion, over all calls that have it on their form."""
    found: dict[str, Counter[tuple[CriterionOutcome, CriterionOutcome | None]]] = {}
    for call in evaluation.calls:
        for name, expected, answered in call.criteria:
            found.setdefault(name, Counter())[expected, answered] += 1
    return {name: OutcomeTable(confusion=found[name]) for name in sorted(found)}


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
