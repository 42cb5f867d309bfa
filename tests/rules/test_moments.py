"""When a rule looks: windows of the call, and what was said before, after and near."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import CallType, Severity, Utterance
from tests.rules.calls import HEADER, A, C, call, judge, make_pack, rule, say, write_pack

THREAT = {"phrase": ["坐牢"]}
STOP = "别再打了"


def found(folder: Path, changes: dict[str, Any], *utterances: Utterance) -> int:
    return len(judge(make_pack(folder, rules=[rule(**changes)]), call(*utterances)).findings)


TALK = [
    say(A, "您好", 0, 1_000),
    say(C, STOP, 2_000, 3_000),
    say(A, "要坐牢的", 4_000, 5_000),
    say(C, "什么", 6_000, 7_000),
    say(A, "等着坐牢", 60_000, 61_000),
]


@pytest.mark.parametrize(("window", "expected"), [
    ({"first_turns": 1}, 0),
    ({"first_turns": 2}, 1),
    ({"first_seconds": 10}, 1),
    ({"first_seconds": 4}, 0),
    ({"last_turns": 1}, 1),
    ({"last_seconds": 5}, 1),
    ({"last_seconds": 60}, 2),
    # One of the two suffices.
    ({"first_turns": 1, "first_seconds": 10}, 1),
    # Both ends ask for both.
    ({"first_turns": 2, "last_turns": 1}, 0),
])  # fmt: skip
def test_a_rule_may_look_at_the_ends_of_a_call(tmp_path: Path, window: dict[str, int], expected: int) -> None:
    assert found(tmp_path, {"scope": {"window": window}, "ladder": []}, *TALK) == expected


@pytest.mark.parametrize(("call_type", "lines", "expected"), [
    (CallType.RIGHT_PARTY, ["您好", "等着坐牢", "谁失业"], 1),
    (CallType.RIGHT_PARTY, ["您好", "等着坐牢", "谁"], 0),
    (CallType.INBOUND, ["您好", "等着坐牢", "谁"], 0),
    # To others the debt is not named, so nothing can be told from that.
    (CallType.THIRD_PARTY, ["您好", "等着坐牢", "谁"], 1),
])  # fmt: skip
def test_a_rule_may_look_only_at_calls_about_something(
    tmp_path: Path, call_type: CallType, lines: list[str], expected: int
) -> None:
    said = [say(role, text) for role, text in zip((A, A, C), lines, strict=True)]
    pack = make_pack(tmp_path, rules=[rule(scope={"about": ["hardship"]}, ladder=[])])
    assert len(judge(pack, call(*said, call_type=call_type)).findings) == expected


@pytest.mark.parametrize(("said", "expected"), [
    ({"said": ["asked_to_stop"]}, 2),
    ({"said": ["asked_to_stop"], "turns": 1}, 1),
    ({"said": ["asked_to_stop"], "turns": 3}, 2),
    ({"said": ["asked_to_stop"], "seconds": 10}, 1),
    ({"said": ["asked_to_stop"], "order": "after"}, 0),
    ({"said": ["asked_to_stop"], "order": "either", "turns": 1}, 1),
    ({"said": ["hardship"]}, 0),
])  # fmt: skip
def test_a_rule_may_rest_on_what_was_said_near(tmp_path: Path, said: dict[str, Any], expected: int) -> None:
    assert found(tmp_path, {"condition": {"all": [THREAT, said]}, "ladder": []}, *TALK) == expected


def test_a_hit_of_another_category_may_weigh(tmp_path: Path) -> None:
    header = HEADER + "  - {id: beside, lifts: minor, to: fatal, beside: [threat.arrest]}\n"
    rude = rule(
        id="service.tone.short",
        category="service.tone",
        severity="minor",
        ladder=["beside"],
        condition={"phrase": ["少废话"]},
        examples={"hit": ["少废话"], "miss": [{"text": "您好", "why": "问候"}]},
    )
    rules = json.dumps({"rules": [rule(), rude]}, ensure_ascii=False)
    pack = load_pack(write_pack(tmp_path, header=header, rules=rules))

    def severity(*utterances: Utterance) -> Severity:
        findings = judge(pack, call(*utterances)).findings
        (found,) = [finding for finding in findings if finding.category == "service.tone"]
        return found.severity

    assert severity(say(A, "少废话")) is Severity.MINOR
    assert severity(say(A, "少废话"), say(A, "等着坐牢")) is Severity.FATAL
    assert severity(say(A, "少废话"), say(C, "等着坐牢")) is Severity.MINOR


def test_without_times_turns_are_what_counts(tmp_path: Path) -> None:
    condition = {"all": [THREAT, {"said": ["asked_to_stop"], "seconds": 10, "turns": 1}]}

    assert found(tmp_path, {"condition": condition}, say(C, STOP), say(A, "要坐牢的")) == 1
