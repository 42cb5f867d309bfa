"""Results as `qa audit --json` writes them, and what is none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa_pipeline.cli.documents import documents_to
from qa_pipeline.errors import ConfigurationError
from qa_pipeline.evaluation.results import read_results
from tests.builders import threatening_call

WORDS = "第一句\u2028第二句\u0085第三句"


def test_what_an_audit_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    call = threatening_call("c1")
    assert call.transcript is not None
    first, *others = call.transcript.utterances
    said = replace(call.transcript, utterances=(replace(first, text=WORDS), *others))
    with documents_to(path, unmasked=True) as documents:
        documents.write(replace(call, transcript=said))
        documents.write(threatening_call("c2"))
    assert [one["call_id"] for one in read_results(path)] == ["c1", "c2"]
    assert read_results(path)[0]["utterances"][0]["text"] == WORDS
    path.write_text("\ufeff\n" + path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    assert len(read_results(path)) == 2


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"schema": "qa.call/1"}', '{"schema": "qa.call/2", "call_id": "c"}', "[" * 100_000],
)
def test_what_is_no_result_is_told_with_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="results_unreadable") as raised:
        read_results(path)
    assert f"{path}:2" in str(raised.value)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(json.dumps({"schema": "qa.call/1"}).encode("utf-16"))
    with pytest.raises(ConfigurationError, match="results_unreadable"):
        read_results(path)
