"""How fast and how right calls are transcribed, against faster-whisper as it comes.

    python -m benchmarks.transcription                    # the sample calls
    python -m benchmarks.transcription --data FOLDER      # recorded speech: FOLDER/manifest.jsonl

Both take the same files, weights and processors in the same run, each in a process of its own, in alternating
order. "Stock" is `WhisperModel.transcribe` with beam 5 and its voice filter, each channel apart, as one would
write it first. A manifest has an `audio` file, its `transcript` and a `speaker` a line; each two speakers are
joined to a call of two channels, 8 kHz mu-law. Speed leaves out loading the model; memory is the peak of the
process; errors are the project's character error rate over all channels.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np
from faster_whisper import WhisperModel, decode_audio

from qa_pipeline.evaluation.cer import CharacterErrors, character_errors, total
from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.speech.artifacts import ModelCatalogue
from qa_pipeline.speech.asr import Transcriber
from qa_pipeline.speech.audio import decode_blocks, read_recording
from qa_pipeline.types import CallMetadata, Layout, Transcript

TELEPHONE_HZ = 8_000
PAUSE_S = 0.6
SPEECH_LEVEL = 0.08
AUDIO = (".wav", ".mp3")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkCall:
    """A recording and what is said on each of its channels."""

    path: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One engine on all calls, once."""

    engine: str
    audio_seconds: float
    load_seconds: float
    seconds: float
    peak_megabytes: float
    texts: tuple[tuple[str, ...], ...]


def sample_calls(folder: Path) -> list[BenchmarkCall]:
    """The sample calls whose two speakers have a channel each."""
    calls = []
    for path in sorted(path for path in folder.iterdir() if path.suffix in AUDIO):
        sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        agent_channel = sidecar["metadata"].get("agent_channel")
        if (
            agent_channel is None
            or read_recording(path, CallMetadata(call_id=path.stem)).layout is not Layout.STEREO
        ):
            continue
        said = dict.fromkeys(("agent", "customer"), "")
        for utterance in sidecar["reference"]["utterances"]:
            said[utterance["role"]] += utterance["text"]
        order = ("agent", "customer") if agent_channel == 0 else ("customer", "agent")
        calls.append(BenchmarkCall(path=str(path), references=tuple(said[role] for role in order)))
    return calls


def calls_from_manifest(folder: Path, target: Path) -> list[BenchmarkCall]:
    """Make a telephone call of each two speakers of a manifest, one a channel, the most talkative first."""
    speakers: dict[str, list[dict[str, str]]] = {}
    for _, line in numbered_lines(folder / "manifest.jsonl"):
        utterance = json.loads(line)
        speakers.setdefault(utterance["speaker"], []).append(utterance)
    by_size = sorted(speakers.values(), key=lambda own: (-len(own), own[0]["speaker"]))
    calls = []
    for number, first in enumerate(range(0, len(by_size), 2)):
        pair = [*by_size[first : first + 2], []][:2]
        turns = [
            (channel, own[index])
            for index in range(max(map(len, pair)))
            for channel, own in enumerate(pair)
            if index < len(own)
        ]
        path = target / f"call{number}.wav"
        write_call(path, [(channel, telephone_speech(folder / turn["audio"])) for channel, turn in turns])
        said = tuple("".join(turn["transcript"] for turn in own) for own in pair)
        calls.append(BenchmarkCall(path=str(path), references=said))
    return calls


def telephone_speech(path: Path) -> np.ndarray:
    """An utterance at 8 kHz, one channel, at the level of a telephone call."""
    blocks = [block.samples[0] for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)]
    samples = np.concatenate(blocks)
    return samples * (SPEECH_LEVEL / max(float(np.sqrt((samples**2).mean())), 1e-6))


def write_call(path: Path, turns: Sequence[tuple[int, np.ndarray]]) -> None:
    """Write turns one after another, each on its channel, mu-law."""
    pause = int(PAUSE_S * TELEPHONE_HZ)
    call = np.zeros((2, sum(len(samples) + pause for _, samples in turns) + pause), dtype=np.float32)
    at = pause
    for channel, samples in turns:
        call[channel, at : at + len(samples)] = samples
        at += len(samples) + pause
    pcm = (np.clip(call, -1, 1) * 32_767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_mulaw", rate=TELEPHONE_HZ, layout="stereo")
        interleaved = np.ascontiguousarray(pcm.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout="stereo")
        frame.sample_rate = TELEPHONE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def run_ours(calls: Sequence[BenchmarkCall], model: str, data_folder: Path, threads: int) -> Measurement:
    """Transcribe with this project's transcriber."""
    begin = time.perf_counter()
    resolved = ModelCatalogue.load().resolve(model, data_folder=data_folder)
    transcriber = Transcriber(resolved.folder, resolved.artifact, threads=threads)
    transcriber.load()
    loaded = time.perf_counter()
    recordings = [read_recording(Path(call.path), CallMetadata(call_id=call.path)) for call in calls]
    texts: dict[str, tuple[str, ...]] = {}
    for recording, result in transcriber.transcribe(recordings):
        assert isinstance(result, Transcript), result
        texts[recording.id] = tuple(
            "".join(one.text for one in result.utterances if one.channel == channel)
            for channel in range(recording.num_channels)
        )
    return Measurement(
        engine="ours",
        audio_seconds=sum(recording.duration_ms for recording in recordings) / 1000,
        load_seconds=loaded - begin,
        seconds=time.perf_counter() - loaded,
        peak_megabytes=peak_megabytes(),
        texts=tuple(texts[call.path] for call in calls),
    )


def run_stock(calls: Sequence[BenchmarkCall], model: str, data_folder: Path, threads: int) -> Measurement:
    """Transcribe each channel with `WhisperModel.transcribe`."""
    begin = time.perf_counter()
    folder = ModelCatalogue.load().resolve(model, data_folder=data_folder).folder
    whisper = WhisperModel(str(folder), compute_type="int8", cpu_threads=threads, local_files_only=True)
    loaded = time.perf_counter()
    audio_seconds = 0.0
    texts = []
    for call in calls:
        channels = decode_audio(call.path, split_stereo=True)
        audio_seconds += len(channels[0]) / 16_000
        said = []
        for samples in channels:
            segments, _ = whisper.transcribe(samples, language="zh", beam_size=5, vad_filter=True)
            said.append("".join(segment.text for segment in segments))
        texts.append(tuple(said))
    return Measurement(
        engine="stock",
        audio_seconds=audio_seconds,
        load_seconds=loaded - begin,
        seconds=time.perf_counter() - loaded,
        peak_megabytes=peak_megabytes(),
        texts=tuple(texts),
    )


ENGINES = {"ours": run_ours, "stock": run_stock}


def peak_megabytes() -> float:
    """Largest resident size of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def measure(engine: str, arguments: argparse.Namespace, calls: Path) -> Measurement:
    """Run one engine in a process of its own."""
    command = [
        *(sys.executable, "-m", "benchmarks.transcription", "--engine", engine, "--calls", str(calls)),
        *("--model", arguments.model, "--data-folder", str(arguments.data_folder)),
        *("--threads", str(arguments.threads)),
    ]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Measurement(**{**answer, "texts": tuple(tuple(texts) for texts in answer["texts"])})


def errors_of(calls: Sequence[BenchmarkCall], measurement: Measurement) -> CharacterErrors:
    """Character errors over all channels of all calls."""
    return total(
        character_errors(reference, text)
        for call, texts in zip(calls, measurement.texts, strict=True)
        for reference, text in zip(call.references, texts, strict=True)
    )


def report(calls: Sequence[BenchmarkCall], measurements: Sequence[Measurement]) -> dict[str, object]:
    """Print the table and return it as a document."""
    rows = {}
    for engine in ENGINES:
        own = [one for one in measurements if one.engine == engine]
        errors = errors_of(calls, own[0])
        rows[engine] = {
            "hours_per_hour": statistics.median(one.audio_seconds / one.seconds for one in own),
            "hours_per_hour_of_rounds": [round(one.audio_seconds / one.seconds, 2) for one in own],
            "character_error_rate": errors.rate,
            "reference_characters": errors.reference_length,
            "peak_megabytes": max(one.peak_megabytes for one in own),
            "load_seconds": statistics.median(one.load_seconds for one in own),
        }
        rate = "-" if errors.rate is None else f"{errors.rate:.1%}"
        print(
            f"{engine:6} {rows[engine]['hours_per_hour']:6.1f} h/h {rate:>8} "
            f"{rows[engine]['peak_megabytes']:8.0f} MB   rounds {rows[engine]['hours_per_hour_of_rounds']}"
        )
    ratio = statistics.median(
        ours.audio_seconds / ours.seconds / (stock.audio_seconds / stock.seconds)
        for ours, stock in zip(
            [one for one in measurements if one.engine == "ours"],
            [one for one in measurements if one.engine == "stock"],
            strict=True,
        )
    )
    print(f"ours is {ratio:.2f} times as fast (median over rounds)")
    return {
        "engines": rows,
        "times_as_fast": ratio,
        "machine": platform.platform(),
        "processors": os.cpu_count(),
    }


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, and write JSON where asked."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        if arguments.data_folder is None:
            arguments.data_folder = folder / "data"
        if arguments.data is None:
            calls = sample_calls(Path("sample_audio"))
        else:
            calls = calls_from_manifest(arguments.data, folder)
        listing = folder / "calls.json"
        listing.write_text(json.dumps([asdict(call) for call in calls]), encoding="utf-8")
        ModelCatalogue.load().resolve(arguments.model, data_folder=arguments.data_folder)
        measurements = []
        for number in range(arguments.rounds):
            order = list(ENGINES) if number % 2 == 0 else list(ENGINES)[::-1]
            measurements += [measure(engine, arguments, listing) for engine in order]
        seconds = measurements[0].audio_seconds
        print(f"{len(calls)} calls, {seconds:.0f} s, {arguments.model}, {arguments.threads} threads")
        document = report(calls, measurements)
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    """The command line; --engine and --calls are what the benchmark gives its own processes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with manifest.jsonl of recorded speech")
    parser.add_argument("--model", default="base", help="name, hub id or folder")
    parser.add_argument("--data-folder", type=Path, help="where models lie; by default a temporary folder")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--calls", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    given = parse_arguments()
    if given.engine is None:
        main(given)
    else:
        listed = json.loads(given.calls.read_text(encoding="utf-8"))
        own_calls = [BenchmarkCall(path=one["path"], references=tuple(one["references"])) for one in listed]
        print(
            json.dumps(
                asdict(ENGINES[given.engine](own_calls, given.model, given.data_folder, given.threads))
            )
        )
