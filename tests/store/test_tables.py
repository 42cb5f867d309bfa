"""What the columns hold comes back as it went in, on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from qa_pipeline.store.tables import AnyText, UtcDateTime

DIALECTS: list[Dialect] = [sqlite.dialect(), postgresql.dialect()]
BEIJING = timezone(timedelta(hours=8))


@given(
    text=st.text(alphabet=st.one_of(st.sampled_from("\x00\ud800\udfffu\\0adf"), st.characters(codec=None)))
)
def test_any_text_is_stored_as_utf8_and_comes_back(text: str) -> None:
    stored = AnyText().process_bind_param(text, DIALECTS[0])
    assert stored is not None
    assert "\x00" not in stored
    stored.encode("utf-8")
    assert AnyText().process_result_value(stored, DIALECTS[0]) == text


@pytest.mark.parametrize("text", ["", "李四", r"C:\users\calls\a.wav", "/calls/2026-01-05/a.wav"])
def test_usual_text_is_stored_as_it_is(text: str) -> None:
    assert AnyText().process_bind_param(text, DIALECTS[0]) == text


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.name)
def test_times_are_instants(dialect: Dialect) -> None:
    column = UtcDateTime()
    stored = column.process_bind_param(datetime(2026, 1, 5, 0, 30, tzinfo=BEIJING), dialect)
    back = column.process_result_value(stored, dialect)
    assert back == datetime(2026, 1, 4, 16, 30, tzinfo=UTC)
    assert back is not None
    assert back.tzinfo is UTC


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 5), DIALECTS[0])  # noqa: DTZ001
