"""Whole scorecards, each computed by hand in its comment."""

from __future__ import annotations

from typing import Any

import pytest

from qa_pipeline.scoring.form import load_form
from qa_pipeline.scoring.scorecard import score
from qa_pipeline.types import (
    CallType,
    CriterionOutcome,
    CriterionResult,
    Finding,
    Grade,
    MatchKind,
    Scorecard,
    Transcript,
)

from .builders import elements, finding, talk

OPENING = "+greeting +self_ident.org +self_ident.agent +recording_notice +identity_verification "
DEBT = "+purpose +amount +overdue_days +consequence_notice "
TALKS = "+reason_enquiry +ability_enquiry +empathy +solution_offer "
PROMISE = "+ptp.date +ptp.amount +ptp.channel +second_confirmation /refusal_close "
PERFECT = OPENING + DEBT + "+dispute_answer " + TALKS + PROMISE + "+complaint_channel +follow_up +closing"

SCRIPT_SAMPLE = (
    "+greeting +self_ident.org -self_ident.agent -recording_notice ~identity_verification "
    "+purpose -amount +overdue_days +consequence_notice /dispute_answer "
    "-reason_enquiry -ability_enquiry -empathy -solution_offer "
    "/ptp.date /ptp.amount /ptp.channel /second_confirmation /refusal_close "
    "/complaint_channel -follow_up -closing"
)
REFUSES = (
    OPENING
    + DEBT
    + "/dispute_answer +reason_enquiry +ability_enquiry /empathy +solution_offer "
    + "-ptp.date -ptp.amount -ptp.channel -second_confirmation ~refusal_close "
    + "+complaint_channel +follow_up +closing"
)
THIRD_PARTY = (
    "+greeting +self_ident.org +self_ident.agent +tp.relation_check +tp.neutral_purpose "
    "+tp.non_disclosure_reply +tp.relay_request +tp.stop_respect +closing"
)
WRONG_NUMBER = "+greeting +self_ident.org +wn.confirm_number -wn.apology_removal +closing"


def scorecard(
    script: str,
    *findings: Finding,
    call_type: CallType = CallType.RIGHT_PARTY,
    transcript: Transcript | None = None,
    **options: Any,
) -> Scorecard:
    return score(
        form=load_form(call_type),
        elements=elements(script),
        findings=findings,
        transcript=transcript or talk("acacac"),
        **options,
    )


def line(card: Scorecard, criterion_id: str) -> CriterionResult:
    return next(result for result in card.criteria if result.criterion_id == criterion_id)


# name, call type, elements, talk, raw, base, score, grade
WORKED = [
    # All 100 points of the sheet: 20 + 20 + 18 + 20 + 10 + 12.
    ("perfect", CallType.RIGHT_PARTY, PERFECT, talk("acac"), 100, 100, 100.0, Grade.EXCELLENT),
    # A compliant call with a promise, no billing question, and no follow-up due since a promise was made:
    # 20 + 18 + 18 + 20 + 7 + 12 = 95 of 100 - 2 - 3 = 95.
    (
        "compliant with promise",
        CallType.RIGHT_PARTY,
        PERFECT.replace("+dispute_answer", "/dispute_answer").replace("+follow_up", "/follow_up"),
        talk("acac"),
        *(95, 95, 100.0, Grade.EXCELLENT),
    ),
    # Polite and lawful, yet a low score; a transcript without times.
    # Opening 2 + 6 + 0 + 0 + 3 = 11 of 20; debt 2 + 0 + 5 + 4 = 11 of 18; negotiation 0 of 18; no promise
    # asked for; closing 0 of 3 + 4; service 5 + 3 of 8, listening cannot be measured.
    # 30 of 71 = 42.25... -> 42.3
    (
        "lawful but thin",
        CallType.RIGHT_PARTY,
        SCRIPT_SAMPLE,
        talk("acac", times=False),
        *(30, 71, 42.3, Grade.FAIL),
    ),
    # A clear refusal: D' (20) takes the place of D1-D4, whatever became of them; half fulfilled 10.
    # 20 + 18 + (6 + 4 + 5) + 10 + 10 + 12 = 85 of 20 + 18 + 15 + 20 + 10 + 12 = 95: 89.47... -> 89.5
    ("refusal", CallType.RIGHT_PARTY, REFUSES, talk("acac"), 85, 95, 89.5, Grade.GOOD),
    # Half a line: a vague organisation is 2 of 6, half an amount 3.5 of 7: 100 - 4 - 3.5
    (
        "partial lines",
        CallType.RIGHT_PARTY,
        PERFECT.replace("+self_ident.org", "~self_ident.org").replace("+amount", "~amount"),
        talk("acac"),
        *(92.5, 100, 92.5, Grade.EXCELLENT),
    ),
    # A third party who asks and refuses, answered correctly: every line.
    ("third party", CallType.THIRD_PARTY, THIRD_PARTY, talk("acac"), 100, 100, 100.0, Grade.EXCELLENT),
    # Nobody asked, nobody refused: 100 - 8 - 6 = 86, no relay requested: 78 of 86 = 90.69...
    (
        "third party, unasked",
        CallType.THIRD_PARTY,
        THIRD_PARTY.replace("+tp.non", "/tp.non")
        .replace("+tp.stop", "/tp.stop")
        .replace("+tp.relay", "-tp.relay"),
        talk("acac"),
        *(78, 86, 90.7, Grade.EXCELLENT),
    ),
    # No apology and no removal: 10 + 15 + 25 + 25 + 0 + 5
    ("wrong number", CallType.WRONG_NUMBER, WRONG_NUMBER, talk("ac"), 80, 100, 80.0, Grade.GOOD),
    # The customer hung up after the amount. 20 + 2 + 7 + 12 = 41 of 41: under 60, no score.
    (
        "cut short",
        CallType.RIGHT_PARTY,
        OPENING + "+purpose +amount",
        talk("acac"),
        *(41, 41, None, Grade.UNSCORED),
    ),
]


@pytest.mark.parametrize(
    ("name", "call_type", "script", "transcript", "raw", "potential", "normalised", "grade"),
    WORKED,
    ids=[row[0] for row in WORKED],
)
def test_worked_examples(
    name: str,
    call_type: CallType,
    script: str,
    transcript: Transcript,
    raw: float,
    potential: float,
    normalised: float | None,
    grade: Grade,
) -> None:
    card = scorecard(script, call_type=call_type, transcript=transcript)
    assert (card.raw, card.potential, card.normalised, card.grade) == (raw, potential, normalised, grade), (
        name
    )
    assert (card.deductions, card.fatal, card.provisional, card.passed) == ((), False, False, None)


def test_a_replaced_criterion_is_not_applicable_and_says_why() -> None:
    card = scorecard(REFUSES)
    replaced = line(card, "ptp.date")
    assert (replaced.outcome, replaced.points, replaced.potential) == (CriterionOutcome.NOT_APPLICABLE, 0, 0)
    assert "拒还" in str(replaced.explanation[0])
    assert line(card, "refusal_close").points == 10


# Severity and utterance of each hit on a perfect call (100), the final score, the points of each deduction.
# The agent says u1 and u2 in one turn, then u4, u6, u8 and u10.
VIOLATIONS = [
    ("one serious", ["serious u1"], 79, [20, 1]),  # 100 - 20 = 80, capped at 79
    ("two serious", ["serious u1", "serious u4"], 60, [20, 20]),
    ("the limit of serious is 40", ["serious u1", "serious u4", "serious u6"], 60, [20, 20, 0]),
    ("one minor", ["minor u1"], 97, [3]),
    ("the limit of minor is 10", ["minor u1", "minor u4", "minor u6", "minor u8"], 90, [3, 3, 3, 1]),
    (
        "five minor still cost 10",
        ["minor u1", "minor u4", "minor u6", "minor u8", "minor u10"],
        90,
        [3, 3, 3, 1, 0],
    ),
    ("one turn, one deduction", ["serious u1", "minor u1"], 79, [20, 0, 1]),
    ("a turn spans utterances of one speaker", ["serious u1", "serious u2"], 79, [20, 0, 1]),
    ("the gravest of a turn counts, whatever comes first", ["minor u1", "serious u2"], 79, [20, 0, 1]),
    ("known from metadata alone: each its own turn", ["serious", "serious"], 60, [20, 20]),
    ("both kinds", ["serious u1", "minor u4"], 77, [20, 3]),
    ("fatal", ["fatal u1"], 0, [100]),
    ("fatal takes all, whatever else", ["serious u1", "fatal u4", "minor u6"], 0, [100, 0, 0]),
    ("a notice costs nothing", ["info u1"], 100, []),
    # One of three serious ones costs nothing: that in the turn of the minor one, which does. 100 - 40 - 3.
    (
        "a limit reached hides nothing",
        ["serious u1", "serious u4", "serious u6", "minor u1"],
        57,
        [20, 20, 0, 3],
    ),
]


@pytest.mark.parametrize(("name", "hits", "final", "points"), VIOLATIONS, ids=[row[0] for row in VIOLATIONS])
def test_deductions(name: str, hits: list[str], final: float, points: list[float]) -> None:
    found = []
    for number, hit in enumerate(hits):
        severity, _, utterance = hit.partition(" ")
        found.append(finding(severity, key=f"k{number}", at=utterance or None))
    card = scorecard(PERFECT, *found, transcript=talk("aacacacaca"))
    assert [deduction.points for deduction in card.deductions] == points, name
    assert card.normalised == final
    assert card.normalised == 100 - sum(deduction.points for deduction in card.deductions)


def test_a_low_score_never_falls_below_zero() -> None:
    # 12 points of service and the greeting of 100: 14.0; two serious hits take what is left.
    script = PERFECT.replace("+", "-").replace("-greeting", "+greeting")
    card = scorecard(script, finding("serious", key="a", at="u1"), finding("serious", key="b", at="u3"))
    assert (card.normalised, [one.points for one in card.deductions]) == (0, [14, 0])
    assert card.grade is Grade.FAIL
    assert not card.fatal


TONE = {"category": "service.tone"}
# hits, points of respect, listening, wording, final score, deductions
SERVICE = [
    ([finding("minor", **TONE, at="u1")], (2.5, 4, 3), 97.5, [0]),
    (
        [finding("minor", **TONE, at="u1"), finding("minor", category="service.argue", key="b", at="u3")],
        (0, 4, 3),
        95,
        [0, 0],
    ),
    ([finding("minor", **TONE, match=MatchKind.ACOUSTIC, at="u1")], (5, 2, 3), 98, [0]),
    ([finding("minor", category="service.filler", at="u1")], (5, 4, 1.5), 98.5, [0]),
    # Serious: nothing left of respect, no further 20, but no score above 79 either.
    ([finding("serious", category="service.argue", at="u1")], (0, 4, 3), 79, [0, 16]),
    # Cutting the customer off has no line of its own: it deducts.
    ([finding("serious", category="service.hangup", at="u1")], (5, 4, 3), 79, [20, 1]),
    # A fatal one is a red line whatever its category.
    ([finding("fatal", category="service.tone", at="u1")], (0, 4, 3), 0, [95]),
]


@pytest.mark.parametrize(("hits", "points", "final", "deductions"), SERVICE)
def test_service_findings_cost_points_in_their_block_and_nothing_more(
    hits: list[Finding], points: tuple[float, ...], final: float, deductions: list[float]
) -> None:
    card = scorecard(PERFECT, *hits)
    block = ("service.respect", "service.listening", "service.wording")
    assert tuple(line(card, one).points for one in block) == points
    assert card.normalised == final
    assert [deduction.points for deduction in card.deductions] == deductions


def test_a_counted_service_finding_leaves_its_turn_to_the_next_violation() -> None:
    # Respect 2.5: 97.5; the serious one in the same turn still costs 20.
    card = scorecard(
        PERFECT, finding("minor", **TONE, key="a", at="u1"), finding("serious", key="b", at="u1")
    )
    assert card.normalised == 77.5


@pytest.mark.parametrize(
    ("transcript", "measured"),
    [
        (talk("acac"), True),
        (talk("acac", channels="none"), True),  # given with times
        (talk("acac", times=False), False),
        (talk("acac", channels="one"), False),  # mono: speakers cannot be heard at once
        (talk("aa"), False),
        (talk("xxx"), False),
    ],
)
def test_listening_counts_only_where_it_can_be_measured(transcript: Transcript, measured: bool) -> None:
    card = scorecard(PERFECT, transcript=transcript)
    expected = CriterionOutcome.MET if measured else CriterionOutcome.NOT_APPLICABLE
    assert line(card, "service.listening").outcome is expected
    assert (card.potential, card.normalised) == (100 if measured else 96, 100)


def test_without_a_service_block_service_findings_deduct() -> None:
    hit = finding("minor", category="service.tone", at="u1")
    card = scorecard(THIRD_PARTY, hit, call_type=CallType.THIRD_PARTY)
    assert (card.normalised, card.deductions[0].points) == (97, 3)


def test_a_disclosure_is_fatal_and_shows_in_its_line() -> None:
    hit = finding("fatal", category="disclosure.third_party", at="u5")
    card = scorecard(THIRD_PARTY, hit, call_type=CallType.THIRD_PARTY)
    assert (card.normalised, card.grade, card.fatal) == (0, Grade.RED_LINE, True)
    missed = line(card, "no_disclosure")
    assert (missed.outcome, missed.evidence) == (CriterionOutcome.MISSED, hit.evidence)


def test_an_unreviewed_fatal_is_provisional_and_a_confirmed_one_final() -> None:
    hit = finding("fatal", at="u1")
    assert scorecard(PERFECT, hit).provisional
    confirmed = scorecard(PERFECT, hit, confirmed={"k"})
    assert (confirmed.provisional, confirmed.normalised, confirmed.grade) == (False, 0, Grade.RED_LINE)


def test_a_fatal_hit_is_a_red_line_even_where_too_little_was_said_for_a_score() -> None:
    card = scorecard("+greeting", finding("fatal", at="u1"))
    assert (card.normalised, card.grade) == (0, Grade.RED_LINE)


@pytest.mark.parametrize("severity", ["minor", "serious", "fatal"])
def test_an_uncertain_finding_costs_nothing_and_makes_the_score_provisional(severity: str) -> None:
    card = scorecard(PERFECT, finding(severity, at="u1", uncertain=True))
    assert (card.normalised, card.grade, card.fatal) == (100, Grade.EXCELLENT, False)
    assert (card.deductions, card.provisional) == ((), True)


def test_an_uncertain_notice_changes_nothing() -> None:
    assert not scorecard(PERFECT, finding("info", uncertain=True)).provisional


def test_an_uncertain_criterion_leaves_the_base() -> None:
    # 100 - 7 for the amount = 93, of which the closing (4) is missed: 89 of 93 = 95.69...
    card = scorecard(PERFECT.replace("+amount", "?amount").replace("+closing", "-closing"))
    assert (card.raw, card.potential, card.normalised, card.provisional) == (89, 93, 95.7, True)
    uncertain = line(card, "amount")
    assert (uncertain.outcome, uncertain.points, uncertain.potential) == (CriterionOutcome.UNCERTAIN, None, 7)


# The bounds of the grades on a sheet of 100: what is missed, the score, the grade.
GRADES = [
    ("reason_enquiry closing", 90, Grade.EXCELLENT),
    ("reason_enquiry solution_offer", 89, Grade.GOOD),
    ("self_ident.org identity_verification reason_enquiry greeting", 80, Grade.GOOD),
    ("self_ident.org identity_verification reason_enquiry empathy", 79, Grade.PASS),
    ("self_ident.org identity_verification reason_enquiry ptp.amount second_confirmation", 70, Grade.PASS),
    ("amount self_ident.org identity_verification reason_enquiry ptp.amount", 69, Grade.IMPROVE),
    (
        "amount self_ident.org identity_verification reason_enquiry ptp.amount second_confirmation follow_up",
        60,
        Grade.IMPROVE,
    ),
    (
        "amount self_ident.org identity_verification reason_enquiry ptp.amount second_confirmation closing",
        59,
        Grade.FAIL,
    ),
]


@pytest.mark.parametrize(("missed", "normalised", "grade"), GRADES)
def test_grades_begin_where_the_study_says(missed: str, normalised: float, grade: Grade) -> None:
    words = [word.replace("+", "-") if word[1:] in missed.split() else word for word in PERFECT.split()]
    card = scorecard(" ".join(words))
    assert (card.normalised, card.grade) == (normalised, grade)


# elements, findings, passed, score, grade
VOICEMAIL = [
    ("+greeting +self_ident.org", [], True, None, Grade.PASS),
    ("+greeting ~self_ident.org", [], True, None, Grade.PASS),
    ("+greeting -self_ident.org", [], False, None, Grade.FAIL),
    ("/greeting /self_ident.org", [], True, None, Grade.PASS),  # it only rang
    (
        "+greeting +self_ident.org",
        [finding("minor", category="service.tone", at="u1")],
        True,
        None,
        Grade.PASS,
    ),
    (
        "+greeting +self_ident.org",
        [finding("serious", category="disclosure.unverified", at="u1")],
        False,
        None,
        Grade.FAIL,
    ),
    ("+greeting +self_ident.org", [finding("serious", category="contact.hours")], False, None, Grade.FAIL),
    (
        "+greeting +self_ident.org",
        [finding("fatal", category="disclosure.unverified", at="u1")],
        False,
        0,
        Grade.RED_LINE,
    ),
    (
        "+greeting +self_ident.org",
        [finding("serious", category="disclosure.unverified", at="u1", uncertain=True)],
        True,
        None,
        Grade.PASS,
    ),
]


@pytest.mark.parametrize(("script", "findings", "passed", "normalised", "grade"), VOICEMAIL)
def test_voicemail_is_passed_or_failed(
    script: str, findings: list[Finding], passed: bool, normalised: float | None, grade: Grade
) -> None:
    card = scorecard(script, *findings, call_type=CallType.NO_CONTACT, transcript=talk("a"))
    assert (card.passed, card.normalised, card.grade) == (passed, normalised, grade)


def test_an_element_the_pack_does_not_judge_is_not_held_against_anyone() -> None:
    card = scorecard(PERFECT.replace("+empathy ", ""))
    assert line(card, "empathy").outcome is CriterionOutcome.NOT_APPLICABLE
    assert "rule pack" in str(line(card, "empathy").explanation[0])
    assert (card.potential, card.normalised) == (97, 100)


def test_the_form_and_its_version_are_on_the_card() -> None:
    card = scorecard(PERFECT)
    form = load_form(CallType.RIGHT_PARTY)
    assert (card.form_id, card.form_version) == (form.id, form.version)
    assert [result.criterion_id for result in card.criteria] == [one.id for one in form.criteria]
