"""Call logs of other systems, and metadata in the names of recordings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.folder import Intake, IntakeOptions, find_calls
from qa_pipeline.intake.mapping import table_mapping
from qa_pipeline.intake.name_pattern import NamePattern
from qa_pipeline.types import CallMetadata

ASTERISK = (
    '"","8001","13800138000","from-internal","""8001"" <8001>","SIP/8001-1","SIP/trunk-2","Dial","SIP/trunk",'
    '"2026-03-05 10:15:00","2026-03-05 10:15:12","2026-03-05 10:18:15",195,183,"ANSWERED","DOCUMENTATION",'
    '"1772676900.12",""\n'
    '"","8002","13800138001","from-internal","""8002"" <8002>","SIP/8002-1","SIP/trunk-3","Dial","SIP/trunk",'
    '"2026-03-05 10:16:00","","2026-03-05 10:16:40",40,0,"NO ANSWER","DOCUMENTATION","1772676960.13",""\n'
)
FREESWITCH = (
    '"Lin","8001","13800138000","default","2026-03-05 10:15:00","2026-03-05 10:15:12","2026-03-05 10:18:15",'
    '"195","183","NORMAL_CLEARING","7f3c1e9a-0001","","A2026-0815","PCMU","PCMU"\n'
)


def found(folder: Path, **options: object) -> Intake:
    return find_calls([folder], options=IntakeOptions(settle_seconds=0, **options))  # type: ignore[arg-type]


def calls(folder: Path, **options: object) -> dict[str, CallMetadata]:
    intake = found(folder, **options)
    assert intake.rejected == ()
    return {source.call.call_id: source.call for source in intake.sources}


def recordings(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def test_asterisk(tmp_path: Path) -> None:
    recordings(tmp_path, "1772676900.12.wav", "out-8002-1772676960.13.wav")
    (tmp_path / "calls.csv").write_text(ASTERISK, encoding="utf-8")
    kept = calls(
        tmp_path,
        mapping=table_mapping("asterisk"),
        name_pattern=NamePattern(r"(?P<call_id>\d{10}\.\d+)$"),
    )
    answered, missed = kept["1772676900.12"], kept["1772676960.13"]
    assert answered.started_at == datetime.fromisoformat("2026-03-05T10:15:00+08:00")
    assert (answered.agent_id, answered.talk_seconds, answered.connected) == ("8001", 183, True)
    assert (missed.agent_id, missed.connected) == ("8002", False)
    assert "13800138000" not in str(kept)


def test_freeswitch(tmp_path: Path) -> None:
    recordings(tmp_path, "7f3c1e9a-0001.wav")
    (tmp_path / "calls.csv").write_text(FREESWITCH, encoding="utf-8")
    (call,) = calls(tmp_path, mapping=table_mapping("freeswitch")).values()
    assert (call.call_id, call.agent_id, call.talk_seconds) == ("7f3c1e9a-0001", "8001", 183)
    assert dict(call.extra)["result_code"] == "NORMAL_CLEARING"
    assert "13800138000" not in str(call)


MAPPING = """
drop = ["对方号码"]
[columns]
"录音" = "file"
"客服" = "agent_id"
"开始" = "started_at"
"类型" = "direction"
[values."类型"]
"主叫" = "out"
"""


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    recordings(tmp_path, "a.wav", "b.wav")
    rows = (
        "录音,客服,开始,类型,对方号码,队列\na.wav,7,20260305101500,主叫,13800138000,二队\nb.wav,8,,out,1,\n"
    )
    (tmp_path / "calls.csv").write_text(rows, encoding="utf-8")
    intake = found(tmp_path, mapping=table_mapping(str(tmp_path / "mapping.toml")))
    first, second = (source.call for source in intake.sources)
    assert (first.agent_id, first.direction, first.extra) == ("7", "out", (("队列", "二队"),))
    assert first.started_at == datetime.fromisoformat("2026-03-05T10:15:00+08:00")
    assert (second.agent_id, second.direction) == ("8", "out")
    assert intake.unknown_keys == ("队列",)


def test_a_wrong_value_names_file_row_column_value_and_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    recordings(tmp_path, "a.wav")
    (tmp_path / "calls.csv").write_text("录音,开始\na.wav,三月五日\n", encoding="utf-8")
    (rejected,) = found(tmp_path, mapping=table_mapping(str(tmp_path / "mapping.toml"))).rejected
    assert rejected.failure.code == "metadata_invalid"
    told = str(rejected.failure.message)
    for part in (f"{tmp_path / 'calls.csv'}:2", "开始", '"三月五日"', "2026-03-05T10:15:00+08:00"):
        assert part in told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("columns = 3", ""),
        ('[columns]\n"客服" = "agnet_id"', "agnet_id"),
        ("fields = {}", "fields"),
        ("[values]\na = 1", ""),
        ("= =", ""),
    ],
)
def test_what_is_no_mapping(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="asterisk, freeswitch") as caught:
        table_mapping(str(path))
    assert caught.value.code == "mapping_invalid"
    assert part in str(caught.value)


def test_a_mapping_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="cisco"):
        table_mapping("cisco")


def test_names_are_metadata(tmp_path: Path) -> None:
    recordings(
        tmp_path, "day/8001_20260305-101500_debtor.wav", "day/8002_20260305-101600_x.wav", "day/odd.wav"
    )
    pattern = NamePattern(r"(?P<agent_id>\d+)_(?P<started_at>\d{8}-\d{6})_(?P<联系对象>debtor)?")
    (tmp_path / "day/8002_20260305-101600_x.json").write_text(
        '{"metadata": {"agent_id": "9"}}', encoding="utf-8"
    )
    intake = found(tmp_path, name_pattern=pattern)
    by_id = {source.call.call_id: source.call for source in intake.sources}
    first = by_id["day/8001_20260305-101500_debtor"]
    assert (first.agent_id, first.contact_role) == ("8001", "debtor")
    assert first.started_at == datetime.fromisoformat("2026-03-05T10:15:00+08:00")
    second = by_id["day/8002_20260305-101600_x"]
    assert (second.agent_id, second.started_at is None) == ("9", False)
    assert [path.name for path in intake.unmatched_names] == ["odd.wav"]


def test_a_wrong_value_in_a_name_rejects_that_call(tmp_path: Path) -> None:
    recordings(tmp_path, "20261305-101500.wav")
    (rejected,) = found(tmp_path, name_pattern=NamePattern(r"(?P<started_at>.+)")).rejected
    assert rejected.failure.code == "metadata_invalid"
    assert "20261305-101500.wav" in str(rejected.failure.message)


@pytest.mark.parametrize("text", [r"(?P<agent>\d+)", r"\d+", "(", "(?P<call_id>a|b"])
def test_what_is_no_name_pattern(text: str) -> None:
    with pytest.raises(ConfigurationError, match="metadata fields") as caught:
        NamePattern(text)
    assert caught.value.code == "name_pattern_invalid"


def test_a_pattern_that_would_take_for_ever_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        NamePattern(r"(?P<call_id>(a|aa)+)$X?b").read("a" * 60)
    assert caught.value.code == "name_pattern_invalid"
