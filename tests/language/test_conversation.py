"""A transcript read once: everything runs parallel, and the digest names every part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.types import (
    ArtifactRef,
    CallMetadata,
    CallType,
    ConversationCharacteristics,
    NormalizedText,
    Prediction,
    Utterance,
)

from .conftest import MakeTranscript

SILENT = ConversationCharacteristics()
SCRIPT = """
坐席：您好，请问是孙丽女士本人吗？
客户：對，是我。
坐席：您的账单逾期了８天。
"""


class LengthClassifier:
    """Says of every utterance how many characters it has; stands where a trained one would."""

    digest = "length/1"

    def predict(
        self, utterances: Sequence[Utterance], normalized: Sequence[NormalizedText]
    ) -> tuple[Prediction, ...]:
        model = ArtifactRef(name="length", revision="1", sha256="0" * 64)
        return tuple(
            Prediction(
                label=str(len(text.text)), probability=1.0, threshold=0.5, utterance_id=each.id, model=model
            )
            for each, text in zip(utterances, normalized, strict=True)
        )


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def test_a_conversation_is_complete(tokenizer: Tokenizer, transcript_of: MakeTranscript) -> None:
    call = CallMetadata(call_id="call")
    transcript = transcript_of(SCRIPT)
    conversation = Reader(tokenizer).read(call, None, transcript, SILENT)
    assert conversation.call is call
    assert conversation.transcript == transcript
    assert conversation.characteristics is SILENT
    assert [text.text for text in conversation.normalized] == [
        "您好请问是孙丽女士本人吗",
        "对是我",
        "您的账单逾期了8天",
    ]
    for text, words in zip(conversation.normalized, conversation.tokens, strict=True):
        assert "".join(word.text for word in words) == text.text
    assert conversation.predictions == ()
    assert conversation.call_type is CallType.RIGHT_PARTY
    assert conversation.call_type_confidence > 0.8


def test_a_classifier_sees_every_utterance(tokenizer: Tokenizer, transcript_of: MakeTranscript) -> None:
    reader = Reader(tokenizer, LengthClassifier())
    conversation = reader.read(CallMetadata(call_id="call"), None, transcript_of(SCRIPT), SILENT)
    assert [each.utterance_id for each in conversation.predictions] == ["u0000", "u0001", "u0002"]
    assert [int(each.label) for each in conversation.predictions] == [
        len(text.text) for text in conversation.normalized
    ]


def test_an_empty_transcript_is_read(tokenizer: Tokenizer, transcript_of: MakeTranscript) -> None:
    conversation = Reader(tokenizer).read(CallMetadata(call_id="call"), None, transcript_of(""), SILENT)
    assert (conversation.normalized, conversation.tokens) == ((), ())
    assert conversation.call_type is CallType.NO_CONTACT


def test_the_digest_changes_with_every_part(tokenizer: Tokenizer, tmp_path: Path) -> None:
    lexicon = tmp_path / "lexicon.txt"
    lexicon.write_text("起诉 5000 court\n", encoding="utf-8")
    readers = [Reader(tokenizer), Reader(Tokenizer(lexicon)), Reader(tokenizer, LengthClassifier())]
    assert len({reader.digest for reader in readers}) == 3
    assert Reader(Tokenizer()).digest == readers[0].digest
