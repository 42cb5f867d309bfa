"""Tables of other systems read as ours: which column is which field, and what their values mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.metadata_fields import BY_NAME
from qa_pipeline.types import message

FILE_COLUMN = "file"
"""Stands for the column that names the recording."""

_KEYS = ("header", "columns", "values", "drop")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How a call log is read. The empty mapping reads a table whose columns bear our names.

    Args:
        header: names of the columns of a table that has no first row with names.
        columns: column of theirs to field of ours, or to `file` for the one that names the recording.
        values: for a column, their value to the one that our field takes; others stay as they are.
        drop: columns that are not kept at all, such as numbers that were dialled.
    """

    header: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()

    def field_of(self, column: str) -> str:
        """The name under which a column is read."""
        return self.columns.get(column, column)

    def value_of(self, column: str, cell: str) -> str:
        """A cell as our field takes it."""
        return self.values.get(column, {}).get(cell.strip(), cell)


_ASTERISK_COLUMNS = (
    "accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec"
    " disposition amaflags uniqueid userfield"
)
"""Of cdr_csv, Master.csv, in the order of the documentation of Asterisk's CDR modules."""

_FREESWITCH_COLUMNS = (
    "caller_id_name caller_id_number destination_number context start_stamp answer_stamp end_stamp duration"
    " billsec hangup_cause uuid bleg_uuid accountcode read_codec write_codec"
)
"""Of mod_cdr_csv, the template "example" of the vanilla configuration."""

_ASTERISK = TableMapping(
    header=tuple(_ASTERISK_COLUMNS.split()),
    columns={
        "uniqueid": "call_id",
        "src": "agent_id",
        "start": "started_at",
        "answer": "connect_ts",
        "end": "end_ts",
        "billsec": "talk_seconds",
        "disposition": "connected",
    },
    values={
        "disposition": {
            "ANSWERED": "true",
            **dict.fromkeys(("NO ANSWER", "BUSY", "FAILED", "CONGESTION"), "false"),
        }
    },
    drop=frozenset(
        {"dst", "clid", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "duration", "amaflags"}
    ),
)

_FREESWITCH = TableMapping(
    header=tuple(_FREESWITCH_COLUMNS.split()),
    columns={
        "uuid": "call_id",
        "caller_id_number": "agent_id",
        "start_stamp": "started_at",
        "answer_stamp": "connect_ts",
        "end_stamp": "end_ts",
        "billsec": "talk_seconds",
        "hangup_cause": "result_code",
    },
    drop=frozenset(
        {"destination_number", "caller_id_name", "context", "duration", "read_codec", "write_codec"}
    ),
)

MAPPINGS: Mapping[str, TableMapping] = {"asterisk": _ASTERISK, "freeswitch": _FREESWITCH}
"""Call detail records that are known by name."""


def table_mapping(name: str) -> TableMapping:
    """A mapping by its name, or from a TOML file.

    Raises:
        ConfigurationError: code ``mapping_invalid``; says what is wrong and what was expected.
    """
    if name in MAPPINGS:
        return MAPPINGS[name]
    path = Path(name).expanduser()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        told = message(
            "{name} is neither the name of a mapping ({known}) nor a file; correct --mapping",
            name=name,
            known=", ".join(MAPPINGS),
        )
        raise ConfigurationError("mapping_invalid", told) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(name, str(error)) from error
    return _mapping(name, document)


def _mapping(name: str, document: Mapping[str, Any]) -> TableMapping:
    unknown = sorted(set(document) - set(_KEYS))
    if unknown:
        raise _wrong(name, ", ".join(unknown))
    columns, values = document.get("columns", {}), document.get("values", {})
    if not isinstance(columns, dict):
        raise _wrong(name, "columns")
    for column, target in columns.items():
        if target != FILE_COLUMN and str(target).casefold() not in BY_NAME:
            raise _wrong(name, f"columns.{column} = {target}")
    try:
        return TableMapping(
            header=tuple(map(str, document.get("header", ()))),
            columns={str(column): str(target) for column, target in columns.items()},
            values={
                str(column): {str(theirs): str(ours) for theirs, ours in meanings.items()}
                for column, meanings in values.items()
            },
            drop=frozenset(map(str, document.get("drop", ()))),
        )
    except (AttributeError, TypeError) as error:
        raise _wrong(name, str(error)) from error


def _wrong(name: str, problem: str) -> ConfigurationError:
    told = message(
        "{name} is no mapping of a call table ({problem}); give one of {known}, or a TOML file with"
        " header, columns, values and drop as in docs/metadata.md",
        name=name,
        problem=problem,
        known=", ".join(MAPPINGS),
    )
    return ConfigurationError("mapping_invalid", told)
