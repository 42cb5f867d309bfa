"""Words found in what was said: pairs of characters, masked numbers, snippets with their place."""

from __future__ import annotations

import pytest

from qa_pipeline.review.search import search_phrases, search_words, snippets
from tests.builders import spelled, threatening_call


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("", ()),
        ("  ，。 ", ()),
        ("诉", (("诉*",),)),
        ("起诉", (("起诉",),)),
        ("起訴", (("起诉",),)),
        ("打给你们", (("打给", "给你", "你们"),)),
        ("起诉 APP", (("起诉",), ("ap", "pp"))),
    ],
)
def test_a_query_becomes_phrases(query: str, phrases: tuple[tuple[str, ...], ...]) -> None:
    assert search_phrases(query) == phrases


def test_an_utterance_becomes_pairs_and_its_last_character() -> None:
    words = search_words(threatening_call())
    assert words[1] == ("是我", "我你", "你哪", "哪位", "位")


def test_numbers_are_not_searchable() -> None:
    said = "".join(word for line in search_words(threatening_call()) for word in line)
    assert "三八" not in said


def test_a_snippet_shows_the_place_masked() -> None:
    (first, *_) = snippets(threatening_call(), "手机号")
    assert (first.utterance_id, first.role, first.found) == ("u0004", "customer", "手机号")
    assert "三八" not in first.after
    assert "*" in first.after
    assert snippets(threatening_call(), "没有这句话") == ()


def test_what_was_most_likely_said_is_found_too() -> None:
    heard = threatening_call()
    assert heard.transcript is not None
    text = heard.transcript.utterances[1].text
    call = spelled(heard, "u0002", text.replace("哪位", "那喂"))

    assert any("那喂" in words for words in search_words(call))
    assert any("哪位" in words for words in search_words(call))
    ((first, *_), (other, *_)) = (snippets(call, query) for query in ("那喂", "哪位"))
    assert (first.utterance_id, first.found) == ("u0002", "那喂")
    assert (other.utterance_id, other.found) == ("u0002", "哪位")
