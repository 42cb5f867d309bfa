"""What holds for every scorecard, whatever was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qa_pipeline.scoring.form import load_form
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.types import (
    CallType,
    CriterionOutcome,
    ElementResult,
    Finding,
    FindingOutcome,
    MatchKind,
    Scorecard,
)

from .builders import finding, talk

FORMS = {call_type: load_form(call_type) for call_type in CallType}
CATEGORIES = (
    "threat.visit",
    "legal.false_credit",
    "contact.hours",
    "disclosure.third_party",
    "disclosure.unverified",
    "service.tone",
    "service.argue",
    "service.filler",
    "service.hangup",
)
TALK = talk("aacacacaca")
UTTERANCES = (None, "u1", "u2", "u4", "u6", "u8")

outcomes = st.sampled_from(list(CriterionOutcome))
hits = st.builds(
    finding,
    st.sampled_from(["fatal", "serious", "serious", "minor", "minor", "minor", "info"]),
    category=st.sampled_from(CATEGORIES),
    at=st.sampled_from(UTTERANCES),
    match=st.sampled_from([MatchKind.EXACT, MatchKind.ACOUSTIC]),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[CallType, list[ElementResult], list[Finding]]:
    call_type = draw(st.sampled_from(list(CallType)))
    ids = [criterion.id for criterion in FORMS[call_type].criteria if not criterion.findings]
    elements = [ElementResult(element_id=one, outcome=draw(outcomes)) for one in ids]
    found = draw(st.lists(hits, max_size=7))
    return call_type, elements, numbered(found)


def numbered(found: Sequence[Finding]) -> list[Finding]:
    return [replace(one, key=f"k{number}") for number, one in enumerate(found)]


def card(call_type: CallType, elements: Sequence[ElementResult], findings: Sequence[Finding]) -> Scorecard:
    return score(form=FORMS[call_type], elements=elements, findings=findings, transcript=TALK)


@given(cases())
def test_a_score_lies_between_0_and_100_and_its_deductions_add_up(
    case: tuple[CallType, list[ElementResult], list[Finding]],
) -> None:
    result = card(*case)
    assert 0 <= result.raw <= result.potential <= 100
    assert all(deduction.points >= 0 for deduction in result.deductions)
    if result.normalised is None:
        assert result.deductions == ()
        return
    assert 0 <= result.normalised <= 100
    before = result.normalised + sum(deduction.points for deduction in result.deductions)
    if not result.fatal:
        assert before == pytest.approx(100 * result.raw / result.potential, abs=0.0501)


@settings(max_examples=300)
@given(cases(), hits, st.integers(0, 7))
def test_one_finding_more_never_raises_a_score(
    case: tuple[CallType, list[ElementResult], list[Finding]], more: Finding, place: int
) -> None:
    call_type, elements, findings = case
    before = card(call_type, elements, findings)
    after = card(call_type, elements, numbered([*findings[:place], more, *findings[place:]]))
    if before.normalised is None:
        assert after.normalised in (None, 0)
    else:
        assert after.normalised is not None
        assert after.normalised <= before.normalised
    assert not (after.passed and before.passed is False)


@given(cases(), hits)
def test_an_uncertain_finding_never_changes_a_score(
    case: tuple[CallType, list[ElementResult], list[Finding]], more: Finding
) -> None:
    call_type, elements, findings = case
    uncertain = replace(more, key="more", outcome=FindingOutcome.UNCERTAIN)
    before = card(call_type, elements, findings)
    after = card(call_type, elements, [*findings, uncertain])
    assert replace(after, provisional=before.provisional) == before
    assert after.provisional >= before.provisional


@given(cases())
def test_uncertain_elements_score_like_elements_that_do_not_apply(
    case: tuple[CallType, list[ElementResult], list[Finding]],
) -> None:
    call_type, elements, findings = case
    # An uncertain refusal takes the promise out of the sheet, one that does not apply leaves it in.
    elements = [one for one in elements if one.element_id != "refusal_close"]
    without = [
        replace(one, outcome=CriterionOutcome.NOT_APPLICABLE)
        if one.outcome is CriterionOutcome.UNCERTAIN
        else one
        for one in elements
    ]
    uncertain, decided = card(call_type, elements, findings), card(call_type, without, findings)
    assert (uncertain.raw, uncertain.potential) == (decided.raw, decided.potential)
    assert (uncertain.normalised, uncertain.grade) == (decided.normalised, decided.grade)
    assert uncertain.provisional or without == elements


@given(
    cases(),
    st.integers(0, 30),
    st.sampled_from([CriterionOutcome.NOT_APPLICABLE, CriterionOutcome.UNCERTAIN]),
)
def test_what_does_not_apply_or_is_uncertain_never_lowers_a_score_below_that_of_a_miss(
    case: tuple[CallType, list[ElementResult], list[Finding]], place: int, instead: CriterionOutcome
) -> None:
    call_type, elements, findings = case
    assume(elements[place % len(elements)].element_id != "refusal_close")
    changed = {outcome: list(elements) for outcome in (CriterionOutcome.MISSED, instead)}
    for outcome, version in changed.items():
        version[place % len(version)] = replace(version[place % len(version)], outcome=outcome)
    missed = card(call_type, changed[CriterionOutcome.MISSED], findings)
    spared = card(call_type, changed[instead], findings)
    if missed.normalised is not None and spared.normalised is not None:
        assert spared.normalised >= missed.normalised
