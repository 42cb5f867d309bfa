"""What all tests share: a private environment, and no silent skips where QA_TESTS_NO_SKIP is set."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from qa_pipeline.i18n import DEFAULT_LANGUAGE, use_language

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def private_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own store, settings or language; models alone are shared."""
    for name in [name for name in os.environ if name.startswith("QA_") and not name.startswith("QA_TEST")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QA_DATA_FOLDER", str(tmp_path / "qa-data"))
    use_language(DEFAULT_LANGUAGE)


@pytest.fixture
def english(private_environment: None) -> None:
    """Texts as they stand in the code."""
    use_language("en")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store' / 'qa.db'}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """A schema of its own in the database of QA_TEST_POSTGRES_URL."""
    given = os.environ.get("QA_TEST_POSTGRES_URL")
    if not given:
        pytest.skip("QA_TEST_POSTGRES_URL names no PostgreSQL database")
    address = make_url(given).set(drivername="postgresql+psycopg")
    schema = f"qa_test_{secrets.token_hex(4)}"
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield address.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(
        hide_password=False
    )
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Turn a skip into a failure where the environment promises that nothing is missing."""
    report = yield
    if report.skipped and os.environ.get("QA_TESTS_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but QA_TESTS_NO_SKIP is set: {report.longrepr}"
    return report


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs in a folder of its own and finds no settings of the person who runs it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
