"""An utterance with the figures of its second hearing, and the way back to where they stand."""

from __future__ import annotations

import pytest

from qa_pipeline.language.normalization import normalize
from qa_pipeline.language.other_figures import other_figures
from qa_pipeline.types import OtherFigures, Role, TimeSpan, Utterance, Word


def heard_twice(*words: tuple[str, str] | str) -> Utterance:
    """Words, some of them with what a second hearing has in their place."""
    pairs = [(word, None) if isinstance(word, str) else word for word in words]
    return Utterance(
        id="u1",
        role=Role.AGENT,
        role_confidence=1.0,
        channel=0,
        span=None,
        text="".join(text for text, _ in pairs).strip(),
        words=tuple(
            Word(text=text, span=TimeSpan(start_ms=0, end_ms=1), probability=0.6, again=again)
            for text, again in pairs
        ),
    )


def other(utterance: Utterance) -> OtherFigures | None:
    return other_figures(utterance, normalize(utterance.text))


@pytest.mark.parametrize(("words", "text"), [
    (["欠", ("12", "一万零"), ("40", "二百四十"), "块"], "欠一万零二百四十块"),
    # Words without a figure stay as the first hearing has them.
    ([("前", "欠"), ("8", "八"), "块"], "前八块"),
    # What parts two figures of the first hearing still does.
    (["于7", ("，", ""), ("25", "二十五"), "天"], "于7,二十五天"),
    (["到期22天了", (" 41063", "四千零六十三"), "块", ("8", "八"), "毛"], "到期22天了四千零六十三块八毛"),
    # A figure that only one of the two has.
    (["要还", ("无万", "五万"), "八"], "要还五万八"),
    (["还", ("最低", "最低九百"), "元"], "还最低九百元"),
    (["五", ("百", ""), "块"], "五块"),
])  # fmt: skip
def test_figures_are_those_of_the_second_hearing(words: list[tuple[str, str] | str], text: str) -> None:
    found = other(heard_twice(*words))

    assert found is not None
    assert found.text == text
    assert len(found.places) == len(text)
    assert list(found.places) == sorted(found.places)


@pytest.mark.parametrize("words", [
    ["欠1240块"],
    ["欠", ("三千", "三千"), "块"],
    [("前", "欠"), "1240块"],
    [],
])  # fmt: skip
def test_the_same_figures_are_no_others(words: list[tuple[str, str] | str]) -> None:
    assert other(heard_twice(*words)) is None


def test_the_places_of_a_figure_are_those_of_the_one_it_stands_for() -> None:
    utterance = heard_twice("嗯，欠", ("12", "一万零"), ("40", "二百四十"), "块")
    found = other(utterance)
    heard = normalize(utterance.text).text

    assert found is not None
    begin, end = found.text.index("一"), found.text.index("块")
    assert {heard[slice(*place)] for place in found.places[begin:end]} == {"1240"}
    assert heard[slice(*found.places[end])] == "块"
