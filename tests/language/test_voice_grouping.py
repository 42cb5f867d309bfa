"""Two voices grouped by sound and words: each alone errs where the other knows better."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from qa_pipeline.language import voice_grouping
from qa_pipeline.language.voice_grouping import UNSURE, regrouped
from qa_pipeline.rules.doubts import SURE_ROLE
from qa_pipeline.types import Role, SpeakerTurn, TimeSpan, Transcript, Utterance

AGENT, CUSTOMER, BETWEEN = (1.0, 0.2), (-1.0, 0.2), (0.05, 1.0)
Said = tuple[int, float, tuple[float, ...]]
"""Voice by sound, log odds of being worded like an agent, how it sounds."""


def random_call(seed: int, size: int = 60) -> tuple[Transcript, dict[str, float]]:
    """Utterances and turns of three voices at any time, together, within each other and in any order."""
    chance = random.Random(seed)

    def span() -> TimeSpan:
        start = chance.randrange(0, size * 1_000, 50)
        return TimeSpan(start_ms=start, end_ms=start + chance.choice((0, 100, 1_500, 4_000, size * 300)))

    utterances = tuple(
        Utterance(
            id=f"u{number}",
            role=Role.UNKNOWN,
            role_confidence=0.0,
            channel=0,
            span=chance.choice((None, *[span()] * 9)),
            text="…",
            speaker=chance.randrange(3),
            speaker_confidence=0.6,
        )
        for number in range(size)
    )
    turns = tuple(
        SpeakerTurn(
            speaker=chance.randrange(3),
            span=span(),
            confidence=0.6,
            timbre=chance.choice(((), *[tuple(chance.gauss(0, 1) for _ in range(4))] * 9)),
        )
        for _ in range(size)
    )
    heard = Transcript(
        recording_id="c", language="zh", utterances=utterances, asr=None, options_digest="d", turns=turns
    )
    return heard, {one.id: chance.gauss(0, 2) for one in utterances}


def each_with_each(
    grouped: Sequence[Utterance], turns: Sequence[SpeakerTurn]
) -> tuple[voice_grouping._Shared, ...]:
    """What `_shared` finds, the long way: every utterance beside every turn."""
    return tuple(
        voice_grouping._Shared(row, number, turn.span.overlap_ms(one.span))
        for row, one in enumerate(grouped)
        for number, turn in enumerate(turns)
        if one.span and turn.speaker == one.speaker and turn.span.overlap_ms(one.span)
    )


def transcript(said: Sequence[Said], length_ms: int = 2_000) -> tuple[Transcript, dict[str, float]]:
    utterances, turns, odds = [], [], {}
    for number, (speaker, words, timbre) in enumerate(said):
        span = TimeSpan(start_ms=number * 3_000, end_ms=number * 3_000 + length_ms)
        one = Utterance(
            id=f"u{number}",
            role=Role.UNKNOWN,
            role_confidence=0.0,
            channel=0,
            span=span,
            text="…",
            speaker=speaker,
            speaker_confidence=0.6,
        )
        utterances.append(one)
        turns.append(SpeakerTurn(speaker=speaker, span=span, confidence=0.6, timbre=timbre))
        odds[one.id] = words
    heard = Transcript(
        recording_id="c",
        language="zh",
        utterances=tuple(utterances),
        asr=None,
        options_digest="d",
        turns=tuple(turns),
    )
    return heard, odds


RIGHT: tuple[Said, ...] = (
    *((0, 2.0, AGENT), (1, -2.0, CUSTOMER), (0, 2.0, AGENT)),
    *((1, -2.0, CUSTOMER), (0, 1.5, AGENT), (1, -1.0, CUSTOMER)),
)

TABLE = [
    pytest.param(RIGHT, [0, 1, 0, 1, 0, 1], id="as sound told them"),
    pytest.param((*RIGHT, (0, -2.0, CUSTOMER)), [0, 1, 0, 1, 0, 1, 1], id="one under the wrong voice"),
    pytest.param((*RIGHT, (0, 0.0, CUSTOMER)), [0, 1, 0, 1, 0, 1, 1], id="a reply goes where it sounds"),
    pytest.param((*RIGHT, (1, 2.0, BETWEEN)), [0, 1, 0, 1, 0, 1, 0], id="words where sound is between"),
    pytest.param((*RIGHT, (1, 2.0, CUSTOMER)), [0, 1, 0, 1, 0, 1, 1], id="a quoted agent stays a customer"),
    pytest.param(
        [(0 if number < 3 else 1, words, timbre) for number, (_, words, timbre) in enumerate(RIGHT)],
        [0, 1, 0, 1, 0, 1],
        id="sound mixed the two",
    ),
    pytest.param(
        [
            *((0, 2.0, AGENT), (0, -2.0, AGENT), (0, 2.0, CUSTOMER), (0, -2.0, CUSTOMER)),
            *((0, 2.0, AGENT), (0, -2.0, AGENT), (0, 2.0, CUSTOMER), (1, -2.0, CUSTOMER)),
        ],
        [0, 1, 0, 1, 0, 1, 0, 1],
        id="words alone where sound parts nobody",
    ),
    pytest.param((*RIGHT, (2, 0.0, BETWEEN)), [0, 1, 0, 1, 0, 1, 2], id="a third voice stays one"),
    pytest.param([(0, 2.0, ()), (1, -2.0, ()), (0, -2.0, ())], [0, 1, 0], id="nothing is known of the sound"),
    pytest.param([(0, 2.0, AGENT), (0, -2.0, CUSTOMER)], [0, 0], id="one voice is one voice"),
    pytest.param([], [], id="nothing was said"),
]


@pytest.mark.parametrize(("said", "expected"), TABLE)
def test_grouping(said: Sequence[Said], expected: list[int]) -> None:
    heard, odds = transcript(said)
    grouped = regrouped(heard, odds)
    assert [one.speaker for one in grouped.utterances] == expected
    assert [turn.speaker for turn in grouped.turns] == expected
    assert regrouped(grouped, odds) == grouped


def test_words_alone_do_not_make_two_speakers_of_what_may_be_one() -> None:
    said = [(0, 2.0, AGENT), (0, 2.0, CUSTOMER), (0, -1.0, AGENT), (0, -1.0, CUSTOMER), (1, 1.0, CUSTOMER)]
    heard, odds = transcript(said)
    two, one = (regrouped(heard, odds, perhaps_one=perhaps_one) for perhaps_one in (False, True))
    assert two.utterances[2].speaker == two.utterances[3].speaker != two.utterances[0].speaker
    assert len({one.utterances[index].speaker for index in (0, 2)}) == 1
    assert all(each.speaker_confidence <= UNSURE for each in (*two.utterances, *one.utterances))


def test_an_utterance_is_as_sure_as_sound_and_words_are() -> None:
    heard, odds = transcript((*RIGHT, (0, 0.0, BETWEEN)))
    *sure, doubtful = regrouped(heard, odds).utterances
    assert all(one.speaker_confidence > SURE_ROLE for one in sure)
    assert doubtful.speaker_confidence < SURE_ROLE


def test_where_sound_and_words_disagree_nothing_is_sure() -> None:
    said = [(0, 2.0, AGENT), (0, -2.0, AGENT), (1, 2.0, CUSTOMER), (1, -2.0, CUSTOMER)] * 3
    heard, odds = transcript(said)
    assert UNSURE < SURE_ROLE
    assert all(one.speaker_confidence <= UNSURE for one in regrouped(heard, odds).utterances)


def test_an_announcement_is_a_voice_of_its_own() -> None:
    heard, odds = transcript(((0, 2.0, BETWEEN), *RIGHT))
    grouped = regrouped(heard, odds, {"u0"})
    assert [one.speaker for one in grouped.utterances] == [2, 0, 1, 0, 1, 0, 1]
    assert regrouped(grouped, odds, {"u0"}) == grouped


@pytest.mark.parametrize("seed", range(30))
def test_looking_at_neighbours_alone_finds_what_looking_at_all_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, odds = random_call(seed)
    found = regrouped(heard, odds)
    monkeypatch.setattr(voice_grouping, "_shared", each_with_each)
    assert found == regrouped(heard, odds)
    assert found != heard


def test_each_utterance_is_compared_with_its_neighbours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, odds = transcript(RIGHT * 200)
    compared = 0
    overlap_ms = TimeSpan.overlap_ms

    def counting(span: TimeSpan, other: TimeSpan) -> int:
        nonlocal compared
        compared += 1
        return overlap_ms(span, other)

    monkeypatch.setattr(TimeSpan, "overlap_ms", counting)
    regrouped(heard, odds)
    assert compared <= 2 * len(heard.turns)
