"""What goes wrong with files, disks, servers and processes, and what the store makes of it."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from qa_pipeline.errors import StoreError
from qa_pipeline.store.records import to_document, write_json
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import CallMetadata, CallStatus, Failure, Inspection, message

Inspect = Callable[..., Inspection]
RunScript = Callable[..., "subprocess.Popen[str]"]


def code_of(url: str, **options: int) -> tuple[str, str]:
    with pytest.raises(StoreError) as raised:
        open_store(url, **options)
    assert raised.value.exit_status == 2
    return raised.value.code, str(raised.value)


def test_file_and_folder_are_their_owners_alone(tmp_path: Path, inspect: Inspect) -> None:
    before = os.umask(0o022)
    try:
        with open_store(f"sqlite:///{tmp_path}/数据 100%/qa.db") as store:
            store.save(inspect(), fingerprint="f")
            files = {
                path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "数据 100%").iterdir()
            }
    finally:
        os.umask(before)
    assert files == {"qa.db": 0o600, "qa.db-wal": 0o600, "qa.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "数据 100%").stat().st_mode) == 0o700


def test_sqlite_is_set_for_many_readers_and_a_writer(sqlite_url: str) -> None:
    with open_store(sqlite_url, busy_timeout_ms=1234) as store, store._database.reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 1234}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "qa.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:qa.db?mode=ro&uri=true",
        "mysql://u:hush@h/d",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    code, said = code_of(url)
    assert code == "store_url"
    assert "sqlite:////folder/qa.db" in said
    assert "hush" not in said


def test_a_locked_store_says_so(sqlite_url: str, inspect: Inspect) -> None:
    with open_store(sqlite_url, busy_timeout_ms=50) as store:
        other = sqlite3.connect(store._database.place)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as raised:
            store.save(inspect("c1"), fingerprint="f")
        assert store.inspection("c1") is None
        other.rollback()
        other.close()
        store.save(inspect("c1"), fingerprint="f")
    assert raised.value.code == "store_locked"
    assert "qa.db" in str(raised.value)


def test_a_blank_file_held_by_another_process_says_so(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    assert code_of(sqlite_url, busy_timeout_ms=50)[0] == "store_locked"
    other.close()


def test_a_full_disk_says_so_and_harms_nothing(sqlite_url: str, inspect: Inspect) -> None:
    with open_store(sqlite_url) as store:
        store.save(inspect("c1"), fingerprint="f1")

        @event.listens_for(store._database._engine, "begin")
        def leave_no_room(connection: object) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

        with pytest.raises(StoreError) as raised:
            store.save(inspect("c1", findings=2000), fingerprint="f2")
        assert raised.value.code == "store_full"
        assert "Free space" in str(raised.value)
    with open_store(sqlite_url) as store:
        assert store.inspection("c1") == inspect("c1")
        assert store.fingerprints(["c1"]) == {"c1": "f1"}


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that a user without rights can reach; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


# Root may write anywhere, so root asks as nobody; what is imported late must be there before.
OPEN_WITHOUT_RIGHTS = """
import os, sys
from qa_pipeline.errors import StoreError
from qa_pipeline.store.repository import open_store

open_store(sys.argv[1]).close()
if os.geteuid() == 0:
    os.setuid(65534)
try:
    open_store(sys.argv[2])
except StoreError as error:
    print(error.code)
"""


@pytest.mark.parametrize("place", ["folder", "file"])
def test_a_store_without_write_permission_says_so(
    place: str, shared_folder: Path, run_script: RunScript, sqlite_url: str
) -> None:
    path = shared_folder / "qa.db"
    if place == "file":
        open_store(f"sqlite:///{path}").close()
        path.chmod(0o444)
    shared_folder.chmod(0o555)
    out, err = run_script(OPEN_WITHOUT_RIGHTS, sqlite_url, f"sqlite:///{path}").communicate()
    shared_folder.chmod(0o755)
    assert out == "store_unwritable\n", err


def test_no_place_for_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = code_of(f"sqlite:///{tmp_path}/file/qa.db")
    assert code == "store_unreachable"
    assert str(tmp_path) in said
    assert code_of(f"sqlite:///{tmp_path}")[0] == "store_unreachable"


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "qa.db"
    path.write_bytes(b"RIFF" + bytes(4096))
    assert code_of(f"sqlite:///{path}")[0] == "store_damaged"
    assert path.read_bytes() == b"RIFF" + bytes(4096)


def test_a_server_that_is_not_there_says_so_without_the_password() -> None:
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    code, said = code_of("postgresql://qa:hush@127.0.0.1:1/qa")
    assert code == "store_unreachable"
    assert "127.0.0.1:1" in said
    assert "hush" not in said


def test_a_database_that_is_not_there_says_so(postgresql_url: str) -> None:
    code, said = code_of(postgresql_url.replace("/postgres?", "/no_such_database?"))
    assert (code, "no_such_database" in said) == ("store_unreachable", True)


def test_a_missing_driver_says_what_to_install(run_script: RunScript) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from qa_pipeline.errors import StoreError\n"
        "from qa_pipeline.store.repository import open_store\n"
        "try: open_store('postgresql://qa:hush@127.0.0.1:1/qa')\n"
        "except StoreError as error: print(error)\n"
    )
    out, err = run_script(code).communicate()
    assert out.startswith("[store_driver_missing]"), err
    assert 'pip install "qa-pipeline[postgresql]"' in out
    assert "hush" not in out


KILL_AT_EVERY_STEP = """
import json, os, signal, sys
from pathlib import Path
from sqlalchemy import event
from qa_pipeline.store.records import from_document
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Inspection

url, *names = sys.argv[1:]
old, new = (from_document(Inspection, json.loads(Path(name).read_text())) for name in names)

def save_and_die(step):
    store = open_store(url)
    engine = store._database._engine
    done = 0
    def count(*_):
        nonlocal done
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    run_id = store.start_run("audit", {})
    done = 0
    store.save(new, fingerprint="new", run_id=run_id)
    os._exit(0)

step = 0
while True:
    child = os.fork()
    if child == 0:
        save_and_die(step)
    _, status = os.waitpid(child, 0)
    with open_store(url) as store:
        found, fingerprint = store.inspection(old.call.call_id), store.fingerprints([old.call.call_id])
        with store._database.reading() as connection:
            rows = [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
                    for table in ("calls", "inspections", "findings", "criteria", "failures")]
    print(json.dumps([os.waitstatus_to_exitcode(status), found == old, found == new, fingerprint, rows]))
    if os.waitstatus_to_exitcode(status) == 0:
        break
    step += 1
"""


def test_a_process_killed_while_saving_leaves_the_old_or_the_new(
    store_url: str, inspect: Inspect, run_script: RunScript, tmp_path: Path
) -> None:
    old = inspect("c1", findings=3)
    reason = Failure(code="audio_truncated", message=message("cut"))
    new = inspect("c1", findings=5, score=10.0, failure=reason)
    with open_store(store_url) as store:
        store.save(old, fingerprint="old")
    for name, inspection in (("old", old), ("new", new)):
        (tmp_path / name).write_text(write_json(to_document(inspection)))
    process = run_script(KILL_AT_EVERY_STEP, store_url, str(tmp_path / "old"), str(tmp_path / "new"))
    out, err = process.communicate()
    assert process.returncode == 0, err
    *killed, last = [json.loads(line) for line in out.splitlines()]
    # Call, deletion, inspection, findings, criteria, failure, commit; SQLite also has its BEGIN.
    assert len(killed) >= 7
    assert killed == [[-9, True, False, {"c1": "old"}, [1, 1, 3, 2, 0]]] * len(killed)
    assert last == [0, False, True, {"c1": "new"}, [1, 1, 5, 2, 1]]


WRITE_MANY = """
import json, sys
from dataclasses import replace
from pathlib import Path
from qa_pipeline.store.records import from_document
from qa_pipeline.store.repository import open_store
from qa_pipeline.types import Inspection

inspection = from_document(Inspection, json.loads(Path(sys.argv[2]).read_text()))
with open_store(sys.argv[1]) as store:
    run_id = store.start_run("audit", {})
    for number in range(60):
        call = replace(inspection.call, call_id=f"c{number % 20}")
        part = inspection.findings[: number % 4]
        store.save(replace(inspection, call=call, findings=part), fingerprint=sys.argv[3], run_id=run_id)
        store.save_transcript("a" * 64, inspection.transcript)
    store.finish_run(run_id, {"calls": 60})
"""


def test_processes_may_write_at_once(
    store_url: str,
    inspect: Inspect,
    run_script: RunScript,
    tmp_path: Path,
    count_rows: Callable[[str], int],
) -> None:
    open_store(store_url).close()
    (tmp_path / "one").write_text(write_json(to_document(inspect(findings=4))))
    processes = [
        run_script(WRITE_MANY, store_url, str(tmp_path / "one"), f"by {number}") for number in range(3)
    ]
    assert [(each.communicate()[1], each.returncode) for each in processes] == [("", 0)] * 3
    with open_store(store_url) as store:
        kept = list(store.inspections())
        assert len(kept) == 20
        assert count_rows("findings") == sum(len(each.findings) for each in kept)
        assert [run.counts for run in store.runs()] == [{"calls": 60}] * 3


def test_a_call_without_anything_is_saved(sqlite_url: str) -> None:
    bare = Inspection(call=CallMetadata(call_id="c1"), uri=None, status=CallStatus.EXCLUDED)
    with open_store(sqlite_url) as store:
        store.save(bare, fingerprint="f")
        assert store.inspection("c1") == bare
