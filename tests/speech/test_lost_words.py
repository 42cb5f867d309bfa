"""Words that last longer than anybody takes to say them have lost their neighbours."""

from __future__ import annotations

import pytest

from qa_pipeline.speech.lost_words import fuller, lost_stretches
from qa_pipeline.speech.utterances import RegionText
from qa_pipeline.types import SpeechRegion, TimeSpan, Word

LOUD = SpeechRegion(channel=0, span=TimeSpan(start_ms=0, end_ms=6_000), probability=0.9)


def said(*words: tuple[str, int], probability: float = 0.7) -> tuple[Word, ...]:
    """Words one after the other, each with how long it lasts."""
    ends = [sum(lasts for _, lasts in words[: index + 1]) for index in range(len(words))]
    return tuple(
        Word(text=text, span=TimeSpan(start_ms=end - lasts, end_ms=end), probability=probability)
        for (text, lasts), end in zip(words, ends, strict=True)
    )


@pytest.mark.parametrize(
    ("words", "stretches"),
    [
        ((), []),
        ((("请", 1_499), ("您", 160)), []),
        ((("请", 1_500), ("您", 160)), [(0, 1_200)]),
        ((("您", 200), ("好", 2_700), ("吗", 200)), [(200, 2_600)]),
        ((("工号", 300), ("2048", 2_399)), []),
        ((("工号", 300), ("2048", 2_400)), [(300, 1_500)]),
        ((("好", 200), (",", 1_199), ("再见", 400)), []),
        ((("好", 200), (",", 1_900), ("再见", 400)), [(200, 2_100)]),
        (((" OK", 1_799), ("吧", 200)), []),
        ((("喂", 2_000), ("喂", 300), ("嗯", 3_000)), [(0, 1_700), (2_300, 5_000)]),
    ],
    ids=[
        "nothing heard",
        "a pause before it",
        "just too long",
        "in the middle",
        "each digit takes its time",
        "digits too long",
        "a mark at a pause",
        "a mark over lost words",
        "a space takes no time",
        "twice",
    ],
)
def test_where_words_were_lost(words: tuple[tuple[str, int], ...], stretches: list[tuple[int, int]]) -> None:
    assert [(span.start_ms, span.end_ms) for span in lost_stretches(said(*words))] == stretches


NOTHING = said()
SPARSE = said(("嗯", 900))
WHOLE = said(("您", 200), ("好", 200), ("请", 200), ("您", 200))
LOST = said(("请", 2_700), ("您", 200))
GUESSED = said(("好", 300), probability=0.05)
LOST_MORE = said(("请", 3_900))


@pytest.mark.parametrize(
    ("before", "again", "second"),
    [
        (LOST, WHOLE, True),
        (LOST_MORE, LOST, True),
        (LOST, LOST_MORE, False),
        (LOST, LOST, True),
        (LOST, NOTHING, False),
        (SPARSE, LOST, True),
        (NOTHING, LOST, True),
        (NOTHING, SPARSE, True),
        (NOTHING, GUESSED, False),
        (SPARSE, GUESSED, True),
    ],
)
def test_the_hearing_that_lost_less_is_kept(
    before: tuple[Word, ...], again: tuple[Word, ...], second: bool
) -> None:
    first_try = RegionText(region=LOUD, words=before, no_speech_prob=0.1)
    second_try = RegionText(region=LOUD, words=again, no_speech_prob=0.2)
    assert fuller(first_try, second_try) is (second_try if second else first_try)
