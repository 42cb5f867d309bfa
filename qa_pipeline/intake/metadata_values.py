"""One value of call metadata: from how it is written to its type, and back to text.

`parse_value` is strict: what it does not understand it refuses, with a sentence that says what was expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from qa_pipeline.errors import MetadataError
from qa_pipeline.intake.metadata_fields import FieldKind, MetadataField
from qa_pipeline.types import Message, message

Value = str | int | Decimal | datetime | date | tuple[str, ...]

_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "是"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否"), False),
}
_AMOUNT = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")
_SHOWN_CHARACTERS = 60
_NO_TEXT = re.compile("[\x00-\x1f\ud800-\udfff]")
"""Control characters, and halves of characters, which JSON can write and nothing can hold."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[Zz]| ?[+-]\d\d:?\d\d)?", re.ASCII)
# Spreadsheets write days and times with slashes and without leading zeros, exports add midnight to a day.
_SLASHED_TIME = re.compile(r"\d{4}/\d\d?/\d\d? \d\d?:\d\d(?::\d\d)?", re.ASCII)
# Recorders write times into file names without marks.
_COMPACT_TIME = re.compile(r"(\d{8})[-_ Tt]?(\d{6})", re.ASCII)
_SLASHED_DAY = re.compile(r"\d{4}/\d\d?/\d\d?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?: 00:00:00)?|\d{8}", re.ASCII)


_EXPECTED: Mapping[FieldKind, Message] = {
    FieldKind.TEXT: message("{where}: {key} is {value}; expected a text in one line such as {example}"),
    FieldKind.CHOICE: message("{where}: {key} is {value}; expected one of: {known}"),
    FieldKind.BOOLEAN: message("{where}: {key} is {value}; expected true or false"),
    FieldKind.WHOLE: message("{where}: {key} is {value}; expected a whole number such as {example}"),
    FieldKind.SECONDS: message("{where}: {key} is {value}; expected a number of seconds such as {example}"),
    FieldKind.AMOUNT: message("{where}: {key} is {value}; expected yuan as decimal text such as {example}"),
    FieldKind.TIME: message("{where}: {key} is {value}; expected day, time and zone such as {example}"),
    FieldKind.DAY: message("{where}: {key} is {value}; expected a day such as {example}"),
    FieldKind.LIST: message("{where}: {key} is {value}; expected a list of texts such as {example}"),
}


_EXPECTED_LOCAL_TIME = message(
    "{where}: {key} is {value}; expected day and time such as {example};"
    " a time without zone is read in the configured one"
)


class _RefusedError(Exception):
    """The value is not what the field takes."""


def parse_value(field: MetadataField, value: object, *, where: str, key: str, zone: tzinfo | None) -> Value:
    """Read one value strictly.

    Args:
        value: as JSON or a CSV cell gives it; neither None nor an empty text.
        where: file, or file and row, for the message.
        key: the name under which the value was found.
        zone: of times that state none; None refuses them.

    Raises:
        MetadataError: code ``metadata_invalid``; says what was expected, with an example.
    """
    try:
        return _parse(field, value, zone)
    except (_RefusedError, ValueError, OverflowError):
        known = " ".join(field.choices or ())
        told = {"where": where, "key": key, "value": shown(value), "example": field.example, "known": known}
        local = field.kind is FieldKind.TIME and zone is not None
        expected = _EXPECTED_LOCAL_TIME if local else _EXPECTED[field.kind]
        raise MetadataError("metadata_invalid", Message(expected.text, tuple(told.items()))) from None


def value_text(value: Value | bool) -> str:
    """The canonical text of a parsed value, as kept in `extra` and written to JSON."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return ";".join(value)
        case _:
            return str(value)


def shown(value: object) -> str:
    """A value as a message may quote it: as JSON where possible, and never at length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _parse(field: MetadataField, value: object, zone: tzinfo | None) -> Value:
    if field.kind is FieldKind.LIST:
        return _parse_list(value)
    if field.kind is FieldKind.BOOLEAN and isinstance(value, bool):
        return value
    # A float has already lost the digits that were written; JSON read by this package keeps them as Decimal.
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _RefusedError
    text = str(value).strip()
    parsed: Value
    match field.kind:
        case FieldKind.TEXT:
            parsed = _parse_text(value, text)
        case FieldKind.CHOICE:
            parsed = _known(field.choices or {}, text)
        case FieldKind.BOOLEAN:
            parsed = _known(_BOOLEANS, text)
        case FieldKind.WHOLE:
            parsed = int(Decimal(_written(_WHOLE, text)))
        case FieldKind.SECONDS:
            parsed = int(Decimal(_written(_SECONDS, text)).quantize(Decimal(1), ROUND_HALF_UP))
        case FieldKind.AMOUNT:
            parsed = Decimal(_written(_AMOUNT, text).replace(",", ""))
        case FieldKind.TIME:
            parsed = _parse_time(text, zone)
        case FieldKind.DAY:
            parsed = _parse_day(text)
    return parsed


def _written(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise _RefusedError
    return text


def _known(known: Mapping[str, str | int], text: str) -> str | int:
    try:
        return known[text.casefold()]
    except KeyError:
        raise _RefusedError from None


def _parse_text(value: object, text: str) -> str:
    if isinstance(value, Decimal) or _NO_TEXT.search(text):
        raise _RefusedError
    return text


def _parse_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in re.split(r"[;；|]", value) if part.strip())
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(part.strip() for part in value if part.strip())
    raise _RefusedError


def _parse_time(text: str, zone: tzinfo | None) -> datetime:
    if _SLASHED_TIME.fullmatch(text):
        time = datetime.strptime(text, "%Y/%m/%d %H:%M:%S" if text.count(":") == 2 else "%Y/%m/%d %H:%M")  # noqa: DTZ007
    elif compact := _COMPACT_TIME.fullmatch(text):
        time = datetime.strptime("".join(compact.groups()), "%Y%m%d%H%M%S")  # noqa: DTZ007
    else:
        time = datetime.fromisoformat(_written(_TIME, text).upper().replace(" ", "T", 1).replace(" ", ""))
    if time.tzinfo is None:
        if zone is None:
            raise _RefusedError
        time = time.replace(tzinfo=zone)
    if zone is not None:
        time = time.astimezone(zone)
    return time.astimezone(timezone(time.utcoffset() or timedelta()))


def _parse_day(text: str) -> date:
    if _SLASHED_DAY.fullmatch(text):
        return datetime.strptime(text, "%Y/%m/%d").date()  # noqa: DTZ007
    return date.fromisoformat(_written(_DAY, text).removesuffix(" 00:00:00"))
