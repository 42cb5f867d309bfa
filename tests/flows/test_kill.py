"""Kill -9 in the middle of an audit: the next one does the rest at once, and nothing twice.

The words are known beforehand here; `benchmarks.kill` does the same with the model and Prefect.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from qa_pipeline.config import load_settings
from qa_pipeline.store.repository import open_store
from qa_pipeline.store.tables import ClaimRow, InspectionRow, TranscriptRow

CALLS = 12
AUDIT = """
import sys, time
from pathlib import Path
from flows import running
from qa_pipeline.config import load_settings
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.pipeline import Engine
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from tests.test_pipeline import ReferenceRecogniser

class Slow(ReferenceRecogniser):
    def transcribe(self, recordings):
        for heard in super().transcribe(recordings):
            time.sleep(0.2)
            yield heard

engine = Engine(reader=Reader(Tokenizer()), rules=RuleEngine(load_pack()), recogniser=Slow())
running.engine_of = lambda _settings: engine
audit = running.prepare([Path(sys.argv[1])], load_settings())
with audit.store, audit.sharing():
    audit.begin({})
    print("begun", flush=True)
    audit.inspect([source.call.call_id for source in audit.plan.todo])
    audit.inspect_rest()
    audit.finish()
"""


@pytest.fixture
def batch(repository: Path, tmp_path: Path) -> Path:
    """The same words twelve times, in files that differ."""
    folder = tmp_path / "batch"
    folder.mkdir()
    source = repository / "sample_audio" / "09_third_party"
    for number in range(CALLS):
        path = folder / f"call-{number:02}.wav"
        path.write_bytes(source.with_suffix(".wav").read_bytes() + bytes([number]))
        text = source.with_suffix(".json").read_text(encoding="utf-8")
        path.with_suffix(".json").write_text(
            text.replace('"09_third_party"', f'"{path.stem}"'), encoding="utf-8"
        )
    yield folder
    shutil.rmtree(folder)


def start(batch: Path, repository: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", AUDIT, str(batch)],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def kept() -> dict[str, datetime]:
    engine = create_engine(load_settings().store)
    try:
        with engine.connect() as connection:
            return dict(connection.execute(select(InspectionRow.call_id, InspectionRow.saved_at)).all())
    finally:
        engine.dispose()


def count(table: type) -> int:
    engine = create_engine(load_settings().store)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0
    finally:
        engine.dispose()


def wait_until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_call_exactly_once(batch: Path, repository: Path) -> None:
    before: dict[str, datetime] = {}
    for calls in (2, 5):
        process = start(batch, repository)
        wait_until(lambda calls=calls: len(kept()) >= calls)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = kept()
        assert {call: after[call] for call in before} == before
        before = after
    assert 5 <= len(before) < CALLS
    assert start(batch, repository).wait(300) == 0
    after = kept()
    assert len(after) == CALLS
    assert {call: after[call] for call in before} == before
    assert (count(TranscriptRow), count(ClaimRow)) == (CALLS, 0)
    with open_store(load_settings().store) as store:
        runs = store.runs()
    assert [run.finished_at is None for run in runs] == [False, True, True]
    assert runs[0].counts == {"inspected": CALLS - len(before), "failed": 0}


def test_two_at_once_share_the_batch(batch: Path, repository: Path) -> None:
    first, second = start(batch, repository), start(batch, repository)
    assert (first.wait(300), second.wait(300)) == (0, 0)
    with open_store(load_settings().store) as store:
        counts = [run.counts["inspected"] for run in store.runs() if run.counts is not None]
    assert sum(counts) == CALLS
    assert (len(kept()), count(TranscriptRow), count(ClaimRow)) == (CALLS, CALLS, 0)
