"""The agent is told by what each voice says, or nobody is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.language.classification import StoredModel
from qa_pipeline.language.speaker_roles import (
    CONTRADICTION,
    FEATURES,
    RoleClassifier,
    contradicted,
    decided,
    introduces_itself,
    turn_odds,
    turn_of,
)
from qa_pipeline.resources import models_folder
from qa_pipeline.types import CallMetadata, Role, RoleBasis, Transcript, Utterance, VoiceRole

AGENT, CUSTOMER, UNKNOWN = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN
ROLES = models_folder() / "roles"
CALL = CallMetadata(call_id="c1", institution="云山银行")


@pytest.fixture(scope="module")
def classifier() -> RoleClassifier:
    return RoleClassifier.load()


def transcript(*turns: tuple[int | None, str]) -> Transcript:
    utterances = tuple(
        Utterance(id=f"u{number}", role=UNKNOWN, role_confidence=0.0, channel=voice, span=None, text=text)
        for number, (voice, text) in enumerate(turns)
    )
    return Transcript(recording_id="c1", language="zh", utterances=utterances, asr=None, options_digest="d")


def found(classifier: RoleClassifier, *turns: tuple[int | None, str]) -> dict[int, Role]:
    return {voice.voice: voice.role for voice in classifier.roles(transcript(*turns), CALL)}


DIALOGUES = [
    pytest.param(
        [
            (0, "喂，哪位"),
            (1, "您好，这里是云山银行贷后中心，工号零四一七，请问是周女士本人吗"),
            (0, "是我，怎么了"),
            (1, "您的信用卡逾期九天了，一共要还两千三百块，您打算哪天处理"),
            (0, "我后天发工资就还"),
        ],
        {0: CUSTOMER, 1: AGENT},
        id="the customer answers the telephone",
    ),
    pytest.param(
        [
            (0, "你到底还不还钱，今天必须给我处理掉"),
            (1, "我没钱啊，你别再打给我妈了"),
            (0, "不还我们就安排人上你单位去"),
            (1, "我要投诉你，你工号多少"),
        ],
        {0: AGENT, 1: CUSTOMER},
        id="an agent who introduces nobody",
    ),
    pytest.param(
        [(0, "您号，这里是云山银航代后中心"), (1, "胃，什么事"), (0, "您的账单预期八天了"), (1, "我没前还")],
        {0: AGENT, 1: CUSTOMER},
        id="homophones of bad recognition",
    ),
    pytest.param([(0, "嗯"), (1, "嗯"), (0, "对")], {0: UNKNOWN, 1: UNKNOWN}, id="nothing to go by"),
    pytest.param(
        [
            (0, "这里是云山银行客服，请问您的账单怎么处理"),
            (1, "这里是云山银行客服，请问您的账单怎么处理"),
        ],
        {0: UNKNOWN, 1: UNKNOWN},
        id="two who speak like agents",
    ),
    pytest.param([(0, "您好，这里是云山银行贷后中心，请问是周女士吗")], {0: UNKNOWN}, id="one voice alone"),
    pytest.param([(None, "您好"), (None, "喂")], {}, id="no voices"),
    pytest.param(
        [(0, "您好，您拨打的用户正忙，请稍后再拨"), (1, "您好，云山银行的，麻烦您回个电话，再见")],
        {0: UNKNOWN, 1: UNKNOWN},
        id="a message after an announcement",
    ),
    pytest.param(
        [(0, "欢迎致电远山物流，人工服务请按零"), (1, "喂，你好"), (1, "你们是什么公司，找我什么事")],
        {0: UNKNOWN, 1: UNKNOWN},
        id="a menu is no agent",
    ),
    pytest.param(
        [
            (0, "您的通话可能会被录音，座席全忙，请继续等待"),
            (1, "喂，我想问下账单"),
            (2, "您好，云山银行贷后，工号零四一七，请问是周女士吗"),
            (1, "对，我工资还没发，晚几天行不行"),
            (2, "您的账单逾期九天，您看最晚几号能处理"),
        ],
        {0: UNKNOWN, 1: CUSTOMER, 2: AGENT},
        id="a queue before the agent",
    ),
    pytest.param(
        [
            (0, "您好，云山银行贷后，工号零四一七，请问是周女士吗"),
            (1, "我要找你们领导"),
            (0, "您的账单逾期九天，请您稍等，我转给主管"),
            (1, "我现在真没钱"),
            (2, "您好，我是他主管，您看今天能先处理多少"),
            (1, "我下周发了工资再说"),
            (2, "那您下周三之前还上最低可以吗"),
        ],
        {0: AGENT, 1: CUSTOMER, 2: UNKNOWN},
        id="a colleague who takes over has no role",
    ),
]


@pytest.mark.parametrize(("turns", "roles"), DIALOGUES)
def test_roles_by_words(
    classifier: RoleClassifier, turns: list[tuple[int | None, str]], roles: dict[int, Role]
) -> None:
    assert found(classifier, *turns) == roles


@pytest.mark.parametrize("name", ["dev", "dev2"])
def test_development_calls_with_exchanged_channels(
    classifier: RoleClassifier, repository: Path, name: str
) -> None:
    """Whichever channel the agent has, the same voice is found: no channel is preferred."""
    wrong = []
    for path in sorted((repository / "tests" / "corpus" / name).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            for agent in (0, 1):
                turns = [
                    (agent if said["role"] == "agent" else 1 - agent, said["text"])
                    for said in call["utterances"]
                ]
                roles = found(classifier, *turns)
                if len(roles) == 2 and roles != {agent: AGENT, 1 - agent: CUSTOMER}:
                    wrong.append((call["call_id"], agent))
    assert wrong == []


@pytest.mark.parametrize(
    ("scores", "roles"),
    [
        ({0: 6.0, 1: -3.0}, {0: AGENT, 1: CUSTOMER}),
        ({0: 1.0, 1: 0.0}, {0: UNKNOWN, 1: UNKNOWN}),
        ({0: 6.0, 1: -3.0, 2: 5.0}, {0: AGENT, 1: CUSTOMER, 2: UNKNOWN}),
        ({3: 2.0}, {3: UNKNOWN}),
        ({}, {}),
    ],
    ids=["clear", "close", "a second agent", "alone", "nobody"],
)
def test_decisions(scores: dict[int, float], roles: dict[int, Role]) -> None:
    voices = decided(scores)
    assert {voice.voice: voice.role for voice in voices} == roles
    assert all((voice.confidence == 0) == (voice.role is UNKNOWN) for voice in voices)


def _stated(*roles: tuple[Role, float]) -> Sequence[VoiceRole]:
    return [
        VoiceRole(voice=voice, role=role, confidence=confidence, basis=RoleBasis.WORDS)
        for voice, (role, confidence) in enumerate(roles)
    ]


@pytest.mark.parametrize(
    ("by_words", "expected"),
    [
        (_stated((CUSTOMER, 0.999), (AGENT, 0.999)), True),
        (_stated((CUSTOMER, 0.95), (AGENT, CONTRADICTION - 0.01)), False),
        (_stated((AGENT, 0.999), (CUSTOMER, 0.999)), False),
        (_stated((UNKNOWN, 0.0), (UNKNOWN, 0.0)), False),
    ],
)
def test_contradiction(by_words: Sequence[VoiceRole], expected: bool) -> None:
    assert contradicted(_stated((AGENT, 1.0), (CUSTOMER, 1.0)), by_words) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我是云山银行的", True),
        ("这边是受委托的信用管理公司", True),
        ("我的工号是零三二七", True),
        ("你是哪个银行的", False),
        ("我在银行有一张信用卡", False),
    ],
)
def test_self_identification(text: str, expected: bool) -> None:
    assert introduces_itself([text], CALL) is expected


def test_the_artefact_computes_what_it_computed_when_it_was_stored() -> None:
    manifest: dict[str, Any] = json.loads((ROLES / "manifest.json").read_text(encoding="utf-8"))
    (odds,) = turn_odds(StoredModel.open(ROLES).artefact, [turn_of(manifest["checked"]["text"])])
    assert odds == pytest.approx(manifest["checked"]["odds"], abs=1e-4)
    assert manifest["features"] == FEATURES


def test_no_training_sentence_is_a_case_to_measure_on(repository: Path) -> None:
    written = {
        line
        for path in (ROLES / "training").glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if len(line) > 8
    }
    measured = {
        said["text"]
        for name in ("dev", "dev2", "dev7", "dev8")
        for path in (repository / "tests" / "corpus" / name).glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
        for said in json.loads(line)["utterances"]
    }
    assert not written & measured
