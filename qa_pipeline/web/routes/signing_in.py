"""Signing in and out, the choice of language, and whether the desk is alive."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from qa_pipeline.errors import AccessError
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.web.deps import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Desk,
    Needs,
    Visitor,
    client_address,
    desk,
)
from qa_pipeline.web.pages import page
from qa_pipeline.web.permissions import Permission
from qa_pipeline.web.protection import LANGUAGES

router = APIRouter(include_in_schema=False)

_A_YEAR = 365 * 24 * 3600


@router.get("/login")
def sign_in_page(
    request: Request,
    next: str = "/",  # noqa: A002 the name in the URL
    changed: bool = False,
) -> Response:
    """The form to sign in; it says so where a changed password ended the session."""
    note = _("The password is changed. Sign in with the new one.") if changed else ""
    return page(request, "sign_in.html", error="", note=note, name="", next=_own_path(next))


@router.post("/login")
def sign_in(
    request: Request,
    parts: Annotated[Desk, Depends(desk)],
    name: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 the name in the form
) -> Response:
    """Sign in, and go where the visitor wanted to go."""
    try:
        token, _ = parts.sign_in.sign_in(name.strip(), password, client_address(request))
    except AccessError as error:
        status = 429 if error.code == "sign_in_throttled" else 401
        return page(
            request,
            "sign_in.html",
            status_code=status,
            error=render(error.message),
            note="",
            name=name,
            next=_own_path(next),
        )
    answer = RedirectResponse(_own_path(next), status_code=303)
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(parts.sign_in.limits.absolute.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def sign_out(
    request: Request, visitor: Annotated[Visitor, Depends(Needs(Permission.OWN_ACCOUNT, password_due=True))]
) -> Response:
    """End the session."""
    visitor.desk.sign_in.sign_out(request.cookies[SESSION_COOKIE], visitor.account, visitor.address)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@router.post("/language")
def choose_language(
    request: Request,
    language: Annotated[str, Form()] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 the name in the form
) -> Response:
    """Show the desk in another language from now on."""
    answer = RedirectResponse(_own_path(next), status_code=303)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_A_YEAR, samesite="lax", httponly=True)
    return answer


@router.get("/health")
def health(parts: Annotated[Desk, Depends(desk)]) -> Response:
    """Whether the desk and its store answer; for whoever watches it."""
    parts.store.accounts.account("")
    return PlainTextResponse("ok")


def _own_path(address: str) -> str:
    """A place on this desk, never another site's."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    return address if own and "\\" not in address and address.isprintable() else "/"
