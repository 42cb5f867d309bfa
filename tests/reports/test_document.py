"""The contract qa.call/1: what leaves agrees with the published schema, and nothing else does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from qa_pipeline.i18n import use_language
from qa_pipeline.reports.document import call_document
from qa_pipeline.types import CallStatus, Inspection, message
from tests import builders

Document = dict[str, Any]


@pytest.fixture(scope="module")
def schema(repository: Path) -> Draft202012Validator:
    document = json.loads((repository / "docs" / "qa.call.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@pytest.mark.parametrize("inspection", builders.every_status(), ids=lambda one: one.call.call_id)
@pytest.mark.parametrize("unmasked", [False, True])
def test_documents_of_every_status_agree_with_the_schema(
    schema: Draft202012Validator, inspection: Inspection, unmasked: bool
) -> None:
    document = json.loads(json.dumps(call_document(inspection, unmasked=unmasked), ensure_ascii=False))
    schema.validate(document)


def test_builders_cover_every_status() -> None:
    assert {one.status for one in builders.every_status()} == set(CallStatus)


def _set(*path: str | int) -> Callable[[Document, object], None]:
    def apply(document: Any, value: object) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return apply


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "qa.call/2"),
        (("status",), "done"),
        (("status",), "scored"),
        (("status",), "failed"),
        (("review_reasons",), []),
        (("review_reasons",), ["Not A Code"]),
        (("excluded_reason",), "no_speech"),
        (("call_type",), None),
        (("call_type",), "sms"),
        (("call_type_confidence",), 1.2),
        (("surprise",), 1),
        (("audio", "layout"), "quadro"),
        (("audio", "sha256"), "ABC"),
        (("audio", "agent_channel"), 2),
        (("metadata", "nickname"), "x"),
        (("metadata", "amount_due"), 3680.5),
        (("metadata", "started_at"), "2026-03-16T09:42:10"),
        (("utterances", 0, "role"), "robot"),
        (("utterances", 0, "start_ms"), 1.5),
        (("utterances", 0, "mood"), "bad"),
        (("findings", 0, "severity"), "major"),
        (("findings", 0, "outcome"), "maybe"),
        (("findings", 0, "match"), "guess"),
        (("findings", 0, "utterance_id"), None),
        (("findings", 0, "basis"), "law"),
        (("criteria", 0, "outcome"), "failed"),
        (("criteria", 0, "points"), None),
        (("criteria", 4, "points"), 3),
        (("score", "normalised"), 101),
        (("score", "grade"), "A"),
        (("score",), None),
        (("provenance",), None),
        (("provenance", "asr", "sha256"), ""),
        (("promise_to_pay",), {"date": None, "amount": "1e3", "channel": None}),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_tampered_documents_fail(
    schema: Draft202012Validator, path: tuple[str | int, ...], value: object
) -> None:
    document = call_document(builders.threatening_call())
    schema.validate(document)
    tampered = copy.deepcopy(document)
    _set(*path)(tampered, value)
    assert not schema.is_valid(tampered)


@pytest.mark.parametrize("key", sorted(call_document(builders.model_call())))
def test_no_key_may_be_missing(schema: Draft202012Validator, key: str) -> None:
    document = call_document(builders.model_call())
    del document[key]
    assert not schema.is_valid(document)


def test_a_finding_tells_who_when_what_and_what_it_was_heard_as() -> None:
    finding = call_document(builders.threatening_call())["findings"][0]
    assert finding | {"explanation": None, "basis": None} == {
        "key": "threat.arrest#u0003",
        "rule_id": "threat.arrest.case",
        "category": "threat.arrest",
        "severity": "fatal",
        "outcome": "hit",
        "confidence": 0.93,
        "role": "agent",
        "utterance_id": "u0003",
        "start_ms": 5100,
        "end_ms": 14600,
        "quote": "炸片罪",
        "heard_as": "诈骗罪",
        "match": "phonetic",
        "explanation": None,
        "basis": None,
    }


def test_a_metadata_finding_has_no_words() -> None:
    finding = call_document(builders.hours_call())["findings"][0]
    assert [finding[key] for key in ("role", "utterance_id", "start_ms", "end_ms", "quote")] == [None] * 5
    assert finding["match"] == "metadata"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "serious violation"), ("zh", "严重违规")],
)
def test_sentences_are_in_the_language_in_force(language: str, expected: str) -> None:
    use_language(language)
    try:
        assert call_document(builders.threatening_call())["score"]["deductions"][1]["reason"] == expected
    finally:
        use_language("zh_CN")


def test_an_explanation_is_one_sentence_a_line() -> None:
    inspection = builders.threatening_call()
    told = replace(inspection.findings[0], explanation=(message("First."), message("Second.")))
    document = call_document(replace(inspection, findings=(told,)))
    assert document["findings"][0]["explanation"] == "First.\nSecond."


def test_spoken_numbers_and_known_names_are_masked_with_same_length() -> None:
    inspection = builders.threatening_call()
    masked, raw = call_document(inspection), call_document(inspection, unmasked=True)
    text = json.dumps(masked, ensure_ascii=False)
    for secret in ("周明", "陈刚", "幺三八零零幺三八零零零"):
        assert secret not in text
        assert secret in json.dumps(raw, ensure_ascii=False)
    assert [len(said["text"]) for said in masked["utterances"]] == [
        len(said["text"]) for said in raw["utterances"]
    ]
    assert masked["metadata"]["agent_id"] == "3107"


def test_a_quote_that_starts_inside_a_number_is_masked_like_its_utterance() -> None:
    inspection = builders.threatening_call()
    assert inspection.transcript is not None
    cut = builders.evidence(inspection.transcript, 4, "零零零还是这个")
    finding = replace(inspection.findings[0], evidence=(cut,))
    document = call_document(replace(inspection, findings=(finding,)))
    quote = document["findings"][0]["quote"]
    assert len(quote) == len("零零零还是这个")
    assert quote.endswith("还是这个")
    assert "零" not in quote


def test_figures_are_rounded_and_amounts_stay_exact() -> None:
    document = call_document(builders.model_call())
    assert document["characteristics"]["agent_chars_per_minute"] == 241.4
    assert document["utterances"][0]["confidence"] == 0.803
    assert document["promise_to_pay"] == {"date": "2026-03-18", "amount": "368.00", "channel": "手机银行"}
    assert document["metadata"]["amount_due"] == "3680.50"
