"""Prefect started once for all tests of flows, and audits whose recogniser knows the words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows import running
from flows.server import TemporaryServer, prefect_api, prepare_environment
from qa_pipeline.config import Settings
from qa_pipeline.language.conversation import Reader
from qa_pipeline.language.tokenization import Tokenizer
from qa_pipeline.pipeline import Engine
from qa_pipeline.rules.engine import RuleEngine
from qa_pipeline.rules.loader import load_pack
from tests.test_pipeline import ReferenceRecogniser

THREAT, MODEL, VISIT = "05_violence_family", "02_model_full_repayment", "09_third_party"


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Prefect's home for the session; to be asked for before Prefect is imported."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        prepared = dict(os.environ)
        prepare_environment(home, prepared)
        for name in prepared.keys() - os.environ.keys():
            patch.setenv(name, prepared[name])
        yield home


@pytest.fixture(scope="session")
def prefect_server(prefect_home: Path) -> Iterator[Path]:
    """A real Prefect server; the value is its home, with the database."""
    with TemporaryServer(prefect_home) as server, prefect_api(server):
        yield prefect_home


@pytest.fixture(scope="session")
def rule_engine() -> RuleEngine:
    return RuleEngine(load_pack())


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader(Tokenizer())


@pytest.fixture
def recogniser() -> ReferenceRecogniser:
    return ReferenceRecogniser()


@pytest.fixture
def engine(
    reader: Reader, rule_engine: RuleEngine, recogniser: ReferenceRecogniser, monkeypatch: pytest.MonkeyPatch
) -> Engine:
    """An engine that hears what the sidecar says; every audit of the test gets it."""
    engine = Engine(reader=reader, rules=rule_engine, recogniser=recogniser)

    def known(_settings: Settings) -> Engine:
        return engine

    monkeypatch.setattr(running, "engine_of", known)
    return engine


@pytest.fixture
def add_call(repository: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copy a sample call into the folder `calls` of the test, or into another one."""

    def add(name: str, folder: str = "calls") -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for suffix in (".wav", ".json"):
            shutil.copy(repository / "sample_audio" / f"{name}{suffix}", place)
        return place / f"{name}.wav"

    return add


@pytest.fixture
def calls(add_call: Callable[..., Path]) -> Path:
    """A folder with two calls, one threatening, one as it should be."""
    add_call(THREAT)
    return add_call(MODEL).parent
