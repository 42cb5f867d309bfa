"""Results beside labels: what counts as found, missed, doubted, and flagged without cause."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qa_pipeline.cli.accuracy import shown, summary_lines
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.evaluation.comparison import FindingCounts, compare_call, evaluate
from qa_pipeline.evaluation.document import evaluation_document
from qa_pipeline.evaluation.labels import CallLabels
from qa_pipeline.evaluation.tables import Recognition, by_criterion, by_layout, by_recognition, recognition
from qa_pipeline.i18n import use_language
from qa_pipeline.proportion import Proportion
from qa_pipeline.types import CallType, CriterionOutcome, Severity

ARREST = ("threat.arrest", "fatal")
TONE = ("service.tone", "minor")


def labels(*findings: tuple[str, str], criteria: dict[str, str] | None = None) -> CallLabels:
    return CallLabels.model_validate(
        {
            "call_id": "c1",
            "reference": [{"role": "agent", "text": "您好"}, {"role": "customer", "text": "你好"}],
            "expected": {
                "call_type": "right_party",
                "findings": [{"category": category, "severity": severity} for category, severity in findings],
                "criteria": criteria or {},
            },
        }
    )


def result(
    *findings: tuple[str, str, str], criteria: dict[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    return {
        "call_id": "c1",
        "status": "scored",
        "call_type": "right_party",
        "utterances": [{"role": "agent", "text": "您好"}, {"role": "customer", "text": "您好"}],
        "findings": [
            {"category": category, "severity": severity, "outcome": outcome}
            for category, severity, outcome in findings
        ],
        "criteria": [
            {"criterion_id": name, "outcome": outcome} for name, outcome in (criteria or {}).items()
        ],
        **fields,
    }


@pytest.mark.parametrize(
    ("expected", "flagged", "counts"),
    [
        ([ARREST], [(*ARREST, "hit")], FindingCounts(hits=1)),
        ([ARREST], [(*ARREST, "uncertain")], FindingCounts(doubts=1)),
        ([ARREST], [(*ARREST, "hit"), (*ARREST, "uncertain")], FindingCounts(hits=1)),
        ([ARREST], [], FindingCounts(misses=1)),
        ([], [(*ARREST, "hit")], FindingCounts(false_hits=1)),
        ([], [(*TONE, "uncertain")], FindingCounts(false_doubts=1)),
        ([], [("contact.hours", "info", "hit")], FindingCounts()),
        ([ARREST, TONE], [(*TONE, "hit")], FindingCounts(hits=1, misses=1)),
    ],
)
def test_findings(
    expected: list[tuple[str, str]], flagged: list[tuple[str, str, str]], counts: FindingCounts
) -> None:
    evaluation = evaluate([result(*flagged)], {"c1": labels(*expected)})
    assert evaluation.findings() == counts


def test_severity_picks_its_findings() -> None:
    evaluation = evaluate([result((*ARREST, "hit"))], {"c1": labels(ARREST, TONE)})
    assert evaluation.findings(severity=Severity.FATAL) == FindingCounts(hits=1)
    assert evaluation.findings(severity=Severity.MINOR) == FindingCounts(misses=1)
    assert evaluation.findings(category="threat.arrest").recall.rate == 1.0


@pytest.mark.parametrize(
    ("flagged", "severity", "kind"),
    [
        ([("fatal", "hit"), ("minor", "hit")], Severity.FATAL, "false_hits"),
        ([("minor", "hit"), ("fatal", "hit")], Severity.FATAL, "false_hits"),
        ([("serious", "hit"), ("fatal", "uncertain")], Severity.SERIOUS, "false_hits"),
        ([("fatal", "uncertain"), ("minor", "hit")], Severity.MINOR, "false_hits"),
        ([("serious", "uncertain"), ("minor", "uncertain")], Severity.SERIOUS, "false_doubts"),
        ([("fatal", "uncertain"), ("info", "hit")], Severity.FATAL, "false_doubts"),
    ],
)
def test_a_false_flag_is_as_bad_as_its_gravest_hit(
    flagged: list[tuple[str, str]], severity: Severity, kind: str
) -> None:
    compared = compare_call(result(*(("threat.arrest", *one) for one in flagged)), labels())
    assert {flag.severity: name for name, flags in compared.flags.items() for flag in flags} == {
        severity: kind
    }


def test_criteria_that_do_not_apply_are_not_counted_right() -> None:
    expected = {"greeting": "met", "amount": "missed", "empathy": "not_applicable", "closing": "met"}
    answered = {"greeting": "met", "amount": "uncertain", "empathy": "not_applicable"}
    evaluation = evaluate([result(criteria=answered)], {"c1": labels(criteria=expected)})
    assert (evaluation.criteria.right.count, evaluation.criteria.right.total) == (1, 3)
    assert (evaluation.criteria.uncertain.count, evaluation.criteria.uncertain.total) == (1, 3)


def test_unknown_roles_are_compared_as_one_text() -> None:
    spoken = [{"role": "unknown", "text": "您好"}, {"role": "unknown", "text": "你好"}]
    compared = compare_call(result(utterances=spoken), labels())
    assert compared.characters is not None
    assert compared.characters.errors == 0


def test_what_was_judged_is_compared_too() -> None:
    spoken = [
        {"role": "agent", "text": "您号", "likely": "您好"},
        {"role": "customer", "text": "你号", "likely": None},
    ]
    use_language("en")
    evaluation = evaluate([result(utterances=spoken)], {"c1": labels()})
    assert (evaluation.characters.errors, evaluation.likely_characters.errors) == (2, 1)
    lines = "\n".join(summary_lines(evaluation))
    assert "character error rate: 50.0% (2 of 4)" in lines
    assert "  as most likely said: 25.0% (1 of 4)" in lines


def test_labels_without_a_result_are_named() -> None:
    evaluation = evaluate([], {"c1": labels()})
    assert evaluation.unanswered == ("c1",)
    use_language("en")
    assert "labels without a result: 1" in "\n".join(summary_lines(evaluation))


def test_a_share_is_shown_with_counts_and_interval() -> None:
    example = "92.3 % (24/26, 75.9 %-97.9 %)"
    assert shown(Proportion(count=24, total=26)) == example
    assert example in (shown.__doc__ or "")
    assert shown(Proportion(count=0, total=0)) == "-"


def test_a_result_given_twice_counts_once() -> None:
    evaluation = evaluate([result((*ARREST, "hit"))] * 2, {"c1": labels()})
    assert len(evaluation.calls) == 1
    assert evaluation.findings() == FindingCounts(false_hits=1)


def test_two_results_of_one_call_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"results_unreadable.*c1"):
        evaluate([result((*ARREST, "hit")), result(call_id="c2"), result()], {"c1": labels()})


def test_clean_calls_in_review_are_counted() -> None:
    evaluation = evaluate([result(status="needs_review")], {"c1": labels()})
    assert (evaluation.clean_reviewed.count, evaluation.clean_reviewed.total) == (1, 1)


def test_only_criteria_on_the_form_of_the_call_type_are_compared() -> None:
    expected = {"greeting": "met", "contact_update": "not_applicable", "tp.relay_request": "missed"}
    compared = compare_call(result(criteria={"greeting": "met"}), labels(criteria=expected))
    assert [name for name, _, _ in compared.criteria] == ["greeting"]


def test_direct_and_evasive_are_counted_apart() -> None:
    expected = labels(ARREST)
    evasive = expected.expected.findings[0].model_copy(update={"manner": "evasive"})
    evasive_labels = expected.model_copy(
        update={"expected": expected.expected.model_copy(update={"findings": (evasive,)})}
    )
    evaluation = evaluate([result()], {"c1": evasive_labels})
    assert evaluation.findings(manner="evasive") == FindingCounts(misses=1)
    assert evaluation.findings(manner="direct") == FindingCounts()


def test_uncertain_findings_are_a_cost_right_or_wrong() -> None:
    evaluation = evaluate([result((*ARREST, "uncertain"), (*TONE, "uncertain"))], {"c1": labels(ARREST)})
    assert evaluation.uncertain_per_call == 2.0


def test_figures_are_json_with_counts() -> None:
    evaluation = evaluate([result((*ARREST, "hit"))], {"c1": labels(ARREST)})
    document = json.loads(json.dumps(evaluation_document(evaluation)))
    fatal = document["findings"]["by_severity"]["fatal"]["all"]
    assert fatal["recall"]["count"] == 1
    assert fatal["recall"]["interval"][1] == 1.0


def test_a_criterion_has_its_own_table() -> None:
    met, missed, uncertain = CriterionOutcome.MET, CriterionOutcome.MISSED, CriterionOutcome.UNCERTAIN
    calls = [("met", "met"), ("met", "missed"), ("missed", "uncertain"), ("not_applicable", "missed")]
    evaluation = evaluate(
        [result(call_id=f"c{n}", criteria={"greeting": answer}) for n, (_, answer) in enumerate(calls)],
        {f"c{n}": labels(criteria={"greeting": expected}) for n, (expected, _) in enumerate(calls)},
    )
    ((name, table),) = by_criterion(evaluation).items()
    assert name == "greeting"
    assert (table.right.count, table.uncertain.count, table.right.total) == (1, 1, 3)
    assert (table.confusion[met, missed], table.confusion[missed, uncertain]) == (1, 1)


def test_call_types_are_confused_with_one_another() -> None:
    results = [result(call_type="third_party"), result(call_id="c2", call_type=None)]
    evaluation = evaluate(results, {"c1": labels(), "c2": labels()})
    assert evaluation.call_type_right.count == 0
    assert evaluation.call_type_confusion == {
        (CallType.RIGHT_PARTY, CallType.THIRD_PARTY): 1,
        (CallType.RIGHT_PARTY, None): 1,
    }


def heard(customer: str, layout: str | None = "stereo") -> dict[str, Any]:
    return result(
        call_id=customer,
        audio=layout and {"layout": layout},
        utterances=[{"role": "agent", "text": "您好"}, {"role": "customer", "text": customer}],
    )


@pytest.mark.parametrize(("heard_as", "layout", "quality"), [
    ("你好", "stereo", Recognition.CLEAR),
    ("你号", "stereo", Recognition.POOR),
    ("你号", None, Recognition.GIVEN),
])  # fmt: skip
def test_recognition_is_told_by_its_errors(heard_as: str, layout: str | None, quality: Recognition) -> None:
    assert recognition(compare_call(heard(heard_as, layout), labels())) is quality


def test_calls_are_grouped_by_layout_and_recognition() -> None:
    results = [heard("你好"), heard("你号"), heard("你浩", "mono")]
    evaluation = evaluate(results, {name: labels() for name in ("你好", "你号", "你浩")})
    assert {name: len(group.calls) for name, group in by_layout(evaluation).items()} == {
        "mono": 1,
        "stereo": 2,
    }
    assert {name: len(group.calls) for name, group in by_recognition(evaluation).items()} == {
        "clear": 1,
        "poor": 2,
    }
    use_language("en")
    lines = "\n".join(summary_lines(evaluation))
    assert "  One channel: calls 1, character errors 25.0%" in lines
