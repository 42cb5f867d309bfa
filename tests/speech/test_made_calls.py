"""What benchmarks take for the truth: calls made of known voices, clauses whose edges can be heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.made_calls import TELEPHONE_HZ, MadeCall, Part, calls_of_samples
from benchmarks.quotes import clauses_of

CALLS = 24


@pytest.fixture(scope="module")
def made(repository: Path) -> list[MadeCall]:
    return list(calls_of_samples(repository / "sample_audio", range(CALLS)))


def test_a_call_is_the_same_whenever_it_is_made(made: list[MadeCall], repository: Path) -> None:
    (again,) = calls_of_samples(repository / "sample_audio", [5])
    assert again.said == made[5].said
    assert np.array_equal(again.two_channels(), made[5].two_channels())
    assert np.array_equal(again.one_channel(), made[5].one_channel())


def test_calls_vary(made: list[MadeCall]) -> None:
    assert {call.agent_channel for call in made} == {0, 1}
    assert {call.copies for call in made} == {False, True}
    assert 0 < sum(call.bleed_db is not None for call in made) < CALLS
    assert {call.third for call in made} == {None, Part.ANNOUNCEMENT, Part.COLLEAGUE}
    turns = [(one, other) for call in made for one, other in zip(call.said, call.said[1:], strict=False)]
    overlaps = sum(other.spoken[0].start_ms < one.spoken[-1].end_ms for one, other in turns)
    assert 0.05 < overlaps / len(turns) < 0.3


def test_what_is_said_is_where_the_sound_is(made: list[MadeCall]) -> None:
    for call in made[:6]:
        sound = call.two_channels()
        for said in call.said:
            agents = said.part in (Part.AGENT, Part.COLLEAGUE)
            own = sound[call.agent_channel if agents else 1 - call.agent_channel]
            spoken = np.concatenate([own[span.start_ms * 8 : span.end_ms * 8] for span in said.spoken])
            assert np.sqrt((spoken**2).mean()) > 3 * np.sqrt((call.noise[0] ** 2).mean())
            assert said.spoken[0].start_ms <= said.letters[0].span.start_ms
            assert said.letters[-1].span.end_ms <= said.spoken[-1].end_ms


def bursts(*stretches: tuple[int, bool]) -> np.ndarray:
    """Noise and silence by turns, each so many milliseconds long."""
    rng = np.random.default_rng(1)
    parts = [rng.normal(0, 0.1, length_ms * TELEPHONE_HZ // 1000) * sounds for length_ms, sounds in stretches]
    return np.concatenate(parts).astype(np.float32)


@pytest.mark.parametrize(
    ("text", "stretches", "expected"),
    [
        pytest.param(
            "您的账单，逾期五天。",
            [(800, True), (300, False), (800, True)],
            [("您的账单", 1_000, 1_800), ("逾期五天", 2_100, 2_900)],
            id="a pause at the mark",
        ),
        pytest.param("您的账单，逾期五天。", [(1_900, True)], [], id="no pause at the mark"),
        pytest.param(
            "您的账单，逾期五天。",
            [(700, True), (150, False), (200, True), (150, False), (700, True)],
            [],
            id="two pauses that may be the mark's",
        ),
        pytest.param("您的账单", [(900, True)], [("您的账单", 1_000, 1_900)], id="one clause"),
        pytest.param("好的，行", [(400, True), (300, False), (200, True)], [], id="too short to be a quote"),
    ],
)
def test_clauses(text: str, stretches: list[tuple[int, bool]], expected: list[tuple[str, int, int]]) -> None:
    clauses = clauses_of(text, bursts(*stretches), TELEPHONE_HZ, 1_000)
    assert [(one.text, one.span.start_ms, one.span.end_ms) for one in clauses] == expected
