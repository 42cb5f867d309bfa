"""When a rule looks: windows of the call, and what was said before, after and near."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.types import Utterance
from tests.rules.calls import A, C, call, judge, make_pack, rule, say

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


def test_without_times_turns_are_what_counts(tmp_path: Path) -> None:
    condition = {"all": [THREAT, {"said": ["asked_to_stop"], "seconds": 10, "turns": 1}]}

    assert found(tmp_path, {"condition": condition}, say(C, STOP), say(A, "要坐牢的")) == 1
