"""What strikes in how somebody talks, and what is only how people talk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.speech.talk_moments import fillers, talk_moments
from qa_pipeline.types import LineSound, LineSoundKind, Role, TalkMomentKind, TimeSpan, Transcript
from tests.speech.test_characteristics import AGENT, CUSTOMER, UNKNOWN, Turn, transcript

INTERRUPTION, SILENCE, MONOLOGUE, SPEED, LOUDNESS, FILLERS = (
    TalkMomentKind.INTERRUPTION,
    TalkMomentKind.SILENCE,
    TalkMomentKind.MONOLOGUE,
    TalkMomentKind.SPEED,
    TalkMomentKind.LOUDNESS,
    TalkMomentKind.FILLERS,
)


def found(said: Transcript) -> list[tuple[TalkMomentKind, Role, float]]:
    return [(moment.kind, moment.role, moment.value) for moment in talk_moments(said)]


CASES: list[tuple[str, list[Turn], list[tuple[TalkMomentKind, Role, float]]]] = [
    (
        "the agent cuts in",
        [(CUSTOMER, 0, 4_000, "我上个月住院了所以"), (AGENT, 3_000, 6_000, "住院跟还款是两回事")],
        [(INTERRUPTION, AGENT, 1_000.0)],
    ),
    (
        "the customer cuts in",
        [(AGENT, 0, 4_000, "您的账单到期了"), (CUSTOMER, 3_000, 6_000, "我知道我知道")],
        [(INTERRUPTION, CUSTOMER, 1_000.0)],
    ),
    ("a reply while listening", [(CUSTOMER, 0, 4_000, "我住院了"), (AGENT, 3_000, 4_500, "嗯，好的")], []),
    (
        "inside the other's turn",
        [(CUSTOMER, 0, 9_000, "我住院了"), (AGENT, 3_000, 5_000, "您慢慢说吧")],
        [],
    ),
    ("a short overlap", [(CUSTOMER, 0, 4_000, "我住院了"), (AGENT, 3_400, 6_000, "您现在好些了吗")], []),
    ("both begin at once", [(CUSTOMER, 0, 4_000, "我住院了"), (AGENT, 500, 6_000, "您现在好些了吗")], []),
    ("nobody knows who", [(CUSTOMER, 0, 4_000, "我住院了"), (UNKNOWN, 2_000, 6_000, "您现在好些了吗")], []),
    (
        "an answer that takes long",
        [(CUSTOMER, 0, 2_000, "利息怎么算"), (AGENT, 24_000, 26_000, "按日计算")],
        [(SILENCE, AGENT, 22_000.0)],
    ),
    ("asked to wait", [(AGENT, 0, 2_000, "请您稍等我查一下"), (CUSTOMER, 24_000, 26_000, "好了吗")], []),
    ("the same speaker goes on", [(AGENT, 0, 2_000, "您好"), (AGENT, 24_000, 26_000, "您在听吗")], []),
    (
        "a monologue",
        [(AGENT, 0, 14_000, "一"), (AGENT, 14_500, 29_000, "二"), (AGENT, 30_000, 40_000, "三")],
        [(MONOLOGUE, AGENT, 40_000.0)],
    ),
    ("haste", [(AGENT, 0, 5_000, "您" * 40)], [(SPEED, AGENT, 480.0)]),
    ("haste in a few words", [(AGENT, 0, 500, "您好您好")], []),
    (
        "fillers",
        [(AGENT, 0, 20_000, "嗯那个就是说您的账单" * 7)],
        [(FILLERS, AGENT, 30.0)],
    ),
    ("a few fillers", [(AGENT, 0, 20_000, "嗯" + "您的账单到期了请处理" * 7)], []),
]


@pytest.mark.parametrize(("turns", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_moments(turns: list[Turn], expected: list[tuple[TalkMomentKind, Role, float]]) -> None:
    assert found(transcript(*turns)) == expected


def test_music_on_hold_explains_a_silence() -> None:
    said = transcript((CUSTOMER, 0, 2_000, "利息怎么算"), (AGENT, 24_000, 26_000, "按日计算"))
    music = LineSound(kind=LineSoundKind.MUSIC, channel=0, span=TimeSpan(start_ms=4_000, end_ms=20_000))
    assert found(replace(said, sounds=(music,))) == []


def test_loudness_is_told_against_the_speakers_usual_level() -> None:
    turns: list[Turn] = [(AGENT, at * 3_000, at * 3_000 + 1_000, "您好") for at in range(6)]
    said = transcript(*turns)
    levels = [-30.0, -31.0, -29.0, -30.0, -17.0, -30.0]
    loud = tuple(replace(one, level_db=level) for one, level in zip(said.utterances, levels, strict=True))
    assert found(replace(said, utterances=loud)) == [(LOUDNESS, AGENT, 13.0)]
    assert found(replace(said, utterances=loud[:4])) == []


@pytest.mark.parametrize(
    ("text", "count"), [("嗯，那个，您的账单", 2), ("金额和余额", 0), ("额，额度是五千", 1), ("您的账单", 0)]
)
def test_fillers(text: str, count: int) -> None:
    assert fillers(text) == count
