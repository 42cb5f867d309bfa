"""Metadata as people write them: what is read, what is refused and how the refusal helps."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from qa_pipeline.errors import ConfigurationError, MetadataError
from qa_pipeline.intake.metadata import metadata_document, metadata_from, unknown_keys
from qa_pipeline.intake.metadata_fields import BY_NAME, FIELDS, FieldKind, MetadataField
from qa_pipeline.intake.metadata_schema import metadata_schema
from qa_pipeline.types import CallMetadata

CHINA = timezone(timedelta(hours=8))


def read(document: dict[str, object], timezone: str | None = "Asia/Shanghai") -> CallMetadata:
    return metadata_from(document, call_id="from-path", where="calls/a.json", timezone=timezone)


# key, value as written, field, value as read
READ = [
    ("call_id", "c-1", "call_id", "c-1"),
    ("call_id", " c-1 ", "call_id", "c-1"),
    ("通话编号", 20260305, "call_id", "20260305"),
    ("工号", "00123", "agent_id", "00123"),
    ("coll_user_id", 123, "agent_id", "123"),
    ("Agent_ID", "7", "agent_id", "7"),
    ("start_ts", "2026-03-05T10:15:00+08:00", "started_at", datetime(2026, 3, 5, 10, 15, tzinfo=CHINA)),
    ("started_at", "2026-03-05T02:15:00Z", "started_at", datetime(2026, 3, 5, 2, 15, tzinfo=UTC)),
    (
        "started_at",
        "2026-03-05t02:15:00.250z",
        "started_at",
        datetime(2026, 3, 5, 2, 15, 0, 250_000, tzinfo=UTC),
    ),
    ("started_at", "2026-03-05 10:15:00 +0800", "started_at", datetime(2026, 3, 5, 10, 15, tzinfo=CHINA)),
    ("started_at", "2026-03-05 10:15:00", "started_at", datetime(2026, 3, 5, 10, 15, tzinfo=CHINA)),
    ("started_at", "2026-03-05 10:15", "started_at", datetime(2026, 3, 5, 10, 15, tzinfo=CHINA)),
    ("呼叫时间", "2026/3/5 9:05", "started_at", datetime(2026, 3, 5, 9, 5, tzinfo=CHINA)),
    ("呼叫时间", "2026/3/5 9:05:30", "started_at", datetime(2026, 3, 5, 9, 5, 30, tzinfo=CHINA)),
    ("due_date", "2026-02-18", "due_date", date(2026, 2, 18)),
    ("due_date", "20260218", "due_date", date(2026, 2, 18)),
    ("due_date", "2026/2/18", "due_date", date(2026, 2, 18)),
    ("due_date", "2026-02-18 00:00:00", "due_date", date(2026, 2, 18)),
    ("amount_due", "4321.50", "amount_due", Decimal("4321.50")),
    ("应还金额", "4,321.50", "amount_due", Decimal("4321.50")),
    ("amount_due", 4321, "amount_due", Decimal(4321)),
    ("amount_due", Decimal("0.10"), "amount_due", Decimal("0.10")),
    ("talk_time", "183", "talk_seconds", 183),
    ("talk_seconds", Decimal("182.5"), "talk_seconds", 183),
    ("overdue_days", 15, "overdue_days", 15),
    ("overdue_days", "15.0", "overdue_days", 15),
    ("connected", True, "connected", True),
    ("connected", "false", "connected", False),
    ("是否接通", "是", "connected", True),
    ("effective", 0, "effective", False),
    ("direction", "呼出", "direction", "out"),
    ("direction", "INBOUND", "direction", "in"),
    ("contact_role", "三方", "contact_role", "contact"),
    ("agent_channel", 1, "agent_channel", 1),
    ("agent_channel", "0", "agent_channel", 0),
    ("agent_channel", None, "agent_channel", None),
    ("approved_plans", ["分期12期", " 减免利息 "], "approved_plans", ("分期12期", "减免利息")),
    ("approved_plans", "分期12期；减免利息|延期", "approved_plans", ("分期12期", "减免利息", "延期")),
    ("no_contact_flag", "1", "no_contact", True),
    ("agency_name", "远信服务", "agency", "远信服务"),
    ("mob_typ", "M1", "stage", "M1"),
    ("team", "", "team", None),
    ("team", "  ", "team", None),
]


@pytest.mark.parametrize(("key", "value", "field", "expected"), READ)
def test_a_value_is_read_under_any_of_its_names(
    key: str, value: object, field: str, expected: object
) -> None:
    call = read({key: value})
    got = getattr(call, field)
    assert got == expected
    assert type(got) is type(expected)
    assert call.extra == ()


# key, value, what the message must show
REFUSED = [
    ("amount_due", 4321.5, ["4321.5", "decimal text such as 4321.50"]),
    ("amount_due", "四千", ["四千", "4321.50"]),
    ("amount_due", "-5", ["-5"]),
    ("amount_due", "43,21.50", ["43,21.50"]),
    ("amount_due", "NaN", ["NaN"]),
    ("amount_due", "4321.50元", ["元"]),
    ("started_at", "2026-03-05", ["2026-03-05T10:15:00+08:00"]),
    ("started_at", "10:15", ["10:15"]),
    ("started_at", 1772676900, ["1772676900"]),
    ("started_at", "2026-13-05T10:15:00+08:00", ["2026-13"]),
    ("due_date", "2026-02-30", ["2026-02-30", "2026-02-18"]),
    ("due_date", "二月十八", ["二月十八"]),
    ("connected", "perhaps", ["perhaps", "true or false"]),
    ("connected", 2, ["2"]),
    ("direction", "up", ["up", "one of: out"]),
    ("agent_channel", 2, ["2", "0 1"]),
    ("agent_channel", True, ["true"]),
    ("overdue_days", "15.5", ["15.5", "whole number"]),
    ("overdue_days", -1, ["-1"]),
    ("talk_seconds", "3:03", ["3:03", "seconds"]),
    ("approved_plans", [1], ["[1]", "list of texts"]),
    ("approved_plans", 5, ["5"]),
    ("agent_id", ["1"], ["1"]),
    ("agent_id", Decimal("1.5"), ["1.5"]),
    ("call_id", "a\nb", ["one line"]),
    ("工号", {"id": 1}, ["工号"]),
    ("agent_name", "长\n" * 200, ["…"]),
    ("past_due", "lots", ["past_due"]),
]


@pytest.mark.parametrize(("key", "value", "told"), REFUSED)
def test_a_wrong_value_is_refused_with_file_key_value_and_an_example(
    key: str, value: object, told: list[str]
) -> None:
    with pytest.raises(MetadataError) as caught:
        read({key: value})
    assert caught.value.code == "metadata_invalid"
    text = str(caught.value)
    assert f"calls/a.json: {key} is " in text
    for part in told:
        assert part in text
    assert len(text) < 250


def test_a_time_without_zone_is_refused_where_no_zone_is_configured() -> None:
    with pytest.raises(MetadataError, match="zone"):
        read({"started_at": "2026-03-05 10:15:00"}, timezone=None)
    assert read({"started_at": "2026-03-05T10:15:00Z"}, timezone=None).started_at is not None


def test_a_time_without_zone_is_read_in_the_configured_zone() -> None:
    call = read({"started_at": "2026-07-05 10:15:00"}, timezone="Europe/Berlin")
    assert call.started_at == datetime(2026, 7, 5, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Asia/Peking", "", "../etc/passwd", "+8"])
def test_an_unknown_zone_is_a_configuration_error(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read({}, timezone=name)
    assert caught.value.code == "timezone_unknown"


def test_the_path_is_the_identity_where_none_is_stated() -> None:
    assert read({"agent_id": "1"}).call_id == "from-path"


# document, agency, extra
AGENCIES = [
    ({}, None, {}),
    ({"agency": None}, None, {}),
    ({"agency": "远信服务"}, "远信服务", {}),
    ({"agent_type": "external", "agency_name": "远信服务"}, "远信服务", {"agent_type": "external"}),
    ({"agent_type": "委外"}, "external", {"agent_type": "external"}),
    ({"agent_type": "self"}, None, {"agent_type": "self"}),
    (
        {"agent_type": "self", "agency_name": "贷后一部"},
        None,
        {"agent_type": "self", "agency_name": "贷后一部"},
    ),
]


@pytest.mark.parametrize(("document", "agency", "extra"), AGENCIES)
def test_null_agency_means_own_staff(
    document: dict[str, object], agency: str | None, extra: dict[str, str]
) -> None:
    call = read(document)
    assert (call.agency, dict(call.extra)) == (agency, extra)


def test_known_fields_without_a_place_are_kept_as_canonical_text() -> None:
    call = read(
        {
            "案件号": "A-1",
            "connect_ts": "2026/3/5 10:15:12",
            "stop_collect": "是",
            "PD": "7,100",
            "recording_seconds": Decimal("183.4"),
            "挂机方": "客户",
        }
    )
    assert dict(call.extra) == {
        "case_id": "A-1",
        "connect_ts": "2026-03-05T10:15:12+08:00",
        "stop_collect": "true",
        "past_due": "7100",
        "recording_seconds": "183",
        "hangup_side": "customer",
    }
    assert unknown_keys(call) == ()


def test_unknown_keys_are_kept_as_text_and_named() -> None:
    call = read(
        {"mood": "angry", "tags": ["a", 1], "score": Decimal("1.5"), "gone": None, "extra": {"vip": True}}
    )
    assert dict(call.extra) == {"mood": "angry", "tags": '["a", 1]', "score": '"1.5"', "vip": "true"}
    assert unknown_keys(call) == ("mood", "score", "tags", "vip")


@pytest.mark.parametrize(
    "document",
    [
        {"agent_id": "1", "工号": "2"},
        {"no_contact": True, "no_contact_flag": "false"},
        {"mood": "calm", "extra": {"mood": "angry"}},
    ],
)
def test_two_names_that_disagree_are_a_conflict(document: dict[str, object]) -> None:
    with pytest.raises(MetadataError) as caught:
        read(document)
    assert caught.value.code == "metadata_conflict"


def test_two_names_that_agree_are_none() -> None:
    call = read({"amount_due": "4321.5", "应还金额": "4,321.50", "mood": "calm", "extra": {"mood": "calm"}})
    assert call.amount_due == Decimal("4321.5")


texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
calls = st.builds(
    CallMetadata,
    call_id=texts,
    agent_id=st.none() | texts,
    agency=st.none() | texts,
    contact_role=st.sampled_from([None, "debtor", "contact"]),
    direction=st.sampled_from([None, "out", "in"]),
    started_at=st.none()
    | st.datetimes(timezones=st.sampled_from([CHINA, UTC])).filter(lambda time: 1 < time.year < 9999),
    agent_channel=st.sampled_from([None, 0, 1]),
    connected=st.none() | st.booleans(),
    talk_seconds=st.none() | st.integers(0, 86_400),
    amount_due=st.none() | st.decimals(0, 10**9, places=2),
    due_date=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    approved_plans=st.none()
    | st.lists(texts.filter(lambda text: not set(text) & set(";；|")), max_size=3).map(tuple),
    extra=st.dictionaries(
        texts.filter(lambda key: key.casefold() not in BY_NAME and key != "extra"), texts
    ).map(lambda extra: tuple(sorted(extra.items()))),
)


@given(calls)
def test_the_document_reads_back_unchanged(call: CallMetadata) -> None:
    document = json.loads(json.dumps(metadata_document(call)))
    assert metadata_from(document, call_id="other", where="x") == call


def test_each_field_is_in_the_table_and_each_name_means_one_field() -> None:
    own = {field.name for field in dataclasses.fields(CallMetadata)} - {"extra"}
    assert own <= {field.name for field in FIELDS}
    names = [name.casefold() for field in FIELDS for name in (field.name, *field.aliases)]
    assert len(names) == len(set(names)) == len(BY_NAME)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_example_of_each_field_is_read(field: MetadataField) -> None:
    call = read({field.name: field.example})
    if field.in_extra:
        assert field.name in dict(call.extra)
    else:
        assert getattr(call, field.name) is not None


def test_the_committed_schema_is_the_table(repository: Path) -> None:
    committed = json.loads((repository / "docs" / "metadata.schema.json").read_text(encoding="utf-8"))
    assert committed == metadata_schema()


SPELT_AS_IN_THE_TABLE = [
    (key, value)
    for key, value, _, _ in READ
    if key in {name for field in FIELDS for name in (field.name, *field.aliases)} and value != "INBOUND"
]


@pytest.mark.parametrize(("key", "value"), SPELT_AS_IN_THE_TABLE)
def test_the_schema_accepts_what_is_read(key: str, value: object) -> None:
    plain = float(value) if isinstance(value, Decimal) else value
    Draft202012Validator(metadata_schema()).validate({"metadata": {key: plain}})


@pytest.mark.parametrize(
    "metadata",
    [{"direction": "up"}, {"approved_plans": [1]}, {"started_at": 5}, {"agent_id": []}, {"connected": []}],
)
def test_the_schema_refuses_what_is_refused(metadata: dict[str, object]) -> None:
    assert not Draft202012Validator(metadata_schema()).is_valid({"metadata": metadata})


def test_the_table_for_users_names_every_field_and_alias(repository: Path) -> None:
    text = (repository / "docs" / "metadata.md").read_text(encoding="utf-8")
    for field in FIELDS:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{field.name}` |"))
        for part in (field.example, *field.aliases):
            assert part in row
        if field.kind is FieldKind.CHOICE and field.choices:
            assert all(str(value) in row for value in field.choices.values())
