"""The ears for what is meant: the pinned artefacts, what they recognise, and what they leave alone."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.encoder import SentenceEncoder
from qa_pipeline.language.meanings import FEATURES, MeaningClassifier
from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.language.violations import ViolationClassifier
from qa_pipeline.resources import models_folder
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import AgentMeaning, CustomerMeaning, Prediction, Role, Utterance

FOLDERS = {"elements": models_folder() / "elements", "customers": models_folder() / "customers"}
SPEAKERS = {"elements": Role.AGENT, "customers": Role.CUSTOMER}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="module")
def ears() -> dict[str, MeaningClassifier]:
    encoder: SentenceEncoder = ViolationClassifier.load().encoder
    return {
        "elements": MeaningClassifier.of_elements(encoder),
        "customers": MeaningClassifier.of_customers(encoder),
    }


def manifest_of(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDERS[name] / "manifest.json").read_text(encoding="utf-8"))
    return document


def heard(classifier: MeaningClassifier, text: str, role: Role) -> tuple[Prediction, ...]:
    said = Utterance(id="u1", role=role, role_confidence=1.0, channel=None, span=None, text=text)
    return classifier.predict([said], [normalize(text)])


RECOGNISED = [
    ("elements", "请问您这个月是因为什么事情耽搁了还款呢", "reason_enquiry"),
    ("elements", "您现在每个月大概有多少收入可以拿出来还款", "ability_enquiry"),
    ("elements", "麻烦您转告他一声，让他给我们客服回个电话", "tp.relay_request"),
    ("elements", "抱歉，涉及客户的隐私我不方便跟您透露", "tp.non_disclosure_reply"),
    ("elements", "那我明天下午再给您打电话跟进一下", "follow_up"),
    ("customers", "厂里把我们这批人全清退了，房贷都续不上", "hardship"),
    ("customers", "这个钱我不可能给你们，法院见就法院见", "refuses"),
    ("customers", "你们这样没完没了地打，我要找你们上级讨个说法", "complains"),
    ("customers", "能不能帮我申请分成几个月慢慢还", "asks_relief"),
    ("customers", "往后别再往我这个号上打电话了，听见没有", "asked_to_stop"),
]


@pytest.mark.parametrize(("ear", "text", "label"), RECOGNISED)
def test_a_meaning_is_recognised_in_other_words(
    ears: dict[str, MeaningClassifier], ear: str, text: str, label: str
) -> None:
    predictions = heard(ears[ear], text, SPEAKERS[ear])
    assert label in {one.label for one in predictions}
    assert all(one.probability >= one.threshold for one in predictions)
    assert {(one.utterance_id, one.start_char) for one in predictions} == {("u1", 0)}


OTHER_TALK = [
    ("elements", "嗯"),
    ("elements", "你是不是傻"),
    ("elements", "今天天气不错"),
    ("elements", "随便你怎么想"),
    ("elements", ""),
    ("customers", "三零二幺"),
    ("customers", "我在听着呢"),
    ("customers", "今天天气不错"),
    ("customers", ""),
]


@pytest.mark.parametrize(("ear", "text"), OTHER_TALK)
def test_other_talk_is_not(ears: dict[str, MeaningClassifier], ear: str, text: str) -> None:
    assert heard(ears[ear], text, SPEAKERS[ear]) == ()


@pytest.mark.parametrize(
    ("ear", "text", "deaf_to"),
    [("elements", RECOGNISED[0][1], Role.CUSTOMER), ("customers", RECOGNISED[5][1], Role.AGENT)],
)
def test_only_what_the_other_side_said_is_passed_over(
    ears: dict[str, MeaningClassifier], ear: str, text: str, deaf_to: Role
) -> None:
    found = {role: len(heard(ears[ear], text, role)) for role in Role}
    assert found[deaf_to] == 0
    assert found[SPEAKERS[ear]] == found[Role.UNKNOWN] > 0


@pytest.mark.parametrize("ear", FOLDERS)
def test_probabilities_are_those_of_the_training_run(ears: dict[str, MeaningClassifier], ear: str) -> None:
    checked = manifest_of(ear)["checked"]
    (row,) = ears[ear].probabilities([normalize(checked["text"]).text])
    computed = dict(zip(ears[ear].labels, map(float, row), strict=True))
    assert computed == pytest.approx(checked["probabilities"], abs=1e-3)


@pytest.mark.parametrize("ear", FOLDERS)
def test_an_artefact_was_trained_for_this_code_and_encoder(ear: str) -> None:
    manifest = manifest_of(ear)
    stale = f"train again: python models/train_{ear}.py"
    graph = (models_folder() / "violations" / "encoder.onnx").read_bytes()
    assert manifest["features"] == FEATURES, stale
    assert manifest["encoder"] == hashlib.sha256(graph).hexdigest(), stale
    assert manifest["size"] == (FOLDERS[ear] / manifest["file"]).stat().st_size < 2_000_000


def test_they_know_what_the_pack_asks_for(ears: dict[str, MeaningClassifier]) -> None:
    elements = {element.id for element in load_pack().elements}
    assert set(ears["elements"].labels) <= elements | set(AgentMeaning)
    assert {charge.meaning for charge in load_pack().heard_otherwise} - {None} == set(AgentMeaning)
    assert set(ears["customers"].labels) == set(CustomerMeaning)


@pytest.mark.parametrize(
    ("ear", "counted"),
    [("elements", "{} sentences written for script elements"), ("customers", "{} sentences by")],
)
def test_training_sentences_are_counted_in_the_card(ear: str, counted: str) -> None:
    rows = [
        json.loads(line)
        for path in FOLDERS[ear].rglob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = {normalize(row["text"]).text for row in rows}
    card = (models_folder() / "cards" / f"{ear}.md").read_text(encoding="utf-8")
    assert counted.format(f"{len(texts):,}") in card


@pytest.mark.parametrize("ear", FOLDERS)
def test_the_digest_names_artefact_and_features(
    ears: dict[str, MeaningClassifier], tokenizer: Tokenizer, ear: str
) -> None:
    assert ears[ear].digest == f"{FEATURES} {manifest_of(ear)['sha256']}"
    assert Reader(tokenizer, ears[ear]).digest != Reader(tokenizer).digest
