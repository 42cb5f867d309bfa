"""What every answer and every request goes through: language, headers, and no request from other sites."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_pipeline.i18n import gettext as _
from qa_pipeline.i18n import use_language
from qa_pipeline.web.deps import LANGUAGE_COOKIE, SAFE_METHODS

LANGUAGES = {"zh_CN": "中文", "en": "English"}
_LARGEST_BODY = 1024 * 1024


def content_policy(nonce: str) -> str:
    """Only what is shipped with the package runs; styles of a script carry the nonce of the page."""
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


class Protection:
    """ASGI middleware around the whole application.

    Args:
        language: of visitors who chose none.
    """

    def __init__(self, app: ASGIApp, *, language: str) -> None:
        self._app = app
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        use_language(_chosen_language(scope, self._language))
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message), scope, nonce)
            await send(message)

        if scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, guarded)
        elif _from_elsewhere(scope, headers):
            refused = _error(403, "other_site", _("The request came from another site."))
            await refused(scope, receive, guarded)
        elif (read := await _read(headers, receive)) is None:
            refused = _error(413, "too_large", _("The request is too large."))
            await refused(scope, receive, guarded)
        else:
            await self._app(scope, read, guarded)


async def _read(headers: Headers, receive: Receive) -> Receive | None:
    """The body, read whole and to be received once more; None where it is too large.

    What its header says spares the reading; a body that comes in chunks says nothing, so it is counted.
    """
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LARGEST_BODY:
        return None
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > _LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            message = {"type": "http.request", "body": bytes(body)}
            break
    kept = [message]

    async def again() -> Message:
        return kept.pop() if kept else await receive()

    return again


def _from_elsewhere(scope: Scope, headers: Headers) -> bool:
    """By what the browser itself says of the page that asks; programs that are no browser send neither."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _chosen_language(scope: Scope, default: str) -> str:
    chosen = HTTPConnection(scope).cookies.get(LANGUAGE_COOKIE, default)
    return chosen if chosen in LANGUAGES else default


def _protect(headers: MutableHeaders, scope: Scope, nonce: str) -> None:
    headers["Content-Security-Policy"] = content_policy(nonce)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if not scope["path"].startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")


def _error(status: int, code: str, text: str) -> ASGIApp:
    return JSONResponse({"error": {"code": code, "message": text}}, status_code=status)
