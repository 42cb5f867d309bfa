"""Recognition: recordings in, transcripts out, windows of many calls in one batch."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from qa_pipeline.errors import CallError, QAError, unforeseen
from qa_pipeline.speech import hallucination
from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.speech.diarization import Diarizer, exclusive
from qa_pipeline.speech.hallucination import goes_in_circles
from qa_pipeline.speech.lost_words import fuller, lost_stretches
from qa_pipeline.speech.preparation import BLOCK_MS, Preparation, SoundWindow
from qa_pipeline.speech.utterances import RegionText, cleaned, utterances_from, without_invented
from qa_pipeline.speech.vad import VadOptions
from qa_pipeline.speech.whisper import AsrOptions, HeardWindow, Samples, WhisperDecoder, WindowDecoder
from qa_pipeline.speech.windows import GAP_MS, Window, assemble
from qa_pipeline.types import (
    ArtifactRef,
    Layout,
    LineSound,
    Recording,
    SpeakerTurn,
    SpeechRegion,
    TimeSpan,
    Transcript,
    Word,
)

ASSEMBLY_VERSION = 9
"""Raised when regions, windows, retries or the making of utterances change what the same options give."""

_SAMPLES_PER_MS = 16
_LEVEL_FRAME = 32 * _SAMPLES_PER_MS


KnownSpeech = Callable[[Recording], Sequence[SpeechRegion] | None]
"""The speech of a recording in order of time; None where the detector is to find it."""


@dataclass(slots=True, eq=False)
class _Job:
    """One recording under way."""

    recording: Recording
    open_windows: int = 0
    prepared: bool = False
    regions: list[SpeechRegion] = field(default_factory=list)
    texts: list[RegionText] = field(default_factory=list)
    turns: tuple[SpeakerTurn, ...] = ()
    missing: tuple[SpeechRegion, ...] = ()
    sounds: tuple[LineSound, ...] = ()
    error: CallError | None = None

    def fail(self, error: Exception) -> None:
        """Make an error this recording's own, unless it concerns all of them."""
        if isinstance(error, QAError) and not isinstance(error, CallError):
            raise error
        self.error = error if isinstance(error, CallError) else unforeseen(self.recording.id, error)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """A window to decode; `before` is what its only region gave in company, when it is heard again."""

    job: _Job
    sound: SoundWindow
    before: RegionText | None = None


class Transcriber:
    """Recordings in, transcripts out; the model is loaded on first use and shared by all calls.

    Args:
        folder: of the verified model.
        artifact: what the transcripts name as their model.
        threads: workers, None for one for each processor this process may use.
        diarizer: tells voices apart where one channel carries several; without it nobody does.
        decoder: instead of the model in `folder`.
        speech: tells where the speech of a recording is instead of the detector, to measure what that costs.
    """

    def __init__(
        self,
        folder: Path,
        artifact: ArtifactRef,
        *,
        options: AsrOptions | None = None,
        vad: VadOptions | None = None,
        threads: int | None = None,
        diarizer: Diarizer | None = None,
        decoder: WindowDecoder | None = None,
        speech: KnownSpeech | None = None,
    ) -> None:
        self.artifact = artifact
        self._folder = folder
        self._options = options or AsrOptions()
        self._vad = vad or VadOptions()
        self._threads = threads or len(os.sched_getaffinity(0))
        self._diarizer = diarizer
        self._given_decoder = decoder
        self._speech = speech

    @property
    def options_digest(self) -> str:
        """Of everything but the model that could change a transcript."""
        known = {} if self._speech is None else {"speech": "given"}
        return _digest(
            known
            | {
                "asr": self._options.decisive,
                "vad": asdict(self._vad),
                "gap_ms": GAP_MS,
                "assembly": ASSEMBLY_VERSION,
                "filters": hallucination.VERSION,
                "speakers": self._diarizer.digest if self._diarizer else None,
            }
        )

    def load(self) -> None:
        """Load the model now, not with the first recording."""
        self._decoder  # noqa: B018 - the property loads it

    def transcribe(
        self, recordings: Iterable[Recording]
    ) -> Iterator[tuple[Recording, Transcript | CallError]]:
        """Transcribe recordings, each yielded as soon as its last window is decoded.

        A recording that cannot be heard yields its error, an unforeseen one too, and the others go on.
        Batches depend on the order of the recordings alone, not on timing, so the same input gives the same
        text.

        Raises:
            ModelError: the model cannot be loaded.
        """
        waiting: deque[_Task] = deque()
        flying: deque[tuple[list[_Task], Future[list[HeardWindow | Exception]]]] = deque()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="asr") as pool:

            def send(count: int) -> None:
                batch = [waiting.popleft() for _ in range(count)]
                flying.append(
                    (batch, pool.submit(_decoded, self._decoder, [task.sound.sound for task in batch]))
                )

            def land() -> Iterator[tuple[Recording, Transcript | CallError]]:
                batch, result = flying.popleft()
                for task, heard in zip(batch, result.result(), strict=True):
                    waiting.extend(self._settled(task, heard))
                    if task.job.prepared and not task.job.open_windows:
                        yield task.job.recording, self._finished(task.job)

            try:
                for recording in recordings:
                    job = _Job(recording)
                    for task in self._tasks(job):
                        waiting.append(task)
                        while len(waiting) >= self._options.batch_size:
                            if len(flying) > self._threads:
                                yield from land()
                            send(self._options.batch_size)
                    if not job.open_windows:
                        yield recording, self._finished(job)
                while waiting or flying:
                    while waiting and len(flying) < self._threads:
                        share = -(-len(waiting) // (self._threads - len(flying)))
                        send(min(share, self._options.batch_size))
                    yield from land()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    @cached_property
    def _decoder(self) -> WindowDecoder:
        return self._given_decoder or WhisperDecoder(self._folder, self._options, threads=self._threads)

    def _tasks(self, job: _Job) -> Iterator[_Task]:
        try:
            job.turns = self._speaker_turns(job.recording)
            speech = self._speech(job.recording) if self._speech is not None else None
            preparation = Preparation(job.recording, self._vad, turns=exclusive(job.turns), speech=speech)
            for sound in preparation.windows():
                job.open_windows += 1
                job.regions.extend(placed.region for placed in sound.window.placed)
                yield _Task(job, sound)
            job.missing = preparation.missing_tail()
            job.sounds = preparation.sounds()
        except Exception as error:
            job.fail(error)
        job.prepared = True

    def _speaker_turns(self, recording: Recording) -> tuple[SpeakerTurn, ...]:
        """Who speaks when where one channel carries both; its sound is read twice, never held whole."""
        if self._diarizer is None or recording.layout is Layout.STEREO:
            return ()
        blocks = decode_blocks(Path(recording.uri), reading=recording.reading, block_ms=BLOCK_MS)
        return self._diarizer.turns(block.samples[0] for block in blocks)

    def _settled(self, task: _Task, heard: HeardWindow | Exception) -> list[_Task]:
        """What is left to decode once a window is heard, or could not be."""
        task.job.open_windows -= 1
        if isinstance(heard, Exception):
            task.job.fail(heard)
            return []
        try:
            again = self._shared_out(task, heard)
        except Exception as error:
            task.job.fail(error)
            return []
        task.job.open_windows += len(again)
        return again

    def _shared_out(self, task: _Task, heard: HeardWindow) -> list[_Task]:
        """Share the words of a window among its regions; those to be heard again come back as new tasks."""
        again = []
        in_circles = goes_in_circles("".join(word.text for word in heard.words))
        # Here already: a credit that runs over several regions is known by its whole only.
        genuine = replace(heard, words=without_invented(heard.words))
        for index, words in enumerate(region_texts(task.sound.window, genuine)):
            text = replace(words, level_db=_level_db(_sound_of(task.sound, index)))
            if task.before is not None:
                task.job.texts.append(cleaned(fuller(task.before, text), self._options.initial_prompt))
            elif not text.words or in_circles or self._sparse(text) or lost_stretches(text.words):
                again.append(_Task(task.job, _alone(task.sound, index), text))
            else:
                task.job.texts.append(cleaned(text, self._options.initial_prompt))
        return again

    def _sparse(self, text: RegionText) -> bool:
        speech_ms = text.region.span.duration_ms - 2 * self._vad.padding_ms
        enough = self._options.min_chars_per_second * speech_ms / 1000
        return speech_ms >= self._options.inaudible_after_ms and len(text.text) < enough

    def _finished(self, job: _Job) -> Transcript | CallError:
        if job.error is None:
            try:
                return self._transcript(job)
            except Exception as error:
                job.fail(error)
        assert job.error is not None
        return job.error

    def _transcript(self, job: _Job) -> Transcript:
        silent = (text.region for text in job.texts if not text.words)
        long_silent = (
            region
            for region in silent
            if region.span.duration_ms - 2 * self._vad.padding_ms >= self._options.inaudible_after_ms
        )
        lost = (
            replace(text.region, span=stretch) for text in job.texts for stretch in lost_stretches(text.words)
        )
        return Transcript(
            recording_id=job.recording.id,
            language=self._options.language,
            utterances=utterances_from(
                job.texts, join_turns=job.recording.layout is Layout.STEREO or bool(job.turns)
            ),
            asr=self.artifact,
            options_digest=self.options_digest,
            regions=_in_order(job.regions),
            inaudible=_in_order([*long_silent, *lost, *job.missing]),
            sounds=job.sounds,
            turns=job.turns,
        )


def _decoded(decoder: WindowDecoder, sounds: list[Samples]) -> list[HeardWindow | Exception]:
    """What a decoder makes of each window; one that it fails on costs its company nothing."""
    try:
        return [*decoder.decode(sounds)]
    except Exception as error:
        if len(sounds) == 1:
            return [error]
    return [heard for sound in sounds for heard in _decoded(decoder, [sound])]


def region_texts(window: Window, heard: HeardWindow) -> list[RegionText]:
    """Give each region of a window its words, with times of the recording.

    Alignment lets the first word after a pause begin with the pause, so a word belongs where its last quarter
    begins: by their middles, one word in thirty landed in the utterance before its own.
    """
    words: list[list[Word]] = [[] for _ in window.placed]
    for word in heard.words:
        index = window.place_of((word.span.start_ms + 3 * word.span.end_ms) // 4)
        start_ms = window.recording_ms(word.span.start_ms, index)
        span = TimeSpan(start_ms=start_ms, end_ms=max(start_ms, window.recording_ms(word.span.end_ms, index)))
        words[index].append(replace(word, span=span))
    return [
        RegionText(region=placed.region, words=tuple(own), no_speech_prob=heard.no_speech_prob)
        for placed, own in zip(window.placed, words, strict=True)
    ]


def _alone(sound: SoundWindow, index: int) -> SoundWindow:
    window = Window.of(sound.window.placed[index].region)
    return SoundWindow(window=window, sound=assemble(window, [_sound_of(sound, index)]))


def _sound_of(sound: SoundWindow, index: int) -> Samples:
    placed = sound.window.placed[index]
    return sound.sound[placed.offset_ms * _SAMPLES_PER_MS : placed.end_ms * _SAMPLES_PER_MS]


def _level_db(sound: Samples) -> float | None:
    """The level of the louder half of a region, in decibels below full scale: pauses do not count."""
    frames = sound[: len(sound) // _LEVEL_FRAME * _LEVEL_FRAME].reshape(-1, _LEVEL_FRAME)
    energies = np.sort((frames.astype(np.float64) ** 2).mean(axis=1))
    louder = energies[len(energies) // 2 :].mean() if len(energies) else 0.0
    return round(float(10 * np.log10(louder)), 1) if louder > 0 else None


def _in_order(regions: Iterable[SpeechRegion]) -> tuple[SpeechRegion, ...]:
    return tuple(sorted(regions, key=lambda region: (region.span, region.channel)))


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
