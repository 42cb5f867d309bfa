"""The bench: what an example says must come of it, and trying a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.rules.bench import check
from qa_pipeline.rules.trials import try_texts
from qa_pipeline.types import CallType, Role
from tests.rules.calls import element, make_pack, reader, rule


def shown(tmp_path: Path, **examples: object) -> list[tuple[str, str, str]]:
    pack = make_pack(
        tmp_path,
        rules=[
            rule(exemptions=["negation"], examples=examples),
            rule(id="threat.arrest.other", condition={"phrase": ["抓你"]}),
        ],
    )
    return [
        (problem.words, str(problem.expected), str(problem.found))
        for problem in check(pack, reader=reader())
        if problem.entry_id == "threat.arrest.prison"
    ]


MISS = [{"text": "您好", "why": "问候"}]


def test_sound_examples_have_no_problem(tmp_path: Path) -> None:
    dialogue = [{"role": "customer", "text": "要坐牢"}, {"role": "agent", "text": "不会坐牢"}]

    assert (
        shown(
            tmp_path,
            hit=["等着坐牢", {"text": "等着做牢"}],
            uncertain=[{"text": "等着坐牢", "role": "unknown"}],
            miss=[
                *MISS,
                {"dialogue": dialogue, "why": "否定"},
                {"text": "坐牢", "role": "customer", "why": "客户"},
            ],
        )
        == []
    )


def test_what_fails_is_shown(tmp_path: Path) -> None:
    found = shown(
        tmp_path,
        hit=["等着坐车", {"text": "要坐牢", "role": "unknown"}],
        uncertain=["等着坐牢"],
        miss=[{"text": "你要坐牢", "why": "试"}, {"text": "要抓你", "why": "同类别"}],
    )

    assert found == [
        ("等着坐车", "hit of threat.arrest.prison", "nothing"),
        ("要坐牢", "hit of threat.arrest.prison", "threat.arrest.prison uncertain role_unknown"),
        ("等着坐牢", "uncertain of threat.arrest.prison", "threat.arrest.prison hit"),
        ("你要坐牢", "nothing", "threat.arrest.prison hit"),
        ("要抓你", "nothing", "threat.arrest.other hit"),
    ]


def test_a_rule_must_find_its_hits_alone(tmp_path: Path) -> None:
    """Another rule that finds the sentence does not hide that this one does not."""
    assert shown(tmp_path, hit=["要抓你"], miss=MISS) == [
        ("要抓你", "hit of threat.arrest.prison", "nothing")
    ]


def test_problems_name_their_line(tmp_path: Path) -> None:
    (problem,) = check(
        make_pack(tmp_path, rules=[rule(examples={"hit": ["您好"], "miss": MISS})]), reader=reader()
    )

    assert str(problem.location) == "violations/rules.yaml:1"


def test_metadata_and_call_type_of_an_example_count(tmp_path: Path) -> None:
    condition = {"all": [{"phrase": ["坐牢"]}, {"metadata": "legal_stage", "is_in": ["litigation"]}]}
    examples = {
        "hit": [{"text": "要坐牢", "metadata": {"legal_stage": "litigation"}}],
        "uncertain": ["要坐牢"],
        "miss": [
            {
                "text": "要坐牢",
                "metadata": {"legal_stage": "litigation"},
                "call_type": "right_party",
                "why": "本人",
            }
        ],
    }
    scope = {"call_types": ["third_party"]}

    pack = make_pack(tmp_path, rules=[rule(condition=condition, scope=scope, examples=examples)])

    assert check(pack, reader=reader()) == ()


def test_elements_are_checked(tmp_path: Path) -> None:
    examples = {"met": ["您好", "喂"], "miss": [{"text": "您好啊", "why": "试"}]}

    problems = check(make_pack(tmp_path, elements=[element(examples=examples)]), reader=reader())

    assert [(each.words, str(each.expected), str(each.found)) for each in problems] == [
        ("喂", "met", "missed"),
        ("您好啊", "miss", "met"),
    ]


def test_trying_a_sentence(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, rules=[rule()], elements=[element()])

    said = ["您好，等着坐牢吧"]
    (trial,) = try_texts(pack, said, reader=reader())
    (by_customer,) = try_texts(pack, said, Role.CUSTOMER, reader=reader())
    (elsewhere,) = try_texts(pack, ["您好"], call_type=CallType.THIRD_PARTY, reader=reader())

    assert [each.rule_id for each in trial.findings] == ["threat.arrest.prison"]
    assert [each.element_id for each in trial.elements] == ["greeting"]
    assert (by_customer.findings, by_customer.elements) == ((), ())
    assert (elsewhere.findings, elsewhere.elements) == ((), ())


def test_each_of_several_texts_is_tried_by_itself(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, rules=[rule(exemptions=["negation"])])

    trials = list(try_texts(pack, ["我们不会", "等着坐牢", "不会坐牢的"], reader=reader()))

    assert [(trial.text, len(trial.findings), len(trial.considered)) for trial in trials] == [
        ("我们不会", 0, 0),
        ("等着坐牢", 1, 1),
        ("不会坐牢的", 0, 1),
    ]


@pytest.mark.parametrize("texts", [[], [""], ["  "], ["等着坐牢", "\n"]])
def test_blank_texts_are_refused_before_any_is_tried(tmp_path: Path, texts: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="text_empty"):
        try_texts(make_pack(tmp_path, rules=[rule()]), texts, reader=reader())
