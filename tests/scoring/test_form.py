"""The packaged forms say what the domain study says, and a wrong form is refused where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.errors import RulePackError
from qa_pipeline.scoring.form import PACKAGED, FormMode, load_form
from qa_pipeline.types import CallType, Grade, MatchKind

from .builders import finding

# Weights of the recommended scorecards, copied from the domain study, not from the forms.
RIGHT_PARTY = {
    "opening": {
        "greeting": 2,
        "self_ident.org": 6,
        "self_ident.agent": 2,
        "recording_notice": 4,
        "identity_verification": 6,
    },
    "debt": {"purpose": 2, "amount": 7, "overdue_days": 5, "consequence_notice": 4, "dispute_answer": 2},
    "negotiation": {"reason_enquiry": 6, "ability_enquiry": 4, "empathy": 3, "solution_offer": 5},
    "commitment": {
        "ptp.date": 5,
        "ptp.amount": 6,
        "ptp.channel": 3,
        "second_confirmation": 6,
        "refusal_close": 20,
    },
    "closing": {"complaint_channel": 3, "follow_up": 3, "closing": 4},
    "service": {"service.respect": 5, "service.listening": 4, "service.wording": 3},
}
THIRD_PARTY = {
    "greeting": 8,
    "self_ident.org": 12,
    "self_ident.agent": 8,
    "tp.relation_check": 12,
    "tp.neutral_purpose": 14,
    "no_disclosure": 20,
    "tp.non_disclosure_reply": 8,
    "tp.relay_request": 8,
    "tp.stop_respect": 6,
    "closing": 4,
}
WRONG_NUMBER = {
    "greeting": 10,
    "self_ident.org": 15,
    "wn.confirm_number": 25,
    "no_debt_words": 25,
    "wn.apology_removal": 20,
    "closing": 5,
}


def weights(call_type: CallType) -> dict[str, float]:
    return {criterion.id: criterion.weight for criterion in load_form(call_type).criteria}


def test_right_party_blocks_and_weights_are_those_of_the_study() -> None:
    blocks = load_form(CallType.RIGHT_PARTY).blocks
    assert {block.id: {one.id: one.weight for one in block.criteria} for block in blocks} == RIGHT_PARTY
    # 20 + 20 + 18 + 20 + 10 + 12: the refusal block stands for the commitment block, not beside it.
    assert [sum(one.weight for one in block.criteria if not one.replaces) for block in blocks] == [
        20,
        20,
        18,
        20,
        10,
        12,
    ]


@pytest.mark.parametrize(
    ("call_type", "expected"), [(CallType.THIRD_PARTY, THIRD_PARTY), (CallType.WRONG_NUMBER, WRONG_NUMBER)]
)
def test_other_forms_have_the_weights_of_the_study(call_type: CallType, expected: dict[str, float]) -> None:
    assert weights(call_type) == expected


def test_inbound_is_the_right_party_form_with_the_purpose_given_to_the_customers_question() -> None:
    right, inbound = weights(CallType.RIGHT_PARTY), weights(CallType.INBOUND)
    assert right.pop("purpose") == 2
    assert inbound == right | {"dispute_answer": 4}


def test_a_vague_organisation_is_worth_two_of_six() -> None:
    criterion = next(one for one in load_form(CallType.RIGHT_PARTY).criteria if one.id == "self_ident.org")
    assert criterion.partial_points == 2


@pytest.mark.parametrize("call_type", [one for one in CallType if one is not CallType.NO_CONTACT])
def test_forms_with_points_share_grades_and_deductions(call_type: CallType) -> None:
    form = load_form(call_type)
    assert form.grades == {
        Grade.EXCELLENT: 90,
        Grade.GOOD: 80,
        Grade.PASS: 70,
        Grade.IMPROVE: 60,
        Grade.FAIL: 0,
    }
    assert form.minimum_base == 60
    assert form.deductions is not None
    serious, minor = form.deductions.serious, form.deductions.minor
    assert (serious.points, serious.at_most, serious.score_at_most) == (20, 40, 79)
    assert (minor.points, minor.at_most, minor.score_at_most) == (3, 10, None)


def test_a_call_nobody_answered_is_only_passed_or_failed() -> None:
    assert load_form(CallType.NO_CONTACT).mode is FormMode.PASS_FAIL


@pytest.mark.parametrize("call_type", list(CallType))
def test_titles_are_chinese_and_ids_stay_when_unknown(call_type: CallType) -> None:
    form = load_form(call_type)
    for criterion in form.criteria:
        assert any("\u4e00" <= character <= "\u9fff" for character in form.title_of(criterion.id))
    assert form.title_of("criterion.of.an.older.form") == "criterion.of.an.older.form"


@pytest.mark.parametrize(
    ("category", "match", "criterion"),
    [
        ("service.tone", MatchKind.EXACT, "service.respect"),
        ("service.tone", MatchKind.PATTERN, "service.respect"),
        ("service.tone", MatchKind.ACOUSTIC, "service.listening"),
        ("service.argue", MatchKind.EXACT, "service.respect"),
        ("service.filler", MatchKind.PATTERN, "service.wording"),
        ("service.hangup", MatchKind.METADATA, None),
        ("threat.visit", MatchKind.EXACT, None),
    ],
)
def test_which_criterion_a_finding_belongs_to(category: str, match: MatchKind, criterion: str | None) -> None:
    found = load_form(CallType.RIGHT_PARTY).criterion_of(finding("minor", category=category, match=match))
    assert (found.id if found else None) == criterion


def test_the_digest_follows_the_content_not_the_writing(tmp_path: Path) -> None:
    text = (PACKAGED / "wrong_number.yaml").read_text(encoding="utf-8")
    packaged = load_form(CallType.WRONG_NUMBER).digest
    (tmp_path / "wrong_number.yaml").write_text("# another comment\n" + text, encoding="utf-8")
    assert load_form(CallType.WRONG_NUMBER, folder=tmp_path).digest == packaged
    changed = text.replace("weight: 20", "weight: 19").replace("weight: 5}", "weight: 6}")
    (tmp_path / "wrong_number.yaml").write_text(changed, encoding="utf-8")
    assert load_form(CallType.WRONG_NUMBER, folder=tmp_path).digest != packaged


# what is changed in the wrong-number form, and what the message then says
FAULTS = [
    ("weight: 20", "wieght: 20", ["wrong_number.yaml:", "wieght", "did you mean weight?"]),
    ("weight: 20", "weight: 21", ["101"]),
    ("weight: 20", "weight: many", ["weight"]),
    ("id: closing, title", "id: greeting, title", ["greeting", "twice"]),
    ("minimum_base: 60\n", "", ["minimum_base"]),
    ("fail: 0", "fail: 10", ["lowest grade"]),
    ("call_type: wrong_number", "call_type: inbound", ["wrong_number.yaml:6", "call_type"]),
    ("partial_points: 5", "partial_points: 15", ["partial_points"]),
    ("weight: 20}", "weight: 20, absorbs: true}", ["absorbs"]),
    ("weight: 20}", "weight: 20, replaces: [greetings]}", ["greetings"]),
    ("weight: 20}", "weight: 20, replaces: [greeting]}", ["as much"]),
    ("blocks:", "blocks: [", ["YAML"]),
]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("old", "new", "told"), FAULTS)
def test_a_wrong_form_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    text = (PACKAGED / "wrong_number.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "wrong_number.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RulePackError) as caught:
        load_form(CallType.WRONG_NUMBER, folder=tmp_path)
    assert caught.value.code == "form_invalid"
    for part in told:
        assert part in str(caught.value)


def test_a_missing_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match=r"inbound\.yaml") as caught:
        load_form(CallType.INBOUND, folder=tmp_path)
    assert caught.value.code == "form_missing"
