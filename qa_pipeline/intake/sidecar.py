"""Where a recording's metadata are: in the JSON beside it, else in its row of a calls.csv above it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from qa_pipeline.errors import MetadataError
from qa_pipeline.intake.calls_table import CallsTable
from qa_pipeline.intake.metadata import metadata_from
from qa_pipeline.intake.metadata_fields import BY_NAME
from qa_pipeline.types import CallMetadata, message


def metadata_of(
    recording: Path,
    *,
    call_id: str,
    tables: Iterable[CallsTable],
    timezone: str | None,
    named: Mapping[str, str] | None = None,
) -> CallMetadata:
    """The metadata of a recording; a sidecar replaces a row, it is not mixed with it.

    Args:
        call_id: identity where the metadata state none.
        tables: of the folders above the recording, the nearest first.
        named: what the name of the recording says; it fills in what sidecar or row leave open.

    Raises:
        MetadataError: unreadable, not of the expected shape, or a wrong value.
    """
    sidecar = recording.with_suffix(".json")
    if sidecar.exists():
        return metadata_from(
            read_sidecar(sidecar), call_id=call_id, where=str(sidecar), timezone=timezone, weaker=named
        )
    named_id = next(
        (text for name, text in (named or {}).items() if BY_NAME[name.casefold()].name == "call_id"), None
    )
    for table in tables:
        row = table.row_of(recording, named_id)
        if row is not None:
            return metadata_from(
                row.cells,
                call_id=call_id,
                where=row.where,
                timezone=timezone,
                fields=row.fields,
                weaker=named,
            )
    return metadata_from({}, call_id=call_id, where=str(recording), timezone=timezone, weaker=named)


def read_sidecar(path: Path) -> dict[str, object]:
    """The `metadata` object of a sidecar.

    Raises:
        MetadataError: code ``metadata_unreadable``.
    """
    try:
        document = exact_json(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        told = message(
            "{file} is not readable JSON ({reason}); correct or remove it", file=path, reason=error
        )
        raise MetadataError("metadata_unreadable", told) from error
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        told = message(
            '{file} has no object "metadata"; expected for example {example}',
            file=path,
            example='{"metadata": {"call_id": "20260305-0001", "agent_id": "00123"}}',
        )
        raise MetadataError("metadata_unreadable", told)
    return metadata


def exact_json(text: str) -> Any:
    """JSON with its decimal digits kept as written.

    Raises:
        ValueError: not JSON, or NaN or Infinity, which JSON does not have.
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
