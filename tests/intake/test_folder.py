"""Finding calls on a real disk: what is a call, which one, and what is left alone."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from qa_pipeline.errors import ConfigurationError
from qa_pipeline.intake.folder import Intake, IntakeOptions, find_calls
from qa_pipeline.intake.search import AUDIO_EXTENSIONS, REPORT_MARKER

YESTERDAY = time.time() - 86_400


def lay(folder: Path, files: Mapping[str, str | bytes | Mapping[str, object]]) -> Path:
    """Files by relative path: text, bytes or a sidecar's metadata; as old as a finished recording."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else _text(content).encode())
        os.utime(path, (YESTERDAY, YESTERDAY))
    return folder


def _text(content: str | Mapping[str, object]) -> str:
    if isinstance(content, str):
        return content
    return json.dumps({"metadata": content}, ensure_ascii=False)


def ids(intake: Intake) -> list[str]:
    return [source.call.call_id for source in intake.sources]


def rejections(intake: Intake) -> list[tuple[str, str]]:
    return [(source.path.name, source.failure.code) for source in intake.rejected]


# files, found ids in order
TREES = [
    ({"b.wav": "1", "a.mp3": "2"}, ["a", "b"]),
    ({"day/2/x.wav": "1", "day/1/y.WAV": "2"}, ["day/1/y", "day/2/x"]),
    ({"a.wav": "1", "notes.txt": "", "list.xlsx": "", "a.wav.part": ""}, ["a"]),
    ({"a.wav": "1", ".hidden.wav": "2", "._a.wav": "3", ".trash/b.wav": "4"}, ["a"]),
    ({"a.wav": "1", "report/" + REPORT_MARKER: "", "report/clips/f1.opus": "2"}, ["a"]),
    ({"a.b.wav": "1", "电话 01.m4a": "2"}, ["a.b", "电话 01"]),
    ({"a.wav": "1", "a.json": {"call_id": "c-7"}}, ["c-7"]),
    ({os.fsdecode("录音/张三-0312.wav".encode("gbk")): "1"}, ["录音/张三-0312"]),
    ({os.fsdecode("录音".encode() + "/坐席，①.wav".encode("gb18030")): "1"}, ["录音/坐席，①"]),
    ({os.fsdecode(b"\xff.wav"): "1", os.fsdecode(b"\xfe.wav"): "2"}, ["\\udcfe", "\\udcff"]),
    ({"录音\udcd6\udcd0.wav": "1"}, ["录音\\udcd6\\udcd0"]),
    ({"x.wav": "1", "y.wav": "1"}, ["x", "y"]),  # the same bytes under two ids are two calls
    ({f"call{extension}": extension for extension in AUDIO_EXTENSIONS[:1]}, ["call"]),
]


@pytest.mark.parametrize(("files", "expected"), TREES)
def test_recordings_are_found_by_extension_and_named_by_metadata_or_path(
    tmp_path: Path, files: Mapping[str, str], expected: Sequence[str]
) -> None:
    intake = find_calls([lay(tmp_path, files)])
    assert ids(intake) == expected
    assert (intake.rejected, intake.duplicates) == ((), ())
    assert all(source.path.is_absolute() for source in intake.sources)


@pytest.mark.parametrize("extension", AUDIO_EXTENSIONS)
def test_every_extension_is_looked_for(tmp_path: Path, extension: str) -> None:
    assert ids(find_calls([lay(tmp_path, {f"call{extension}": "1"})])) == ["call"]


def test_files_and_folders_may_be_given_together_and_a_file_is_taken_once(tmp_path: Path) -> None:
    lay(tmp_path, {"one/a.wav": "1", "one/sub/b.wav": "2", "two/c.wav": "3"})
    paths = [tmp_path / "one", tmp_path / "one" / "sub", tmp_path / "one" / ".." / "two" / "c.wav"]
    intake = find_calls(paths)
    assert ids(intake) == ["a", "sub/b", "c"]
    assert intake.duplicates == ()


def test_a_shell_pattern_may_name_the_sidecars_too(tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1", "a.json": {"agent_id": "7"}, "calls.csv": "file\nb.wav\n"})
    intake = find_calls(sorted(tmp_path.iterdir()))
    assert [(source.call.call_id, source.call.agent_id) for source in intake.sources] == [("a", "7")]
    assert (intake.rejected, intake.rows_without_recording) == ((), ())


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, {"in/a.wav": "1"})
    monkeypatch.chdir(tmp_path)
    assert find_calls([Path("in")]).sources[0].path == tmp_path.resolve() / "in" / "a.wav"
    monkeypatch.chdir(tmp_path / "in")
    assert ids(find_calls([Path()])) == ["a"]


def test_skipped_folders_and_files_are_left_alone(tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1", "out/clip.wav": "2", "b.wav": "3"})
    options = IntakeOptions(skip=(tmp_path / "out", tmp_path / "b.wav"))
    assert ids(find_calls([tmp_path], options=options)) == ["a"]


# --- identity ---

# files; ids taken; rejected; duplicates (kept, left out)
IDENTITIES = [
    ({"a.wav": "1", "a.mp3": "2"}, [], ["a.mp3", "a.wav"], []),
    ({"a.wav": "1", "a.mp3": "1"}, ["a"], [], [("a.mp3", "a.wav")]),
    ({"a.wav": "11", "a.mp3": "2", "a.ogg": "11"}, [], ["a.mp3", "a.ogg", "a.wav"], []),
    ({"a.wav": "1", "a.mp3": "1", "a.ogg": "1"}, ["a"], [], [("a.mp3", "a.ogg"), ("a.mp3", "a.wav")]),
    (
        {"a.wav": "12", "b.wav": "34", "a.json": {"call_id": "x"}, "b.json": {"call_id": "x"}},
        [],
        ["a.wav", "b.wav"],
        [],
    ),
    (
        {"a.wav": "12", "b.wav": "12", "a.json": {"call_id": "x"}, "b.json": {"call_id": "x"}, "c.wav": "5"},
        ["x", "c"],
        [],
        [("a.wav", "b.wav")],
    ),
    ({"b.wav": "1", "a.wav": "2", "a.json": {"call_id": "b"}}, [], ["a.wav", "b.wav"], []),
]


@pytest.mark.parametrize(("files", "taken", "rejected", "duplicates"), IDENTITIES)
def test_identity(
    tmp_path: Path,
    files: Mapping[str, str],
    taken: list[str],
    rejected: list[str],
    duplicates: list[tuple[str, str]],
) -> None:
    intake = find_calls([lay(tmp_path, files)])
    assert ids(intake) == taken
    assert rejections(intake) == [(name, "duplicate_call_id") for name in rejected]
    assert [(kept.name, left.name) for kept, left in intake.duplicates] == duplicates
    for source in intake.rejected:
        assert all(name in str(source.failure.message) for name in rejected)


# --- metadata ---


def test_a_sidecar_replaces_the_row_of_a_table(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "a.wav": "1",
            "a.json": {"agent_id": "from sidecar"},
            "b.wav": "2",
            "calls.csv": "file,agent_id,team\na.wav,from table,T\nb.wav,from table,T\n",
        },
    )
    first, second = (source.call for source in find_calls([tmp_path]).sources)
    assert (first.agent_id, first.team) == ("from sidecar", None)
    assert (second.agent_id, second.team) == ("from table", "T")


# the table, and what is read for the recording 03/a.wav: (call_id, agent_id)
TABLES = [
    ("file,工号\n03/a.wav,7\n", ("03/a", "7")),
    ("file,工号\n03\\a.wav,7\n", ("03/a", "7")),
    ("file,工号\n./03/a.wav,7\n", ("03/a", "7")),
    ("文件名,工号\n03/a,7\n", ("03/a", "7")),
    ("FILE,agent_id,call_id\n03/a.wav,7,c-1\n", ("c-1", "7")),
    ("call_id,工号\n03/a,7\n", ("03/a", "7")),
    ("通话编号,工号\na,7\n", ("a", "7")),
    ("file,call_id,工号\n,a,7\n", ("a", "7")),
    ("file,工号\nother.wav,7\n", ("03/a", None)),
    ("\ufefffile,工号\r\n03/a.wav,7\r\n", ("03/a", "7")),
    ('file,工号,备注\n03/a.wav,7,"一, 二"\n', ("03/a", "7")),
    ("file,工号,\n03/a.wav,7,\n", ("03/a", "7")),
    ("file,工号,,\n03/a.wav,7,,\n", ("03/a", "7")),
    ("file,工号,team\n03/a.wav,7\n", ("03/a", "7")),
]


@pytest.mark.parametrize(("table", "expected"), TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rows_find_their_recording(
    tmp_path: Path, table: str, expected: tuple[str, str | None], encoding: str
) -> None:
    if encoding == "gb18030":
        table = table.removeprefix("\ufeff")
    lay(tmp_path, {"03/a.wav": "1", "calls.csv": table.encode(encoding)})
    call = find_calls([tmp_path]).sources[0].call
    assert (call.call_id, call.agent_id) == expected


@pytest.mark.parametrize("column", ["file", "call_id"])
def test_rows_find_a_recording_whose_name_is_gbk(tmp_path: Path, column: str) -> None:
    named = os.fsdecode("坐席，张.wav".encode("gbk"))
    lay(tmp_path, {f"03/{named}": "1", "calls.csv": f"{column},工号\n03/坐席，张,7\n"})
    call = find_calls([tmp_path]).sources[0].call
    assert (call.call_id, call.agent_id) == ("03/坐席，张", "7")


def test_the_nearest_table_with_a_row_counts(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "calls.csv": "file,team\nday/a.wav,far\nday/b.wav,far\n",
            "day/calls.csv": "file,team\na.wav,near\n",
            "day/a.wav": "1",
            "day/b.wav": "2",
        },
    )
    assert [source.call.team for source in find_calls([tmp_path]).sources] == ["near", "far"]
    # A table above the given folder is not looked at.
    assert [source.call.team for source in find_calls([tmp_path / "day"]).sources] == ["near", None]
    assert [source.call.team for source in find_calls([tmp_path / "day" / "a.wav"]).sources] == ["near"]


def test_rows_without_recording_are_listed_with_their_line(tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1", "calls.csv": "file,team\nb.wav,x\na.wav,y\nc.wav,z\n"})
    table = tmp_path.resolve() / "calls.csv"
    assert find_calls([tmp_path]).rows_without_recording == (f"{table}:2 b.wav", f"{table}:4 c.wav")


# files, the rejected recording, code, what the message shows
BROKEN = [
    ({"a.json": "{"}, "metadata_unreadable", ["a.json", "line 1"]),
    ({"a.json": "[]"}, "metadata_unreadable", ["a.json", '"metadata"']),
    ({"a.json": '{"call_id": "x"}'}, "metadata_unreadable", ['"metadata"']),
    ({"a.json": '{"metadata": {"amount_due": NaN}}'}, "metadata_unreadable", ["NaN"]),
    ({"a.json": b"\xff\xfe"}, "metadata_unreadable", ["a.json"]),
    ({"a.json": "[" * 100_000}, "metadata_unreadable", ["a.json"]),
    ({"a.json": {"overdue_days": "soon"}}, "metadata_invalid", ["a.json: overdue_days", '"soon"', "15"]),
    ({"a.json": r'{"metadata": {"call_id": "a\udcff"}}'}, "metadata_invalid", ["a.json: call_id"]),
    (
        {"calls.csv": "file,逾期天数\nb.wav,3\na.wav,soon\n"},
        "metadata_invalid",
        ["calls.csv:3: 逾期天数", "soon"],
    ),
    ({"calls.csv": "file,team\na.wav,x\na.wav,y\n"}, "metadata_conflict", ["calls.csv:2", "calls.csv:3"]),
    ({"calls.csv": "file,team\na.wav,x,y\n"}, "metadata_invalid", ["calls.csv:2", "more cells"]),
]


@pytest.mark.parametrize(("files", "code", "told"), BROKEN)
def test_wrong_metadata_reject_their_call_and_no_other(
    tmp_path: Path, files: Mapping[str, str], code: str, told: list[str]
) -> None:
    intake = find_calls([lay(tmp_path, {"a.wav": "1", "b.wav": "2", **files})])
    assert ids(intake) == ["b"]
    assert [(source.call_id, source.failure.code) for source in intake.rejected] == [("a", code)]
    for part in told:
        assert part in str(intake.rejected[0].failure.message)


@pytest.mark.parametrize(
    "table", ["agent,team\n1,2\n", "file,file\na,b\n", "", 'file\n"a.wav\n', b"\x81\xff\xff"]
)
def test_a_table_that_is_none_stops_the_run_with_its_name(tmp_path: Path, table: str | bytes) -> None:
    lay(tmp_path, {"a.wav": "1", "calls.csv": table})
    with pytest.raises(ConfigurationError, match=r"calls\.csv") as caught:
        find_calls([tmp_path])
    assert caught.value.code == "calls_csv_unreadable"


def test_unknown_keys_are_listed_once(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "a.wav": "1",
            "a.json": {"mood": "x", "case_id": "1"},
            "b.wav": "2",
            "b.json": {"mood": "y", "hue": 3},
        },
    )
    assert find_calls([tmp_path]).unknown_keys == ("hue", "mood")


def test_a_time_without_zone_is_read_as_configured(tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1", "a.json": {"start_ts": "2026-03-05 10:15:00"}})
    started = find_calls([tmp_path]).sources[0].call.started_at
    assert started is not None
    assert started.isoformat() == "2026-03-05T10:15:00+08:00"
    refused = find_calls([tmp_path], options=IntakeOptions(timezone=None))
    assert rejections(refused) == [("a.wav", "metadata_invalid")]


def test_an_unknown_zone_stops_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find_calls([tmp_path / "missing"], options=IntakeOptions(timezone="Moon/Base"))
    assert caught.value.code == "timezone_unknown"


# --- what cannot be taken ---


def test_a_missing_path_is_named_with_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    missing = tmp_path / "calls" / "2026" / "a.wav"
    (tmp_path / "calls").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        find_calls([missing])
    assert caught.value.code == "path_not_found"
    values = dict(caught.value.message.values)
    assert Path(values["path"]).name == "a.wav"
    assert Path(values["nearest"]) == tmp_path.resolve() / "calls"


@pytest.mark.parametrize("files", [{}, {"notes.txt": "x"}, {"a.json": {"call_id": "1"}}, {".a.wav": "1"}])
def test_a_folder_without_calls_says_what_was_looked_for(tmp_path: Path, files: Mapping[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find_calls([lay(tmp_path, files)])
    assert caught.value.code == "no_calls_found"
    assert ".wav" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_one_empty_folder_beside_a_full_one_is_fine(tmp_path: Path) -> None:
    lay(tmp_path, {"full/a.wav": "1"})
    (tmp_path / "empty").mkdir()
    assert ids(find_calls([tmp_path / "empty", tmp_path / "full"])) == ["a"]


def test_what_is_no_readable_file_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1"})
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    intake = find_calls([tmp_path])
    assert ids(intake) == ["a"]
    assert rejections(intake) == [("gone.wav", "file_unreadable"), ("pipe.wav", "not_a_recording")]


def test_files_and_folders_without_permission_are_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, {"a.wav": "1", "locked.wav": "2", "closed/b.wav": "3"})
    (tmp_path / "locked.wav").chmod(0)
    (tmp_path / "closed").chmod(0)
    if os.geteuid() == 0:
        # The superuser may read anything, so the answers of the system are put in its mouth.
        access, scandir = os.access, os.scandir

        def refuse(path: str) -> object:
            if str(path).endswith("closed"):
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "access", lambda path, mode: path.name != "locked.wav" and access(path, mode))
        monkeypatch.setattr(os, "scandir", refuse)
    try:
        intake = find_calls([tmp_path])
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert ids(intake) == ["a"]
    assert rejections(intake) == [("closed", "file_unreadable"), ("locked.wav", "file_unreadable")]


@pytest.mark.parametrize("name", ["a.json", "calls.csv"])
def test_metadata_given_alone_are_no_recording(name: str, tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1", name: "{}"})
    assert rejections(find_calls([tmp_path / name])) == [(name, "not_a_recording")]


def test_a_given_file_that_is_no_recording_is_rejected(tmp_path: Path) -> None:
    lay(tmp_path, {"a.wav": "1", "letter.docx": "2"})
    intake = find_calls([tmp_path / "a.wav", tmp_path / "letter.docx"])
    assert (ids(intake), rejections(intake)) == (["a"], [("letter.docx", "not_a_recording")])


def test_a_file_still_growing_waits_for_the_next_run(tmp_path: Path) -> None:
    lay(tmp_path, {"old.wav": "1"})
    (tmp_path / "copied.wav").write_bytes(b"just copied, complete")
    stop = threading.Event()

    def record() -> None:
        with (tmp_path / "running.wav").open("wb", buffering=0) as file:
            while not stop.wait(0.01):
                file.write(b"more")

    recorder = threading.Thread(target=record)
    recorder.start()
    try:
        while not (tmp_path / "running.wav").exists():
            time.sleep(0.01)
        intake = find_calls([tmp_path], options=IntakeOptions(settle_seconds=0.2))
    finally:
        stop.set()
        recorder.join()
    assert ids(intake) == ["copied", "old"]
    assert rejections(intake) == [("running.wav", "file_growing")]
    assert ids(find_calls([tmp_path])) == ["copied", "old", "running"]


def test_old_files_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(seconds: float) -> None:
        raise AssertionError(f"waited {seconds} s")

    monkeypatch.setattr(time, "sleep", never)
    assert ids(find_calls([lay(tmp_path, {"a.wav": "1"})])) == ["a"]


def test_two_thousand_calls_are_listed_in_seconds(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number:04}.wav").write_bytes(b"x" * number)
        if number % 2:
            (tmp_path / f"{number:04}.json").write_text('{"metadata": {"agent_id": "7"}}', encoding="utf-8")
    started = time.perf_counter()
    intake = find_calls([tmp_path])
    # 0.7 s on two cores, most of it the one wait for fresh files; the bound catches growth with the square.
    assert time.perf_counter() - started < 10
    assert len(intake.sources) == 2000


def test_nothing_in_the_folder_is_changed(tmp_path: Path) -> None:
    lay(
        tmp_path, {"a.wav": "1", "a.json": {}, "b/c.wav": "2", "b/d.wav": "2", "calls.csv": "file\nb/c.wav\n"}
    )
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")}
    find_calls([tmp_path])
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")} == before


def test_two_thousand_files_are_listed_in_seconds(tmp_path: Path) -> None:
    rows = ["file,agent_id"]
    for number in range(2_000):
        (tmp_path / f"c{number:04}.mp3").write_bytes(b"%d" % number)
        rows.append(f"c{number:04}.mp3,{number % 20}")
    (tmp_path / "calls.csv").write_text("\n".join(rows), encoding="utf-8")
    began = time.monotonic()
    intake = find_calls([tmp_path], options=IntakeOptions(recent_seconds=0))
    assert len(intake.sources) == 2_000
    assert {source.call.agent_id for source in intake.sources} == {str(number) for number in range(20)}
    # One second on an idle core; the rest is for a machine that is busy with other things.
    assert time.monotonic() - began < 15
