"""What a person reads, from one gettext catalogue: zh_CN by default, English as written in the code."""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from qa_pipeline.types import Message

DEFAULT_LANGUAGE = "zh_CN"
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("qa_language", default=DEFAULT_LANGUAGE)


def use_language(language: str) -> None:
    """Choose the language of this context: zh_CN (also zh, zh-CN) or en."""
    _language.set(DEFAULT_LANGUAGE if language.lower().startswith("zh") else language)


def current_language() -> str:
    """The language in force, as a locale name."""
    return _language.get()


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("qa_pipeline", str(_LOCALE_FOLDER), languages=[language], fallback=True)


def gettext(text: str) -> str:
    """Translate an English text; the text itself where the catalogue has none."""
    return _catalogue(_language.get()).gettext(text)


def render(message: Message) -> str:
    """A message as a sentence in the language in force."""
    return gettext(message.text).format(**dict(message.values))


def label(table: Mapping[str, Message], code: str) -> str:
    """The name of a code in the language in force; the code itself where the table has none."""
    known = table.get(code)
    return code if known is None else render(known)
