"""HTML pages that need nothing but themselves: templates, texts, and a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from qa_pipeline import __version__
from qa_pipeline.i18n import current_language
from qa_pipeline.i18n import gettext as _
from qa_pipeline.reports import checklist, figures, labels


def render_page(template: str, **context: object) -> str:
    """A whole page in the language in force.

    Styles and script stand in the page and are named in its policy by their hashes; the page loads media
    from itself and from the folder beside it, and nothing from anywhere else.
    """
    style, script = look() + charts() + _asset("page.css"), _asset("page.js")
    # 'self' matches no file: address in some browsers, so the scheme is named.
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "media-src 'self' file: data:; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return render(
        template,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        policy=policy,
        language=current_language().replace("_", "-"),
        version=__version__,
        **context,
    )


def render(template: str, **context: object) -> str:
    """A part of a page."""
    return _environment().get_template(template).render(**context)


def look() -> str:
    """The style that reports and desk share."""
    return _asset("look.css")


def charts() -> str:
    """The style of figures: tiles, bars, trends; after `look`."""
    return _asset("charts.css")


def call_anchor(call_id: str) -> str:
    """The place of a call in a report's page; nothing of the id shows in it."""
    return f"call-{hashlib.sha256(call_id.encode('utf-8', 'replace')).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("qa_pipeline.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        {"_": _, "labels": labels, "figures": figures, "score_text": checklist.score_text}
    )
    return environment


@cache
def _asset(name: str) -> str:
    return (files("qa_pipeline.reports") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
