"""Where speech is found: hysteresis by tables, the network by the sample calls."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_pipeline.speech import vad
from qa_pipeline.speech.vad import (
    FRAME_MS,
    VadOptions,
    detect_speech,
    speech_frames,
    speech_probabilities,
)
from tests.speech.conftest import Samples, tone

QUICK = VadOptions(
    threshold=0.5,
    release_threshold=0.35,
    min_speech_ms=64,
    min_silence_ms=96,
    padding_ms=0,
    max_region_ms=1_000,
)


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([], []),
        ([0.1] * 9, []),
        ([0.1, 0.9, 0.9, 0.1, 0.1, 0.1], [(1, 3)]),
        ([0.9, 0.4, 0.9], [(0, 3)]),
        ([0.4, 0.9, 0.9, 0.4, 0.1, 0.1, 0.1], [(0, 4)]),
        ([0.4, 0.4, 0.1, 0.4, 0.9], [(0, 5)]),
        ([0.4, 0.4, 0.1, 0.1, 0.1, 0.4, 0.9], [(5, 7)]),
        ([0.4, 0.4, 0.4], []),
        ([0.9, 0.9, 0.1, 0.1, 0.9, 0.9], [(0, 6)]),
        ([0.9, 0.9, 0.1, 0.1, 0.1, 0.9, 0.9], [(0, 2), (5, 7)]),
        ([0.1, 0.9, 0.1, 0.1, 0.1], []),
        ([0.1, 0.1, 0.9, 0.9], [(2, 4)]),
    ],
    ids=[
        "nothing",
        "silence",
        "speech",
        "between the thresholds goes on",
        "and before the first certain one",
        "over a short pause before it",
        "not over a long one",
        "nor alone",
        "short pause",
        "long pause",
        "click",
        "to the end",
    ],
)
def test_hysteresis(probabilities: list[float], expected: list[tuple[int, int]]) -> None:
    assert list(speech_frames(np.array(probabilities, dtype=np.float32), QUICK)) == expected


@pytest.mark.parametrize(("probability", "softer_db", "found"), [
    (0.45, 0, True),
    (0.45, 12, True),
    (0.45, 20, False),  # what is left of a leak from the other channel
    (0.35, 0, False),
    (0.55, 30, True),
])  # fmt: skip
def test_a_short_reply_is_as_loud_as_speech(
    probability: float, softer_db: float, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    probabilities = np.zeros(100, np.float32)
    probabilities[10:30], probabilities[60:70] = 0.9, probability
    samples = np.random.default_rng(1).normal(0, 0.1, 100 * 512).astype(np.float32)
    samples[60 * 512 : 70 * 512] *= 10 ** (-softer_db / 20)
    monkeypatch.setattr(vad, "speech_probabilities", lambda _: probabilities)
    assert len(detect_speech(samples, 0, 0, VadOptions())) == 1 + found


def test_a_soft_line_alone_is_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vad, "speech_probabilities", lambda _: np.full(40, 0.45, np.float32))
    assert detect_speech(np.full(40 * 512, 0.1, np.float32), 0, 0, VadOptions()) == ()


def test_long_speech_is_cut_where_it_is_least_probable() -> None:
    probabilities = np.full(60, 0.9, dtype=np.float32)
    probabilities[25] = 0.6
    assert speech_frames(probabilities, QUICK) == ((0, 25), (25, 40), (40, 60))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1, width=32), max_size=300))
def test_ranges_are_ordered_apart_and_short(probabilities: list[float]) -> None:
    ranges = speech_frames(np.array(probabilities, dtype=np.float32), QUICK)
    edges = [edge for found in ranges for edge in found]
    assert edges == sorted(edges)
    assert all((last - first) * FRAME_MS <= QUICK.max_region_ms for first, last in ranges)
    assert all(last <= len(probabilities) for _, last in ranges)


@pytest.mark.parametrize(
    "sound",
    [np.zeros(48_000, dtype=np.float32), tone(3, 16_000), np.empty(0, dtype=np.float32)],
    ids=["silence", "tone", "nothing"],
)
def test_no_speech(sound: Samples) -> None:
    assert detect_speech(sound, 0, 0, VadOptions()) == ()


def test_sample_call(spoken: Samples) -> None:
    options = VadOptions()
    regions = detect_speech(spoken[0], 0, 7_000, options)
    assert 5 <= len(regions) <= 20
    assert all(region.channel == 0 and 0.5 < region.probability <= 1 for region in regions)
    edges = [edge for region in regions for edge in (region.span.start_ms, region.span.end_ms)]
    assert edges == sorted(edges)
    assert edges[0] >= 7_000
    assert edges[-1] <= 67_000
    # Half of what is said is heard again when the sound starts later: times move with the sound.
    later = detect_speech(spoken[0][16_000 * 10 :], 0, 17_000, options)
    assert abs(later[-1].span.end_ms - regions[-1].span.end_ms) <= 2 * FRAME_MS


def test_pieces_of_a_run_join(spoken: Samples) -> None:
    """State and context carry over from one run of the network to the next."""
    whole = speech_probabilities(spoken[0])
    assert len(whole) == -(-spoken.shape[1] // 512)
    alone = speech_probabilities(spoken[0][: 512 * 1_000])
    np.testing.assert_allclose(whole[:1_000], alone, atol=1e-4)
    assert float(whole.max()) > 0.9


def test_memory_does_not_grow_with_length() -> None:
    sound = np.random.default_rng(1).normal(scale=0.01, size=16_000 * 300).astype(np.float32)
    tracemalloc.start()
    try:
        speech_probabilities(sound)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000


def test_two_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="one channel at a time"):
        detect_speech(np.zeros((2, 100), dtype=np.float32), 0, 0, VadOptions())


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 1.0},
        {"threshold": 0.3, "release_threshold": 0.4},
        {"release_threshold": 0.0},
        {"padding_ms": -1},
        {"max_region_ms": 30_000},
    ],
)
def test_options_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        VadOptions(**wrong)  # type: ignore[arg-type]
