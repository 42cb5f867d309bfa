"""One rule on one call: matches, nothing near, something near, or a call that the rule does not look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_pipeline.errors import RulePackError
from qa_pipeline.rules.account import account_of
from qa_pipeline.rules.trace import MatchOutcome
from tests.rules.calls import A, C, call, make_pack, rule, say

ID = "threat.arrest.prison"


def test_what_met_the_rule_is_told(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, rules=[rule(exemptions=["negation"])])

    account = account_of(pack, ID, call(say(A, "不会坐牢"), say(C, "坐牢"), say(A, "等着坐牢")))

    assert [(each.evidence[0].utterance_id, each.outcome) for each in account.matches] == [
        ("u1", MatchOutcome.ACQUITTED),
        ("u3", MatchOutcome.HIT),
    ]
    assert (account.in_scope, account.nearest) == (True, None)


@pytest.mark.parametrize(("said", "nearest"), [
    ("您就等着做楼吧", "u2"),
    ("今天天气不错啊", None),
])  # fmt: skip
def test_without_a_match_the_nearest_words_are_told(tmp_path: Path, said: str, nearest: str | None) -> None:
    pack = make_pack(tmp_path, rules=[rule()])

    account = account_of(pack, ID, call(say(C, "等着坐牢"), say(A, said)))

    assert account.matches == ()
    assert (account.nearest and account.nearest.utterance_id) == nearest


def test_a_call_outside_the_scope_is_told(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, rules=[rule(scope={"call_types": ["third_party"]})])

    account = account_of(pack, ID, call(say(A, "等着坐牢")))

    assert (account.matches, account.in_scope) == ((), False)


def test_an_unknown_rule_brings_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match=ID):
        account_of(make_pack(tmp_path, rules=[rule()]), "threat.arrest.prisn", call(say(A, "您好")))
