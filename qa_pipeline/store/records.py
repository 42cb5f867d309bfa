"""Records to JSON-ready documents and back, exactly, driven by the type hints of the dataclasses.

A document is the record's fields by name plus ``"schema": "<Record>/<version>"``. A field that the document
lacks gets the default of the dataclass, one that the record no longer has is passed over; so a new field
needs a default, and only a change of meaning needs a new `VERSION`.
"""

from __future__ import annotations

import json
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any

from qa_pipeline.errors import StoreError
from qa_pipeline.types import message

VERSION = 1

_SCHEMA_KEY = "schema"
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")

Record = typing.TypeVar("Record")
Coder = Callable[[Any], Any]


def to_document(record: object) -> dict[str, object]:
    """A record as a document that `json` can write.

    Raises:
        TypeError: a field's type hint is none a document has a place for.
    """
    document: dict[str, object] = {_SCHEMA_KEY: f"{type(record).__name__}/{VERSION}"}
    record_type: Any = type(record)
    document.update(_coders(record_type)[0](record))
    return document


def from_document(record_type: type[Record], document: Mapping[str, object]) -> Record:
    """The record that `to_document` was given.

    Raises:
        StoreError: store_newer, written by a newer version; store_record_unreadable, not a document of this
            record.
    """
    name, _, version = str(document.get(_SCHEMA_KEY, "")).partition("/")
    if name != record_type.__name__ or not version.isdecimal():
        raise _unreadable(record_type, f"schema {name}/{version}")
    if int(version) > VERSION:
        raise StoreError(
            "store_newer",
            message(
                "The store holds {record} documents of version {found};"
                " this version of qa_pipeline reads up to version {known}. Update qa_pipeline.",
                record=name,
                found=version,
                known=VERSION,
            ),
        )
    hint: Any = record_type
    try:
        return typing.cast("Record", _coders(hint)[1](document))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise _unreadable(record_type, f"{type(error).__name__}: {error}") from error


def write_json(document: object) -> str:
    """A document as compact JSON text that every database takes.

    Chinese stays as it is; a lone surrogate (from a file name that is not UTF-8) is written as its escape.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _LONE_SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _unreadable(record_type: type, reason: str) -> StoreError:
    return StoreError(
        "store_record_unreadable",
        message(
            "A stored {record} cannot be read ({reason})."
            " Restore the store from a backup, or audit the call again.",
            record=record_type.__name__,
            reason=reason,
        ),
    )


def _unchanged(value: object) -> object:
    return value


def _write_float(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


_SCALARS: dict[object, tuple[Coder, Coder]] = {
    str: (_unchanged, _unchanged),
    int: (_unchanged, _unchanged),
    bool: (_unchanged, _unchanged),
    float: (_write_float, float),
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
}


@cache
def _coders(hint: Any) -> tuple[Coder, Coder]:
    """The way into a document and the way back, for one type hint."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return (lambda member: member.value), hint
    if isinstance(hint, type) and is_dataclass(hint):
        return _record_coders(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return _tuple_coders(arguments)
    if origin in (types.UnionType, typing.Union) and len(arguments) == 2 and types.NoneType in arguments:
        write, read = _coders(next(each for each in arguments if each is not types.NoneType))
        return (
            (lambda value: None if value is None else write(value)),
            (lambda value: None if value is None else read(value)),
        )
    raise TypeError(f"records hold no {hint}: choose a type that has a place in a document")


def _record_coders(record_type: type) -> tuple[Coder, Coder]:
    hints = typing.get_type_hints(record_type)
    record_fields = fields(record_type)
    writers = [(field.name, _coders(hints[field.name])[0]) for field in record_fields]
    readers = [
        (
            field.name,
            _coders(hints[field.name])[1],
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in record_fields
    ]

    def write(record: object) -> dict[str, object]:
        return {name: encode(getattr(record, name)) for name, encode in writers}

    def read(document: Mapping[str, object]) -> object:
        return record_type(
            **{name: decode(document[name]) for name, decode, needed in readers if needed or name in document}
        )

    return write, read


def _tuple_coders(arguments: tuple[Any, ...]) -> tuple[Coder, Coder]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        write, read = _coders(arguments[0])
        if write is _unchanged:
            return list, tuple
        return (lambda values: [write(value) for value in values]), (lambda values: tuple(map(read, values)))
    writers, readers = zip(*(_coders(argument) for argument in arguments), strict=True)
    return (
        (lambda values: [encode(value) for encode, value in zip(writers, values, strict=True)]),
        (lambda values: tuple(decode(value) for decode, value in zip(readers, values, strict=True))),
    )
