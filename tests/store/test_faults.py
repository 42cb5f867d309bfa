"""Every kind of trouble has its code, a next step, and no row in its text."""

from __future__ import annotations

import errno
import os

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from qa_pipeline.store.faults import store_error

PLACE = "postgresql+psycopg://qa:***@host/qa"


class ServerError(Exception):
    """What psycopg raises, as far as it is looked at."""

    def __init__(self, text: str, sqlstate: str | None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        (None, "store_unreachable"),
        ("08006", "store_unreachable"),
        ("28P01", "store_unreachable"),
        ("3D000", "store_unreachable"),
        ("57P01", "store_unreachable"),
        ("53300", "store_unreachable"),
        ("53100", "store_full"),
        ("25006", "store_unwritable"),
        ("42501", "store_unwritable"),
        ("40P01", "store_locked"),
        ("55P03", "store_locked"),
        ("XX001", "store_damaged"),
        ("23505", "store_failed"),
        ("42P01", "store_failed"),
    ],
)
def test_states_of_postgresql(sqlstate: str | None, code: str) -> None:
    cause = ServerError("it went wrong\nDETAIL:  Failing row contains (c1, 逾期十二天).", sqlstate)
    error = store_error(OperationalError("INSERT", {"document": "逾期十二天"}, cause), PLACE)
    assert error.code == code
    assert "it went wrong" in str(error)
    assert PLACE in str(error)
    assert "逾期" not in str(error)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "store_full"),
        (errno.EACCES, "store_unwritable"),
        (errno.EROFS, "store_unwritable"),
        (errno.ENOENT, "store_unreachable"),
        (errno.EIO, "store_unreachable"),
    ],
)
def test_errors_of_the_file_system(number: int, code: str) -> None:
    error = store_error(OSError(number, os.strerror(number)), "/data/qa.db")
    assert error.code == code
    assert os.strerror(number) in str(error)


def test_a_value_that_no_column_takes() -> None:
    wrong = ValueError("a time without zone is no instant")
    assert store_error(StatementError("text", "INSERT", {}, wrong), PLACE).code == "store_failed"
    assert store_error(DBAPIError("INSERT", {}, ServerError("", "22000")), PLACE).code == "store_failed"
