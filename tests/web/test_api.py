"""/api/v1: what its description promises holds for whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from qa_pipeline.web.deps import CSRF_HEADER, SESSION_COOKIE
from tests.web.conftest import SignedIn


@pytest.fixture
def description(signed_in: SignedIn) -> dict[str, Any]:
    document: dict[str, Any] = signed_in("admin").get("/api/v1/openapi.json").json()
    return document


def test_every_route_is_described_with_its_errors(description: dict[str, Any]) -> None:
    assert set(description["paths"]) == {
        "/api/v1/me",
        "/api/v1/calls",
        "/api/v1/counts",
        "/api/v1/calls/{call_id}",
        "/api/v1/reviews/{call_id}",
        "/api/v1/accounts",
        "/api/v1/audit-log",
    }
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            error = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/ErrorBody"}, f"{method} {path}"


@pytest.mark.parametrize("name", ["compliance", "reviewer"])
def test_nothing_that_can_be_sent_makes_the_server_fail(
    app: FastAPI, signed_in: SignedIn, description: dict[str, Any], name: str
) -> None:
    client = signed_in(name)
    headers = {CSRF_HEADER: client.headers[CSRF_HEADER]}
    cookies = {SESSION_COOKIE: client.cookies[SESSION_COOKIE]}
    described = schemathesis.openapi.from_dict(description)
    described.app = app
    checked = 0

    for result in described.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=25,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            nonlocal checked
            response = case.call(headers=headers, cookies=cookies)
            case.validate_response(
                response, checks=[not_a_server_error, status_code_conformance, response_schema_conformance]
            )
            checked += 1

        send()
    assert checked > 100


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["03_threats", "05_mono"]),
        ("limit=1", ["03_threats"]),
        ("view=all&grade=red_line", ["03_threats"]),
        ("view=all&q=坐牢&limit=200", ["03_threats", "05_mono"]),
        ("view=all&status=failed&limit=1", ["08_broken"]),
        ("view=all&since=2026-03-17", []),
    ],
)
def test_calls_come_by_filter_and_limit(signed_in: SignedIn, query: str, found: list[str]) -> None:
    answer = signed_in("reviewer").get(f"/api/v1/calls?{query}")
    assert answer.status_code == 200, answer.text
    assert [one["call_id"] for one in answer.json()["calls"]] == found


def test_pages_of_calls_lead_on_to_the_last(signed_in: SignedIn) -> None:
    client, seen, after = signed_in("reviewer"), list[str](), ""
    while after is not None:
        told = client.get("/api/v1/calls", params={"view": "all", "limit": 3, "after": after}).json()
        seen += [one["call_id"] for one in told["calls"]]
        after = told["next"]
    assert len(seen) == len(set(seen)) == client.get("/api/v1/counts?view=all").json()["total"] == 7


@pytest.mark.parametrize("limit", ["0", "201", "many"])
def test_a_page_of_no_size_is_told(signed_in: SignedIn, limit: str) -> None:
    answer = signed_in("reviewer").get("/api/v1/calls", params={"limit": limit})
    assert answer.status_code == 422
    assert "limit" in answer.json()["error"]["message"]
