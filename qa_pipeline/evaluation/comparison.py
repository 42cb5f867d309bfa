"""Results beside labels: what was found, what was missed, what was flagged without cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from qa_pipeline.evaluation.cer import CharacterErrors, character_errors, total
from qa_pipeline.evaluation.labels import CallLabels
from qa_pipeline.evaluation.proportion import Proportion
from qa_pipeline.scoring.form import load_form
from qa_pipeline.types import CallType, CriterionOutcome, Role, Severity

CallDocument = Mapping[str, Any]
"""One line of `qa audit --json`, schema qa.call/1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCounts:
    """Per call and category: a category counts once a call, since that is what a reviewer decides.

    Args:
        hits: expected and flagged as hit; doubts: expected and flagged as uncertain only.
        misses: expected and not flagged; false_hits: flagged as hit and not expected.
        false_doubts: flagged as uncertain and not expected.
    """

    hits: int = 0
    doubts: int = 0
    misses: int = 0
    false_hits: int = 0
    false_doubts: int = 0

    @property
    def precision(self) -> Proportion:
        return Proportion(count=self.hits, total=self.hits + self.false_hits)

    @property
    def recall(self) -> Proportion:
        """Of hits only."""
        return Proportion(count=self.hits, total=self.hits + self.doubts + self.misses)

    @property
    def recall_with_doubts(self) -> Proportion:
        return Proportion(count=self.hits + self.doubts, total=self.hits + self.doubts + self.misses)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallComparison:
    """One call's result beside its labels; categories as (category, severity) pairs."""

    call_id: str
    status: str
    call_type_right: bool
    clean: bool
    hits: frozenset[tuple[str, Severity]]
    doubts: frozenset[tuple[str, Severity]]
    misses: frozenset[tuple[str, Severity]]
    false_hits: frozenset[tuple[str, Severity]]
    false_doubts: frozenset[tuple[str, Severity]]
    criteria: tuple[tuple[str, CriterionOutcome, CriterionOutcome | None], ...]
    characters: CharacterErrors | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All calls together."""

    calls: tuple[CallComparison, ...]
    unanswered: tuple[str, ...]

    def findings(self, *, category: str | None = None, severity: Severity | None = None) -> FindingCounts:
        """Counts over all calls, of one category or severity where given."""

        def count(kind: str) -> int:
            return sum(
                (category is None or found == category) and (severity is None or grade is severity)
                for call in self.calls
                for found, grade in getattr(call, kind)
            )

        return FindingCounts(
            **{kind: count(kind) for kind in ("hits", "doubts", "misses", "false_hits", "false_doubts")}
        )

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category expected or flagged."""
        kinds = ("hits", "doubts", "misses", "false_hits", "false_doubts")
        return tuple(
            sorted({found for call in self.calls for kind in kinds for found, _ in getattr(call, kind)})
        )

    @property
    def criteria_right(self) -> Proportion:
        """Of the criteria that apply by the labels, those judged the same; uncertain is not right."""
        judged = [
            expected == answered
            for call in self.calls
            for _, expected, answered in call.criteria
            if expected is not CriterionOutcome.NOT_APPLICABLE
        ]
        return Proportion(count=sum(judged), total=len(judged))

    @property
    def criteria_confusion(self) -> Counter[tuple[CriterionOutcome, CriterionOutcome | None]]:
        """How often each expected outcome got each answer."""
        return Counter((expected, answered) for call in self.calls for _, expected, answered in call.criteria)

    @property
    def call_type_right(self) -> Proportion:
        return Proportion(count=sum(call.call_type_right for call in self.calls), total=len(self.calls))

    @property
    def clean_reviewed(self) -> Proportion:
        """Clean calls that are sent to a person all the same."""
        clean = [call for call in self.calls if call.clean]
        return Proportion(count=sum(call.status == "needs_review" for call in clean), total=len(clean))

    @property
    def characters(self) -> CharacterErrors:
        return total(call.characters for call in self.calls if call.characters is not None)


def evaluate(results: Iterable[CallDocument], labels: Mapping[str, CallLabels]) -> Evaluation:
    """Compare results with labels; results without labels are left out, labels without results are named."""
    compared = tuple(
        compare_call(result, labels[result["call_id"]]) for result in results if result["call_id"] in labels
    )
    answered = {call.call_id for call in compared}
    return Evaluation(calls=compared, unanswered=tuple(sorted(set(labels) - answered)))


def compare_call(result: CallDocument, labels: CallLabels) -> CallComparison:
    """Compare one call, on the criteria that the form of its labelled call type asks for."""
    expected = {finding.category: finding.severity for finding in labels.expected.findings}
    flagged = {
        outcome: {
            finding["category"]: Severity(finding["severity"])
            for finding in result["findings"]
            if finding["outcome"] == outcome and finding["severity"] != Severity.INFO
        }
        for outcome in ("hit", "uncertain")
    }
    doubted = {
        category: grade for category, grade in flagged["uncertain"].items() if category not in flagged["hit"]
    }
    answers = {criterion["criterion_id"]: criterion["outcome"] for criterion in result["criteria"]}
    return CallComparison(
        call_id=result["call_id"],
        status=result["status"],
        call_type_right=result["call_type"] == labels.expected.call_type,
        clean=not expected,
        hits=frozenset(pair for pair in expected.items() if pair[0] in flagged["hit"]),
        doubts=frozenset(pair for pair in expected.items() if pair[0] in doubted),
        misses=frozenset(
            pair for pair in expected.items() if pair[0] not in flagged["hit"] and pair[0] not in doubted
        ),
        false_hits=frozenset(pair for pair in flagged["hit"].items() if pair[0] not in expected),
        false_doubts=frozenset(pair for pair in doubted.items() if pair[0] not in expected),
        criteria=tuple(
            (name, outcome, CriterionOutcome(answers[name]) if name in answers else None)
            for name, outcome in sorted(labels.expected.criteria.items())
            if name in _asked(labels.expected.call_type)
        ),
        characters=_characters(result, labels),
    )


@cache
def _asked(call_type: CallType) -> frozenset[str]:
    return frozenset(criterion.id for criterion in load_form(call_type).criteria)


def _characters(result: CallDocument, labels: CallLabels) -> CharacterErrors | None:
    if not labels.reference:
        return None
    texts = {
        role: "".join(spoken["text"] for spoken in result["utterances"] if spoken["role"] == role)
        for role in Role
    }
    if texts[Role.UNKNOWN]:
        reference = "".join(utterance.text for utterance in labels.reference)
        return character_errors(reference, "".join(spoken["text"] for spoken in result["utterances"]))
    return total(character_errors(labels.text_of(role), texts[role]) for role in (Role.AGENT, Role.CUSTOMER))
