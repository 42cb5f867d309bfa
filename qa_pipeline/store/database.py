"""Access to the database behind the store: address, connections, transactions, schema."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    JSON,
    URL,
    Connection,
    Engine,
    Executable,
    Select,
    create_engine,
    event,
    func,
    inspect,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, StatementError

from qa_pipeline.errors import StoreError
from qa_pipeline.store.faults import driver_missing, foreign, newer, store_error
from qa_pipeline.store.records import write_json
from qa_pipeline.store.tables import HEAD, REVISIONS, VERSION_TABLE, Base, storable
from qa_pipeline.types import message

_WRITES = "qa_writes"
_MIGRATION_LOCK = 0x71615F73  # "qa_s": any number, the same in every process


class Database:
    """An open database whose schema is up to date; every transaction is short.

    Args:
        url: SQLAlchemy URL of a SQLite file or of PostgreSQL.
        busy_timeout_ms: how long SQLite waits for another writer.

    Raises:
        StoreError: the database cannot be used; the code says why.
    """

    def __init__(self, url: str, *, busy_timeout_ms: int) -> None:
        address = _address(url)
        self.place = _place(address)
        try:
            with self._translated():
                self._engine = _engine(address, busy_timeout_ms)
        except ModuleNotFoundError as error:
            raise driver_missing(error, self.place) from error
        self._writer = self._engine.execution_options(**{_WRITES: True})
        self._insert = _insert(self.dialect)
        try:
            self._bring_up_to_date()
        except StoreError:
            self.close()
            raise

    def values(self, texts: Collection[str]) -> Select[tuple[str]]:
        """Any number of texts as one bound value: databases limit the number of values, not their length."""
        together = literal([storable(each) for each in texts], JSON())
        if self.dialect == "postgresql":
            return select(func.json_array_elements_text(together).table_valued("value").c.value)
        return select(func.json_each(together).table_valued("value").c.value)

    @property
    def dialect(self) -> str:
        """Which database it is: sqlite or postgresql."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; it sees one state of the store."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, and rolled back whole on any error."""
        with self._translated(), self._writer.begin() as connection:
            yield connection

    def upsert(
        self, table: type[Base], row: dict[str, Any], *, keys: tuple[str, ...], where: Any = None
    ) -> Executable:
        """Insert a row, or overwrite the one with the same keys if `where` holds for it."""
        statement: Any = self._insert(table).values(row)
        others = {name: statement.excluded[name] for name in row if name not in keys}
        return cast(
            "Executable", statement.on_conflict_do_update(index_elements=keys, set_=others, where=where)
        )

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (StatementError, OSError) as error:
            raise store_error(error, self.place) from error

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            if _revision(connection) == HEAD:
                return
        # Alembic costs as long to import as all the rest, and an open store rarely needs it.
        from qa_pipeline.store.migrations import upgrade  # noqa: PLC0415

        with self.writing() as connection:
            if self.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            found = _revision(connection)
            if found == HEAD:
                return
            if found is None:
                taken = sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables))
                if taken:
                    raise foreign(taken, self.place)
            elif found not in REVISIONS:
                raise newer(found, self.place)
            upgrade(connection)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        address = None
    if address is not None and address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address is not None and address.get_backend_name() == "sqlite" and _names_a_file(address.database):
        return address.set(drivername="sqlite+pysqlite")
    raise StoreError(
        "store_url",
        message(
            "QA_STORE_URL names no store that can be used: {url}."
            " Write sqlite:////folder/qa.db or postgresql://user@host/database.",
            url="?" if address is None else address.render_as_string(hide_password=True),
        ),
    )


def _names_a_file(database: str | None) -> bool:
    return database is not None and database not in ("", ":memory:") and not database.startswith("file:")


def _place(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return address.render_as_string(hide_password=True)


def _engine(address: URL, busy_timeout_ms: int) -> Engine:
    options: dict[str, Any] = {
        # An error must not carry transcripts into a log.
        "hide_parameters": True,
        "json_serializer": write_json,
        "json_deserializer": json.loads,
    }
    if address.get_backend_name() == "postgresql":
        if "connect_timeout" not in address.query:
            options["connect_args"] = {"connect_timeout": 10}
        return create_engine(address, pool_pre_ping=True, **options)

    _create_owner_only(Path(str(address.database)))
    # Without an isolation level of its own the driver leaves BEGIN to us, also before DDL.
    connect_args = {"isolation_level": None, "timeout": busy_timeout_ms / 1000}
    engine = create_engine(address, connect_args=connect_args, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        _use_write_ahead_log(connection, busy_timeout_ms)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that starts as a reader cannot wait for another writer: SQLite fails it at once.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _insert(dialect: str) -> Callable[[type[Base]], Any]:
    """The INSERT that may take ON CONFLICT; SQLAlchemy has one a dialect."""
    insert: Callable[[type[Base]], Any] = import_module(f"sqlalchemy.dialects.{dialect}").insert
    return insert


def _create_owner_only(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _use_write_ahead_log(connection: sqlite3.Connection, busy_timeout_ms: int) -> None:
    """Switch a new file to WAL; SQLite does not wait by itself when two processes switch at once."""
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    deadline = time.monotonic() + busy_timeout_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _revision(connection: Connection) -> str | None:
    """The schema revision the store has; None where there is no schema yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 a constant
    return None if found is None else str(found)
