"""What databases and file systems say went wrong, as store errors with the next step."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, StatementError

from qa_pipeline.errors import StoreError
from qa_pipeline.types import Message, message

_LOCKED = "store_locked"
_FULL = "store_full"
_UNWRITABLE = "store_unwritable"
_DAMAGED = "store_damaged"
_UNREACHABLE = "store_unreachable"
_FAILED = "store_failed"

# Primary result codes, https://www.sqlite.org/rescode.html
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_AUTH: _UNWRITABLE,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_IOERR: _UNREACHABLE,
}

# SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest prefix counts.
_POSTGRESQL_CODES = {
    "08": _UNREACHABLE,
    "28": _UNREACHABLE,
    "3D": _UNREACHABLE,
    "57P": _UNREACHABLE,
    "53300": _UNREACHABLE,
    "53100": _FULL,
    "25006": _UNWRITABLE,
    "42501": _UNWRITABLE,
    "40P01": _LOCKED,
    "55P03": _LOCKED,
    "XX": _DAMAGED,
}

_OS_CODES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _UNWRITABLE,
    errno.EPERM: _UNWRITABLE,
    errno.EROFS: _UNWRITABLE,
}


def store_error(error: OSError | StatementError, place: str) -> StoreError:
    """The error of a database driver or of the file system as a store error.

    The reason is the first line only: what follows may quote the rows themselves.

    Args:
        place: how the store is named to the user; holds no password.
    """
    if isinstance(error, OSError):
        code = _OS_CODES.get(error.errno or 0, _UNREACHABLE)
        reason = error.strerror or type(error).__name__
    else:
        code = _database_code(error)
        reason = next(iter(str(error.orig).splitlines()), type(error.orig).__name__)
    return StoreError(code, _sentence(code, place, reason))


def driver_missing(error: ModuleNotFoundError, place: str) -> StoreError:
    """The URL names a database whose driver is not installed."""
    return StoreError(
        "store_driver_missing",
        message(
            "The store {store} needs a driver that is not installed ({reason})."
            ' For PostgreSQL run: pip install "qa-pipeline[postgresql]"',
            store=place,
            reason=error,
        ),
    )


def newer(found: str, place: str) -> StoreError:
    """The schema of the store is one that this version does not know."""
    return StoreError(
        "store_newer",
        message(
            "The store {store} was written by a newer qa_pipeline (schema {found})."
            " Update qa_pipeline, or set QA_STORE_URL to another store.",
            store=place,
            found=found,
        ),
    )


def foreign(tables: list[str], place: str) -> StoreError:
    """The database has tables of ours by name that we did not make."""
    return StoreError(
        "store_foreign",
        message(
            "The database {store} already has tables of another program ({tables})."
            " Set QA_STORE_URL to a database or schema of its own.",
            store=place,
            tables=", ".join(tables),
        ),
    )


def _database_code(error: StatementError) -> str:
    if not isinstance(error, DBAPIError):
        return _FAILED
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _SQLITE_CODES.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, _FAILED)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg has no state to tell when it found no server to ask.
        return _UNREACHABLE
    prefixes = (state[:length] for length in range(len(state), 0, -1))
    return next((_POSTGRESQL_CODES[prefix] for prefix in prefixes if prefix in _POSTGRESQL_CODES), _FAILED)


def _sentence(code: str, store: str, reason: str) -> Message:
    sentences = {
        _LOCKED: message(
            "The store {store} is held by another process ({reason})."
            " Let it finish, or close the program that has the store open, and run again.",
            store=store,
            reason=reason,
        ),
        _FULL: message(
            "No room left for the store {store} ({reason}). What was saved before is whole."
            " Free space on that disk, or set QA_STORE_URL to another one, and run again.",
            store=store,
            reason=reason,
        ),
        _UNWRITABLE: message(
            "The store {store} may not be written ({reason})."
            " Give your user write permission on the file and its folder,"
            " or set QA_STORE_URL to another place.",
            store=store,
            reason=reason,
        ),
        _DAMAGED: message(
            "The store {store} is damaged or no database ({reason})."
            " Restore it from a backup, or move the file away and audit again.",
            store=store,
            reason=reason,
        ),
        _UNREACHABLE: message(
            "The store {store} cannot be reached ({reason})."
            " Check QA_STORE_URL, and that the disk or the database server is there.",
            store=store,
            reason=reason,
        ),
        _FAILED: message(
            "The store {store} refused a request ({reason})."
            " Run again with logging at DEBUG and report it with this code.",
            store=store,
            reason=reason,
        ),
    }
    return sentences[code]
