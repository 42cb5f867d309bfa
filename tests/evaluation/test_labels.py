"""Labels as people write them: whatever is wrong is told with its file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.evaluation.labels import read_labels
from qa_pipeline.types import CallType, Role

EXPECTED = {"call_type": "right_party"}
SPOKEN = [{"role": "agent", "text": "您好"}]


def dialogue(call_id: str, text: str = "您好") -> str:
    document = {"call_id": call_id, "utterances": [{"role": "agent", "text": text}], "expected": EXPECTED}
    return json.dumps(document, ensure_ascii=False)


def sidecar(**others: object) -> str:
    return json.dumps({"expected": EXPECTED, **others}, ensure_ascii=False)


READ = [
    pytest.param("a.jsonl", dialogue("c1") + "\n" + dialogue("c2") + "\n", ["c1", "c2"], id="two lines"),
    pytest.param("a.jsonl", dialogue("c1") + "\n\n \n" + dialogue("c2"), ["c1", "c2"], id="empty lines"),
    pytest.param("a.jsonl", "\ufeff" + dialogue("c1") + "\r\n", ["c1"], id="as Windows writes it"),
    pytest.param("a.json", "\ufeff" + sidecar(), ["a"], id="a sidecar as Windows writes it"),
    pytest.param("a.json", sidecar(metadata={"call_id": "c1"}), ["c1"], id="named in the metadata"),
    pytest.param("a.json", sidecar(metadata={"call_id": None}), ["a"], id="named by the file"),
    pytest.param("a.json", sidecar(metadata={}, reference={"utterances": SPOKEN}), ["a"], id="with words"),
]


@pytest.mark.parametrize(("name", "text", "calls"), READ)
def test_read(name: str, text: str, calls: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    labels = read_labels(tmp_path)
    assert list(labels) == calls
    assert {one.expected.call_type for one in labels.values()} == {CallType.RIGHT_PARTY}


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085"])
def test_what_separates_lines_elsewhere_is_text_here(separator: str, tmp_path: Path) -> None:
    text = f"您好{separator}再见"
    (tmp_path / "a.jsonl").write_text(dialogue("c1", text), encoding="utf-8")
    assert read_labels(tmp_path)["c1"].text_of(Role.AGENT) == text


WRONG = [
    pytest.param("a.jsonl", dialogue("c1") + "\n{", "a.jsonl:2: not readable as JSON", id="no JSON"),
    pytest.param("a.jsonl", "[1]", "a.jsonl:1", id="a list"),
    pytest.param("a.jsonl", '{"utterances": [], "expected": {}}', "a.jsonl:1: call_id", id="no call"),
    pytest.param("a.jsonl", '\n{"call_id": "c1"}', "a.jsonl:2: utterances", id="no words"),
    pytest.param("a.jsonl", dialogue("c1").replace("agent", "boss"), "utterances.0.role", id="no role"),
    pytest.param("a.jsonl", "[" * 100_000, "a.jsonl:1", id="nested without end"),
    pytest.param("a.json", "{", "a.json", id="a sidecar that is no JSON"),
    pytest.param(
        "a.json",
        sidecar(metadata=None),
        "a.json: metadata: Input should be an object",
        id="null for metadata",
    ),
    pytest.param("a.json", sidecar(reference=None), "a.json: reference", id="null for words"),
    pytest.param(
        "a.json", sidecar(metadata={"call_id": 7}), "a.json: metadata.call_id", id="a number for id"
    ),
    pytest.param("a.json", sidecar(expected={}), "a.json: expected.call_type", id="no call type"),
]


@pytest.mark.parametrize(("name", "text", "told"), WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="labels_invalid") as raised:
        read_labels(tmp_path)
    assert told in str(raised.value)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(dialogue("c1").encode("utf-16"))
    with pytest.raises(ConfigurationError, match=r"labels_invalid.*a\.jsonl"):
        read_labels(tmp_path)


def test_sidecars_without_expectation_are_no_labels(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"metadata": {}}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no_labels_found"):
        read_labels(tmp_path)
