"""Reads a transcript once and completely: everything the rule engine may look at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from qa_pipeline.language.announcements import ANNOUNCEMENTS
from qa_pipeline.language.call_type import CALL_TYPE, decide_call_type
from qa_pipeline.language.certainty import CERTAINTY, word_certainty
from qa_pipeline.language.normalization import NORMALIZER, normalize
from qa_pipeline.language.other_figures import OTHER_FIGURES, other_figures
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


class Spelling(Protocol):
    """What tells how recognised words were most likely spelled, as `spelling.Speller` does."""

    @property
    def digest(self) -> str:
        """Of the artefact, and of how it is asked."""

    def spell(self, utterance: Utterance, normalized: NormalizedText) -> NormalizedText:
        """The utterance's normalised text as it was most likely said."""


class Reader:
    """Makes conversations out of transcripts.

    Args:
        tokenizer: cuts words.
        classifiers: give predictions; without one a conversation has none.
        spelling: of what was recognised; None to read it as it was heard.
    """

    def __init__(
        self, tokenizer: Tokenizer, *classifiers: Classifier, spelling: Spelling | None = None
    ) -> None:
        self._tokenizer = tokenizer
        self._classifiers = classifiers
        self._spelling = spelling

    @property
    def digest(self) -> str:
        """SHA-256 over every version here that could change a conversation made from the same transcript."""
        parts = [
            NORMALIZER,
            PHONETICS,
            CALL_TYPE,
            ANNOUNCEMENTS,
            CERTAINTY,
            OTHER_FIGURES,
            self._tokenizer.digest,
        ]
        parts += [classifier.digest for classifier in self._classifiers]
        parts += [self._spelling.digest] if self._spelling else []
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def read(
        self,
        call: CallMetadata,
        recording: Recording | None,
        transcript: Transcript,
        characteristics: ConversationCharacteristics,
    ) -> Conversation:
        """Normalise, spell, cut, classify and type one call.

        Args:
            recording: None when only a transcript was given.

        Returns:
            Its transcript tells of each utterance what was most likely said, no longer what else was heard.
        """
        normalized = tuple(map(self._read, transcript.utterances))
        transcript = replace(transcript, utterances=tuple(map(_likely, transcript.utterances, normalized)))
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

    def _read(self, utterance: Utterance) -> NormalizedText:
        normalized = normalize(utterance.text)
        if self._spelling:
            normalized = self._spelling.spell(utterance, normalized)
        return replace(normalized, other_figures=other_figures(utterance, normalized))


def _likely(utterance: Utterance, normalized: NormalizedText) -> Utterance:
    """The utterance with what was most likely said, its marks where they were.

    What a second hearing had has served: it is in the normalised text and in how sure the words are, and
    would double what is kept.
    """
    words = tuple(
        replace(word, probability=word_certainty(word), again=None, alternatives=())
        for word in utterance.words
    )
    utterance = replace(utterance, words=words)
    if normalized.heard is None:
        return replace(utterance, likely=None)
    characters = list(utterance.text)
    for character, heard, offset in zip(normalized.text, normalized.heard, normalized.offsets, strict=True):
        if character != heard:
            characters[offset] = character
    return replace(utterance, likely="".join(characters))
