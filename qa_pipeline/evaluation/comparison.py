"""Results beside labels: what was found, what was missed, what was flagged without cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.evaluation.cer import CharacterErrors, character_errors, total
from qa_pipeline.evaluation.labels import CallLabels, Manner
from qa_pipeline.proportion import Proportion
from qa_pipeline.scoring.form import load_form
from qa_pipeline.types import CallType, CriterionOutcome, Role, Severity, message

CallDocument = Mapping[str, Any]
"""One line of `qa audit --json`, schema qa.call/1."""

GRADES = (Severity.FATAL, Severity.SERIOUS, Severity.MINOR)
"""Of violations, the gravest first: a remark is none."""


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
class Flag:
    """A category in one call; `manner` says how it was said, None where no label says so."""

    category: str
    severity: Severity
    manner: Manner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallComparison:
    """One call's result beside its labels.

    Args:
        expected_type, answered_type: whom the agent reached, by the labels and by the result.
        layout: of the channels; None where only a transcript was given.
        clean: no violation is in the call.
        num_uncertain: uncertain findings, right or wrong: what they cost a reviewer.
        criteria: name, expected and answered outcome of every criterion that the labelled type's form has.
    """

    call_id: str
    status: str
    expected_type: CallType
    answered_type: CallType | None
    layout: str | None
    clean: bool
    hits: frozenset[Flag]
    doubts: frozenset[Flag]
    misses: frozenset[Flag]
    false_hits: frozenset[Flag]
    false_doubts: frozenset[Flag]
    num_uncertain: int
    criteria: tuple[tuple[str, CriterionOutcome, CriterionOutcome | None], ...]
    characters: CharacterErrors | None
    likely_characters: CharacterErrors | None

    @property
    def call_type_right(self) -> bool:
        return self.answered_type is self.expected_type

    @property
    def flags(self) -> Mapping[str, frozenset[Flag]]:
        """Every flag by what became of it, under the names of `FindingCounts`."""
        return {kind.name: getattr(self, kind.name) for kind in fields(FindingCounts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTable:
    """Outcomes of criteria by the labels and by the results.

    Args:
        confusion: how often each expected outcome got each answer.
    """

    confusion: Counter[tuple[CriterionOutcome, CriterionOutcome | None]]

    @property
    def right(self) -> Proportion:
        """Of those that apply by the labels, those judged the same; uncertain is not right."""
        return self._share(lambda expected, answered: expected is answered)

    @property
    def uncertain(self) -> Proportion:
        """Of those that apply by the labels, those left to a person."""
        return self._share(lambda _, answered: answered is CriterionOutcome.UNCERTAIN)

    def _share(self, counted: Callable[[CriterionOutcome, CriterionOutcome | None], bool]) -> Proportion:
        applicable = {
            pair: count
            for pair, count in self.confusion.items()
            if pair[0] is not CriterionOutcome.NOT_APPLICABLE
        }
        return Proportion(
            count=sum(count for pair, count in applicable.items() if counted(*pair)),
            total=sum(applicable.values()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All calls together."""

    calls: tuple[CallComparison, ...]
    unanswered: tuple[str, ...]

    def findings(
        self, *, category: str | None = None, severity: Severity | None = None, manner: Manner | None = None
    ) -> FindingCounts:
        """Counts over all calls, of one category, severity or manner where given.

        What was flagged without cause has no manner, so with one given only recall means something.
        """

        def counted(flag: Flag) -> bool:
            return (
                (category is None or flag.category == category)
                and (severity is None or flag.severity is severity)
                and (manner is None or flag.manner == manner)
            )

        counts = Counter(
            kind
            for call in self.calls
            for kind, flags in call.flags.items()
            for flag in flags
            if counted(flag)
        )
        return FindingCounts(**counts)

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category expected or flagged."""
        return tuple(
            sorted({flag.category for call in self.calls for flags in call.flags.values() for flag in flags})
        )

    @property
    def criteria(self) -> OutcomeTable:
        """All criteria together; `tables.by_criterion` takes them apart."""
        return OutcomeTable(
            confusion=Counter(
                (expected, answered) for call in self.calls for _, expected, answered in call.criteria
            )
        )

    @property
    def call_type_right(self) -> Proportion:
        return Proportion(count=sum(call.call_type_right for call in self.calls), total=len(self.calls))

    @property
    def call_type_confusion(self) -> Counter[tuple[CallType, CallType | None]]:
        """How often each type got each answer."""
        return Counter((call.expected_type, call.answered_type) for call in self.calls)

    @property
    def reviewed(self) -> Proportion:
        """Of all calls, those that are sent to a person."""
        return Proportion(
            count=sum(call.status == "needs_review" for call in self.calls), total=len(self.calls)
        )

    @property
    def clean_reviewed(self) -> Proportion:
        """Clean calls that are sent to a person all the same."""
        clean = [call for call in self.calls if call.clean]
        return Proportion(count=sum(call.status == "needs_review" for call in clean), total=len(clean))

    @property
    def uncertain_per_call(self) -> float | None:
        """Uncertain findings for each call; None without calls."""
        return sum(call.num_uncertain for call in self.calls) / len(self.calls) if self.calls else None

    @property
    def characters(self) -> CharacterErrors:
        """Of what was heard."""
        return total(call.characters for call in self.calls if call.characters is not None)

    @property
    def likely_characters(self) -> CharacterErrors:
        """Of what was judged: the most likely spelling of what was heard."""
        found = (call.likely_characters for call in self.calls)
        return total(errors for errors in found if errors is not None)


def evaluate(results: Iterable[CallDocument], labels: Mapping[str, CallLabels]) -> Evaluation:
    """Compare results with labels; results without labels are left out, labels without results are named.

    A result that is given twice counts once.

    Raises:
        ConfigurationError: `results_unreadable` where a call has two results that differ: nobody can say
            which of them is to be judged.
    """
    judged: dict[str, CallDocument] = {}
    for result in results:
        call_id = result["call_id"]
        if judged.setdefault(call_id, result) != result:
            told = message(
                "call {call_id} has two different results; give what one run of qa audit wrote with --json",
                call_id=call_id,
            )
            raise ConfigurationError("results_unreadable", told)
    return Evaluation(
        calls=tuple(compare_call(result, labels[name]) for name, result in judged.items() if name in labels),
        unanswered=tuple(sorted(labels.keys() - judged.keys())),
    )


def compare_call(result: CallDocument, labels: CallLabels) -> CallComparison:
    """Compare one call, on the criteria that the form of its labelled call type asks for."""
    expected = {
        finding.category: Flag(category=finding.category, severity=finding.severity, manner=finding.manner)
        for finding in sorted(labels.expected.findings, key=lambda one: one.manner == "direct")
    }
    found = [finding for finding in result["findings"] if finding["severity"] != Severity.INFO]
    hit = {finding["category"] for finding in found if finding["outcome"] == "hit"}
    uncertain = [finding for finding in found if finding["outcome"] == "uncertain"]
    doubted = {finding["category"] for finding in uncertain} - hit
    unexpected = {
        name: Flag(category=name, severity=_gravest(name, found))
        for name in (hit | doubted) - expected.keys()
    }
    answers = {criterion["criterion_id"]: criterion["outcome"] for criterion in result["criteria"]}
    return CallComparison(
        call_id=result["call_id"],
        status=result["status"],
        expected_type=labels.expected.call_type,
        answered_type=None if result["call_type"] is None else CallType(result["call_type"]),
        layout=(result.get("audio") or {}).get("layout"),
        clean=not expected,
        hits=frozenset(flag for name, flag in expected.items() if name in hit),
        doubts=frozenset(flag for name, flag in expected.items() if name in doubted),
        misses=frozenset(flag for name, flag in expected.items() if name not in hit | doubted),
        false_hits=frozenset(flag for name, flag in unexpected.items() if name in hit),
        false_doubts=frozenset(flag for name, flag in unexpected.items() if name in doubted),
        num_uncertain=len(uncertain),
        criteria=tuple(
            (name, outcome, CriterionOutcome(answers[name]) if name in answers else None)
            for name, outcome in sorted(labels.expected.criteria.items())
            if name in _asked(labels.expected.call_type)
        ),
        characters=_characters(result, labels, lambda spoken: spoken["text"]),
        likely_characters=_characters(result, labels, lambda spoken: spoken.get("likely") or spoken["text"]),
    )


def _gravest(category: str, found: Iterable[Mapping[str, Any]]) -> Severity:
    """How bad a category was taken to be: by its hits, by its doubts only where it has no hit."""
    of_outcome = defaultdict[str, list[Severity]](list)
    for finding in found:
        if finding["category"] == category:
            of_outcome[finding["outcome"]].append(Severity(finding["severity"]))
    return max(of_outcome["hit"] or of_outcome["uncertain"], key=lambda severity: severity.rank)


@cache
def _asked(call_type: CallType) -> frozenset[str]:
    return frozenset(criterion.id for criterion in load_form(call_type).criteria)


def _characters(
    result: CallDocument, labels: CallLabels, text_of: Callable[[Mapping[str, Any]], str]
) -> CharacterErrors | None:
    if not labels.reference:
        return None
    texts = {
        role: "".join(text_of(spoken) for spoken in result["utterances"] if spoken["role"] == role)
        for role in Role
    }
    if texts[Role.UNKNOWN]:
        reference = "".join(utterance.text for utterance in labels.reference)
        return character_errors(reference, "".join(map(text_of, result["utterances"])))
    return total(character_errors(labels.text_of(role), texts[role]) for role in (Role.AGENT, Role.CUSTOMER))
