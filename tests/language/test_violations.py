"""The trained second ear: the pinned artefact, its windows, and what it recognises."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import (
    FEATURES,
    ViolationClassifier,
    Window,
    violation_probabilities,
    windows,
)
from qa_pipeline.resources import models_folder
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import Prediction, Role, Utterance

VIOLATIONS = models_folder() / "violations"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="module")
def classifier() -> ViolationClassifier:
    return ViolationClassifier.load()


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((VIOLATIONS / "manifest.json").read_text(encoding="utf-8"))
    return document


def _predict(
    classifier: ViolationClassifier, tokenizer: Tokenizer, text: str, role: Role = Role.AGENT
) -> tuple[Prediction, ...]:
    said = Utterance(id="u1", role=role, role_confidence=1.0, channel=None, span=None, text=text)
    return classifier.predict([said], [tokenizer.tokenize(normalize(text).text)])


WINDOWS = [
    ("", []),
    ("您好，请问您是本人吗", ["您好请问您是本人吗", "请问您是本人吗"]),
    ("您好，请问您是陈先生本人吗", ["您好请问您是陈先生本人吗", "请问您是陈先生本人吗"]),
    ("行了行了，我说完了", ["行了行了我说完了"]),
]


@pytest.mark.parametrize(("raw", "expected"), WINDOWS)
def test_windows_follow_the_clauses(tokenizer: Tokenizer, raw: str, expected: list[str]) -> None:
    text = normalize(raw)
    found = {window.characters for window in windows(raw, text, tokenizer.tokenize(text.text))}
    long_enough = {words for words in expected if len(words) >= 8 or words == text.text}
    assert found == long_enough


def test_a_long_utterance_without_marks_is_read_in_steps(tokenizer: Tokenizer) -> None:
    text = normalize("这边跟您核对一下账单情况您的信用卡上个月的最低还款额到今天还没有入账" * 3)
    found = windows(text.text, text, tokenizer.tokenize(text.text))
    covered = {index for window in found for index in range(window.start, window.end)}
    assert covered == set(range(len(text.text)))
    assert max(window.end - window.start for window in found) <= 60
    for window in found:
        assert window.characters == text.text[window.start : window.end]
        assert window.syllables.split() == list(text.syllables[window.start : window.end])


RECOGNISED = [
    ("您加一下我个人微信，往后有事在那上面说", "channel.private"),
    ("你要是敢去投诉，往后这单子我就更不会给你好办", "complaint.obstruct"),
    ("我带几个人到你家门口搬凳子坐着，坐到你还为止", "threat.visit"),
    ("我这边是法院执行局的书记员", "identity.court"),
]


@pytest.mark.parametrize(("text", "label"), RECOGNISED)
def test_a_violation_in_other_words_is_recognised(
    classifier: ViolationClassifier, tokenizer: Tokenizer, text: str, label: str
) -> None:
    assert label in {found.label for found in _predict(classifier, tokenizer, text)}


def test_courtesies_do_not_drown_a_threat(classifier: ViolationClassifier, tokenizer: Tokenizer) -> None:
    threat, label = RECOGNISED[2]
    before = "您好先生打扰了，您这笔款项已经过了还款日，最低还款额是三百六，"
    after = "，麻烦您这边尽快安排一下好吧，谢谢您的配合，祝您生活愉快"
    (found,) = [one for one in _predict(classifier, tokenizer, before + threat + after) if one.label == label]
    said = normalize(before + threat + after).text[found.start_char : found.end_char]
    assert len(said) <= 60
    assert "你家门口" in said or "坐到你还为止" in said


@pytest.mark.parametrize(
    "text", ["嗯", "您好，请问是本人吗", "那我们就不打扰您了，祝您生活愉快", "请您今天用手机银行还上，谢谢"]
)
def test_ordinary_talk_is_not(classifier: ViolationClassifier, tokenizer: Tokenizer, text: str) -> None:
    assert _predict(classifier, tokenizer, text) == ()


def test_customers_cannot_violate(classifier: ViolationClassifier, tokenizer: Tokenizer) -> None:
    text = RECOGNISED[0][0]
    found = {role: len(_predict(classifier, tokenizer, text, role)) for role in Role}
    assert found[Role.CUSTOMER] == 0
    assert found[Role.AGENT] == found[Role.UNKNOWN] > 0


def test_probabilities_are_those_of_the_training_run(
    classifier: ViolationClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    text = normalize(manifest["checked"]["text"])
    words = " ".join(token.text for token in tokenizer.tokenize(text.text))
    whole = Window(
        start=0, end=len(text.text), words=words, characters=text.text, syllables=" ".join(text.syllables)
    )
    artefact = classifier._model.artefact
    (row,) = violation_probabilities(artefact, [whole])
    computed = dict(zip(artefact["labels"], map(float, row), strict=True))
    assert computed == pytest.approx(manifest["checked"]["probabilities"], abs=1e-4)


def test_the_artefact_was_trained_for_this_code(tokenizer: Tokenizer, manifest: dict[str, Any]) -> None:
    stale = "train again: python models/train_violations.py"
    assert manifest["features"] == FEATURES, stale
    assert manifest["tokenizer"] == tokenizer.digest, stale


def test_the_artefact_is_small(manifest: dict[str, Any]) -> None:
    assert manifest["size"] == (VIOLATIONS / manifest["file"]).stat().st_size < 4_000_000


def test_the_pack_speaks_of_what_the_model_knows(classifier: ViolationClassifier) -> None:
    heard = {charge.category for charge in load_pack().heard_otherwise}
    assert heard == set(classifier._model.artefact["labels"])


def test_sentences_are_counted_in_the_card() -> None:
    rows = [
        json.loads(line)
        for path in sorted((VIOLATIONS / "training").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    card = (models_folder() / "cards" / "violations.md").read_text(encoding="utf-8")
    violating = [row for row in rows if row["label"] != "none"]
    assert f"{len(violating):,} violate" in card
    assert f"{sum('near' in row for row in rows):,} are hard negatives" in card
    for label in {row["label"] for row in violating}:
        assert f"| {label} |" in card


def test_the_digest_names_artefact_and_features(
    classifier: ViolationClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    assert classifier.digest == f"{FEATURES} {manifest['sha256']}"
    assert Reader(tokenizer, classifier).digest != Reader(tokenizer).digest


def test_checking_what_changed_loads_no_model() -> None:
    code = (
        "import sys; from qa_pipeline.assembly import build_engine; from qa_pipeline.config import Settings;"
        "from qa_pipeline.language.violations import ViolationClassifier as V; V.load().digest;"
        "sys.exit('sklearn' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
