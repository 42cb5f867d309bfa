"""A desk on a store of its own, visitors of every role, and a real browser in front of it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from qa_pipeline.config import Settings, load_settings
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import Store, open_store
from qa_pipeline.types import Account, DeskRole, Session
from qa_pipeline.web.app import create_app
from qa_pipeline.web.deps import CSRF_HEADER, SESSION_COOKIE
from qa_pipeline.web.passwords import hash_password
from qa_pipeline.web.sign_in import csrf_token
from tests.builders import every_status

PASSWORD = "correct-horse-7"
OWN_AGENT, OWN_TEAM = "2035", "一组"
"""Staff number and team of every call of `tests.builders`."""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)
SignedIn = Callable[..., TestClient]


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Of PASSWORD; made once, since making one is slow on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """On SQLite; a test marked with `both_databases` runs on PostgreSQL too."""
    url: str = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    return load_settings(data_folder=tmp_path / "desk", store_url=url)


both_databases = pytest.mark.parametrize("settings", ["sqlite_url", "postgresql_url"], indirect=True)


@pytest.fixture
def store(settings: Settings, password_hash: str) -> Iterator[Store]:
    """Calls of every status, and an account for each role, named after it."""
    with open_store(settings.store) as opened:
        for inspection in every_status():
            opened.save(inspection, fingerprint="f", listing=listing_of(inspection))
        for role in DeskRole:
            add_account(opened, role, password_hash=password_hash)
        yield opened


def add_account(
    store: Store, role: DeskRole, name: str | None = None, *, password_hash: str, **values: object
) -> Account:
    """An account; agents have the staff number, supervisors the team of the builders' calls."""
    usual: dict[str, Any] = {
        "agent_id": OWN_AGENT if role is DeskRole.AGENT else None,
        "team": OWN_TEAM if role in (DeskRole.AGENT, DeskRole.SUPERVISOR) else None,
    }
    account = Account(name=name or role.value, role=role, created_at=datetime.now(UTC), **(usual | values))
    store.accounts.add(account, password_hash=password_hash)
    return account


@pytest.fixture
def desk(store: Store) -> ReviewDesk:
    return ReviewDesk(store)


@pytest.fixture
def app(settings: Settings, store: Store) -> FastAPI:
    return create_app(settings, store)


@pytest.fixture
def visitor(app: FastAPI) -> TestClient:
    """Somebody who is not signed in."""
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def signed_in(app: FastAPI, store: Store) -> SignedIn:
    """Makes a client that is signed in under an account name; its requests carry the token of the session."""

    def client(name: str) -> TestClient:
        token = secrets.token_urlsafe(16)
        now = datetime.now(UTC)
        digest = hashlib.sha256(token.encode()).hexdigest()
        store.accounts.open_session(Session(digest=digest, account=name, created_at=now, seen_at=now))
        return TestClient(
            app,
            follow_redirects=False,
            cookies={SESSION_COOKIE: token},
            headers={CSRF_HEADER: csrf_token(token)},
        )

    return client


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The desk behind a real server; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium of the system, driven by Playwright; nothing is downloaded."""
    path = os.environ.get("QA_TEST_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("no Chromium on this machine; install it or set QA_TEST_CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """A fresh page of 1440 by 900 pixels; any error in its console fails the test at the end."""
    context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    told: list[str] = []
    opened.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.console_errors = told
    yield opened
    context.close()
    assert told == []


@pytest.fixture
def sign_in(page: Any) -> Callable[[str], None]:
    """Signs the page in under an account name, by the form."""

    def through_the_form(name: str) -> None:
        page.goto("/login")
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_url("**/")

    return through_the_form


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A store with the sample calls, judged once (`tests.web.desk_calls`)."""
    from tests.web.desk_calls import fill  # noqa: PLC0415

    path = tmp_path_factory.mktemp("judged") / "qa.db"
    with open_store(f"sqlite:///{path}") as store:
        fill(store, repository / "sample_audio")
    return path


def until(page: Any, holds: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for something that the page cannot be asked for in a string: its policy forbids that."""
    for _ in range(int(seconds * 10)):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen")


def until_true(holds: Callable[[], bool], *, seconds: float) -> None:
    """Wait for something outside the browser."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
