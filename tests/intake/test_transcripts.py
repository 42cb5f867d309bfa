"""Transcripts given one a line: what is read, and how a wrong line is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.folder import RejectedSource
from qa_pipeline.intake.transcripts import TranscriptSource, transcripts_from
from qa_pipeline.types import Role, TimeSpan


def call(call_id: str = "c1", *utterances: dict[str, object], **more: object) -> dict[str, object]:
    return {"call_id": call_id, "utterances": list(utterances) or [{"role": "agent", "text": "您好"}], **more}


def read(tmp_path: Path, *lines: Any) -> list[TranscriptSource | RejectedSource]:
    path = tmp_path / "calls.jsonl"
    text = "\n".join(
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    path.write_text(text, encoding="utf-8")
    return list(transcripts_from(path))


def source(tmp_path: Path, line: Any) -> TranscriptSource:
    (only,) = read(tmp_path, line)
    assert isinstance(only, TranscriptSource)
    return only


def test_a_call_is_read_with_its_metadata_and_utterances(tmp_path: Path) -> None:
    line = call(
        "c1",
        {"role": "agent", "start_ms": 0, "end_ms": 900, "text": " 您好 "},
        {"role": "customer", "start_ms": 1000, "end_ms": 1500, "text": "哪位", "sentiment": "calm"},
        metadata={"工号": "7", "amount_due": 4321.5},
    )
    got = source(tmp_path, line)
    assert (got.call.call_id, got.call.agent_id, str(got.call.amount_due)) == ("c1", "7", "4321.5")
    transcript = got.transcript
    assert (transcript.recording_id, transcript.asr, transcript.options_digest) == ("c1", None, "given")
    first, second = transcript.utterances
    assert (first.id, first.role, first.role_confidence, first.text) == ("u0001", Role.AGENT, 1.0, "您好")
    assert (second.span, second.channel, second.quality) == (TimeSpan(start_ms=1000, end_ms=1500), None, None)


@pytest.mark.parametrize(
    ("spelling", "role", "confidence"),
    [
        ("agent", Role.AGENT, 1.0),
        ("坐席", Role.AGENT, 1.0),
        ("customer", Role.CUSTOMER, 1.0),
        ("三方", Role.CUSTOMER, 1.0),
        ("unknown", Role.UNKNOWN, 0.0),
    ],
)
def test_roles(tmp_path: Path, spelling: str, role: Role, confidence: float) -> None:
    (utterance,) = source(tmp_path, call("c", {"role": spelling, "text": "嗯"})).transcript.utterances
    assert (utterance.role, utterance.role_confidence) == (role, confidence)


def test_utterances_are_put_in_order_of_time_and_keep_their_number(tmp_path: Path) -> None:
    line = call(
        "c",
        {"role": "agent", "start_ms": 5000, "end_ms": 6000, "text": "后"},
        {"role": "customer", "start_ms": 1000, "end_ms": 9000, "text": "先"},
    )
    assert [one.id for one in source(tmp_path, line).transcript.utterances] == ["u0002", "u0001"]


def test_without_all_times_the_order_given_stays(tmp_path: Path) -> None:
    line = call(
        "c",
        {"role": "agent", "start_ms": 5000, "end_ms": 6000, "text": "一"},
        {"role": "customer", "text": "二"},
        {"role": "agent", "start_ms": None, "end_ms": None, "text": "三"},
    )
    assert [one.text for one in source(tmp_path, line).transcript.utterances] == ["一", "二", "三"]


def test_an_empty_utterance_is_left_out_and_a_call_may_be_empty(tmp_path: Path) -> None:
    got = source(tmp_path, call("c", {"role": "agent", "text": "  "}, {"role": "agent", "text": "好"}))
    assert [one.id for one in got.transcript.utterances] == ["u0002"]
    assert source(tmp_path, {"call_id": "c", "utterances": []}).transcript.utterances == ()


# the line, the code, what the message shows
WRONG = [
    ("{", "transcript_invalid", ["column"]),
    ("[]", "transcript_invalid", ["call_id"]),
    ('"text"', "transcript_invalid", ["text"]),
    ("[" * 100_000, "transcript_invalid", []),
    ('{"call_id": "x", "utterances": [], "n": Infinity}', "transcript_invalid", ["Infinity"]),
    ({}, "transcript_invalid", ["call_id is missing"]),
    ({"utterances": []}, "transcript_invalid", ["call_id is missing"]),
    ({"call_id": "", "utterances": []}, "transcript_invalid", ["call_id"]),
    ({"call_id": "a", "metadata": {"call_id": "b"}, "utterances": []}, "transcript_invalid", ['["a", "b"]']),
    ({"call_id": "x"}, "transcript_invalid", ["utterances is null"]),
    ({"call_id": "x", "utterances": {}}, "transcript_invalid", ["utterances"]),
    ({"call_id": "x", "metadata": [], "utterances": [1]}, "transcript_invalid", ["utterances[0] is 1"]),
    ({"call_id": "x", "metadata": ["a"], "utterances": []}, "transcript_invalid", ['metadata is ["a"]']),
    (
        call("x", {"role": "agent", "text": "a"}, {"role": "boss", "text": "b"}),
        "transcript_invalid",
        ["utterances[1].role", "boss", "agent customer"],
    ),
    (call("x", {"role": "agent"}), "transcript_invalid", ["utterances[0].text"]),
    (call("x", {"role": ["agent"], "text": "a"}), "transcript_invalid", ["utterances[0].role"]),
    (
        call("x", {"role": "agent", "text": "a", "start_ms": 5}),
        "transcript_invalid",
        ["start_ms", "[5, null]"],
    ),
    (call("x", {"role": "agent", "text": "a", "start_ms": 5, "end_ms": 4}), "transcript_invalid", ["[5, 4]"]),
    (
        call("x", {"role": "agent", "text": "a", "start_ms": -5, "end_ms": 4}),
        "transcript_invalid",
        ["[-5, 4]"],
    ),
    (call("x", {"role": "agent", "text": "a", "start_ms": 1.5, "end_ms": 4}), "transcript_invalid", ["1.5"]),
    (call("x", metadata={"direction": "up"}), "metadata_invalid", ["direction", "up"]),
]


@pytest.mark.parametrize(("line", "code", "told"), WRONG)
def test_a_wrong_line_is_told_with_its_number_and_the_others_go_on(
    tmp_path: Path, line: Any, code: str, told: list[str]
) -> None:
    before, wrong, after = read(tmp_path, call("before"), "", line, call("after"))[:3]
    assert isinstance(before, TranscriptSource)
    assert isinstance(after, TranscriptSource)
    assert isinstance(wrong, RejectedSource)
    assert wrong.failure.code == code
    text = str(wrong.failure.message)
    for part in ("calls.jsonl:3", *told):
        assert part in text
    assert wrong.call_id in ("x", "calls:3")


def test_text_that_is_not_utf8_costs_its_own_line_only(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(b"\xff\xfe\n" + json.dumps(call("c2")).encode() + b"\n")
    first, second = transcripts_from(path)
    assert isinstance(first, RejectedSource)
    assert isinstance(second, TranscriptSource)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(call("c1")).encode())
    assert [type(one) for one in transcripts_from(path)] == [TranscriptSource]


def test_one_id_on_different_lines_rejects_both(tmp_path: Path) -> None:
    other = call("c1", {"role": "agent", "text": "别的"})
    got = read(tmp_path, call("c1"), call("c2"), other)
    assert [one.failure.code if isinstance(one, RejectedSource) else one.call.call_id for one in got] == [
        "duplicate_call_id",
        "c2",
        "duplicate_call_id",
    ]


def test_the_same_line_twice_is_one_call(tmp_path: Path) -> None:
    assert len(read(tmp_path, call("c1"), call("c1"))) == 1


@pytest.mark.parametrize(
    "content", [b"RIFF\x24\x00\x00\x00WAVE", '{"call_id": "c1"}'.encode("utf-16")], ids=["wav", "utf-16"]
)
def test_what_is_no_text_is_one_error_for_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(content + b"\n" + content)
    with pytest.raises(ConfigurationError) as caught:
        transcripts_from(path)
    assert caught.value.code == "transcript_unreadable"
    assert "calls.jsonl" in str(caught.value)


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_missing_file_is_told_before_anything_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        transcripts_from(tmp_path / name)
    assert caught.value.code == "path_not_found"
