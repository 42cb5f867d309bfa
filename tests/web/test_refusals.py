"""What the desk refuses: each code of docs/errors.md with its status, on a page and to a program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from fastapi.testclient import TestClient

from qa_pipeline.errors import AccessError
from qa_pipeline.store.repository import Store
from qa_pipeline.web.deps import CSRF_HEADER
from qa_pipeline.web.sign_in import SignIn
from tests.builders import given_call
from tests.web.conftest import SignedIn

Request = Callable[[TestClient], httpx.Response]

GIVEN = given_call().call.call_id
RELEASE = {"action": "release", "id": "a-release-1", "seen": 0}


def form(client: TestClient, address: str, **values: str) -> httpx.Response:
    """Send a form with the token of the session."""
    return client.post(address, data=values | {"csrf": str(client.headers[CSRF_HEADER])})


REFUSED: dict[str, tuple[str, int, str, Request]] = {
    "a token of another session": (
        "reviewer", 403, "csrf_failed", lambda client: client.post("/take", headers={CSRF_HEADER: "other"}),
    ),
    "a page of another site": (
        "reviewer", 403, "other_site",
        lambda client: client.post("/take", headers={"Origin": "https://example.com"}),
    ),
    "more than a form can be": (
        "reviewer", 413, "too_large", lambda client: client.post("/take", content=b"x" * (1024 * 1024 + 1)),
    ),
    "the page of another role": ("reviewer", 403, "forbidden", lambda client: client.get("/accounts")),
    "the action of another role": (
        "reviewer", 403, "forbidden", lambda client: client.post(f"/api/v1/reviews/{GIVEN}", json=RELEASE),
    ),
    "shutting oneself out": (
        "admin", 403, "forbidden", lambda client: form(client, "/accounts/admin", change="disable"),
    ),
    "a call that is not there": ("reviewer", 404, "call_not_found", lambda client: client.get("/calls/none")),
    "the sound of a transcript": (
        "reviewer", 404, "sound_missing", lambda client: client.get(f"/audio/{GIVEN}"),
    ),
    "the waveform of a transcript": (
        "reviewer", 404, "sound_missing", lambda client: client.get(f"/peaks/{GIVEN}"),
    ),
    "a run that is not there": ("qa_lead", 404, "run_not_found", lambda client: client.get("/nights/none")),
    "calls given to nobody": ("qa_lead", 422, "assignee_missing", lambda client: form(client, "/assign")),
    "a call given to nobody known": (
        "qa_lead", 422, "assignee_missing", lambda client: form(client, f"/hand-over/{GIVEN}", to="nobody"),
    ),
    "a page of the list that nobody gave out": (
        "reviewer", 422, "page_unknown", lambda client: client.get("/?after=nowhere"),
    ),
    "a filter that is none": ("reviewer", 422, "request_invalid", lambda client: client.get("/?grade=best")),
    "an action that is none": (
        "reviewer", 422, "request_invalid",
        lambda client: client.post(f"/api/v1/reviews/{GIVEN}", json={"action": "praise"}),
    ),
    "an account that is not there": (
        "admin", 404, "store_unknown_account",
        lambda client: form(client, "/accounts/nobody", change="disable"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_says_its_code(signed_in: SignedIn, what: str) -> None:
    name, status, code, request = REFUSED[what]
    answer = request(signed_in(name))
    assert answer.status_code == status
    assert code_of(answer) == code


def code_of(answer: httpx.Response) -> str:
    """The code that an answer carries, as JSON or on a page."""
    if answer.headers["content-type"] == "application/json":
        error = answer.json()["error"]
        assert error["message"]
        return str(error["code"])
    assert "无法完成" in answer.text
    return answer.text.partition("<code>")[2].partition("</code>")[0]


def test_an_account_is_needed(visitor: TestClient) -> None:
    answer = visitor.get("/api/v1/me")
    assert (answer.status_code, code_of(answer)) == (401, "not_signed_in")


@pytest.mark.parametrize(("failed_before", "code"), [(0, "sign_in_failed"), (5, "sign_in_throttled")])
def test_a_wrong_password_is_told_and_then_slowed_down(store: Store, failed_before: int, code: str) -> None:
    for _ in range(failed_before):
        store.accounts.note_failed_sign_in(["name:reviewer"], datetime.now(UTC))
    with pytest.raises(AccessError) as refused:
        SignIn(store.accounts).sign_in("reviewer", "guess", "127.0.0.1")
    assert refused.value.code == code
