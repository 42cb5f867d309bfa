"""A two-hour call in blocks: peak memory, and time for an hour of sound beside short calls.

    python -m benchmarks.long_call                  # two hours; some minutes
    python -m benchmarks.long_call --minutes 30

The long file is made of the sample calls, one after the other; the short calls are the same sample calls, as
many as last as long, heard in a process of their own, so that both hear the same sound.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from qa_pipeline.assembly import build_engine
from qa_pipeline.config import load_settings
from qa_pipeline.speech.audio import decode_blocks, read_recording
from qa_pipeline.types import CallMetadata, Recording, Transcript

SAMPLES = Path(__file__).parent.parent / "sample_audio"
TELEPHONE_HZ = 8_000
MOST_MEMORY_MB = 2_000
MOST_SLOWER = 0.2


def write_calls(folder: Path, minutes: int) -> None:
    """Write `long.wav`, and beside it each of the calls it is made of, as often as it takes."""
    sounds = [
        np.concatenate(
            [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)], axis=1
        )
        for path in sorted(SAMPLES.glob("*.wav"))
    ]
    (folder / "short").mkdir()
    left = minutes * 60 * TELEPHONE_HZ
    with _opened(folder / "long.wav") as whole:
        number = 0
        while left > 0:
            sound = sounds[number % len(sounds)][:, :left]
            pcm = (sound.T * 32_767).round().astype("<i2").tobytes()
            whole.writeframes(pcm)
            with _opened(folder / "short" / f"{number:04}.wav") as part:
                part.writeframes(pcm)
            left -= sound.shape[1]
            number += 1


def _opened(path: Path) -> wave.Wave_write:
    file = wave.open(str(path), "wb")  # noqa: SIM115 - the caller closes it
    file.setnchannels(2)
    file.setsampwidth(2)
    file.setframerate(TELEPHONE_HZ)
    return file


def hear(paths: list[Path]) -> dict[str, float]:
    """Transcribe recordings in this process. Returns hours, seconds of work, MB of memory, characters."""
    with tempfile.TemporaryDirectory() as data:
        recogniser = build_engine(load_settings(data_folder=Path(data))).recogniser
    if recogniser is None:
        raise AssertionError("an engine that hears has a recogniser")
    characters = hours = 0.0
    began = time.monotonic()

    def recordings() -> Iterator[Recording]:
        nonlocal hours
        for path in paths:
            recording = read_recording(path, CallMetadata(call_id=path.stem))
            hours += recording.duration_ms / 3_600_000
            yield recording

    for _, heard in recogniser.transcribe(recordings()):
        if not isinstance(heard, Transcript):
            raise heard
        characters += sum(len(utterance.text) for utterance in heard.utterances)
    return {
        "hours": hours,
        "seconds": time.monotonic() - began,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "characters": characters,
    }


def measured(paths: list[Path]) -> dict[str, float]:
    """`hear` in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.long_call", "--hear", *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Hear one long call and as much sound in short calls.")
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--hear", nargs="+", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hear:
        print(json.dumps(hear(options.hear)))
        return
    with tempfile.TemporaryDirectory(prefix="qa-long-") as name:
        folder = Path(name)
        write_calls(folder, options.minutes)
        figures = {
            "one long call": measured([folder / "long.wav"]),
            "short calls": measured(sorted((folder / "short").iterdir())),
        }
    for what, found in figures.items():
        each = found["seconds"] / found["hours"]
        print(
            f"{what:14} {found['hours']:.2f} h of sound, {each:.0f} s for each hour"
            f" ({3600 / each:.1f} times real time), peak {found['megabytes']:.0f} MB,"
            f" {found['characters']:.0f} characters"
        )
    long, short = figures.values()
    slower = long["seconds"] / long["hours"] / (short["seconds"] / short["hours"]) - 1
    print(f"the long call takes {slower:+.0%} of time beside the short ones")
    sys.exit(long["megabytes"] > MOST_MEMORY_MB or slower > MOST_SLOWER)


if __name__ == "__main__":
    main()
