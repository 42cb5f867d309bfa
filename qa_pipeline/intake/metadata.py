"""Call metadata: from a sidecar, a CSV row or a transcript line to `CallMetadata`, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qa_pipeline.errors import ConfigurationError, MetadataError
from qa_pipeline.intake.metadata_fields import BY_NAME, FIELDS
from qa_pipeline.intake.metadata_values import Value, parse_value, shown, value_text
from qa_pipeline.types import CallMetadata, message

DEFAULT_TIMEZONE = "Asia/Shanghai"
"""Zone of times that state none: call logs in China hardly ever write one, and China keeps one time."""

UNNAMED_AGENCY = "external"
"""Kept as agency where an external agent is stated and no agency is named, since null means own staff."""


def metadata_from(
    document: Mapping[str, object],
    *,
    call_id: str,
    where: str,
    timezone: str | None = DEFAULT_TIMEZONE,
    fields: Mapping[str, str] | None = None,
    weaker: Mapping[str, str] | None = None,
) -> CallMetadata:
    """Read call metadata under any of their names.

    A null or an empty text is not stated. A key the table does not know is kept in `extra` as text; an object
    under `extra` is read as if its keys stood beside it, so `metadata_document` can be read back.

    Args:
        call_id: identity where the document states none.
        where: file, or file and row or line, for error messages.
        timezone: of times without zone, an IANA name; None refuses such times.
        fields: names of fields by keys of the document that are called otherwise.
        weaker: further fields, such as from the name of the file, for what the document does not state.

    Raises:
        MetadataError: code ``metadata_invalid`` (a value is not what the field takes) or
            ``metadata_conflict`` (two names of one field with different values).
        ConfigurationError: code ``timezone_unknown``.
    """
    zone = None if timezone is None else zone_of(timezone)
    known: dict[str, Value] = {}
    unknown: dict[str, str] = {}
    for key, value in _flat(document, where).items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        field = BY_NAME.get((fields or {}).get(key, key).casefold())
        if field is None:
            unknown[key] = value if isinstance(value, str) else _as_text(value)
            continue
        parsed = parse_value(field, value, where=where, key=key, zone=zone)
        if known.setdefault(field.name, parsed) != parsed:
            told = message(
                "{where}: {key} is {value}, but under another name {field} is {other}; keep one",
                where=where,
                key=key,
                value=shown(value),
                field=field.name,
                other=value_text(known[field.name]),
            )
            raise MetadataError("metadata_conflict", told)
    for name, text in (weaker or {}).items():
        field = BY_NAME[name.casefold()]
        if field.name not in known:
            known[field.name] = parse_value(field, text, where=where, key=name, zone=zone)
    return _call(known, unknown, call_id)


def metadata_document(call: CallMetadata) -> dict[str, object]:
    """The metadata as JSON-ready values under their own names; `metadata_from` reads it back unchanged."""
    document = {field.name: _json_value(getattr(call, field.name)) for field in dataclasses.fields(call)}
    document["extra"] = dict(call.extra)
    return document


def unknown_keys(call: CallMetadata) -> tuple[str, ...]:
    """The keys in `extra` that the table of fields does not know."""
    return tuple(key for key, _ in call.extra if key.casefold() not in BY_NAME)


def zone_of(timezone: str) -> tzinfo:
    """The zone of an IANA name.

    Raises:
        ConfigurationError: code ``timezone_unknown``.
    """
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        told = message(
            'time zone "{timezone}" is not known here; give an IANA name such as Asia/Shanghai, '
            "or install the package tzdata if the name is right",
            timezone=timezone,
        )
        raise ConfigurationError("timezone_unknown", told) from None


def _flat(document: Mapping[str, object], where: str) -> dict[str, object]:
    extra = document.get("extra")
    if not isinstance(extra, Mapping):
        return dict(document)
    own = {key: value for key, value in document.items() if key != "extra"}
    for key in own.keys() & extra.keys():
        if own[key] not in (None, extra[key]):
            told = message(
                "{where}: {key} stands in metadata as {value} and in extra as {other}; keep one",
                where=where,
                key=key,
                value=shown(own[key]),
                other=shown(extra[key]),
            )
            raise MetadataError("metadata_conflict", told)
    return own | dict(extra)


def _call(known: dict[str, Value], unknown: dict[str, str], call_id: str) -> CallMetadata:
    agency = known.get("agency")
    extra = dict(unknown)
    if known.get("agent_type") == "self" and agency is not None:
        # The name beside an in-house agent is the house's own; null is what says "no outside agency".
        extra["agency_name"] = str(known.pop("agency"))
    elif known.get("agent_type") == "external" and agency is None:
        known["agency"] = UNNAMED_AGENCY
    own: dict[str, Any] = {"call_id": call_id}
    for field in FIELDS:
        if field.name in known:
            value = known[field.name]
            if field.in_extra:
                extra[field.name] = value_text(value)
            else:
                own[field.name] = value
    return CallMetadata(**own, extra=tuple(sorted(extra.items())))


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


def _json_value(value: object) -> object:
    match value:
        case Decimal() | datetime() | date():
            return value_text(value)
        case tuple():
            return list(value)
        case _:
            return value
