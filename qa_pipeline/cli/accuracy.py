"""An evaluation in words: every share with its counts and its interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from qa_pipeline.evaluation.comparison import GRADES, CallComparison, Evaluation, FindingCounts, OutcomeTable
from qa_pipeline.evaluation.labels import Manner
from qa_pipeline.evaluation.tables import by_criterion, by_layout, by_recognition
from qa_pipeline.i18n import gettext as _
from qa_pipeline.proportion import Proportion
from qa_pipeline.reports import labels
from qa_pipeline.types import CriterionOutcome, Severity

_WORTH_COMPARING = 2  # groups; one group is all calls


def shown(share: Proportion) -> str:
    """For example ``92.3 % (24/26, 75.9 %-97.9 %)``; a dash where nothing was counted."""
    if share.rate is None or share.interval is None:
        return "-"
    low, high = share.interval
    return f"{share.rate:.1%} ({share.count}/{share.total}, {low:.1%}-{high:.1%})".replace("%", " %")


def summary_lines(evaluation: Evaluation) -> Iterator[str]:
    """Character errors, findings by severity and category, criteria, call types, review share."""
    characters = evaluation.characters
    if characters.rate is not None:
        yield _("character error rate: {rate} ({errors} of {length})").format(
            rate=f"{characters.rate:.1%}", errors=characters.errors, length=characters.reference_length
        )
    likely = evaluation.likely_characters
    if likely.rate is not None and likely.errors != characters.errors:
        yield _("  as most likely said: {rate} ({errors} of {length})").format(
            rate=f"{likely.rate:.1%}", errors=likely.errors, length=likely.reference_length
        )
    yield _("calls compared: {calls}; labels without a result: {unanswered}").format(
        calls=len(evaluation.calls), unanswered=len(evaluation.unanswered)
    )
    for severity in GRADES:
        yield from _finding_lines(labels.severity(severity.value), evaluation.findings(severity=severity))
        manners: tuple[tuple[Manner, str], ...] = (("direct", _("direct")), ("evasive", _("evasive")))
        for manner, named in manners:
            counts = evaluation.findings(severity=severity, manner=manner)
            if counts.recall.total:
                yield _("  {manner}: recall {recall}, with uncertain {all}").format(
                    manner=named, recall=shown(counts.recall), all=shown(counts.recall_with_doubts)
                )
    for category in evaluation.categories:
        yield from _finding_lines(f"  {_named(category)}", evaluation.findings(category=category))
    if evaluation.uncertain_per_call is not None:
        yield _("uncertain findings for each call: {count}").format(
            count=f"{evaluation.uncertain_per_call:.2f}"
        )
    yield _("criteria judged right, of those that apply: {share}").format(
        share=shown(evaluation.criteria.right)
    )
    yield _("criteria left uncertain: {share}").format(share=shown(evaluation.criteria.uncertain))
    for name, table in by_criterion(evaluation).items():
        yield _criterion_line(name, table)
    yield _("call type right: {share}").format(share=shown(evaluation.call_type_right))
    for (wanted, given), count in sorted(evaluation.call_type_confusion.items(), key=_frequent_first):
        if wanted != given:
            yield _("  expected {expected}, judged {answered}: {count}").format(
                expected=labels.call_type(wanted),
                answered=labels.call_type(given) if given else "-",
                count=count,
            )
    yield _("calls sent to review: {share}").format(share=shown(evaluation.reviewed))
    yield _("clean calls sent to review: {share}").format(share=shown(evaluation.clean_reviewed))
    yield from _group_lines(_("by layout"), by_layout(evaluation))
    yield from _group_lines(_("by recognition"), by_recognition(evaluation))


def call_lines(call: CallComparison) -> Iterator[str]:
    """What is wrong with the result of one call; its error rate alone where nothing is."""
    rate = call.characters.rate if call.characters else None
    errors = "-" if rate is None else f"{rate:.1%}"
    yield _("{call}: character errors {errors}").format(call=call.call_id, errors=errors)
    for kind, named in (
        ("misses", _("missed")),
        ("doubts", _("uncertain only")),
        ("false_hits", _("flagged without cause")),
        ("false_doubts", _("uncertain without cause")),
    ):
        categories = sorted(flag.category for flag in call.flags[kind])
        if categories:
            yield f"  {named}: {', '.join(map(_named, categories))}"
    wrong = [
        f"{labels.criterion(name)} {_change(expected, answered)}"
        for name, expected, answered in call.criteria
        if expected != answered
    ]
    if wrong:
        yield f"  {', '.join(wrong)}"


def _criterion_line(name: str, table: OutcomeTable) -> str:
    wrong = ", ".join(
        f"{_change(expected, answered)} {count}"
        for (expected, answered), count in sorted(table.confusion.items(), key=_frequent_first)
        if expected != answered
    )
    return f"  {labels.criterion(name)} ({name}): {shown(table.right)}" + (f"; {wrong}" if wrong else "")


def _named(category: str) -> str:
    return f"{labels.category(category)} ({category})"


def _change(expected: CriterionOutcome, answered: CriterionOutcome | None) -> str:
    """What was expected and what was answered, a dash where nothing was."""
    return f"{labels.criterion_outcome(expected)}→{labels.criterion_outcome(answered) if answered else '-'}"


def _group_lines(title: str, groups: Mapping[str, Evaluation]) -> Iterator[str]:
    if len(groups) < _WORTH_COMPARING:
        return
    yield f"{title}:"
    for name, group in groups.items():
        fatal = group.findings(severity=Severity.FATAL)
        rate = group.characters.rate
        yield _(
            "  {name}: calls {calls}, character errors {errors}, fatal precision {precision}, recall {recall}"
            ", criteria {criteria}"
        ).format(
            name=labels.measured_group(name),
            calls=len(group.calls),
            errors="-" if rate is None else f"{rate:.1%}",
            precision=shown(fatal.precision),
            recall=shown(fatal.recall),
            criteria=shown(group.criteria.right),
        )


def _frequent_first(
    entry: tuple[tuple[StrEnum, StrEnum | None], int],
) -> tuple[int, str, str]:
    (expected, answered), count = entry
    return -count, expected.value, answered.value if answered else ""


def _finding_lines(name: str, counts: FindingCounts) -> Iterator[str]:
    if counts.recall.total or counts.false_hits or counts.false_doubts:
        yield _(
            "{name}: precision {precision}, recall {recall}, with uncertain {all}, false uncertain {false}"
        ).format(
            name=name,
            precision=shown(counts.precision),
            recall=shown(counts.recall),
            all=shown(counts.recall_with_doubts),
            false=counts.false_doubts,
        )
