"""Whisper: windows of sound in, words out. Home of faster-whisper and CTranslate2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from qa_pipeline.errors import ModelError
from qa_pipeline.speech.second_hearing import HeardCharacter, digit_tokens, heard_characters, heard_twice
from qa_pipeline.types import TimeSpan, Word, message

Samples = npt.NDArray[np.float32]


MORE_TOKENS, MORE_TOKENS_SHARE = 16, 1.5
"""Numbers in characters take more tokens than in digits: a window has this many, and this many times those of
its first hearing, at most."""

_LENGTH_OF_A_TOKEN = 2
"""CTranslate2 generates half as many tokens for Whisper as `max_length` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrOptions:
    """How windows are decoded, whatever the model.

    Args:
        language: Whisper's code.
        beam_size: hypotheses kept. 1 saves a fifth of decoding, but skips utterances that are then heard
            again alone: measured, no faster in the end and 1 to 4 points worse in character errors.
        batch_size: windows decoded together. Memory is about 0.4 GB and 0.12 GB for each window under way
            (batch_size times threads, base model); below 3 it gets slower, above it hardly faster.
        initial_prompt: text given to the model before each window; empty for none. It pulls spelling towards
            its own words and is echoed as speech on short regions: empty unless you measured a gain.
        min_chars_per_second: a region with less text than this for its speech, or with none, is heard again
            alone. Higher costs time; lower loses utterances that the model skipped in a full window.
        inaudible_after_ms: speech at least this long that gave no text, twice, is listed as inaudible.
        compute_type: CTranslate2's arithmetic; auto is int8 on a processor and float16 on a graphics card.
    """

    language: str = "zh"
    beam_size: int = 5
    batch_size: int = 3
    initial_prompt: str = ""
    min_chars_per_second: float = 1.5
    inaudible_after_ms: int = 1_000
    compute_type: str = "auto"

    def __post_init__(self) -> None:
        if self.beam_size < 1 or self.batch_size < 1:
            raise ValueError("beam_size and batch_size are at least 1")

    @property
    def decisive(self) -> dict[str, Any]:
        """Those that could change the text; how windows are batched does not."""
        return {name: value for name, value in asdict(self).items() if name != "batch_size"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWindow:
    """What a decoder makes of one window; times count from the window's beginning."""

    words: tuple[Word, ...]
    no_speech_prob: float


class WindowDecoder(Protocol):
    """What turns sound into words; the seam where tests put a known answer."""

    def decode(self, sounds: list[Samples]) -> list[HeardWindow]:
        """Decode windows of at most 30 s, 16 kHz, in one batch; called from several threads."""


class WhisperDecoder:
    """A Whisper model in CTranslate2's format.

    Every window is heard twice: by beam search, which gives the text, and greedily without digits, which
    tells what else may have been said (see `second_hearing`).

    Text is decoded without Whisper's time marks, and times come from its attention (dynamic time warping
    over the alignment heads): measured on telephone speech, marks cost accuracy and alignment nearly nothing.

    Args:
        folder: holds model.bin, config.json, tokenizer.json and the vocabulary.
        threads: windows are decoded by this many workers of one thread each.
    """

    def __init__(self, folder: Path, options: AsrOptions, *, threads: int) -> None:
        on_card = ctranslate2.get_cuda_device_count() > 0
        compute_type = options.compute_type
        if compute_type == "auto":
            compute_type = "float16" if on_card else "int8"
        try:
            self._model: Any = WhisperModel(
                str(folder),
                device="cuda" if on_card else "cpu",
                compute_type=compute_type,
                cpu_threads=1,
                num_workers=threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                "model_unloadable",
                message(
                    "{folder} is not a Whisper model for CTranslate2 ({reason}). Run: qa models verify",
                    folder=folder,
                    reason=str(error).splitlines()[0],
                ),
            ) from error
        self._options = options
        self._tokenizer: Any = Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=options.language,
        )
        self._suppressed = list(get_suppressed_tokens(self._tokenizer, [-1]))
        self._without_digits = [*self._suppressed, *digit_tokens(self._tokenizer)]
        before = self._tokenizer.encode(options.initial_prompt) if options.initial_prompt else []
        self._prompt: list[int] = self._model.get_prompt(self._tokenizer, before, without_timestamps=True)

    def decode(self, sounds: list[Samples]) -> list[HeardWindow]:
        """See `WindowDecoder`."""
        frames = self._model.feature_extractor.nb_max_frames
        features = np.zeros(
            (len(sounds), self._model.feature_extractor.mel_filters.shape[0], frames), np.float32
        )
        for row, sound in zip(features, sounds, strict=True):
            spectrum = self._model.feature_extractor(sound)[..., :frames]
            row[:, : spectrum.shape[1]] = spectrum
        encoded = self._model.encode(features)
        prompts = [self._prompt] * len(sounds)
        results = self._model.model.generate(
            encoded,
            prompts,
            beam_size=self._options.beam_size,
            suppress_tokens=self._suppressed,
            max_length=self._model.max_length,
            return_no_speech_prob=True,
        )
        tokens = [self._text_tokens(result) for result in results]
        again = self._model.model.generate(
            encoded,
            prompts,
            beam_size=1,
            suppress_tokens=self._without_digits,
            max_length=min(self._model.max_length, _LENGTH_OF_A_TOKEN * _most_tokens(map(len, tokens))),
            return_logits_vocab=True,
        )
        alignments = self._model.find_alignment(self._tokenizer, tokens, encoded, frames)
        return [
            HeardWindow(
                words=heard_twice(_words(alignment), self._characters(second)),
                no_speech_prob=float(result.no_speech_prob),
            )
            for result, second, alignment in zip(
                results, again, alignments or [[]] * len(sounds), strict=True
            )
        ]

    def _text_tokens(self, result: Any) -> list[int]:
        return [token for token in result.sequences_ids[0] if token < self._tokenizer.eot]

    def _characters(self, result: Any) -> list[HeardCharacter]:
        return heard_characters(self._tokenizer, self._text_tokens(result), map(_as_array, result.logits[0]))


def _as_array(logits: Any) -> npt.NDArray[np.float32]:
    """The logits of a step, which stay on the graphics card where the model is on one."""
    if logits.device != "cpu":
        logits = logits.to_device(ctranslate2.Device.cpu)
    return np.asarray(logits.to(ctranslate2.DataType.float32))


def _most_tokens(lengths: Iterable[int]) -> int:
    """How many tokens a second hearing may have: more come of a text that goes in circles only."""
    return MORE_TOKENS + round(MORE_TOKENS_SHARE * max(lengths, default=0))


def _words(alignment: list[dict[str, Any]]) -> tuple[Word, ...]:
    return tuple(
        Word(
            text=word["word"],
            span=TimeSpan(
                start_ms=round(word["start"] * 1000),
                end_ms=max(round(word["start"] * 1000), round(word["end"] * 1000)),
            ),
            probability=min(1.0, float(word["probability"])),
        )
        for word in alignment
        if word["word"]
    )
