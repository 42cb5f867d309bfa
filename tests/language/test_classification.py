"""The trained classifier: the pinned artefact, what it recognises, and what it refuses to load."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from skops.io import dump

from qa_pipeline.errors import ModelError
from qa_pipeline.language.classification import (
    FEATURES,
    ElementClassifier,
    StoredModel,
    features,
    predict_probabilities,
)
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.resources import models_folder
from qa_pipeline.types import Role, Utterance

ELEMENTS = models_folder() / "elements"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="module")
def classifier() -> ElementClassifier:
    return ElementClassifier.load()


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ELEMENTS / "manifest.json").read_text(encoding="utf-8"))
    return document


def _said(words: str, role: Role = Role.AGENT) -> Utterance:
    return Utterance(id="u1", role=role, role_confidence=1.0, channel=None, span=None, text=words)


FEATURE_ROWS = [
    ("您还三千块吗", "您 还 0块 吗 @amount @question", "您还0块吗"),
    ("工号六六八八", "工号 0 0 @identity @staff", "工号00"),
    ("过两天吧", "过 0天 吧", None),
    ("", "", ""),
]


@pytest.mark.parametrize(("raw", "words", "characters"), FEATURE_ROWS)
def test_features(tokenizer: Tokenizer, raw: str, words: str, characters: str | None) -> None:
    found = features(tokenizer.tokenize(normalize(raw).text))
    if characters is None:
        assert {"@someday", "@question"} <= set(found.words.split())
    else:
        assert (found.words, found.characters) == (words, characters)


RECOGNISED = [
    ("本次来电是全程录音的，跟您说一声", "recording_notice"),
    ("我这里是某某银行信用卡部的", "self_ident.org"),
    ("我的工号是五五六六，我姓周", "self_ident.agent"),
    ("那您是通过手机银行还是柜台来还", "ptp.channel"),
    ("您好先生", "greeting"),
    ("那不打扰您了，再见", "closing"),
    ("逾期会产生违约金，也会影响您的征信记录", "consequence_notice"),
]


@pytest.mark.parametrize(("words", "label"), RECOGNISED)
def test_an_element_in_other_words_is_recognised(
    classifier: ElementClassifier, tokenizer: Tokenizer, words: str, label: str
) -> None:
    predictions = classifier.predict([_said(words)], [tokenizer.tokenize(normalize(words).text)])
    assert label in {prediction.label for prediction in predictions}
    assert all(prediction.probability >= prediction.threshold for prediction in predictions)
    assert {prediction.utterance_id for prediction in predictions} == {"u1"}


@pytest.mark.parametrize("words", ["嗯", "你是不是傻", "今天天气不错", "随便你怎么想"])
def test_other_talk_is_not(classifier: ElementClassifier, tokenizer: Tokenizer, words: str) -> None:
    assert classifier.predict([_said(words)], [tokenizer.tokenize(words)]) == ()


def test_only_what_a_customer_said_is_passed_over(
    classifier: ElementClassifier, tokenizer: Tokenizer
) -> None:
    words = tokenizer.tokenize("不多打扰您了再见")
    found = {role: len(classifier.predict([_said("", role)], [words])) for role in Role}
    assert found[Role.CUSTOMER] == 0
    assert found[Role.AGENT] == found[Role.UNKNOWN] > 0


def test_no_utterances_give_no_predictions(classifier: ElementClassifier) -> None:
    assert classifier.predict([], []) == ()
    assert classifier.predict([_said("")], [()]) == ()


def test_probabilities_are_those_of_the_training_run(
    classifier: ElementClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    checked = features(tokenizer.tokenize(normalize(manifest["checked"]["text"]).text))
    artefact = classifier._model.artefact
    (row,) = predict_probabilities(artefact, [checked])
    computed = dict(zip(artefact["labels"], map(float, row), strict=True))
    assert computed == pytest.approx(manifest["checked"]["probabilities"], abs=1e-4)


def test_the_artefact_was_trained_for_this_code(tokenizer: Tokenizer, manifest: dict[str, Any]) -> None:
    stale = "train again: python models/train_elements.py"
    assert manifest["features"] == FEATURES, stale
    assert manifest["tokenizer"] == tokenizer.digest, stale


def test_the_artefact_is_small(manifest: dict[str, Any]) -> None:
    assert manifest["size"] == (ELEMENTS / manifest["file"]).stat().st_size < 2_000_000


def test_training_sentences_are_counted_in_the_card() -> None:
    rows = [
        json.loads(line) for line in (ELEMENTS / "training.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    card = (models_folder() / "cards" / "elements.md").read_text(encoding="utf-8")
    fulfilling = [row for row in rows if row["labels"]]
    assert f"{len(rows)} sentences written" in card
    assert f"{len(fulfilling)} fulfil elements" in card
    for label in {label for row in fulfilling for label in row["labels"]}:
        assert f"| {label} |" in card
    assert len({row["text"] for row in rows}) == len(rows)


def test_the_digest_names_artefact_and_features(
    classifier: ElementClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    assert classifier.digest == f"{FEATURES} {manifest['sha256']}"
    assert Reader(tokenizer, classifier).digest != Reader(tokenizer).digest


def _copy(folder: Path) -> Path:
    return Path(shutil.copytree(ELEMENTS, folder / "elements"))


def _pin(folder: Path) -> None:
    content = (folder / "elements.skops").read_bytes()
    document = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    document["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")


def test_changed_bytes_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    artefact = folder / "elements.skops"
    artefact.write_bytes(artefact.read_bytes() + b" ")
    with pytest.raises(ModelError, match=r"elements\.skops") as caught:
        ElementClassifier.load(folder)
    assert caught.value.code == "model_changed"


@pytest.mark.parametrize("missing", ["manifest.json", "elements.skops"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = _copy(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=str(folder)) as caught:
        ElementClassifier.load(folder)
    assert caught.value.code == "model_missing"


class Stranger:
    """A type that nobody reviewed."""


def test_types_nobody_reviewed_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    dump(OrderedDict(labels=[Stranger()]), folder / "elements.skops")
    _pin(folder)
    model = StoredModel.open(folder)
    with pytest.raises(ModelError, match="Stranger") as caught:
        _ = model.artefact
    assert caught.value.code == "model_untrusted"
