"""The transcriber with a decoder whose answers are known, and with the real model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa_pipeline.errors import CallError, ModelError
from qa_pipeline.speech.artifacts import ResolvedModel
from qa_pipeline.speech.asr import Transcriber, region_texts
from qa_pipeline.speech.audio import decode_blocks, read_recording
from qa_pipeline.speech.preparation import Preparation
from qa_pipeline.speech.vad import VadOptions
from qa_pipeline.speech.whisper import AsrOptions, HeardWindow
from qa_pipeline.speech.windows import GAP_MS, pack
from qa_pipeline.types import (
    ArtifactRef,
    CallMetadata,
    Recording,
    SpeechRegion,
    TimeSpan,
    Transcript,
    Utterance,
    Word,
    message,
)
from tests.speech.conftest import Samples, recording_of, write_audio

ARTIFACT = ArtifactRef(name="known-answers", revision="1", sha256="f" * 64)
CHARACTERS_PER_SECOND = 4
_MS = 16


def word(text: str, start_ms: int, end_ms: int) -> Word:
    return Word(text=text, span=TimeSpan(start_ms=start_ms, end_ms=end_ms), probability=0.8)


class KnownAnswers:
    """Hears a character that depends on the loudness of the first second, then one for each quarter second.

    Args:
        deaf_to_crowds: hears nothing in windows longer than ten seconds.
        always: says this whatever it hears.
    """

    def __init__(self, *, deaf_to_crowds: bool = False, always: str | None = None) -> None:
        self.batches: list[int] = []
        self._deaf_to_crowds = deaf_to_crowds
        self._always = always
        self._lock = threading.Lock()

    def decode(self, sounds: list[Samples]) -> list[HeardWindow]:
        with self._lock:
            self.batches.append(len(sounds))
        return [self._hear(sound) for sound in sounds]

    def _hear(self, sound: Samples) -> HeardWindow:
        duration_ms = len(sound) // _MS
        text = self._always
        if text is None and not (self._deaf_to_crowds and duration_ms > 10_000):
            mark = chr(0x4E00 + int(np.abs(sound[:16_000]).sum()) % 3_000)
            text = mark + "".join(chr(0x5E00 + index) for index in range(duration_ms // 250))
        if not text:
            return HeardWindow(words=(), no_speech_prob=0.1)
        step = duration_ms / len(text)
        return HeardWindow(
            words=tuple(
                word(character, round(index * step), round((index + 1) * step))
                for index, character in enumerate(text)
            ),
            no_speech_prob=0.1,
        )


def transcriber(decoder: KnownAnswers, **options: int | float | str) -> Transcriber:
    return Transcriber(
        Path("unused"),
        ARTIFACT,
        options=AsrOptions(**options),
        decoder=decoder,
        threads=2,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory, spoken: Samples) -> list[Recording]:
    """Calls of 20 to 60 s, cut from a sample call."""
    folder = tmp_path_factory.mktemp("calls")
    lengths = (20, 60, 33, 45, 27)
    paths = [
        write_audio(
            folder / f"{number}.wav", spoken[:, number * 16_000 :][:, : seconds * 16_000], "pcm_mulaw", 16_000
        )
        for number, seconds in enumerate(lengths)
    ]
    return [read_recording(path, CallMetadata(call_id=path.stem)) for path in paths]


def heard(results: Iterator[tuple[Recording, Transcript | CallError]]) -> dict[str, Transcript]:
    transcripts = {}
    for recording, result in results:
        assert isinstance(result, Transcript), result
        transcripts[recording.id] = result
    return transcripts


def test_every_call_once_and_complete(calls: list[Recording]) -> None:
    decoder = KnownAnswers()
    transcripts = heard(transcriber(decoder).transcribe(calls))
    assert set(transcripts) == {recording.id for recording in calls}
    for recording in calls:
        transcript = transcripts[recording.id]
        assert transcript.recording_id == recording.id
        assert transcript.asr == ARTIFACT
        assert transcript.inaudible == ()
        assert {region.channel for region in transcript.regions} == {0, 1}
        assert {utterance.channel for utterance in transcript.utterances} == {0, 1}
        assert [utterance.id for utterance in transcript.utterances] == [
            f"u{number:04d}" for number in range(1, len(transcript.utterances) + 1)
        ]
        starts = [utterance.span.start_ms for utterance in transcript.utterances if utterance.span]
        assert starts == sorted(starts)


def test_windows_of_many_calls_share_batches(calls: list[Recording]) -> None:
    decoder = KnownAnswers()
    list(transcriber(decoder, batch_size=4).transcribe(calls))
    windows = sum(decoder.batches)
    assert windows > len(calls)
    assert max(decoder.batches) == 4
    assert len(decoder.batches) <= windows // 4 + 2


def test_a_small_job_keeps_all_workers_busy(calls: list[Recording]) -> None:
    decoder = KnownAnswers()
    list(transcriber(decoder, batch_size=8).transcribe(calls[1:2]))
    assert len(decoder.batches) == 2
    assert abs(decoder.batches[0] - decoder.batches[1]) <= 1


def test_company_changes_nothing(calls: list[Recording]) -> None:
    together = heard(transcriber(KnownAnswers(), batch_size=3).transcribe(calls))
    for recording in calls:
        assert heard(transcriber(KnownAnswers()).transcribe([recording])) == {
            recording.id: together[recording.id]
        }


def test_calls_come_as_soon_as_they_are_done(calls: list[Recording]) -> None:
    taken: list[str] = []

    def recordings() -> Iterator[Recording]:
        for recording in calls * 8:
            taken.append(recording.id)
            yield recording

    results = transcriber(KnownAnswers(), batch_size=2).transcribe(recordings())
    next(results)
    assert len(taken) < 8
    results.close()  # type: ignore[attr-defined]


def test_what_is_skipped_in_a_full_window_is_heard_again_alone(calls: list[Recording]) -> None:
    decoder = KnownAnswers(deaf_to_crowds=True)
    (transcript,) = heard(transcriber(decoder).transcribe(calls[1:2])).values()
    spans = [utterance.span for utterance in transcript.utterances]
    for region in transcript.regions:
        if 1_500 <= region.span.duration_ms <= 10_000:
            assert any(span is not None and span.overlap_ms(region.span) for span in spans)
    assert all(region.span.duration_ms > 10_000 for region in transcript.inaudible)


@pytest.mark.parametrize(("probability", "recognised"), [(0.2, True), (0.05, False)])
def test_a_short_answer_is_heard_again_alone(
    calls: list[Recording], probability: float, recognised: bool
) -> None:
    """Nothing of it came in company; what comes alone is kept unless it is a guess."""

    class HearsAlone(KnownAnswers):
        def _hear(self, sound: Samples) -> HeardWindow:
            alone = len(sound) // _MS <= 3_000
            said = replace(word("好", 500, 800), probability=probability)
            return HeardWindow(words=(said,) if alone else (), no_speech_prob=0.4)

    (transcript,) = heard(transcriber(HearsAlone()).transcribe(calls[1:2])).values()
    short = [region for region in transcript.regions if region.span.duration_ms < 1_400]
    assert short
    assert {transcript.is_wordless(region) for region in short} == {not recognised}
    assert not any(region in transcript.inaudible for region in short)


@pytest.mark.parametrize("says", ["", "请不吝点赞 订阅 转发"])
def test_speech_without_words_is_inaudible(calls: list[Recording], says: str) -> None:
    decoder = KnownAnswers(always=says)
    (transcript,) = heard(transcriber(decoder).transcribe(calls[:1])).values()
    assert transcript.utterances == ()
    long_enough = [region for region in transcript.regions if region.span.duration_ms >= 1_400]
    assert list(transcript.inaudible) == long_enough
    assert long_enough


def test_a_loop_is_heard_again_alone(calls: list[Recording]) -> None:
    decoder = KnownAnswers(always="我们会如实报送征信的" * 12)
    (transcript,) = heard(transcriber(decoder).transcribe(calls[:1])).values()
    assert sum(decoder.batches) > len(transcript.regions)
    repeated = sum(utterance.text.count("征信") for utterance in transcript.utterances)
    assert 0 < repeated <= len(transcript.regions)


class Swallows(KnownAnswers):
    """Passes over all but the last second of a window.

    Args:
        alone: also where it begins with silence, as a region that is heard again alone.
    """

    def __init__(self, *, alone: bool) -> None:
        super().__init__()
        self._alone = alone

    def _hear(self, sound: Samples) -> HeardWindow:
        duration_ms = len(sound) // _MS
        if duration_ms <= 4_000 or not (self._alone or sound[: GAP_MS * _MS].any()):
            return super()._hear(sound)
        words = (word("请", 0, duration_ms - 1_000), word("您", duration_ms - 1_000, duration_ms))
        return HeardWindow(words=words, no_speech_prob=0.1)


def test_lost_words_are_heard_again_alone(calls: list[Recording]) -> None:
    (once,) = heard(transcriber(Swallows(alone=False)).transcribe(calls[1:2])).values()
    (twice,) = heard(transcriber(Swallows(alone=True)).transcribe(calls[1:2])).values()
    assert once.inaudible == ()
    regained = [sum(len(utterance.text) for utterance in one.utterances) for one in (once, twice)]
    assert regained[0] > regained[1]


def test_what_is_lost_twice_is_inaudible(calls: list[Recording]) -> None:
    (transcript,) = heard(transcriber(Swallows(alone=True)).transcribe(calls[1:2])).values()
    assert transcript.inaudible
    for stretch in transcript.inaudible:
        (region,) = (
            one
            for one in transcript.regions
            if one.channel == stretch.channel and one.span.overlap_ms(stretch.span)
        )
        assert region.span.start_ms <= stretch.span.start_ms
        assert stretch.span.end_ms <= region.span.end_ms
        said_there = [word for one in said(transcript, region.channel) for word in one.words]
        assert any(
            word.text == "请" and word.span.overlap_ms(stretch.span) == stretch.span.duration_ms
            for word in said_there
        )


def test_a_broken_call_does_not_stop_the_others(calls: list[Recording], tmp_path: Path) -> None:
    gone = recording_of(tmp_path / "gone.wav", channels=2, duration_ms=20_000)
    transcribed = transcriber(KnownAnswers()).transcribe([calls[0], gone, calls[1]])
    results = {recording.id: result for recording, result in transcribed}
    assert isinstance(results["gone"], CallError)
    assert results["gone"].code == "audio_missing"
    assert isinstance(results[calls[0].id], Transcript)
    assert isinstance(results[calls[1].id], Transcript)


class FailsOn(KnownAnswers):
    """Breaks on the windows of one recording, which it knows by their sound."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        preparation = Preparation(recording, VadOptions(), turns=())
        self._windows = {window.sound.tobytes() for window in preparation.windows()}

    def decode(self, sounds: list[Samples]) -> list[HeardWindow]:
        if any(sound.tobytes() in self._windows for sound in sounds):
            raise RuntimeError("客户说的话")
        return super().decode(sounds)


def test_an_unforeseen_error_of_the_decoder_is_one_calls_failure(calls: list[Recording]) -> None:
    undisturbed = heard(transcriber(KnownAnswers(), batch_size=8).transcribe(calls))
    results = dict(transcriber(FailsOn(calls[0]), batch_size=8).transcribe(calls))
    error = results.pop(calls[0])
    assert isinstance(error, CallError)
    assert error.code == "internal_error"
    assert "RuntimeError at test_asr.py" in str(error)
    assert "客户" not in str(error)
    assert results == {recording: undisturbed[recording.id] for recording in calls[1:]}


@pytest.mark.parametrize("step", ["preparation", "words", "transcript"])
def test_an_unforeseen_error_around_the_decoder_is_one_calls_failure(
    step: str, calls: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = calls[0]
    place, whole = {
        "preparation": ("_speaker_turns", Transcriber._speaker_turns),
        "words": ("_shared_out", Transcriber._shared_out),
        "transcript": ("_transcript", Transcriber._transcript),
    }[step]

    def stumble(own: Transcriber, concerned: Any, *rest: Any) -> Any:
        if _recording(concerned) is broken:
            raise KeyError("客户说的话")
        return whole(own, concerned, *rest)  # type: ignore[operator]

    monkeypatch.setattr(Transcriber, place, stumble)
    results = dict(transcriber(KnownAnswers()).transcribe(calls))
    error = results.pop(broken)
    assert isinstance(error, CallError)
    assert error.code == "internal_error"
    assert all(isinstance(result, Transcript) for result in results.values())
    assert len(results) == len(calls) - 1


def _recording(concerned: Any) -> Recording:
    """Of a task, of a job, or the recording itself."""
    job = getattr(concerned, "job", concerned)
    recording: Recording = getattr(job, "recording", job)
    return recording


def test_a_model_that_cannot_be_loaded_is_not_hidden(calls: list[Recording]) -> None:
    class Missing(KnownAnswers):
        def decode(self, sounds: list[Samples]) -> list[HeardWindow]:
            raise ModelError("model_missing", message("there is no model"))

    with pytest.raises(ModelError):
        list(transcriber(Missing()).transcribe(calls))


def test_silence_gives_an_empty_transcript(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", np.zeros((2, 48_000), dtype=np.float32), "pcm_s16le", 16_000)
    decoder = KnownAnswers()
    recording = read_recording(path, CallMetadata(call_id="a"))
    (transcript,) = heard(transcriber(decoder).transcribe([recording])).values()
    assert (transcript.utterances, transcript.regions, transcript.inaudible) == ((), (), ())
    assert decoder.batches == []


def test_the_missing_part_of_a_cut_file_is_inaudible(calls: list[Recording]) -> None:
    cut = replace(calls[0], duration_ms=calls[0].duration_ms + 9_000)
    (transcript,) = heard(transcriber(KnownAnswers()).transcribe([cut])).values()
    tail = TimeSpan(start_ms=calls[0].duration_ms, end_ms=cut.duration_ms)
    assert [(region.channel, region.span) for region in transcript.inaudible] == [(0, tail), (1, tail)]


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "expected"),
    [
        (0, 500, (0, 10_000, 10_500)),
        (1_500, 2_000, (0, 11_500, 12_000)),
        (1_900, 3_000, (1, 20_000, 20_800)),
        (1_900, 2_300, (1, 20_000, 20_100)),
        (1_500, 2_100, (0, 11_500, 12_000)),
    ],
    ids=["first", "last", "begins with the pause", "short after the pause", "ends in the pause"],
)
def test_words_go_to_their_region(start_ms: int, end_ms: int, expected: tuple[int, int, int]) -> None:
    spans = (TimeSpan(start_ms=10_000, end_ms=12_000), TimeSpan(start_ms=20_000, end_ms=22_000))
    (window,) = pack([SpeechRegion(channel=0, span=span, probability=0.9) for span in spans])
    begin_ms = window.placed[0].offset_ms
    assert window.placed[1].offset_ms == begin_ms + 2_000 + GAP_MS
    said = word("我", begin_ms + start_ms, begin_ms + end_ms)
    texts = region_texts(window, HeardWindow(words=(said,), no_speech_prob=0.0))
    index, first_ms, last_ms = expected
    assert [len(text.words) for text in texts] == [int(index == 0), int(index == 1)]
    assert texts[index].words[0].span == TimeSpan(start_ms=first_ms, end_ms=last_ms)


BASE = Transcriber(Path("unused"), ARTIFACT)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        (Transcriber(Path("elsewhere"), ARTIFACT, threads=7), True),
        (Transcriber(Path("unused"), ARTIFACT, options=AsrOptions(batch_size=16)), True),
        (Transcriber(Path("unused"), ARTIFACT, options=AsrOptions(beam_size=1)), False),
        (Transcriber(Path("unused"), ARTIFACT, options=AsrOptions(initial_prompt="您好")), False),
        (Transcriber(Path("unused"), ARTIFACT, vad=VadOptions(padding_ms=300)), False),
    ],
)
def test_the_digest_tells_what_changes_the_text(changed: Transcriber, same: bool) -> None:
    assert (changed.options_digest == BASE.options_digest) is same


@pytest.mark.parametrize("wrong", [{"beam_size": 0}, {"batch_size": 0}])
def test_options_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        AsrOptions(**wrong)


def test_a_folder_without_a_model(tmp_path: Path, calls: list[Recording]) -> None:
    with pytest.raises(ModelError) as caught:
        list(Transcriber(tmp_path, ARTIFACT).transcribe(calls[:1]))
    assert caught.value.code == "model_unloadable"
    assert str(tmp_path) in str(caught.value)


def said(transcript: Transcript, channel: int) -> list[Utterance]:
    return [utterance for utterance in transcript.utterances if utterance.channel == channel]


def assert_same(alone: Transcript, together: Transcript) -> None:
    """The same words on the same channels; a batch may move an edge by a frame or two."""
    assert alone.regions == together.regions
    assert alone.inaudible == together.inaudible
    for one, other in zip(alone.utterances, together.utterances, strict=True):
        assert (one.channel, one.text) == (other.channel, other.text)
        assert one.quality is not None
        assert other.quality is not None
        assert one.quality.avg_logprob == pytest.approx(other.quality.avg_logprob, abs=0.001)
        assert replace(one.quality, avg_logprob=0.0) == replace(other.quality, avg_logprob=0.0)
        assert one.span is not None
        assert other.span is not None
        assert abs(one.span.start_ms - other.span.start_ms) <= 100
        assert abs(one.span.end_ms - other.span.end_ms) <= 100


@pytest.mark.model
def test_no_text_crosses_a_channel_or_a_call(
    whisper_base: ResolvedModel, tmp_path: Path, sample_calls: tuple[Path, Path]
) -> None:
    """Each channel of each call gives the same alone, beside a quiet line, and in one batch with others."""
    first, second = (next(decode_blocks(path, block_ms=40_000)).samples for path in sample_calls)
    # A line that carries nothing but its noise: a channel without any sound is left out when it is read.
    quiet = np.random.default_rng(7).normal(0, 6e-3, first[0].shape).astype(np.float32)
    makings = {
        "first": first,
        "second": second,
        "first_left": np.stack([first[0], quiet]),
        "first_right": np.stack([quiet, first[1]]),
        "swapped": np.stack([second[1], second[0]]),
    }
    recordings = {
        name: read_recording(
            write_audio(tmp_path / f"{name}.wav", samples, "pcm_s16le", 16_000), CallMetadata(call_id=name)
        )
        for name, samples in makings.items()
    }
    asr = Transcriber(whisper_base.folder, whisper_base.artifact, threads=2)
    together = heard(asr.transcribe(recordings.values()))
    for name, recording in recordings.items():
        assert_same(heard(asr.transcribe([recording]))[name], together[name])
    regions = {
        name: [
            [region.span for region in transcript.regions if region.channel == channel] for channel in (0, 1)
        ]
        for name, transcript in together.items()
    }
    texts = {
        name: ["".join(utterance.text for utterance in said(transcript, channel)) for channel in (0, 1)]
        for name, transcript in together.items()
    }
    assert texts["first"] == [texts["first_left"][0], texts["first_right"][1]]
    assert texts["first_left"][1] == texts["first_right"][0] == ""
    assert regions["first"] == [regions["first_left"][0], regions["first_right"][1]]
    assert texts["second"] == texts["swapped"][::-1]
    assert len({*texts["first"], *texts["second"]}) == 4
    assert all(len(text) > 20 for text in (*texts["first"], *texts["second"]))


@pytest.mark.model
def test_text_and_times_of_a_sample_call(
    whisper_base: ResolvedModel, sample_calls: tuple[Path, Path]
) -> None:
    recording = read_recording(sample_calls[0], CallMetadata(call_id="sample"))
    asr = Transcriber(whisper_base.folder, whisper_base.artifact)
    (transcript,) = heard(asr.transcribe([recording])).values()
    text = "".join(utterance.text for utterance in transcript.utterances)
    assert "本次通话有录音" in text
    assert not set(text) & set("這個還銀貸")
    words = [one for utterance in transcript.utterances for one in utterance.words]
    assert any(one.alternatives for one in words)
    assert any(one.again for one in words)
    for utterance in transcript.utterances:
        assert utterance.text
        assert utterance.quality is not None
        assert utterance.quality.avg_logprob < 0
        assert "".join(one.text for one in utterance.words).strip() == utterance.text
        assert utterance.span is not None
        # A second hearing tells what else may have been said, figures in characters.
        assert not set("0123456789").intersection("".join(one.again or "" for one in utterance.words))
        assert all(len(one.alternatives) in {0, len(one.text)} for one in utterance.words)
        times = [edge for one in utterance.words for edge in (one.span.start_ms, one.span.end_ms)]
        assert times[0] == utterance.span.start_ms
        assert times[-1] == utterance.span.end_ms <= recording.duration_ms
        assert times == sorted(times)
