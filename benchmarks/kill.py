"""Kill an audit again and again and count: every call exactly once, nothing half-written or left behind.

    python -m benchmarks.kill                       # ten kills over one batch, then a last run
    python -m benchmarks.kill --calls 60 --kills 20 --seed 3

The batch is cut from the sample calls and audited by the real `qa audit` and model. The main process gets
SIGKILL at moments spread over the batch: a random number of calls after its start and a random time later, so
that slow machines see the same. After each kill the store is read and the processes of the run are counted.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import OperationalError

from qa_pipeline.speech.audio import decode_blocks
from qa_pipeline.store.tables import CallRow, ClaimRow, FindingRow, InspectionRow, TranscriptRow

SAMPLES = Path(__file__).parent.parent / "sample_audio"
CALL_SECONDS = 12
TELEPHONE_HZ = 8_000
MARK = "QA_KILL_BENCHMARK"
PROCESSES_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """What the store holds at one moment; `saved_at` tells a result from one computed again."""

    saved_at: Mapping[str, datetime]
    calls: int
    transcripts: int
    orphans: int
    claims: int


def make_batch(folder: Path, calls: int) -> int:
    """Cut so many short calls out of the samples, no two alike. Returns how many were made."""
    made = 0
    for path in sorted(SAMPLES.glob("*.wav")):
        samples = np.concatenate(
            [block.samples for block in decode_blocks(path, sampling_rate_hz=TELEPHONE_HZ)], axis=1
        )
        length = CALL_SECONDS * TELEPHONE_HZ
        for start in range(0, samples.shape[1] - length, length):
            if made == calls:
                return made
            with wave.open(str(folder / f"call-{made:03}.wav"), "wb") as file:
                file.setnchannels(samples.shape[0])
                file.setsampwidth(2)
                file.setframerate(TELEPHONE_HZ)
                piece = samples[:, start : start + length].T * 32_767
                file.writeframes(piece.round().astype("<i2").tobytes())
            made += 1
    return made


def read_store(store: Path) -> StoreState:
    """Count behind the store's back; a store that is not made yet holds nothing."""
    engine = create_engine(f"sqlite:///file:{store}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(InspectionRow.call_id, InspectionRow.saved_at)).all()
            known = select(InspectionRow.call_id)
            counts = {
                "calls": select(func.count()).select_from(CallRow),
                "transcripts": select(func.count()).select_from(TranscriptRow),
                "orphans": select(func.count())
                .select_from(FindingRow)
                .where(FindingRow.call_id.not_in(known)),
                "claims": select(func.count()).select_from(ClaimRow),
            }
            return StoreState(
                saved_at=dict(rows),
                **{name: connection.scalar(query) or 0 for name, query in counts.items()},
            )
    except OperationalError:
        return StoreState(saved_at={}, calls=0, transcripts=0, orphans=0, claims=0)
    finally:
        engine.dispose()


def processes(mark: str) -> list[int]:
    """Every living process that carries our mark in its environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if f"{MARK}={mark}".encode() in environment.split(b"\0"):
            found.append(int(folder.name))
    return found


def left_behind(mark: str) -> list[int]:
    """The processes that outlive the main process by more than a moment."""
    deadline = time.monotonic() + PROCESSES_END_SECONDS
    while (alive := processes(mark)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return alive


def wait_for(process: subprocess.Popen[bytes], store: Path, calls: int, chance: random.Random) -> bool:
    """Wait until so many calls are kept, and a moment longer. Returns whether the process ended before."""
    while len(read_store(store).saved_at) < calls:
        if process.poll() is not None:
            return True
        time.sleep(0.1)
    try:
        process.wait(chance.uniform(0.2, 8.0))
    except subprocess.TimeoutExpired:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill an audit at random moments and count what is kept.")
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="qa-kill-") as name:
        sys.exit(run(Path(name), options, chance))


def run(folder: Path, options: argparse.Namespace, chance: random.Random) -> int:
    """Kill, count, finish and count again. Returns the exit status: 0 where everything adds up."""
    batch, data = folder / "batch", folder / "data"
    batch.mkdir()
    made = make_batch(batch, options.calls)
    environment = os.environ | {MARK: folder.name, "QA_DATA_FOLDER": str(data), "QA_LANG": "en"}
    command = [sys.executable, "-c", "from qa_pipeline.cli import main; main()", "audit", str(batch)]
    before: Mapping[str, datetime] = {}
    again = outlived = orphans = 0
    print(f"{made} calls of {CALL_SECONDS} s, {options.kills} kills")
    for number in range(1, options.kills + 1):
        share = (made - len(before)) / (options.kills - number + 1)
        wanted = len(before) + round(chance.uniform(0, 2 * share))
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        began = time.monotonic()
        ended = wait_for(process, data / "qa.db", wanted, chance)
        process.send_signal(signal.SIGKILL)
        process.wait()
        seconds = time.monotonic() - began
        ending = f"ended by itself with {process.returncode}" if ended else "killed"
        alive = left_behind(folder.name)
        state = read_store(data / "qa.db")
        again += sum(state.saved_at.get(call) != saved for call, saved in before.items())
        outlived, orphans, before = outlived + len(alive), orphans + state.orphans, state.saved_at
        print(f"{number:3}. {ending} after {seconds:4.1f} s: {len(before):3} calls kept, {len(alive)} left")
    last = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    state = read_store(data / "qa.db")
    again += sum(state.saved_at.get(call) != saved for call, saved in before.items())
    right = {
        f"the last run ends with status 0: {last.returncode}": last.returncode == 0,
        f"calls kept {len(state.saved_at)} of {made}": len(state.saved_at) == made == state.calls,
        f"transcripts {state.transcripts}, one for each call": state.transcripts == made,
        f"calls judged a second time: {again}": again == 0,
        f"findings without their call: {orphans + state.orphans}": orphans + state.orphans == 0,
        f"claims left: {state.claims}": state.claims == 0,
        f"processes that outlived a kill: {outlived}": outlived == 0,
    }
    for told, holds in right.items():
        print("ok   " if holds else "WRONG", told)
    if last.returncode:
        print(last.stderr)
    return 0 if all(right.values()) else 1


if __name__ == "__main__":
    main()
