"""Records survive the way into a document and back, whatever they hold."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_pipeline import types as records
from qa_pipeline.errors import StoreError
from qa_pipeline.store.records import from_document, to_document, write_json
from qa_pipeline.types import CallMetadata, DecodingQuality, Failure, Message, TimeSpan, message

RECORD_TYPES = [
    each
    for each in vars(records).values()
    if isinstance(each, type) and is_dataclass(each) and each.__module__.startswith(records.__name__)
]
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SCALARS = {
    str: st.text(max_size=8),
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False),
    Decimal: st.decimals(allow_nan=False),
    # With a fixed offset no hour comes twice, so the fold carries nothing.
    datetime: st.datetimes(timezones=ZONES).map(lambda instant: instant.replace(fold=0)),
    date: st.dates(),
}


def anything(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    """Values of a type hint; tuples stay short, or a whole inspection grows beyond measure."""
    if hint in SCALARS:
        return SCALARS[hint]
    if hint is TimeSpan:
        times = st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)).map(sorted)
        return times.map(lambda pair: TimeSpan(start_ms=pair[0], end_ms=pair[1]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: anything(hints[field.name]) for field in fields(hint)})
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple and arguments[-1] is Ellipsis:
        return st.lists(anything(arguments[0]), max_size=2).map(tuple)
    if typing.get_origin(hint) is tuple:
        return st.tuples(*map(anything, arguments))
    return st.one_of([st.none() if each is types.NoneType else anything(each) for each in arguments])


def test_every_record_is_tried() -> None:
    assert {"Inspection", "Transcript", "Message", "Conversation"} <= {each.__name__ for each in RECORD_TYPES}


@pytest.mark.parametrize("record_type", RECORD_TYPES, ids=lambda each: each.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(choices=st.data())
def test_round_trip(record_type: type, choices: st.DataObject) -> None:
    record = choices.draw(anything(record_type))
    back: object = from_document(record_type, json.loads(write_json(to_document(record))))
    assert back == record
    assert repr(back) == repr(record)


@pytest.mark.parametrize("figure", [float("inf"), float("-inf"), float("nan"), -0.0, 1e-300])
def test_figures_outside_json_survive(figure: float) -> None:
    quality = DecodingQuality(avg_logprob=figure, no_speech_prob=0.0, compression_ratio=1.0, temperature=0.0)
    text = write_json(to_document(quality))
    assert "NaN" not in text
    assert "Infinity" not in text
    assert repr(from_document(DecodingQuality, json.loads(text))) == repr(quality)


def test_amounts_and_times_keep_their_form() -> None:
    call = CallMetadata(
        call_id="c1",
        amount_due=Decimal("3500.00"),
        started_at=datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=8))),
        due_date=date(2026, 1, 1),
    )
    document = to_document(call)
    assert document["schema"] == "CallMetadata/1"
    assert document["amount_due"] == "3500.00"
    assert document["started_at"] == "2026-01-05T09:30:00+08:00"
    assert document["due_date"] == "2026-01-01"


def test_chinese_stays_readable_and_stray_bytes_of_file_names_survive() -> None:
    name = b"\xd6\xd0\xce\xc4-\xe6\x9d\x8e".decode("utf-8", "surrogateescape")
    text = write_json(to_document(CallMetadata(call_id=name, agent_name="李四\x00")))
    assert "李四" in text
    assert from_document(CallMetadata, json.loads(text.encode())) == CallMetadata(
        call_id=name, agent_name="李四\x00"
    )


def test_an_older_document_gets_defaults_and_loses_what_is_gone() -> None:
    older = {"schema": "CallMetadata/1", "call_id": "c1", "agent_id": "A17", "shoe_size": 42}
    assert from_document(CallMetadata, older) == CallMetadata(call_id="c1", agent_id="A17")


@pytest.mark.parametrize(
    ("record_type", "document", "code", "named"),
    [
        (CallMetadata, {"schema": "CallMetadata/2", "call_id": "c1"}, "store_newer", "version 2"),
        (CallMetadata, {"schema": "Failure/1", "call_id": "c1"}, "store_record_unreadable", "Failure/1"),
        (CallMetadata, {"call_id": "c1"}, "store_record_unreadable", "schema"),
        (CallMetadata, {"schema": "CallMetadata/1"}, "store_record_unreadable", "call_id"),
        (
            CallMetadata,
            {"schema": "CallMetadata/1", "call_id": "c1", "amount_due": "viel"},
            "store_record_unreadable",
            "CallMetadata",
        ),
        (
            CallMetadata,
            {"schema": "CallMetadata/1", "call_id": "c1", "started_at": "morning"},
            "store_record_unreadable",
            "morning",
        ),
        (
            Failure,
            {"schema": "Failure/1", "code": "x", "message": "text"},
            "store_record_unreadable",
            "Failure",
        ),
        (TimeSpan, {"schema": "TimeSpan/1", "start_ms": 5, "end_ms": 1}, "store_record_unreadable", "5..1"),
    ],
)
def test_documents_that_cannot_be_read(
    record_type: type, document: dict[str, object], code: str, named: str
) -> None:
    with pytest.raises(StoreError) as raised:
        from_document(record_type, document)
    assert raised.value.code == code
    assert named in str(raised.value)


def test_message_values_keep_their_order() -> None:
    said = message("{b} before {a}", b=1, a=2)
    assert to_document(said)["values"] == [["b", "1"], ["a", "2"]]
    assert from_document(Message, to_document(said)) == said


def test_a_field_without_a_place_in_a_document_is_refused() -> None:
    @dataclass(frozen=True)
    class Loose:
        anything: object

    Loose.__annotations__["anything"] = dict[str, str]
    with pytest.raises(TypeError, match="dict"):
        to_document(Loose(anything={}))
