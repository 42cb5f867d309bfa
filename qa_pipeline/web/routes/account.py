"""A person's own account: the password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from qa_pipeline.errors import AccessError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.web.deps import SESSION_COOKIE, Needs, Visitor
from qa_pipeline.web.pages import page
from qa_pipeline.web.passwords import hash_password, verify
from qa_pipeline.web.permissions import Permission

router = APIRouter(include_in_schema=False)
Own = Annotated[Visitor, Depends(Needs(Permission.OWN_ACCOUNT, password_due=True))]


@router.get("/account/password")
def password_page(request: Request, visitor: Own) -> Response:
    """The form for a new password."""
    return page(request, "password.html", error="")


@router.post("/account/password")
def change_password(
    request: Request,
    visitor: Own,
    current: Annotated[str, Form(max_length=1000)] = "",
    new: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Change the password; whoever is signed in elsewhere has to sign in again."""
    accounts, name = visitor.desk.store.accounts, visitor.account.name
    try:
        if not verify(current, accounts.password_hash(name)):
            return page(request, "password.html", status_code=422, error=_("The present password is wrong."))
        if new != again:
            return page(request, "password.html", status_code=422, error=_("The new passwords differ."))
        if new == current:
            return page(request, "password.html", status_code=422, error=_("Choose a new password."))
        accounts.set_password(name, hash_password(new), must_change=False)
    except AccessError as error:
        return page(request, "password.html", status_code=422, error=render(error.message))
    visitor.log("account.password", subject=name)
    answer = RedirectResponse("/login?changed=true", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer
