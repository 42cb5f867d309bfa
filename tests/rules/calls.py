"""Small packs and calls for the tests of the rule engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.spelling import Speller
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import RulePack, load_pack
from qa_pipeline.rules.passages import Passage, passages_of
from qa_pipeline.types import (
    CallMetadata,
    CallType,
    Conversation,
    ConversationCharacteristics,
    DecodingQuality,
    Judgement,
    Layout,
    Prediction,
    Recording,
    Role,
    SpeechRegion,
    TimeSpan,
    Transcript,
    Utterance,
    Word,
)

A, C, U = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN

HEADER = """
id: small
version: "1"
language: zh
title: 小包
categories: {threat.arrest: 拘捕威胁, service.tone: 语气}
agreement: agrees
words:
  prison: [坐牢, 蹲监狱]
slots:
  逾期: [天, 了]
breaks: [但是, 否则]
exemptions:
  - id: negation
    title: 否定
    cues: {before: [不会, 不是], after: [没有关系], reach: 8}
    unless: {around: [不是我吓唬你, 会不会]}
  - id: quotation
    title: 引述
    cues: {before: [您刚才说], reach: 20}
    across_clauses: true
  - id: question
    title: 询问
    cues: {around: ["/有没有人.*吗/"]}
    outcome: doubtful
triggers:
  - {id: agrees, title: 同意, condition: {regex: "^(好|可以|对|是|行|嗯)"}}
  - {id: hardship, title: 困难, condition: {phrase: [手头紧, 失业]}}
  - {id: asked_to_stop, title: 要求停止, condition: {phrase: [别再打了]}}
ladder:
  - {id: repeated, lifts: minor, to: serious, repeated: 3}
  - {id: third_party, lifts: serious, to: fatal, call_types: [third_party]}
  - {id: after_stop, lifts: serious, to: fatal, after: [asked_to_stop]}
"""


def rule(**changes: object) -> dict[str, object]:
    """A rule that finds prison words, changed where a test needs it."""
    return {
        "id": "threat.arrest.prison",
        "category": "threat.arrest",
        "version": 1,
        "title": "以坐牢相威胁",
        "rationale": "逾期是民事纠纷",
        "severity": "serious",
        "basis": [{"kind": "law", "cite": "刑法", "grade": "text"}],
        "condition": {"phrase": ["@prison"]},
        "examples": {"hit": ["等着坐牢"], "miss": [{"text": "您好", "why": "问候"}]},
    } | changes


def element(**changes: object) -> dict[str, object]:
    """A greeting, changed where a test needs it."""
    return {
        "id": "greeting",
        "version": 1,
        "title": "问候",
        "rationale": "礼貌",
        "basis": [{"kind": "practice", "cite": "服务规范", "grade": "seed"}],
        "applies": {"right_party": "required"},
        "met": {"phrase": ["您好"]},
        "examples": {"met": ["您好，打扰了"], "miss": [{"text": "喂", "why": "没有问候"}]},
    } | changes


def write_pack(folder: Path, *, header: str = HEADER, rules: str = "", elements: str = "") -> Path:
    """A pack folder; `rules` and `elements` are the text of their one file."""
    (folder / "violations").mkdir(parents=True, exist_ok=True)
    (folder / "elements").mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(dedent(header).lstrip(), encoding="utf-8")
    if rules:
        (folder / "violations" / "rules.yaml").write_text(dedent(rules).lstrip(), encoding="utf-8")
    if elements:
        (folder / "elements" / "elements.yaml").write_text(dedent(elements).lstrip(), encoding="utf-8")
    return folder


def make_pack(
    folder: Path, *, rules: Sequence[dict[str, Any]] = (), elements: Sequence[dict[str, Any]] = ()
) -> RulePack:
    """A loaded pack of these rules and elements; YAML reads JSON."""

    return load_pack(
        write_pack(
            folder,
            rules=json.dumps({"rules": list(rules)}, ensure_ascii=False) if rules else "",
            elements=json.dumps({"elements": list(elements)}, ensure_ascii=False) if elements else "",
        )
    )


def judge(pack: RulePack, call: Conversation) -> Judgement:
    return RuleEngine(pack).judge(call)


@cache
def reader(*, spelled: bool = True) -> Reader:
    return Reader(Tokenizer(), spelling=Speller.load() if spelled else None)


def say(
    role: Role,
    text: str,
    start_ms: int | None = None,
    end_ms: int | None = None,
    *,
    sure: float = 1.0,
    logprob: float | None = None,
    words: tuple[Word, ...] = (),
) -> Utterance:
    """An utterance; the channel follows the role, its id comes from `call`."""
    span = None
    if start_ms is not None:
        span = TimeSpan(start_ms=start_ms, end_ms=start_ms + 1_000 if end_ms is None else end_ms)
    quality = None
    if logprob is not None:
        quality = DecodingQuality(
            avg_logprob=logprob, no_speech_prob=0.0, compression_ratio=1.0, temperature=0.0
        )
    return Utterance(
        id="",
        role=role,
        role_confidence=0.0 if role is U else sure,
        channel={A: 0, C: 1, U: None}[role],
        span=span,
        text=text,
        words=words,
        quality=quality,
    )


def call(
    *utterances: Utterance,
    call_type: CallType = CallType.RIGHT_PARTY,
    sure: float = 1.0,
    started_at: datetime | None = None,
    regions: tuple[SpeechRegion, ...] = (),
    inaudible: tuple[SpeechRegion, ...] = (),
    predictions: tuple[Prediction, ...] = (),
    recorded: bool = False,
    spelled: bool = True,
    **metadata: Any,
) -> Conversation:
    """A conversation of these utterances, u1, u2 ... in order.

    Args:
        spelled: read what was recognised as it was most likely said.
    """

    meta = CallMetadata(call_id="c1", started_at=started_at, **metadata)
    transcript = Transcript(
        recording_id="c1",
        language="zh",
        utterances=tuple(replace(each, id=f"u{number}") for number, each in enumerate(utterances, start=1)),
        asr=None,
        options_digest="",
        regions=regions,
        inaudible=inaudible,
    )
    recording = None
    if recorded:
        recording = Recording(
            id="c1",
            sha256="ab" * 32,
            uri="/c1.wav",
            codec="pcm_s16le",
            sampling_rate_hz=8000,
            num_channels=2,
            layout=Layout.STEREO,
            duration_ms=600_000,
            call=meta,
        )
    conversation = reader(spelled=spelled).read(meta, recording, transcript, NO_FIGURES)
    return replace(conversation, call_type=call_type, call_type_confidence=sure, predictions=predictions)


def passage(text: str, role: Role = A) -> Passage:
    """The one passage of a call of one utterance."""
    (only,) = passages_of(call(say(role, text)))
    return only


def region(start_ms: int, end_ms: int, channel: int = 0) -> SpeechRegion:
    return SpeechRegion(channel=channel, span=TimeSpan(start_ms=start_ms, end_ms=end_ms), probability=0.9)


NO_FIGURES = ConversationCharacteristics()
