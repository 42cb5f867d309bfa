"""Why a value was refused, in words: of a setting, of an address, on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from qa_pipeline.types import Message, message

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WHOLE = message("must be a whole number")
_NUMBER = message("must be a number")
_DAY = message("must be a day, such as 2026-03-01")
_CHOICE = message("must be one of {expected}")

_REASONS: Mapping[str, Message] = {
    "missing": message("is missing"),
    "extra_forbidden": message("does not exist"),
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": message("must be more than {gt}"),
    "greater_than_equal": message("must be {ge} or more"),
    "less_than": message("must be less than {lt}"),
    "less_than_equal": message("must be {le} or less"),
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "bool_parsing": message("must be true or false"),
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "string_too_long": message("must have {max_length} characters or fewer"),
    "string_too_short": message("must have {min_length} characters or more"),
    "string_pattern_mismatch": message("is not written as it should be"),
    "unknown_time_zone": message("no time zone is called {name}; write one such as Asia/Shanghai"),
}
"""By pydantic's own names of what is wrong; a validator of ours adds its own."""


def reason(error: ErrorDetails) -> Message:
    """What is wrong with a value, without the value: it may be a secret."""
    known = _REASONS.get(error["type"])
    if known is None:
        return Message(text=error["msg"].removeprefix("Value error, "))
    context = error.get("ctx", {})
    return message(known.text, **{name: str(value).replace(" or ", ", ") for name, value in context.items()})
