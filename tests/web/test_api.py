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
