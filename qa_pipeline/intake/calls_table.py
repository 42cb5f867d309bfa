"""calls.csv: one table of metadata for the recordings of a folder, one row a call."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from qa_pipeline.errors import ConfigurationError, MetadataError
from qa_pipeline.intake.file_names import readable
from qa_pipeline.intake.mapping import TableMapping
from qa_pipeline.intake.metadata_fields import BY_NAME
from qa_pipeline.types import message

CALLS_TABLE = "calls.csv"
_FILE_COLUMNS = ("file", "filename", "文件", "文件名", "录音文件")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One row: where it stands, what it is about, its cells by column, and the field each column is."""

    where: str
    subject: str
    cells: Mapping[str, str]
    fields: Mapping[str, str]
    surplus_cells: bool


class CallsTable:
    """The rows of one calls.csv, found by recording.

    A row is about the recording its `file` cell names, relative to the table's folder, with or without
    extension; a row without that cell is about the recording whose path or name without extension is its
    `call_id`.
    """

    def __init__(self, path: Path, mapping: TableMapping | None = None) -> None:
        """Read the table.

        Args:
            mapping: how a table of another system is read.

        Raises:
            ConfigurationError: code ``calls_csv_unreadable``; nothing in the folder could be trusted then.
        """
        self._path = path
        self._mapping = mapping or TableMapping()
        self._by_file: dict[str, list[CallRow]] = defaultdict(list)
        self._by_id: dict[str, list[CallRow]] = defaultdict(list)
        self._used: set[str] = set()
        try:
            text = io.StringIO(_text(path.read_bytes()), newline="")
            self._read(csv.DictReader(text, self._mapping.header or None, strict=True))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            told = message(
                "{file} cannot be read as a table ({reason}); save it as CSV in UTF-8 with commas",
                file=path,
                reason=error,
            )
            raise ConfigurationError("calls_csv_unreadable", told) from error

    def row_of(self, recording: Path, call_id: str | None = None) -> CallRow | None:
        """The row about a recording below the table's folder.

        Args:
            call_id: what the name of the recording says of its identity, if it does.

        Raises:
            MetadataError: code ``metadata_conflict`` where several rows are about it, ``metadata_invalid``
                where the row has more cells than the table has columns.
        """
        relative = PurePath(readable(recording.relative_to(self._path.parent).as_posix()))
        bare = relative.with_suffix("").as_posix()
        rows = (
            self._by_file.get(relative.as_posix())
            or self._by_file.get(bare)
            or (self._by_id.get(call_id) if call_id else None)
            or self._by_id.get(bare)
            or self._by_id.get(relative.stem)
        )
        if not rows:
            return None
        self._used.update(row.where for row in rows)
        if len(rows) > 1:
            told = message(
                "{file}: {rows} are about the same recording {recording}; keep one row",
                file=self._path,
                rows=", ".join(row.where for row in rows),
                recording=relative,
            )
            raise MetadataError("metadata_conflict", told)
        if rows[0].surplus_cells:
            told = message(
                "{where}: the row has more cells than the table has columns; put cells with commas in quotes",
                where=rows[0].where,
            )
            raise MetadataError("metadata_invalid", told)
        return rows[0]

    def unused(self) -> tuple[str, ...]:
        """The rows no recording asked for: where they stand and what they are about."""
        rows = [row for group in (*self._by_file.values(), *self._by_id.values()) for row in group]
        return tuple(f"{row.where} {row.subject}" for row in rows if row.where not in self._used)

    def _read(self, reader: csv.DictReader[str]) -> None:
        mapping = self._mapping
        columns = [name for name in reader.fieldnames or () if name.strip()]
        fields = {name.strip(): mapping.field_of(name.strip()) for name in columns}
        file_column = next((name for name in columns if _names_files(fields[name.strip()])), None)
        id_column = next((name for name in columns if _is_call_id(fields[name.strip()])), None)
        if (file_column is None and id_column is None) or len(set(columns)) < len(columns):
            told = message(
                "{file}: the first row must name every column once, with file or call_id; it is {columns}",
                file=self._path,
                columns=", ".join(columns) or "-",
            )
            raise ConfigurationError("calls_csv_unreadable", told)
        for cells in reader:
            surplus = cells.pop(None, None)
            file = (cells.pop(file_column, None) or "").strip() if file_column else ""
            call_id = ((cells.get(id_column) or "") if id_column else "").strip()
            row = CallRow(
                where=f"{self._path}:{reader.line_num}",
                subject=file or call_id,
                cells={
                    name.strip(): mapping.value_of(name.strip(), cell)
                    for name, cell in cells.items()
                    if name.strip() and cell and name.strip() not in mapping.drop
                },
                fields=fields,
                surplus_cells=surplus is not None,
            )
            if file:
                self._by_file[PurePath(file.replace("\\", "/")).as_posix()].append(row)
            elif call_id:
                self._by_id[call_id].append(row)


def _names_files(field: str) -> bool:
    return field.casefold() in _FILE_COLUMNS


def _is_call_id(column: str) -> bool:
    field = BY_NAME.get(column.strip().casefold())
    return field is not None and field.name == "call_id"


def _text(content: bytes) -> str:
    """UTF-8, or GB 18030 as Chinese spreadsheets save CSV."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
