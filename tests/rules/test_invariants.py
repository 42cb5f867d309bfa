"""What holds for every call, whatever was said and heard: the packaged pack on calls made of scraps."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from qa_pipeline.types import CallType, Conversation, CriterionOutcome, FindingOutcome, Role
from tests.rules.calls import A, C, U, call, region, say

SCRAPS = (
    "您好", "打扰了", "再见", "身份证后四位", "录音", "三千块", "二十五号", "可以吗", "好的", "对",
    "坐牢", "做牢", "上门堵你", "我们不会", "您刚才说", "你爸妈替你还", "逾期", "语气", "十五天",
    "别再打了", "我失业了", "，", "。", "！", "\U0001f600", "APP", "Ａ１", "¥3,000.50", "妳給我坐牢",
    "\u0308", " ", "\n",
)  # fmt: skip

texts = st.lists(st.sampled_from(SCRAPS), max_size=6).map("".join)
lines = st.tuples(
    st.sampled_from([A, A, C, U]),
    texts,
    st.integers(0, 12_000),
    st.integers(0, 4_000),
    st.sampled_from([1.0, 0.7]),
    st.sampled_from([None, -0.2, -1.5]),
)


@cache
def engine() -> RuleEngine:
    return RuleEngine(load_pack())


@st.composite
def calls(draw: st.DrawFn) -> Conversation:
    timed = draw(st.booleans())
    utterances, now = [], 0
    for role, text, pause, length, sure, logprob in draw(st.lists(lines, max_size=10)):
        start = now + pause
        now = start + length
        times = (start, now) if timed else ()
        utterances.append(say(role, text, *times, sure=sure, logprob=logprob))
    return call(
        *utterances,
        call_type=draw(st.sampled_from(list(CallType))),
        sure=draw(st.sampled_from([1.0, 0.5])),
        regions=draw(st.sampled_from([(), (region(0, 200_000), region(0, 200_000, channel=1))])),
        inaudible=draw(st.sampled_from([(), (region(3_000, 5_000),)])),
    )


@settings(max_examples=80, deadline=None)
@given(calls())
def test_every_judgement_is_sound(conversation: Conversation) -> None:
    judgement = engine().judge(conversation)

    raw = {each.id: each for each in conversation.transcript.utterances}
    assert len({found.key for found in judgement.findings}) == len(judgement.findings)
    for found in judgement.findings:
        assert found.evidence
        assert (found.outcome is FindingOutcome.HIT) == (not found.doubts)
        assert 0 < found.confidence <= (1 if found.outcome is FindingOutcome.HIT else 0.5)
        assert Role.CUSTOMER not in {part.role for part in found.evidence}
    for part in (part for result in (*judgement.findings, *judgement.elements) for part in result.evidence):
        said = raw[part.utterance_id]
        assert part.quote in said.text
        if said.span is not None and part.span is not None:
            assert said.span.start_ms <= part.span.start_ms <= part.span.end_ms <= said.span.end_ms
    assert [result.element_id for result in judgement.elements] == [
        each.id for each in engine().pack.elements
    ]
    for result in judgement.elements:
        if result.outcome in {CriterionOutcome.MET, CriterionOutcome.PARTIAL}:
            assert all(raw[part.utterance_id].role is A for part in result.evidence)
    assert engine().judge(conversation) == judgement
