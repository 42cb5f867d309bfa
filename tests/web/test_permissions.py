"""Every route against the one table, role by role."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from qa_pipeline.review.conditions import Reviewer
from qa_pipeline.review.desk import ReviewDesk, action
from qa_pipeline.store.repository import Store
from qa_pipeline.types import DeskRole, ReviewAction
from qa_pipeline.web.deps import Needs
from qa_pipeline.web.permissions import GRANTS, PUBLIC, Permission
from qa_pipeline.web.routes import ROUTERS
from tests.web.conftest import SignedIn, add_account


def needs(dependant: Dependant) -> Iterator[Needs]:
    for one in dependant.dependencies:
        if isinstance(one.call, Needs):
            yield one.call
        yield from needs(one)


ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
PROTECTED = [route for route in ROUTES if route.name not in PUBLIC]


def test_every_route_names_one_permission_or_is_public(app: FastAPI) -> None:
    named = {route.name: [one.permission for one in needs(route.dependant)] for route in ROUTES}
    assert {name for name, permissions in named.items() if len(permissions) != 1} == PUBLIC
    assert len(PROTECTED) > 10


def test_beside_the_routers_there_are_only_files(app: FastAPI) -> None:
    assert [route.name for route in app.routes if isinstance(route, APIRoute)] == [
        "shared_look",
        "shared_look",
    ]
    assert sum(isinstance(route, APIRoute) for router in ROUTERS for route in router.routes) == sum(
        len(router.routes) for router in ROUTERS
    )


def test_every_permission_of_the_table_is_granted_to_somebody() -> None:
    assert set(GRANTS) == set(Permission)
    assert all(GRANTS.values())


@pytest.mark.parametrize("role", DeskRole)
def test_a_role_gets_what_the_table_grants_and_nothing_else(signed_in: SignedIn, role: DeskRole) -> None:
    wrong: list[str] = []
    for route in PROTECTED:
        (needed,) = needs(route.dependant)
        for method in route.methods:
            client = signed_in(role.value)
            answer = client.request(method, _address(route))
            refused = answer.status_code == 403 and "forbidden" in answer.text
            if refused is (role in GRANTS[needed.permission]):
                wrong.append(f"{method} {route.path} {answer.status_code}")
    assert wrong == []


def test_nobody_gets_anything_without_signing_in(visitor: TestClient) -> None:
    for route in PROTECTED:
        for method in route.methods:
            answer = visitor.request(method, _address(route))
            signed_out = answer.status_code == 401 or answer.headers.get("location", "").startswith("/login")
            assert signed_out, f"{method} {route.path}"


@pytest.mark.parametrize(
    ("name", "call_id", "seen"),
    [
        ("agent", "03_threats", False),
        ("supervisor", "03_threats", True),
        ("reviewer", "03_threats", True),
        ("reviewer", "no/such/call", False),
    ],
)
def test_a_call_out_of_scope_is_as_unknown_as_one_that_is_not_there(
    signed_in: SignedIn, name: str, call_id: str, seen: bool
) -> None:
    client = signed_in(name)
    for address in (f"/api/v1/calls/{call_id}", f"/api/v1/reviews/{call_id}"):
        answer = client.get(address)
        assert answer.status_code == (200 if seen else 404)
        if not seen:
            assert answer.json()["error"]["code"] == "call_not_found"


def test_an_account_without_number_or_team_sees_nothing(
    store: Store, signed_in: SignedIn, password_hash: str
) -> None:
    for role in (DeskRole.AGENT, DeskRole.SUPERVISOR):
        name = f"bare_{role.value}"
        add_account(store, role, name, password_hash=password_hash, agent_id=None, team=None)
        assert signed_in(name).get("/api/v1/counts", params={"view": "all"}).json()["total"] == 0


def test_a_disabled_account_is_out_at_once(store: Store, signed_in: SignedIn) -> None:
    client = signed_in("reviewer")
    assert client.get("/api/v1/me").status_code == 200
    store.accounts.set_disabled("reviewer", True)
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("role", DeskRole)
def test_whoever_gives_calls_takes_back_what_somebody_else_gave(
    store: Store, desk: ReviewDesk, signed_in: SignedIn, role: DeskRole
) -> None:
    call_id = "01_model_promise"
    given = action(call_id, ReviewAction.RELEASE, "who-left")
    desk.act(given, Reviewer(name="who-left", releases=True))
    body = {"action": "withdraw", "target": given.id, "id": "taken-back-1", "seen": 1}
    answer = signed_in(role.value).post(f"/api/v1/reviews/{call_id}", json=body)
    able = role in GRANTS[Permission.RELEASE]
    assert answer.status_code == (200 if able else 403), answer.text
    last = store.reviews.of(call_id)[-1]
    assert (last.action, last.reviewer) == (
        (ReviewAction.WITHDRAW, role.value) if able else (ReviewAction.RELEASE, "who-left")
    )


def _address(route: APIRoute) -> str:
    return re.sub(r"\{[^}]*\}", "03_threats", route.path)
