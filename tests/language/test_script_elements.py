"""The ear for script elements: the pinned artefact, what it recognises, and what it leaves alone."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.script_elements import FEATURES, ElementClassifier
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ViolationClassifier
from qa_pipeline.resources import models_folder
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import Prediction, Role, Utterance

ELEMENTS = models_folder() / "elements"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return ViolationClassifier.load().encoder


@pytest.fixture(scope="module")
def classifier(encoder: SentenceEncoder) -> ElementClassifier:
    return ElementClassifier.load(encoder)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ELEMENTS / "manifest.json").read_text(encoding="utf-8"))
    return document


def heard(
    classifier: ElementClassifier, tokenizer: Tokenizer, text: str, role: Role = Role.AGENT
) -> tuple[Prediction, ...]:
    said = Utterance(id="u1", role=role, role_confidence=1.0, channel=None, span=None, text=text)
    return classifier.predict([said], [tokenizer.tokenize(normalize(text).text)])


RECOGNISED = [
    ("请问您这个月是因为什么事情耽搁了还款呢", "reason_enquiry"),
    ("您现在每个月大概有多少收入可以拿出来还款", "ability_enquiry"),
    ("麻烦您转告他一声，让他给我们客服回个电话", "tp.relay_request"),
    ("抱歉，涉及客户的隐私我不方便跟您透露", "tp.non_disclosure_reply"),
    ("那我明天下午再给您打电话跟进一下", "follow_up"),
]


@pytest.mark.parametrize(("text", "label"), RECOGNISED)
def test_an_element_is_recognised_by_what_is_meant(
    classifier: ElementClassifier, tokenizer: Tokenizer, text: str, label: str
) -> None:
    predictions = heard(classifier, tokenizer, text)
    assert label in {one.label for one in predictions}
    assert all(one.probability >= one.threshold for one in predictions)
    assert {(one.utterance_id, one.start_char) for one in predictions} == {("u1", 0)}


@pytest.mark.parametrize("text", ["嗯", "你是不是傻", "今天天气不错", "随便你怎么想", ""])
def test_other_talk_is_not(classifier: ElementClassifier, tokenizer: Tokenizer, text: str) -> None:
    assert heard(classifier, tokenizer, text) == ()


def test_only_what_a_customer_said_is_passed_over(
    classifier: ElementClassifier, tokenizer: Tokenizer
) -> None:
    found = {role: len(heard(classifier, tokenizer, RECOGNISED[0][0], role)) for role in Role}
    assert found[Role.CUSTOMER] == 0
    assert found[Role.AGENT] == found[Role.UNKNOWN] > 0


def test_probabilities_are_those_of_the_training_run(
    classifier: ElementClassifier, manifest: dict[str, Any]
) -> None:
    (row,) = classifier.probabilities([normalize(manifest["checked"]["text"]).text])
    computed = dict(zip(classifier.labels, map(float, row), strict=True))
    assert computed == pytest.approx(manifest["checked"]["probabilities"], abs=1e-3)


def test_the_artefact_was_trained_for_this_code_and_encoder(manifest: dict[str, Any]) -> None:
    stale = "train again: python models/train_elements.py"
    graph = (models_folder() / "violations" / "encoder.onnx").read_bytes()
    assert manifest["features"] == FEATURES, stale
    assert manifest["encoder"] == hashlib.sha256(graph).hexdigest(), stale
    assert manifest["size"] == (ELEMENTS / manifest["file"]).stat().st_size < 2_000_000


def test_it_knows_elements_of_the_pack(classifier: ElementClassifier) -> None:
    assert set(classifier.labels) <= {element.id for element in load_pack().elements}


def test_training_sentences_are_counted_in_the_card() -> None:
    rows = [
        json.loads(line)
        for path in ELEMENTS.glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = {normalize(row["text"]).text for row in rows}
    card = (models_folder() / "cards" / "elements.md").read_text(encoding="utf-8")
    assert f"{len(texts):,} sentences written for script elements" in card


def test_the_digest_names_artefact_and_features(
    classifier: ElementClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    assert classifier.digest == f"{FEATURES} {manifest['sha256']}"
    assert Reader(tokenizer, classifier).digest != Reader(tokenizer).digest
