"""What all tests share: a private environment, and no silent skips where QA_TESTS_NO_SKIP is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_pipeline.i18n import DEFAULT_LANGUAGE, use_language

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def private_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own store, settings or language; models alone are shared."""
    for name in [name for name in os.environ if name.startswith("QA_") and not name.startswith("QA_TEST")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QA_DATA_FOLDER", str(tmp_path / "qa-data"))
    use_language(DEFAULT_LANGUAGE)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Turn a skip into a failure where the environment promises that nothing is missing."""
    report = yield
    if report.skipped and os.environ.get("QA_TESTS_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but QA_TESTS_NO_SKIP is set: {report.longrepr}"
    return report
