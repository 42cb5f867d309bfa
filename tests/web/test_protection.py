"""What keeps strangers and other sites out: headers, tokens, limits, throttling."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from qa_pipeline.errors import AccessError
from qa_pipeline.store.repository import Store
from qa_pipeline.web.deps import CSRF_HEADER, SESSION_COOKIE
from qa_pipeline.web.passwords import hash_password
from qa_pipeline.web.sign_in import SessionLimits, SignIn, ensure_admin
from tests.web.conftest import PASSWORD, SignedIn


def enter(visitor: TestClient, name: str, password: str, **form: str) -> object:
    return visitor.post("/login", data={"name": name, "password": password, **form})


def test_signing_in_leads_where_one_wanted_to_go_and_nowhere_else(visitor: TestClient) -> None:
    assert visitor.get("/?state=waiting").headers["location"] == "/login?next=%2F%3Fstate%3Dwaiting"
    for wanted, reached in {
        "/?state=waiting": "/?state=waiting",
        "https://example.com/": "/",
        "//example.com/": "/",
        "/\\example.com": "/",
        "javascript:alert(1)": "/",
    }.items():
        answer = visitor.post("/login", data={"name": "reviewer", "password": PASSWORD, "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, reached)
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("reviewer", "wrong-password"),
        ("nobody", PASSWORD),
        ("", ""),
        ("reviewer", "x" * 900),
        ("\x00", "\x00"),
    ],
)
def test_a_wrong_name_or_password_is_told_the_same_way(visitor: TestClient, name: str, password: str) -> None:
    answer = visitor.post("/login", data={"name": name, "password": password})
    assert answer.status_code == 401
    assert "账号或密码错误，或账号已停用" in answer.text
    assert SESSION_COOKIE not in answer.cookies


def test_a_disabled_account_does_not_enter(visitor: TestClient, store: Store) -> None:
    store.accounts.set_disabled("reviewer", True)
    answer = visitor.post("/login", data={"name": "reviewer", "password": PASSWORD})
    assert answer.status_code == 401


def test_guessing_is_slowed_down_by_name_and_by_address(visitor: TestClient, store: Store) -> None:
    for _ in range(5):
        assert visitor.post("/login", data={"name": "admin", "password": "guess"}).status_code == 401
    answer = visitor.post("/login", data={"name": "admin", "password": PASSWORD})
    assert answer.status_code == 429
    assert "十五分钟" in answer.text
    assert visitor.post("/login", data={"name": "reviewer", "password": PASSWORD}).status_code == 303
    store.accounts.note_failed_sign_in(["address:testclient"] * 30, datetime.now(UTC))
    assert visitor.post("/login", data={"name": "reviewer", "password": PASSWORD}).status_code == 429
    store.accounts.forget_failed_sign_ins(before=datetime.now(UTC) + timedelta(minutes=1))
    assert visitor.post("/login", data={"name": "admin", "password": PASSWORD}).status_code == 303


def test_a_session_ends_when_idle_and_at_its_limit(store: Store) -> None:
    for limits, lasts in (
        (SessionLimits(), True),
        (SessionLimits(idle=timedelta(0)), False),
        (SessionLimits(absolute=timedelta(0)), False),
    ):
        door = SignIn(store.accounts, limits)
        token, _ = door.sign_in("reviewer", PASSWORD, "127.0.0.1")
        assert (door.account_of(token) is not None) is lasts


def test_a_new_password_ends_every_session(signed_in: SignedIn, store: Store) -> None:
    here, elsewhere = signed_in("reviewer"), signed_in("reviewer")
    form = {"current": PASSWORD, "new": "another-horse-8", "again": "another-horse-8"}
    assert here.post("/account/password", data=form | {"current": "wrong-password"}).status_code == 422
    assert here.post("/account/password", data=form | {"again": "other"}).status_code == 422
    assert here.post("/account/password", data=form | {"new": "short", "again": "short"}).status_code == 422
    token = here.headers[CSRF_HEADER]
    place = here.post("/account/password", data=form | {"csrf": token}).headers["location"]
    assert "密码已修改" in here.get(place).text
    assert "密码已修改" not in here.get("/login").text
    assert elsewhere.get("/").headers["location"].startswith("/login")


def test_the_first_administrator_must_choose_a_password(
    visitor: TestClient, app: FastAPI, tmp_path: Path
) -> None:
    from qa_pipeline.config import load_settings  # noqa: PLC0415
    from qa_pipeline.store.repository import open_store  # noqa: PLC0415
    from qa_pipeline.web.app import create_app  # noqa: PLC0415

    settings = load_settings(data_folder=tmp_path / "fresh")
    with open_store(settings.store) as store:
        password = ensure_admin(store.accounts)
        assert password is not None
        assert ensure_admin(store.accounts) is None
        client = TestClient(create_app(settings, store), follow_redirects=False)
        client.post("/login", data={"name": "admin", "password": password})
        assert client.get("/").headers["location"] == "/account/password"
        assert client.get("/api/v1/me").json()["error"]["code"] == "password_due"
        assert client.get("/account/password").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({CSRF_HEADER: "wrong"}, 403),
        ({CSRF_HEADER: ""}, 403),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_only_the_own_pages_change_anything(
    signed_in: SignedIn, headers: dict[str, str], status: int
) -> None:
    assert signed_in("reviewer").post("/take", headers=headers).status_code == status


def test_every_answer_carries_the_policy(visitor: TestClient) -> None:
    for address in ("/login", "/api/v1/me", "/static/desk.css", "/nowhere"):
        headers = visitor.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
    assert visitor.get("/login").headers["cache-control"] == "no-store"


def test_a_body_larger_than_any_form_is_refused(visitor: TestClient) -> None:
    answer = visitor.post("/login", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


def test_a_body_that_does_not_say_its_length_is_counted(app: FastAPI) -> None:
    received, sent = [], list[dict[str, Any]]()

    async def endless() -> dict[str, Any]:
        received.append(64 * 1024)
        return {"type": "http.request", "body": b"x" * received[-1], "more_body": len(received) < 800}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/reviews/03_threats",
        "raw_path": b"/api/v1/reviews/03_threats",
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")],
    }
    # In a thread of its own: the one of the tests may already run a loop, for the browser.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(app(scope, endless, send))).result()
    assert sent[0]["status"] == 413
    assert sum(received) <= 1024 * 1024 + received[0]


def test_a_form_in_chunks_is_understood(visitor: TestClient) -> None:
    parts = (part.encode() for part in ("name=revie", "wer&pass", f"word={PASSWORD}"))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.post("/login", content=parts, headers=form).status_code == 303


def test_the_language_is_remembered(visitor: TestClient) -> None:
    assert "登录" in visitor.get("/login").text
    answer = visitor.post("/language", data={"language": "en", "next": "/login"})
    assert answer.headers["location"] == "/login"
    assert "Sign in" in visitor.get("/login").text
    visitor.post("/language", data={"language": "tlh"})
    assert "Sign in" in visitor.get("/login").text


@pytest.mark.parametrize("foreign", ["a/b=1", "foo@bar=1", "a,b=1", "=", ";;", "钱=1", '"'])
def test_cookies_that_something_else_set_are_passed_over(visitor: TestClient, foreign: str) -> None:
    answer = visitor.get("/login", headers={"Cookie": f"{foreign}; qa_lang=en".encode()})
    assert answer.status_code == 200
    assert "Sign in" in answer.text


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "abab" * 5, "x" * 201])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(AccessError, match="password_weak"):
        hash_password(password)


def test_views_and_refusals_are_in_the_audit_log(signed_in: SignedIn, store: Store) -> None:
    signed_in("reviewer").get("/api/v1/calls/03_threats")
    signed_in("reviewer").get("/api/v1/audit-log")
    lines = [(one.account, one.action, one.subject, one.detail) for one in store.accounts.audit_log()]
    assert lines[:2] == [
        ("reviewer", "access.refused", "", "read_audit_log"),
        ("reviewer", "call.view", "03_threats", ""),
    ]
    shown = signed_in("compliance").get("/api/v1/audit-log", params={"limit": 1}).json()
    assert [one["action"] for one in shown["lines"]] == ["access.refused"]
    older = signed_in("compliance").get("/api/v1/audit-log", params={"before": shown["next"]}).json()
    assert [one["action"] for one in older["lines"]] == ["call.view"]
