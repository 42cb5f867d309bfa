"""Pages out of templates, in the reader's language, with what every page shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from qa_pipeline import __version__
from qa_pipeline.i18n import current_language
from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import figures, labels
from qa_pipeline.reports.page import charts, look
from qa_pipeline.review import words
from qa_pipeline.web.any_text import quoted, sendable
from qa_pipeline.web.deps import Visitor
from qa_pipeline.web.protection import LANGUAGES

SHARED = {"look.css": look, "charts.css": charts}
"""Styles that stand in the reports and are files of the desk."""

STATIC = Path(str(files("qa_pipeline.web") / "static"))


def page(request: Request, template: str, /, status_code: int = 200, **context: Any) -> HTMLResponse:
    """A page, or a part of one that htmx puts in its place."""
    visitor = getattr(request.state, "visitor", None)
    html = (
        _environment()
        .get_template(template)
        .render(
            visitor=visitor,
            moment=_moments(visitor) if visitor else figures.moment,
            csrf=visitor.csrf if visitor else "",
            nonce=request.state.nonce,
            language=current_language(),
            languages=LANGUAGES,
            path=request.url.path,
            here=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
            version=__version__,
            **context,
        )
    )
    return HTMLResponse(sendable(html), status_code=status_code)


def _moments(visitor: Visitor) -> Callable[[datetime], str]:
    """How an instant is written: in the time zone of the house."""
    zone = ZoneInfo(visitor.desk.settings.timezone)
    return lambda at: figures.moment(at.astimezone(zone))


@cache
def static_url(name: str) -> str:
    """The address of a shipped file, another one whenever its content is another."""
    content = SHARED[name]().encode() if name in SHARED else (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def ready_templates() -> None:
    """Compile every template, which the first visitor of each page would else wait for."""
    environment = _environment()
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("qa_pipeline.web"), PackageLoader("qa_pipeline.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["urlencode"] = quoted
    environment.globals.update(
        {"_": _, "labels": labels, "figures": figures, "words": words, "static": static_url}
    )
    return environment
