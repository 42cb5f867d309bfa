"""The application: its parts put together, its errors made into one shape."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from qa_pipeline import __version__
from qa_pipeline.assembly import build_engine, open_configured_store, ready_data_folder
from qa_pipeline.config import Settings
from qa_pipeline.errors import (
    AccessError,
    AudioError,
    ConfigurationError,
    ModelError,
    QAError,
    ReviewError,
    StoreError,
)
from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import render
from qa_pipeline.language.phonetics import syllables
from qa_pipeline.review.desk import ReviewDesk
from qa_pipeline.review.listing import list_calls
from qa_pipeline.store.repository import Store
from qa_pipeline.web.any_text import AnyJSONResponse, sendable
from qa_pipeline.web.deps import Desk, NotSignedInError, PasswordDueError
from qa_pipeline.web.pages import SHARED, STATIC, page, ready_templates
from qa_pipeline.web.protection import Protection
from qa_pipeline.web.retrying import Retrying
from qa_pipeline.web.routes import ROUTERS
from qa_pipeline.web.rule_book import rule_book
from qa_pipeline.web.sign_in import SessionLimits, SignIn
from qa_pipeline.wrong_values import reason

if TYPE_CHECKING:
    from qa_pipeline.pipeline import Engine

_log = logging.getLogger(__name__)
_LIST_EVERY_S = 60

_STATUS = {
    "csrf_failed": 403,
    "forbidden": 403,
    "call_not_found": 404,
    "sound_missing": 404,
    "run_not_found": 404,
    "sign_in_failed": 401,
    "sign_in_throttled": 429,
    "password_weak": 422,
    "assignee_missing": 422,
    "page_unknown": 422,
    "account_name_invalid": 422,
    "store_unknown_call": 404,
    "store_unknown_account": 404,
    "store_account_exists": 409,
    "review_conflict": 409,
    "review_not_allowed": 403,
    "review_target_unknown": 404,
    "store_locked": 503,
}


def create_app(settings: Settings, store: Store | None = None) -> FastAPI:
    """The desk of these settings.

    Args:
        store: opened already; the configured one, closed with the application, when left out.
    """
    ready_data_folder(settings.data_folder)
    opened = store or open_configured_store(settings)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        listing = asyncio.create_task(_keep_listed(opened))
        # While people sign in, so that nobody waits for it on the first call.
        reading = asyncio.create_task(asyncio.to_thread(_warm_up, settings))
        yield
        listing.cancel()
        reading.cancel()
        if store is None:
            opened.close()

    app = FastAPI(
        title="qa_pipeline",
        version=__version__,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[Middleware(Protection, language=settings.lang)],
    )
    app.state.desk = Desk(
        settings=settings,
        store=opened,
        review=ReviewDesk(opened, timezone=settings.timezone),
        retrying=Retrying(settings),
        engine=cache(partial(_judging_engine, settings)),
        sign_in=SignIn(
            opened.accounts, SessionLimits.of(settings.session_idle_minutes, settings.session_hours)
        ),
    )
    app.add_exception_handler(NotSignedInError, _ask_to_sign_in)
    app.add_exception_handler(PasswordDueError, _ask_for_password)
    app.add_exception_handler(QAError, _told)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)

    for name, style in SHARED.items():
        app.add_api_route(f"/static/{name}", _shared(style), name="shared_look", include_in_schema=False)

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)
    return app


async def _keep_listed(store: Store) -> None:
    """Bring calls into the queue that somebody saves without it, such as an older audit on the same store."""
    while True:
        try:
            await run_in_threadpool(list_calls, store)
        except StoreError as error:
            _log.warning("calls could not be listed: %s", error.code)
        await asyncio.sleep(_LIST_EVERY_S)


def _judging_engine(settings: Settings) -> Engine:
    """As audits have it, so that the next one knows what was judged here; else without hearing."""
    try:
        return build_engine(settings)
    except ModelError:
        return build_engine(settings, hearing=False)


def _warm_up(settings: Settings) -> None:
    """Read what every page of a call needs and what is kept once read: templates, sounds of names, rules."""
    ready_templates()
    syllables("名")
    with suppress(QAError):  # told to whoever opens a call
        rule_book(settings.rule_pack)


def _shared(style: Callable[[], str]) -> Callable[[], Response]:
    def answer() -> Response:
        kept = {"Cache-Control": "max-age=31536000, immutable"}
        return Response(style(), media_type="text/css", headers=kept)

    return answer


def wants_json(request: Request) -> bool:
    """Whether a program asks and not a person."""
    return request.url.path.startswith("/api/")


def error_body(code: str, text: str) -> dict[str, dict[str, str]]:
    """The one shape of an error."""
    return {"error": {"code": code, "message": text}}


def _answer(request: Request, status: int, code: str, text: str) -> Response:
    if wants_json(request):
        return AnyJSONResponse(error_body(code, text), status_code=status)
    if "hx-request" in request.headers:
        return PlainTextResponse(sendable(text), status_code=status, headers={"X-Error-Code": code})
    return page(request, "error.html", status_code=status, code=code, text=text, status=status)


def _ask_to_sign_in(request: Request, _error: Exception) -> Response:
    if wants_json(request):
        return _answer(request, 401, "not_signed_in", _("Sign in first."))
    here = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return _go(request, f"/login?next={quote(here + query, safe='')}")


def _ask_for_password(request: Request, _error: Exception) -> Response:
    if wants_json(request):
        return _answer(request, 403, "password_due", _("Change the one-time password first."))
    return _go(request, "/account/password")


def _go(request: Request, address: str) -> Response:
    """To another page, also from within a part that htmx loads."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, QAError)
    kinds = {
        AccessError: 403,
        AudioError: 404,
        ConfigurationError: 422,
        ModelError: 503,
        ReviewError: 422,
        StoreError: 503,
    }
    status = _STATUS.get(error.code, kinds.get(type(error), 500))
    return _answer(request, status, error.code, render(error.message))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    texts = {404: _("There is no such page."), 405: _("This address does not take such a request.")}
    return _answer(
        request,
        error.status_code,
        f"http_{error.status_code}",
        texts.get(error.status_code, str(error.detail)),
    )


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = "; ".join(
        f"{'.'.join(map(str, one['loc'][1:]))} {render(reason(one))}" for one in error.errors()
    )
    return _answer(request, 422, "request_invalid", _("Not understood: {problems}").format(problems=problems))
