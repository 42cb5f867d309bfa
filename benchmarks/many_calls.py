"""A folder of 2,000 short recordings: listed, begun, and looked through again with nothing to do.

    python -m benchmarks.many_calls
    python -m benchmarks.many_calls --calls 10000

The recordings are two seconds of faint noise on two channels, no two alike, so that the real `qa audit` reads
and judges each, and no speech model stands between. Recordings with speech take the same way and longer.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy as np

from benchmarks.kill import read_store

TELEPHONE_HZ = 8_000
CALL_SECONDS = 2
CALLS_IN_A_FOLDER = 100
MOST_SECONDS_TO_BEGIN = 30.0
MOST_SECONDS_IDLE = 5.0


def write_calls(folder: Path, calls: int) -> None:
    """Write so many recordings into folders of a hundred, as a recorder does by day or queue."""
    chance = np.random.default_rng(1)
    for number in range(calls):
        place = folder / f"{number // CALLS_IN_A_FOLDER:03}"
        place.mkdir(exist_ok=True)
        with wave.open(str(place / f"{number:05}.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(TELEPHONE_HZ)
            noise = chance.normal(scale=8, size=2 * CALL_SECONDS * TELEPHONE_HZ)
            file.writeframes(noise.round().astype("<i2").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description="Audit a large folder of short recordings twice.")
    parser.add_argument("--calls", type=int, default=2_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qa-many-") as name:
        folder, data = Path(name) / "calls", Path(name) / "data"
        folder.mkdir()
        write_calls(folder, options.calls)
        listed, begun, ended = first_audit(folder, data)
        kept = len(read_store(data / "qa.db").saved_at)
        before, began = _processor_seconds(), time.monotonic()
        subprocess.run(_command(folder), env=_environment(data), check=True, capture_output=True)
        idle, idle_processor = time.monotonic() - began, _processor_seconds() - before
    print(f"{options.calls} recordings of {CALL_SECONDS} s")
    print(f"listed and compared with the store after {listed:.1f} s, first result kept after {begun:.1f} s")
    print(f"all {kept} kept after {ended:.1f} s")
    print(f"a second audit with nothing to do: {idle:.1f} s ({idle_processor:.1f} s of processor time)")
    sys.exit(kept != options.calls or begun > MOST_SECONDS_TO_BEGIN or idle > MOST_SECONDS_IDLE)


def first_audit(folder: Path, data: Path) -> tuple[float, float, float]:
    """Seconds until it says what is to do, until the first result is kept, and until the end."""
    began = time.monotonic()
    with subprocess.Popen(
        _command(folder),
        env=_environment(data),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        listed = time.monotonic() - began
        while not read_store(data / "qa.db").saved_at:
            if process.poll() is not None:
                raise SystemExit(process.stderr.read())
            time.sleep(0.1)
        begun = time.monotonic() - began
        process.communicate()
    if process.returncode:
        raise SystemExit(f"qa audit ended with status {process.returncode}")
    return listed, begun, time.monotonic() - began


def _processor_seconds() -> float:
    """Of all processes that this one started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-c", "from qa_pipeline.cli import main; main()", "audit", str(folder)]


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {"QA_DATA_FOLDER": str(data), "QA_LANG": "en"}


if __name__ == "__main__":
    main()
