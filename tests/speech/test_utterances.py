"""Words become utterances: one turn each, simplified, with times and quality of their own."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_pipeline.speech.utterances import MAX_UTTERANCE_MS, RegionText, cleaned, simplified, utterances_from
from qa_pipeline.types import Alternative, Role, SpeechRegion, TimeSpan, Word

Alternatives = tuple[tuple[Alternative, ...], ...]


def heard(text: str, start_ms: int, end_ms: int, channel: int = 0, *, probability: float = 0.8) -> RegionText:
    """A region whose characters are spread evenly over it."""
    step = (end_ms - start_ms) / max(1, len(text))
    words = tuple(
        Word(
            text=character,
            span=TimeSpan(
                start_ms=round(start_ms + index * step), end_ms=round(start_ms + (index + 1) * step)
            ),
            probability=probability,
        )
        for index, character in enumerate(text)
    )
    region = SpeechRegion(channel=channel, span=TimeSpan(start_ms=start_ms, end_ms=end_ms), probability=0.9)
    return RegionText(region=region, words=words, no_speech_prob=0.1)


AGENT_A = heard("您好我是银行的", 0, 2_000)
AGENT_B = heard("请问是本人吗", 2_600, 4_000)
REPLY = heard("对", 2_200, 2_500, 1)


@pytest.mark.parametrize(
    ("regions", "join_turns", "expected"),
    [
        (
            [AGENT_A, replace(AGENT_B, region=replace(AGENT_B.region, stretch=1))],
            True,
            [(0, "您好我是银行的", 0, 2_000), (0, "请问是本人吗", 2_600, 4_000)],
        ),
        ([AGENT_A, AGENT_B], True, [(0, "您好我是银行的请问是本人吗", 0, 4_000)]),
        ([AGENT_B, AGENT_A], True, [(0, "您好我是银行的请问是本人吗", 0, 4_000)]),
        ([AGENT_A, AGENT_B], False, [(0, "您好我是银行的", 0, 2_000), (0, "请问是本人吗", 2_600, 4_000)]),
        (
            [AGENT_A, AGENT_B, REPLY],
            True,
            [(0, "您好我是银行的", 0, 2_000), (1, "对", 2_200, 2_500), (0, "请问是本人吗", 2_600, 4_000)],
        ),
        (
            [AGENT_A, heard("", 2_200, 2_500, 1), AGENT_B],
            True,
            [(0, "您好我是银行的", 0, 2_000), (0, "请问是本人吗", 2_600, 4_000)],
        ),
        (
            [AGENT_A, heard("喂", 3_100, 3_400)],
            True,
            [(0, "您好我是银行的", 0, 2_000), (0, "喂", 3_100, 3_400)],
        ),
        (
            [heard("一直在说话", 0, 8_000), heard("还在说", 8_500, 16_000)],
            True,
            [(0, "一直在说话", 0, 8_000), (0, "还在说", 8_500, 16_000)],
        ),
        ([heard("", 0, 900)], True, []),
        ([], True, []),
    ],
    ids=[
        "another sound",
        "one turn",
        "in any order",
        "a channel of two speakers",
        "a reply between",
        "a reply nobody understood",
        "a long pause",
        "a long turn",
        "nothing understood",
        "nothing",
    ],
)
def test_turns(
    regions: list[RegionText], join_turns: bool, expected: list[tuple[int, str, int, int]]
) -> None:
    utterances = utterances_from(regions, join_turns=join_turns)
    assert [
        (one.channel, one.text, one.span.start_ms, one.span.end_ms) for one in utterances if one.span
    ] == expected
    assert [one.id for one in utterances] == [f"u{number:04d}" for number in range(1, len(expected) + 1)]
    assert all((one.role, one.role_confidence) == (Role.UNKNOWN, 0.0) for one in utterances)


def test_speech_during_a_turn_does_not_end_it() -> None:
    long_turn = heard("我给您说明一下这个分期怎么办", 0, 6_000)
    after = heard("好吗", 6_400, 7_000)
    utterances = utterances_from([long_turn, heard("嗯", 3_000, 3_300, 1), after], join_turns=True)
    assert [(one.channel, one.text) for one in utterances] == [
        (0, "我给您说明一下这个分期怎么办好吗"),
        (1, "嗯"),
    ]


@given(st.integers(1, 28_000), st.integers(1, 120))
def test_long_regions_are_cut_and_lose_nothing(length_ms: int, characters: int) -> None:
    text = "".join(chr(0x4E00 + index) for index in range(characters))
    utterances = utterances_from([heard(text, 0, length_ms)], join_turns=True)
    assert "".join(one.text for one in utterances) == text
    assert all(
        one.span is not None and (one.span.duration_ms <= MAX_UTTERANCE_MS or len(one.words) == 1)
        for one in utterances
    )


def test_a_long_region_is_cut_at_its_pause() -> None:
    first, second = heard("说了很多话的前半段", 0, 9_000), heard("然后是后半段", 10_000, 18_000)
    region = SpeechRegion(channel=0, span=TimeSpan(start_ms=0, end_ms=18_000), probability=0.9)
    one = RegionText(region=region, words=(*first.words, *second.words), no_speech_prob=0.1)
    assert [utterance.text for utterance in utterances_from([one], join_turns=True)] == [
        first.text,
        second.text,
    ]


def test_quality_is_that_of_the_words() -> None:
    first, second = heard("甲乙", 0, 900, probability=0.9), heard("丙丁", 1_000, 2_000, probability=0.4)
    (utterance,) = utterances_from([first, second], join_turns=True)
    assert utterance.quality is not None
    assert utterance.quality.avg_logprob == pytest.approx((math.log(0.9) + math.log(0.4)) / 2, abs=1e-3)
    assert utterance.quality.no_speech_prob == 0.1
    assert utterance.confidence == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    ("traditional", "expected"),
    [
        ("這個帳單逾期了", "这个账单逾期了"),
        ("您的帐户", "您的账户"),
        ("看著辦", "看着办"),
        ("一家著名的銀行", "一家著名的银行"),
        ("於是瞭解一下什麼時候還款", "于是了解一下什么时候还款"),
        ("乾淨", "干净"),
        ("后天还款，准备好", "后天还款，准备好"),
        ("", ""),
    ],
)
def test_simplified(traditional: str, expected: str) -> None:
    assert simplified(traditional) == expected


@pytest.mark.parametrize(
    ("text", "duration_ms", "expected"),
    [
        ("好的這個月還", 2_000, "好的这个月还"),
        ("好的。請不吝點贊訂閱轉發", 3_000, "好的。"),
        ("請不吝點贊訂閱轉發打賞", 3_000, ""),
        ("還款還款還款還款還款還款還款還款", 5_000, "还款"),
        ("一二三四五六七八九十一二三四五六", 700, ""),
    ],
)
def test_cleaned(text: str, duration_ms: int, expected: str) -> None:
    result = cleaned(heard(text, 0, duration_ms))
    assert result.text == expected
    assert result.region == heard(text, 0, duration_ms).region


def test_words_and_text_stay_together() -> None:
    (utterance,) = utterances_from([cleaned(heard("您的帳單這個月三千元", 0, 3_000))], join_turns=True)
    assert "".join(word.text for word in utterance.words) == utterance.text == "您的账单这个月三千元"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (",好的", ["好的"]),
        ("。？ 好的，再见", ["好的，再见"]),
        ("。", []),
        ("好的。", ["好的。"]),
    ],
)
def test_a_turn_begins_with_a_word(text: str, expected: list[str]) -> None:
    utterances = utterances_from([heard(text, 0, 2_000)], join_turns=True)
    assert [utterance.text for utterance in utterances] == expected
    assert all(utterance.text == "".join(word.text for word in utterance.words) for utterance in utterances)


@pytest.mark.parametrize(("text", "alternatives", "expected"), [
    ("錄印", ((), (("音", 0.5),)), ((), (("音", 0.5),))),
    # Marks that end the sentence before go, and what else they may have been.
    ("。录印", ((("了", 0.5),), (), (("音", 0.5),)), ((), (("音", 0.5),))),
])  # fmt: skip
def test_alternatives_stay_with_their_characters(
    text: str, alternatives: Alternatives, expected: Alternatives
) -> None:
    region = heard("", 0, 1_000)
    word = Word(text=text, span=TimeSpan(start_ms=0, end_ms=900), probability=0.6, alternatives=alternatives)
    (utterance,) = utterances_from([cleaned(replace(region, words=(word,)))], join_turns=True)

    assert utterance.text == "录印"
    assert utterance.words[0].alternatives == expected
