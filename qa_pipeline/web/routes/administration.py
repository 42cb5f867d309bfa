"""Accounts and the audit log, as pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from qa_pipeline.errors import AccessError, QAError
from qa_pipeline.i18n import render
from qa_pipeline.types import Account, DeskRole, message
from qa_pipeline.web.accounts import checked
from qa_pipeline.web.deps import Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.passwords import hash_password, one_time_password
from qa_pipeline.web.permissions import Permission

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(Needs(Permission.MANAGE_ACCOUNTS))]
_LINES = 100


@router.get("/accounts")
def accounts(request: Request, visitor: Manager) -> Response:
    """Everybody who may sign in."""
    return _accounts(request, visitor)


@router.post("/accounts")
def add_account(
    request: Request,
    visitor: Manager,
    *,
    role: Annotated[DeskRole, Form()],
    name: Annotated[str, Form(max_length=100)] = "",
    agent: Annotated[str, Form(max_length=100)] = "",
    team: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Add an account and show its one-time password, once."""
    password = one_time_password()
    try:
        account = checked(
            Account(
                name=name.strip(),
                role=role,
                agent_id=agent.strip() or None,
                team=team.strip() or None,
                must_change_password=True,
                created_at=datetime.now(UTC),
            )
        )
        visitor.desk.store.accounts.add(account, password_hash=hash_password(password))
    except QAError as error:
        return _accounts(request, visitor, status_code=422, error=render(error.message))
    visitor.log("account.add", account.name, detail=role.value)
    return _accounts(request, visitor, given=(account.name, password))


@router.post("/accounts/{name}")
def change_account(
    request: Request,
    visitor: Manager,
    name: str,
    change: Annotated[Literal["password", "disable", "enable"], Form()],
) -> Response:
    """Give a new one-time password, shut an account out, or let it in again."""
    store = visitor.desk.store.accounts
    if change == "password":
        password = one_time_password()
        store.set_password(name, hash_password(password), must_change=True)
        visitor.log("account.password", name)
        return _accounts(request, visitor, given=(name, password))
    if name == visitor.account.name:
        raise AccessError("forbidden", message("Nobody shuts out the own account."))
    store.set_disabled(name, change == "disable")
    visitor.log(f"account.{change}", name)
    return RedirectResponse("/accounts", status_code=303)


@router.get("/audit-log")
def audit_log(
    request: Request,
    visitor: Annotated[Visitor, Depends(Needs(Permission.READ_AUDIT_LOG))],
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    account: Annotated[str, Query(max_length=100)] = "",
    subject: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Who looked at what and changed what, the latest first."""
    found = visitor.desk.store.accounts.audit_log(
        before=before, account=account.strip(), subject=subject.strip(), limit=_LINES + 1
    )
    return page(
        request,
        "audit_log.html",
        lines=found[:_LINES],
        older=found[_LINES - 1].seq if len(found) > _LINES else None,
        account=account,
        subject=subject,
    )


def _accounts(
    request: Request,
    visitor: Visitor,
    *,
    status_code: int = 200,
    error: str = "",
    given: tuple[str, str] | None = None,
) -> Response:
    return page(
        request,
        "accounts.html",
        status_code=status_code,
        accounts=visitor.desk.store.accounts.all(),
        roles=tuple(DeskRole),
        error=error,
        given=given,
    )
