"""A two-hour call in blocks: peak memory, and time for an hour of sound beside short calls.

    python -m benchmarks.long_call                  # two hours; a quarter of an hour on two cores
    python -m benchmarks.long_call --minutes 30

The long recording is made of the stereo sample calls, one after the other; the short calls are the same sound
cut where it was joined. Each is audited from sound to score by the real `qa audit` with an empty store of its
own. Memory is the most that the processes of the audit held together, Prefect's server among them; what they
share counts for each. Processor time is given beside the time on the clock, which other work on the machine
lengthens.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from qa_pipeline.json_lines import numbered_lines
from qa_pipeline.speech.audio import decode_blocks

SAMPLES = Path(__file__).parent.parent / "sample_audio"
TELEPHONE_HZ = 8_000
MOST_MEMORY_MB = 2_000
MOST_SLOWER = 0.2
LOOK_EVERY_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What an audit took, and what came out of it."""

    calls: int
    hours: float
    characters: int
    findings: int
    seconds: float
    processor_seconds: float
    megabytes: float
    megabytes_of_main: float


def write_calls(long: Path, short: Path, minutes: int) -> None:
    """Write `long.wav` into one folder, and into the other each of the calls it is made of.

    A call that is there again begins with more and more samples of silence: the same bytes would be
    transcribed once.
    """
    sounds = [
        np.concatenate(
            [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)], axis=1
        )
        for path in sorted(SAMPLES.glob("*.wav"))
    ]
    left = minutes * 60 * TELEPHONE_HZ
    (long / "long.json").write_text(json.dumps({"metadata": {"agent_channel": 0}}), encoding="utf-8")
    with _opened(long / "long.wav") as whole:
        number = 0
        while left > 0:
            again, which = divmod(number, len(sounds))
            sound = np.pad(sounds[which], ((0, 0), (again, 0)))[:, :left]
            pcm = (sound.T * 32_767).round().astype("<i2").tobytes()
            whole.writeframes(pcm)
            with _opened(short / f"{number:04}.wav") as part:
                part.writeframes(pcm)
            document = {"metadata": {"agent_channel": 0}}
            (short / f"{number:04}.json").write_text(json.dumps(document), encoding="utf-8")
            left -= sound.shape[1]
            number += 1


def _opened(path: Path) -> wave.Wave_write:
    file = wave.open(str(path), "wb")  # noqa: SIM115 - the caller closes it
    file.setnchannels(2)
    file.setsampwidth(2)
    file.setframerate(TELEPHONE_HZ)
    return file


def audited(folder: Path, data: Path) -> Audited:
    """Audit a folder into an empty store and watch the processes that do it."""
    documents = data / "calls.jsonl"
    command = [sys.executable, "-c", "from qa_pipeline.cli import main; main()"]
    environment = os.environ | {"QA_DATA_FOLDER": str(data), "QA_LANG": "en"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    process = subprocess.Popen(
        [*command, "audit", str(folder), "--json", str(documents)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    together = main = 0.0
    while process.poll() is None:
        own, others = _resident(process.pid)
        together, main = max(together, own + others), max(main, own)
        time.sleep(LOOK_EVERY_SECONDS)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(process.stderr.read() if process.stderr else f"status {process.returncode}")
    calls = [json.loads(line) for _, line in numbered_lines(documents)]
    return Audited(
        calls=len(calls),
        hours=sum(call["audio"]["duration_ms"] for call in calls) / 3_600_000,
        characters=sum(len(one["text"]) for call in calls for one in call["utterances"]),
        findings=sum(len(call["findings"]) for call in calls),
        seconds=seconds,
        processor_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        megabytes=together,
        megabytes_of_main=main,
    )


def _resident(pid: int) -> tuple[float, float]:
    """Memory in MB of a process and of all that it started; nothing of those that just ended."""

    def megabytes(process: psutil.Process) -> float:
        try:
            return float(process.memory_info().rss) / 1e6
        except psutil.NoSuchProcess:
            return 0.0

    try:
        main = psutil.Process(pid)
        return megabytes(main), sum(megabytes(child) for child in main.children(recursive=True))
    except psutil.NoSuchProcess:
        return 0.0, 0.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Audit one long call and as much sound in short calls.",
    )
    parser.add_argument("--minutes", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qa-long-") as name:
        folders = [Path(name) / part for part in ("long", "short", "long-data", "short-data")]
        for folder in folders:
            folder.mkdir()
        long_calls, short_calls, long_data, short_data = folders
        write_calls(long_calls, short_calls, options.minutes)
        long = _told("one long call", audited(long_calls, long_data))
        short = _told("short calls", audited(short_calls, short_data))
    slower = long.seconds / long.hours / (short.seconds / short.hours) - 1
    slower_processor = long.processor_seconds / long.hours / (short.processor_seconds / short.hours) - 1
    print(
        f"an hour of sound in the long call takes {slower:+.0%} of time beside the short ones"
        f" ({slower_processor:+.0%} of processor time)"
    )
    sys.exit(long.megabytes > MOST_MEMORY_MB or slower > MOST_SLOWER)


def _told(what: str, found: Audited) -> Audited:
    each, processor = found.seconds / found.hours, found.processor_seconds / found.hours
    print(
        f"{what:14} {found.calls} calls, {found.hours:.2f} h of sound, {each:.0f} s for each hour"
        f" ({3600 / each:.1f} times real time; {processor:.0f} s of processor time),"
        f" peak {found.megabytes:.0f} MB ({found.megabytes_of_main:.0f} MB in the main process),"
        f" {found.characters} characters, {found.findings} findings",
        flush=True,
    )
    return found


if __name__ == "__main__":
    main()
