"""Reads a transcript once and completely: everything the rule engine may look at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from qa_pipeline.language.announcements import ANNOUNCEMENTS
from qa_pipeline.language.call_type import CALL_TYPE, decide_call_type
from qa_pipeline.language.normalization import NORMALIZER, normalize
from qa_pipeline.language.phonetics import PHONETICS
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.types import (
    CallMetadata,
    Conversation,
    ConversationCharacteristics,
    NormalizedText,
    Prediction,
    Recording,
    Transcript,
    Utterance,
)


class Classifier(Protocol):
    """What gives a second opinion on utterances, as `MeaningClassifier` and `ViolationClassifier` do."""

    @property
    def digest(self) -> str:
        """Of the artefact, so that a result names what produced it."""

    def predict(
        self, utterances: Sequence[Utterance], normalized: Sequence[NormalizedText]
    ) -> tuple[Prediction, ...]:
        """Predictions for utterances and their normalised texts; the two arguments run parallel."""


class Reader:
    """Makes conversations out of transcripts.

    Args:
        tokenizer: cuts words.
        classifiers: give predictions; without one a conversation has none.
    """

    def __init__(self, tokenizer: Tokenizer, *classifiers: Classifier) -> None:
        self._tokenizer = tokenizer
        self._classifiers = classifiers

    @property
    def digest(self) -> str:
        """SHA-256 over every version here that could change a conversation made from the same transcript."""
        parts = [NORMALIZER, PHONETICS, CALL_TYPE, ANNOUNCEMENTS, self._tokenizer.digest]
        parts += [classifier.digest for classifier in self._classifiers]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def read(
        self,
        call: CallMetadata,
        recording: Recording | None,
        transcript: Transcript,
        characteristics: ConversationCharacteristics,
    ) -> Conversation:
        """Normalise, cut, classify and type one call.

        Args:
            recording: None when only a transcript was given.
        """
        normalized = tuple(normalize(utterance.text) for utterance in transcript.utterances)
        tokens = tuple(self._tokenizer.tokenize(text.text) for text in normalized)
        predictions = tuple(
            prediction
            for classifier in self._classifiers
            for prediction in classifier.predict(transcript.utterances, normalized)
        )
        call_type, confidence = decide_call_type(call, transcript, normalized)
        return Conversation(
            call=call,
            recording=recording,
            transcript=transcript,
            normalized=normalized,
            tokens=tokens,
            characteristics=characteristics,
            predictions=predictions,
            call_type=call_type,
            call_type_confidence=confidence,
        )
