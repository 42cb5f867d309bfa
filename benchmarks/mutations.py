"""A thousand broken recordings: no crash, no hang, no leak, each a named outcome.

    python -m benchmarks.mutations                  # 1,000 files from seed 1, some minutes on one core
    python -m benchmarks.mutations --files 200 --seed 7

Files of every format are broken by a seeded generator (bits flipped, cut, headers exchanged and more), then
read and searched for speech in a process of their own, as an audit does before recognition.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from qa_pipeline.errors import CallError
from qa_pipeline.speech.audio import read_recording
from qa_pipeline.speech.preparation import Preparation
from qa_pipeline.speech.vad import VadOptions
from qa_pipeline.types import CallMetadata

REPOSITORY = Path(__file__).parent.parent
FORMATS = REPOSITORY / "tests" / "audio" / "formats"
CALLS = ("12_wrong_number_stereo.opus", "13_third_party_neutral.m4a", "15_mono.amr", "16_ring_back.mp3")
SECONDS_A_FILE = 120.0
"""Of a machine that is busy with other things; the slowest takes two or three seconds of processor time."""
MOST_GROWTH_MB = 60
WARM_UP_FILES = 100
MAX_DURATION_MS = 3_600_000
"""A broken header may promise days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFile:
    """A recording that was broken in one way."""

    path: Path
    way: str


def broken_files(folder: Path, count: int, seed: int) -> Iterator[BrokenFile]:
    """Write so many broken recordings; the same seed gives the same bytes."""
    sources = sorted(FORMATS.iterdir()) * 4 + [REPOSITORY / "sample_audio" / name for name in CALLS]
    chance = random.Random(seed)
    ways = sorted(_WAYS)
    for number in range(count):
        source, other = chance.choice(sources), chance.choice(sources)
        way = ways[number % len(ways)]
        content = _WAYS[way](bytearray(source.read_bytes()), other.read_bytes(), chance)
        path = folder / f"{number:05}-{way}{source.suffix}"
        path.write_bytes(content)
        yield BrokenFile(path=path, way=way)


def outcome_of(path: Path) -> str:
    """What an audit would make of the file before recognition: heard, silent, or the code of its failure."""
    try:
        recording = read_recording(path, CallMetadata(call_id=path.stem), max_duration_ms=MAX_DURATION_MS)
        windows = sum(1 for _ in Preparation(recording, VadOptions()).windows())
    except CallError as error:
        return error.code
    return "speech found" if windows else "no speech"


Content = Callable[[bytearray, bytes, random.Random], bytes]


def _bits_flipped(content: bytearray, _other: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 8, 200))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _head_flipped(content: bytearray, _other: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 4, 16))):
        content[chance.randrange(min(64, len(content)))] = chance.randrange(256)
    return bytes(content)


def _cut(content: bytearray, _other: bytes, chance: random.Random) -> bytes:
    return bytes(content[: chance.randrange(len(content))])


def _beheaded(content: bytearray, _other: bytes, chance: random.Random) -> bytes:
    return bytes(content[chance.randrange(1, min(200, len(content))) :])


def _header_of_another(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    length = chance.choice((12, 44, 128))
    return other[:length] + bytes(content[length:])


def _zeroed(content: bytearray, _other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    length = min(chance.randrange(1, 4_096), len(content) - start)
    content[start : start + length] = bytes(length)
    return bytes(content)


def _noise_within(content: bytearray, _other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    content[start:start] = chance.randbytes(chance.randrange(1, 2_048))
    return bytes(content)


def _joined(content: bytearray, other: bytes, chance: random.Random) -> bytes:
    return bytes(content[: chance.randrange(1, len(content))]) + other


_WAYS: dict[str, Content] = {
    "bits flipped": _bits_flipped,
    "head flipped": _head_flipped,
    "cut": _cut,
    "beheaded": _beheaded,
    "header of another": _header_of_another,
    "zeroed": _zeroed,
    "noise within": _noise_within,
    "joined": _joined,
}


def _worker(connection: Connection) -> None:
    connection.send("ready")
    while (path := connection.recv()) is not None:
        try:
            told = outcome_of(path)
        except Exception as error:
            told = f"UNFORESEEN {type(error).__name__}: {error}"
        # A file that waits for the collector is closed in a while; one that survives it is a leak.
        gc.collect()
        connection.send((told, _resident_mb(), len(list(Path("/proc/self/fd").iterdir()))))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Reader:
    """A process that reads files, started again after one that it does not survive."""

    def __init__(self) -> None:
        self._start()

    def read(self, path: Path) -> tuple[str, float, int]:
        """Outcome, memory in MB and open files of the process; CRASH and HANG where it did not come back."""
        self._pipe.send(path)
        if not self._pipe.poll(SECONDS_A_FILE):
            return self._lost("HANG")
        try:
            told: tuple[str, float, int] = self._pipe.recv()
        except EOFError:
            return self._lost("CRASH")
        return told

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()

    def _lost(self, told: str) -> tuple[str, float, int]:
        self.close()
        self._start()
        return told, 0.0, 0

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_worker, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()


def main() -> None:
    parser = argparse.ArgumentParser(description="Read broken recordings and count what becomes of them.")
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcomes: dict[str, Counter[str]] = {way: Counter() for way in sorted(_WAYS)}
    memory: list[float] = []
    files_open: list[int] = []
    wrong: list[str] = []
    slowest = 0.0
    reader = Reader()
    with tempfile.TemporaryDirectory(prefix="qa-mutations-") as name:
        for broken in broken_files(Path(name), options.files, options.seed):
            began = time.monotonic()
            told, megabytes, opened = reader.read(broken.path)
            slowest = max(slowest, time.monotonic() - began)
            outcomes[broken.way][told.split(" ")[0] if told.isupper() else told] += 1
            if told in {"CRASH", "HANG"} or told.startswith("UNFORESEEN"):
                wrong.append(f"{broken.path.name}: {told}")
            else:
                memory.append(megabytes)
                files_open.append(opened)
            broken.path.unlink()
    reader.close()
    _print(outcomes)
    settled = memory[WARM_UP_FILES:] or memory
    growth = settled[-1] - settled[0]
    print(f"\n{options.files} files, seed {options.seed}; slowest {slowest:.1f} s")
    print(f"memory {settled[0]:.0f} MB after {WARM_UP_FILES} files, {settled[-1]:.0f} MB at the end")
    opened_before = files_open[min(WARM_UP_FILES, len(files_open) - 1)]
    print(f"files open {opened_before} after {WARM_UP_FILES} files, {files_open[-1]} at the end")
    print("\n".join(wrong) if wrong else "no crash, no hang, no unforeseen error")
    sys.exit(bool(wrong) or growth > MOST_GROWTH_MB or files_open[-1] > opened_before)


def _print(outcomes: dict[str, Counter[str]]) -> None:
    names = sorted({name for counts in outcomes.values() for name in counts})
    width = max(map(len, names))
    print(" " * width, *(f"{way:>18}" for way in outcomes))
    for name in names:
        print(f"{name:<{width}}", *(f"{counts[name]:>18}" for counts in outcomes.values()))


if __name__ == "__main__":
    main()
