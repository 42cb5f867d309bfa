"""An evaluation as lines of text: every share with its counts and interval."""

from __future__ import annotations

from collections.abc import Iterator

from qa_pipeline.evaluation.comparison import Evaluation, FindingCounts
from qa_pipeline.evaluation.proportion import Proportion
from qa_pipeline.types import CriterionOutcome, Severity


def shown(share: Proportion) -> str:
    """For example ``92.3 % (24/26, 75.9 to 97.9)``; a dash where nothing was counted."""
    if share.rate is None or share.interval is None:
        return "-"
    low, high = share.interval
    return f"{share.rate:.1%} ({share.count}/{share.total}, {low:.1%} to {high:.1%})".replace("%", " %")


def summary_lines(evaluation: Evaluation) -> Iterator[str]:
    """Character errors, findings by severity and category, criteria, call types, review share."""
    characters = evaluation.characters
    if characters.rate is not None:
        counts = f"{characters.errors} of {characters.reference_length}"
        yield f"character error rate: {characters.rate:.1%} ({counts})"
    yield f"calls compared: {len(evaluation.calls)}, labels without a result: {len(evaluation.unanswered)}"
    for severity in (Severity.FATAL, Severity.SERIOUS, Severity.MINOR):
        yield from _finding_lines(severity.value, evaluation.findings(severity=severity))
    for category in evaluation.categories:
        yield from _finding_lines(f"  {category}", evaluation.findings(category=category))
    yield f"criteria judged right, of those that apply: {shown(evaluation.criteria_right)}"
    for (expected, answered), count in sorted(evaluation.criteria_confusion.items(), key=_confusion_order):
        if expected != answered:
            yield f"  expected {expected}, judged {answered or 'nothing'}: {count}"
    yield f"call type right: {shown(evaluation.call_type_right)}"
    yield f"clean calls sent to review: {shown(evaluation.clean_reviewed)}"


def _confusion_order(
    entry: tuple[tuple[CriterionOutcome, CriterionOutcome | None], int],
) -> tuple[int, str, str]:
    (expected, answered), count = entry
    return -count, expected.value, answered.value if answered else ""


def _finding_lines(name: str, counts: FindingCounts) -> Iterator[str]:
    if counts.recall.total or counts.false_hits or counts.false_doubts:
        yield (
            f"{name}: precision {shown(counts.precision)}, recall {shown(counts.recall)}, "
            f"with uncertain {shown(counts.recall_with_doubts)}, false uncertain {counts.false_doubts}"
        )
