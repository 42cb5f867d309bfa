"""The trained second ear: the pinned artefact, its windows, and what it recognises."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.errors import ModelError
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.stretches import Clauses, Window
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import (
    FEATURES,
    OF_PARTS,
    READ_AGAIN_FROM,
    READINGS,
    ViolationClassifier,
    heard,
)
from qa_pipeline.resources import models_folder
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import ORDINARY, Prediction, Role, Utterance

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


def _predict(classifier: ViolationClassifier, text: str, role: Role = Role.AGENT) -> tuple[Prediction, ...]:
    """The violations that are heard in a text."""
    return tuple(one for one in _read(classifier, text, role) if one.label != ORDINARY)


def _read(classifier: ViolationClassifier, text: str, role: Role = Role.AGENT) -> tuple[Prediction, ...]:
    said = Utterance(id="u1", role=role, role_confidence=1.0, channel=None, span=None, text=text)
    return classifier.predict([said], [normalize(text)])


WINDOWS = [
    ("", []),
    ("嗯", ["嗯"]),
    ("您好，请问您是陈先生本人吗", ["您好请问您是陈先生本人吗"]),
    # Over sixty characters: as many clauses as fit, from each clause on, none inside another.
    (
        "这边跟您核对一下账单情况，您的信用卡上个月的最低还款额到今天还没有入账，您看今天下午能处理吗，"
        "如果有困难的话可以先跟我说一下原因",
        [
            "这边跟您核对一下账单情况您的信用卡上个月的最低还款额到今天还没有入账您看今天下午能处理吗",
            "您的信用卡上个月的最低还款额到今天还没有入账您看今天下午能处理吗如果有困难的话可以先跟我说一下原因",
        ],
    ),
]


@pytest.mark.parametrize(("raw", "expected"), WINDOWS)
def test_windows_follow_the_clauses(raw: str, expected: list[str]) -> None:
    text = normalize(raw)
    assert [window.of(text.text) for window in Clauses.of(raw, text).windows()] == expected


def test_a_long_utterance_without_marks_is_read_in_steps() -> None:
    text = normalize("这边跟您核对一下账单情况您的信用卡上个月的最低还款额到今天还没有入账" * 3)
    found = Clauses.of(text.text, text).windows()
    covered = {index for window in found for index in range(window.start, window.end)}
    assert covered == set(range(len(text.text)))
    assert max(window.end - window.start for window in found) <= 60


def test_passages_are_runs_of_clauses_shorter_first() -> None:
    raw = "您好，我今天到你家门口等你，再见"
    text = normalize(raw)
    found = [run.of(text.text) for run in Clauses.of(raw, text).passages(Window(0, len(text.text)))]
    assert found == [
        "我今天到你家门口等你",
        "您好我今天到你家门口等你",
        "我今天到你家门口等你再见",
        "您好我今天到你家门口等你再见",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("嗯", []),
        ("我今天到你家门口等你", ["我今天到你家门口等你"]),
        (
            "您好，我今天到你家门口等你，再见",
            ["您好我今天到你家门口等你", "我今天到你家门口等你", "我今天到你家门口等你再见"],
        ),
    ],
)
def test_parts_are_clauses_one_by_one_and_two_by_two(raw: str, expected: list[str]) -> None:
    text = normalize(raw)
    whole = Window(0, len(text.text))
    assert list(Clauses.of(raw, text).parts(whole)) == expected


def test_parts_stay_within_their_window() -> None:
    raw = WINDOWS[-1][0]
    text = normalize(raw)
    for window in Clauses.of(raw, text).windows():
        found = Clauses.of(raw, text).parts(window)
        assert found
        assert all(part in window.of(text.text) for part in found)


RECOGNISED = [
    ("您加一下我个人微信，往后有事在那上面说", "channel.private"),
    ("你要是敢去投诉，往后这单子我就更不会给你好办", "complaint.obstruct"),
    ("我带几个人到你家门口搬凳子坐着，坐到你还为止", "threat.visit"),
    ("我这边是法院执行局的书记员", "identity.court"),
]


@pytest.mark.parametrize(("text", "label"), RECOGNISED)
def test_a_violation_in_other_words_is_recognised(
    classifier: ViolationClassifier, text: str, label: str
) -> None:
    assert label in {found.label for found in _predict(classifier, text)}


def test_a_text_is_weighed_with_its_loudest_part(classifier: ViolationClassifier) -> None:
    threat, courtesy = normalize(RECOGNISED[2][0]).text, normalize("您可以用手机银行还款，谢谢您的配合").text
    texts = [courtesy + threat, courtesy, threat]
    whole, weighed = heard(classifier._head, classifier.encoder, texts, [[courtesy, threat], [courtesy], []])
    column = classifier.labels.index(RECOGNISED[2][1])
    both = (1 - OF_PARTS) * whole[0, column] + OF_PARTS * whole[2, column]
    assert weighed[0, column] == pytest.approx(both)
    # What is ordinary talk is not read again, and what has no parts cannot be.
    assert whole[1].sum() < READ_AGAIN_FROM
    assert weighed[1:] == pytest.approx(whole[1:])


def test_courtesies_do_not_drown_a_threat(classifier: ViolationClassifier) -> None:
    threat, label = RECOGNISED[2]
    before = "您好先生打扰了，您这笔款项已经过了还款日，最低还款额是三百六，"
    after = "，麻烦您这边尽快安排一下好吧，谢谢您的配合，祝您生活愉快"
    (found,) = [one for one in _predict(classifier, before + threat + after) if one.label == label]
    said = normalize(before + threat + after).text[found.start_char : found.end_char]
    assert len(said) <= 60
    assert "你家门口" in said or "坐到你还为止" in said


@pytest.mark.parametrize(
    "text", ["嗯", "您好，请问是本人吗", "那我们就不打扰您了，祝您生活愉快", "请您今天用手机银行还上，谢谢"]
)
def test_ordinary_talk_is_not(classifier: ViolationClassifier, text: str) -> None:
    assert _predict(classifier, text) == ()


@pytest.mark.parametrize(
    ("text", "ordinary"), [(RECOGNISED[2][0], False), ("请您今天用手机银行还上，谢谢", True)]
)
def test_of_all_it_read_it_says_whether_it_is_ordinary(
    classifier: ViolationClassifier, text: str, ordinary: bool
) -> None:
    (told,) = [one for one in _read(classifier, text) if one.label == ORDINARY]
    assert (told.start_char, told.end_char) == (0, len(normalize(text).text))
    assert (told.probability >= told.certain) is ordinary
    assert (told.probability >= told.threshold) is ordinary
    assert (RECOGNISED[2][1] in told.unheard) is ordinary
    assert "funding.new_loan" in told.unheard


def test_a_long_turn_is_told_window_by_window(classifier: ViolationClassifier) -> None:
    raw = WINDOWS[-1][0]
    text = normalize(raw)
    told = [one for one in _read(classifier, raw) if one.label == ORDINARY]
    assert [(one.start_char, one.end_char) for one in told] == [
        (window.start, window.end) for window in Clauses.of(raw, text).windows()
    ]


def test_customers_cannot_violate(classifier: ViolationClassifier) -> None:
    text = RECOGNISED[0][0]
    found = {role: len(_predict(classifier, text, role)) for role in Role}
    assert found[Role.CUSTOMER] == 0
    assert found[Role.AGENT] == found[Role.UNKNOWN] > 0


def test_probabilities_are_those_of_the_training_run(
    classifier: ViolationClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    (row,) = classifier.probabilities([normalize(manifest["checked"]["text"]).text])
    computed = dict(zip(classifier.labels, map(float, row), strict=True))
    # Eight-bit products differ a little from processor to processor.
    assert computed == pytest.approx(manifest["checked"]["probabilities"], abs=0.02)


def test_the_artefact_was_trained_for_this_code(
    classifier: ViolationClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    stale = "train again: python models/train_violations.py"
    assert manifest["features"] == FEATURES, stale
    assert classifier._model.artefact["beside"] == manifest["beside"], stale


def test_the_heads_are_small(manifest: dict[str, Any]) -> None:
    assert manifest["size"] == (VIOLATIONS / manifest["file"]).stat().st_size < 8_000_000


@pytest.mark.parametrize("name", ["encoder.onnx", "pieces.json", "violations.skops"])
def test_changed_bytes_are_refused(tmp_path: Path, name: str) -> None:
    for path in VIOLATIONS.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    with (tmp_path / name).open("ab") as stored:
        stored.write(b" ")
    with pytest.raises(ModelError, match=name) as caught:
        ViolationClassifier.load(tmp_path)
    assert caught.value.code == "model_changed"


def test_the_pack_speaks_of_what_the_model_knows(classifier: ViolationClassifier) -> None:
    heard = {charge.category for charge in load_pack().heard_otherwise if charge.meaning is None}
    assert heard == set(classifier.labels)


def test_what_may_hit_is_what_the_model_can_be_certain_of(classifier: ViolationClassifier) -> None:
    certain = dict(zip(classifier.labels, classifier._model.artefact["certain"], strict=True))
    may_hit = {
        charge.category for charge in load_pack().heard_otherwise if charge.may_hit and charge.meaning is None
    }
    assert may_hit
    assert may_hit <= {label for label, level in certain.items() if level <= 1}


def test_sentences_are_counted_in_the_card(classifier: ViolationClassifier) -> None:
    rows = {
        normalize(row["text"]).text: row
        for path in sorted((VIOLATIONS / "training").rglob("*.jsonl"))
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }
    card = (models_folder() / "cards" / "violations.md").read_text(encoding="utf-8")
    violating = [row for row in rows.values() if row["label"] != "none"]
    assert f"{len(violating):,} violate" in card, "train again: python models/train_violations.py"
    assert {row["label"] for row in violating} == set(classifier.labels)
    for label in classifier.labels:
        assert f"| {label} |" in card


def test_the_digest_names_artefact_and_features(
    classifier: ViolationClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]
) -> None:
    assert classifier.digest == f"{FEATURES} {READINGS} {manifest['sha256']}"
    assert Reader(tokenizer, classifier).digest != Reader(tokenizer).digest


def test_checking_what_changed_loads_no_model() -> None:
    code = (
        "import sys; from qa_pipeline.assembly import build_engine; from qa_pipeline.config import Settings;"
        "from qa_pipeline.language.violations import ViolationClassifier as V; V.load().digest;"
        "sys.exit(bool({'sklearn', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
