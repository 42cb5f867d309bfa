"""Figures about the talk, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.speech.characteristics import measure
from qa_pipeline.types import (
    CallMetadata,
    ConversationCharacteristics,
    Layout,
    Recording,
    Role,
    SpeechRegion,
    TalkMoment,
    TalkMomentKind,
    TimeSpan,
    Transcript,
    Utterance,
)

AGENT, CUSTOMER, UNKNOWN = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN
Turn = tuple[Role, int, int, str]
RECORDING = Recording(
    id="c1",
    sha256="0" * 64,
    uri="/calls/c1.wav",
    codec="pcm_mulaw",
    sampling_rate_hz=8_000,
    num_channels=2,
    layout=Layout.STEREO,
    duration_ms=60_000,
    call=CallMetadata(call_id="c1", agent_channel=0),
)
NOTHING = ConversationCharacteristics()


def span(start_ms: int, end_ms: int) -> TimeSpan:
    return TimeSpan(start_ms=start_ms, end_ms=end_ms)


def transcript(*turns: Turn, inaudible: tuple[SpeechRegion, ...] = ()) -> Transcript:
    utterances = tuple(
        Utterance(
            id=f"u{index:04d}",
            role=role,
            role_confidence=1.0,
            channel=0 if role is AGENT else 1,
            span=span(start_ms, end_ms),
            text=text,
        )
        for index, (role, start_ms, end_ms, text) in enumerate(turns)
    )
    return Transcript(
        recording_id="c1",
        language="zh",
        utterances=utterances,
        asr=None,
        options_digest="d",
        inaudible=inaudible,
    )


CALL = transcript(
    (AGENT, 1_000, 11_000, "您好，我是银行的，请问是本人吗？"),
    (CUSTOMER, 10_000, 12_000, "是，你说。"),
    (AGENT, 13_000, 18_000, "您的账单逾期了"),
    (AGENT, 19_000, 24_000, "想了解一下原因"),
    (CUSTOMER, 40_000, 50_000, "工资没发"),
)


def test_a_call() -> None:
    assert measure(CALL, RECORDING) == ConversationCharacteristics(
        duration_ms=60_000,
        agent_talk_ms=20_000,
        customer_talk_ms=12_000,
        non_talk_ms=60_000 - 31_000,
        longest_silence=span(24_000, 40_000),
        overlap_ms=1_000,
        agent_chars_per_minute=81.0,
        customer_chars_per_minute=35.0,
        longest_agent_monologue_ms=11_000,
        agent_interruptions=0,
        customer_interruptions=0,
        agent_fillers_per_100=0.0,
        moments=(
            TalkMoment(
                kind=TalkMomentKind.SILENCE,
                utterance_id="u0004",
                role=CUSTOMER,
                span=span(24_000, 40_000),
                value=16_000.0,
            ),
        ),
    )


def test_a_silence_that_was_announced_is_not_the_longest() -> None:
    said = transcript(
        (AGENT, 0, 2_000, "请您稍等"), (AGENT, 32_000, 34_000, "查到了"), (CUSTOMER, 40_000, 60_000, "好")
    )
    assert measure(said, RECORDING).longest_silence == span(34_000, 40_000)


@pytest.mark.parametrize(
    ("turns", "longest_ms"),
    [
        ([], 0),
        ([(CUSTOMER, 0, 5_000, "喂")], 0),
        ([(AGENT, 0, 5_000, "喂"), (AGENT, 7_000, 9_000, "您好")], 9_000),
        ([(AGENT, 0, 5_000, "喂"), (AGENT, 7_001, 9_000, "您好")], 5_000),
        ([(AGENT, 0, 5_000, "喂"), (CUSTOMER, 5_500, 6_000, "嗯"), (AGENT, 6_100, 9_000, "您好")], 5_000),
    ],
)
def test_longest_monologue(turns: list[Turn], longest_ms: int) -> None:
    assert measure(transcript(*turns), RECORDING).longest_agent_monologue_ms == longest_ms


def test_unknown_roles_leave_only_what_needs_none() -> None:
    unknown = replace(
        CALL, utterances=tuple(replace(utterance, role=UNKNOWN) for utterance in CALL.utterances)
    )
    assert measure(unknown, RECORDING) == replace(
        NOTHING, duration_ms=60_000, non_talk_ms=29_000, longest_silence=span(24_000, 40_000)
    )


@pytest.mark.parametrize(
    ("unplaced", "agent_talk_ms"),
    [
        pytest.param((UNKNOWN, 12_000, 12_900, "嗯"), 20_000, id="a reply that nobody can place"),
        pytest.param((UNKNOWN, 25_000, 35_000, "我知道了，下周再说吧"), None, id="more than a tenth"),
    ],
)
def test_roles_of_nearly_all_the_talk_are_enough(unplaced: Turn, agent_talk_ms: int | None) -> None:
    turns = [(one.role, one.span.start_ms, one.span.end_ms, one.text) for one in CALL.utterances if one.span]
    assert measure(transcript(*turns, unplaced), RECORDING).agent_talk_ms == agent_talk_ms


def test_what_nobody_could_hear_is_no_silence() -> None:
    region = SpeechRegion(channel=1, span=span(26_000, 39_000), probability=0.8)
    result = measure(replace(CALL, inaudible=(region,)), RECORDING)
    assert result.longest_silence == span(50_000, 60_000)
    assert result.non_talk_ms == 29_000 - 13_000
    assert result.customer_talk_ms == 12_000


def test_texts_without_times() -> None:
    untimed = replace(CALL, utterances=tuple(replace(utterance, span=None) for utterance in CALL.utterances))
    assert measure(untimed, None) == NOTHING


def test_given_times_without_a_recording() -> None:
    result = measure(CALL, None)
    assert (result.duration_ms, result.agent_talk_ms, result.non_talk_ms) == (None, 20_000, 19_000)


def test_nobody_speaks() -> None:
    result = measure(transcript(), RECORDING)
    assert (result.non_talk_ms, result.longest_silence) == (60_000, span(0, 60_000))
    assert (result.agent_chars_per_minute, result.overlap_ms) == (None, 0)
    assert measure(transcript(), None) == NOTHING


@given(
    st.lists(
        st.tuples(st.sampled_from([AGENT, CUSTOMER]), st.integers(0, 50_000), st.integers(1, 9_000)),
        max_size=12,
    )
)
def test_talk_and_silence_fill_the_call(drawn: list[tuple[Role, int, int]]) -> None:
    turns: list[Turn] = [(role, start, start + length, "好") for role, start, length in drawn]
    result = measure(transcript(*turns), RECORDING)
    assert result.agent_talk_ms is not None
    assert result.customer_talk_ms is not None
    assert result.overlap_ms is not None
    assert result.non_talk_ms is not None
    talk_ms = result.agent_talk_ms + result.customer_talk_ms - result.overlap_ms
    assert talk_ms + result.non_talk_ms == 60_000
