"""A word that two hearings of the same sound share is as sure as it says; one that they do not, less."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_pipeline.language.certainty import word_certainty
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.types import CallMetadata, ConversationCharacteristics, TimeSpan, Word

from .conftest import MakeTranscript


def word(text: str, again: str | None) -> Word:
    return Word(text=text, span=TimeSpan(start_ms=0, end_ms=1), probability=0.9, again=again)


@pytest.mark.parametrize(("text", "again", "expected"), [
    ("还款", None, 0.9),
    ("还款", "换款", 0.54),
    # The second hearing left it out.
    ("还", "", 0.54),
    # It has the word, and another that the first left out.
    (" 还", "您还", 0.9),
    # Digits beside the characters of the same figure.
    ("300", "三百", 0.9),
    ("四", "是", 0.9),
])  # fmt: skip
def test_what_one_hearing_alone_has_is_less_sure(text: str, again: str | None, expected: float) -> None:
    assert word_certainty(word(text, again)) == pytest.approx(expected)


def test_a_conversation_tells_how_sure_its_words_are(transcript_of: MakeTranscript) -> None:
    heard = transcript_of("坐席：您好请还款")
    words = (word("您好", None), word("请", "情"), word("还款", None))
    spoken = replace(heard, utterances=(replace(heard.utterances[0], words=words),))

    read = Reader(Tokenizer()).read(CallMetadata(call_id="call"), None, spoken, ConversationCharacteristics())

    assert [each.probability for each in read.transcript.utterances[0].words] == [0.9, 0.54, 0.9]
