"""How the agent talks as a condition: counted by moments, doubted where one channel carries both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.rules.schema import Example, Line
from qa_pipeline.rules.trials import conversation_of
from qa_pipeline.types import (
    CallType,
    FindingOutcome,
    MatchKind,
    Role,
    SpeakerTurn,
    TalkMomentKind,
    TimeSpan,
)


@pytest.fixture(scope="module")
def engine() -> RuleEngine:
    return RuleEngine(load_pack())


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Tokenizer())


def dialogue(role: Role, times: int, value: float = 900.0) -> Example:
    lines = [
        Line(role=role, text=f"这是第{number}句话", acoustic={TalkMomentKind.INTERRUPTION: value})
        for number in "一二三四五六七八"[:times]
    ]
    return Example(dialogue=tuple(lines))


@pytest.mark.parametrize(
    ("role", "times", "value", "quotes"),
    [
        (Role.AGENT, 2, 900.0, []),
        (Role.AGENT, 3, 900.0, ["这是第三句话"]),
        (Role.AGENT, 7, 900.0, ["这是第三句话", "这是第六句话"]),
        (Role.AGENT, 3, 600.0, []),
        (Role.CUSTOMER, 3, 900.0, []),
        (Role.UNKNOWN, 3, 900.0, []),
    ],
)
def test_every_third_interruption_is_one_finding(
    engine: RuleEngine, reader: Reader, role: Role, times: int, value: float, quotes: list[str]
) -> None:
    call = conversation_of(dialogue(role, times, value), CallType.RIGHT_PARTY, reader)
    findings = [one for one in engine.judge(call).findings if one.rule_id == "service.tone.interrupting"]
    assert [one.evidence[0].quote for one in findings] == quotes
    assert all(one.outcome is FindingOutcome.HIT and one.match is MatchKind.ACOUSTIC for one in findings)


def test_on_one_channel_it_is_only_a_hint(engine: RuleEngine, reader: Reader) -> None:
    call = conversation_of(dialogue(Role.AGENT, 3), CallType.RIGHT_PARTY, reader)
    turn = SpeakerTurn(speaker=0, span=TimeSpan(start_ms=0, end_ms=900), confidence=1.0)
    told = replace(call, transcript=replace(call.transcript, turns=(turn,)))
    (finding,) = (one for one in engine.judge(told).findings if one.rule_id == "service.tone.interrupting")
    assert finding.outcome is FindingOutcome.UNCERTAIN
    assert finding.doubts == ("pattern_weak",)
