"""The ear for answers: the pinned artefact, what it takes for an answer to what, and what it leaves alone."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from qa_pipeline.language.answers import FEATURES, AnswerClassifier, said_before
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ViolationClassifier
from qa_pipeline.resources import models_folder
from qa_pipeline.types import AgentMeaning, Prediction
from tests.language.conftest import MakeTranscript

FOLDER = models_folder() / "answers"
STALE = "train again: python models/train_answers.py"


@pytest.fixture(scope="module")
def ear() -> AnswerClassifier:
    return AnswerClassifier.load(ViolationClassifier.load().encoder)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return document


def heard(ear: AnswerClassifier, make: MakeTranscript, script: str) -> tuple[Prediction, ...]:
    utterances = make(script).utterances
    return ear.predict(utterances, [normalize(one.text) for one in utterances])


BEFORE = [
    ("坐席：您好", [""]),
    ("坐席：您好\n客户：我在开车呢\n坐席：那几号还", ["", "您好", "我在开车呢"]),
    # One side says several utterances in a row, and 嗯 alone tells nothing.
    ("客户：我在开会\n客户：别打了\n坐席：行\n坐席：哪天还", ["", "", "我在开会别打了", "我在开会别打了"]),
    (
        "客户：我在开会讲不了\n坐席：就一句\n客户：嗯\n坐席：哪天还",
        ["", "我在开会讲不了", "就一句", "我在开会讲不了嗯"],
    ),
    (f"客户：{'我' * 70}\n坐席：好", ["", "我" * 60]),
]


@pytest.mark.parametrize(("script", "expected"), BEFORE)
def test_what_an_utterance_answers(transcript_of: MakeTranscript, script: str, expected: list[str]) -> None:
    utterances = transcript_of(script).utterances
    assert list(said_before(utterances, [normalize(one.text) for one in utterances])) == expected


MEANT = [
    ("客户：我这会儿在产检，真接不了电话\n坐席：产检也不差这几句，您把日子定了", AgentMeaning.PRESSES_ON),
    ("客户：我跟他早断了，你们莫再打过来\n坐席：断没断我不管，您今天就去把他找来", AgentMeaning.PRESSES_ON),
    ("客户：他是不是在你们那儿借钱\n坐席：您心里清楚就好，他那笔拖了小半年", AgentMeaning.DEBT_CONFIRMED),
]


@pytest.mark.parametrize(("script", "meaning"), MEANT)
def test_a_meaning_is_heard_and_its_words_are_named(
    ear: AnswerClassifier, transcript_of: MakeTranscript, script: str, meaning: AgentMeaning
) -> None:
    found = {one.label: one for one in heard(ear, transcript_of, script)}
    assert found[meaning].probability >= found[meaning].certain
    assert found[meaning].utterance_id == "u0001"
    assert found[meaning].start_char is not None


OTHER_ANSWERS = [
    "客户：我这会儿在产检，真接不了电话\n坐席：好的，您先忙，我换个时间再联系您",
    "客户：我跟他早断了，你们莫再打过来\n坐席：抱歉打扰了，您的号码我这就登记停拨",
    "客户：他是不是在你们那儿借钱没还\n坐席：这个涉及他本人的信息，我不方便跟您透露",
    "客户：是我本人，你说\n坐席：您看这个月什么时候方便还款",
    "坐席：您好，请问是王先生吗",
    "客户：你们莫再打过来",
]


@pytest.mark.parametrize("script", OTHER_ANSWERS)
def test_other_answers_are_left_alone(
    ear: AnswerClassifier, transcript_of: MakeTranscript, script: str
) -> None:
    assert [one.label for one in heard(ear, transcript_of, script) if one.probability >= one.certain] == []


def test_the_same_words_are_judged_by_what_they_answer(
    ear: AnswerClassifier, transcript_of: MakeTranscript
) -> None:
    words = "那您看这笔钱哪天能处理"
    after_refusal, after_yes = (
        ear.probabilities([normalize(before).text], [normalize(words).text])[0]
        for before in ("我在开车上高速了，别说了", "是我，您说吧我听着")
    )
    column = ear.labels.index(AgentMeaning.PRESSES_ON)
    assert after_refusal[column] > after_yes[column] + 0.2


def test_probabilities_are_those_of_the_training_run(ear: AnswerClassifier, manifest: dict[str, Any]) -> None:
    checked = manifest["checked"]
    before, words = (normalize(text).text for text in checked["text"].split("："))
    (row,) = ear.probabilities([before], [words])
    assert dict(zip(ear.labels, map(float, row), strict=True)) == pytest.approx(
        checked["probabilities"], abs=1e-3
    )


def test_the_artefact_was_trained_for_this_code_and_encoder(manifest: dict[str, Any]) -> None:
    graph = (models_folder() / "violations" / "encoder.onnx").read_bytes()
    assert manifest["features"] == FEATURES, STALE
    assert manifest["encoder"] == hashlib.sha256(graph).hexdigest(), STALE
    assert manifest["size"] == (FOLDER / manifest["file"]).stat().st_size < 3_500_000


def test_training_dialogues_are_counted_in_the_card() -> None:
    dialogues = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in FOLDER.glob("*/*.jsonl"))
    hands = sum(path.is_dir() for path in FOLDER.iterdir())
    card = (models_folder() / "cards" / "answers.md").read_text(encoding="utf-8")
    assert f"{dialogues:,} dialogues by {hands} hands" in card, STALE


def test_the_digest_names_artefact_and_features(ear: AnswerClassifier, manifest: dict[str, Any]) -> None:
    assert ear.digest == f"{FEATURES} {manifest['sha256']}"
    tokenizer = Tokenizer()
    assert Reader(tokenizer, ear).digest != Reader(tokenizer).digest
