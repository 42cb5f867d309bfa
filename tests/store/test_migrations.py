"""The schema: made from nothing, equal to the tables, and never touched when it is not ours."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from qa_pipeline.errors import StoreError
from qa_pipeline.store import migrations
from qa_pipeline.store.repository import open_store
from qa_pipeline.store.tables import HEAD, REVISIONS, VERSION_TABLE, Base

OPEN = "import sys; from qa_pipeline.store.repository import open_store; open_store(sys.argv[1]).close();"

EXPECTED_COLUMNS = {
    "accounts": "name role agent_id team password_hash must_change_password disabled created_at",
    "audit_log": "seq at account action subject detail address",
    "call_words": "number call_id words",
    "calls": "call_id uri recording_sha256 duration_ms agent_id team started_at",
    "claims": "call_id owner expires_at",
    "criteria": "call_id position criterion_id outcome points potential",
    "failures": "run_id call_id code document",
    "findings": "call_id position key rule_id rule_version category outcome severity confidence match"
    " start_ms end_ms",
    "inspections": "call_id run_id fingerprint saved_at status call_type grade score fatal provisional"
    " document",
    "qa_schema_version": "version_num",
    "retries": "call_id fingerprint code failures failed_at quarantined_at",
    "role_corrections": "id call_id corrected_by corrected_at document",
    "listings": "call_id listed_at agent_id team started_at duration_ms status call_type layout score grade"
    " severity risk doubt priority control words_number state seq reviewed_score reviewed_grade reviewers"
    " assigned_to assigned_at",
    "reviews": "call_id seq id action reviewer at document",
    "runs": "run_id kind options started_at finished_at counts",
    "sessions": "digest account created_at seen_at",
    "sign_in_failures": "id subject at",
    "transcripts": "sha256 options_digest saved_at document",
}

SEARCH_INDEX = "call_words_index"
"""SQLite's full text index and what it keeps for itself; PostgreSQL's is a GIN index."""


def test_a_blank_database_gets_exactly_these_columns(store_url: str) -> None:
    open_store(store_url).close()
    engine = create_engine(store_url)
    found = inspect(engine)
    columns = {
        table: " ".join(column["name"] for column in found.get_columns(table))
        for table in found.get_table_names()
        if not table.startswith(SEARCH_INDEX)
    }
    engine.dispose()
    assert columns == EXPECTED_COLUMNS


def test_the_migrated_schema_is_the_schema_of_the_tables(store_url: str) -> None:
    open_store(store_url).close()
    engine = create_engine(store_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _: not (name or "").startswith(SEARCH_INDEX),
                "include_object": lambda one, name, *_: name != "ix_call_words_words",
            },
        )
        assert compare_metadata(context, Base.metadata) == []
        found = inspect(connection)
        for name, table in Base.metadata.tables.items():
            assert found.get_pk_constraint(name)["name"] == f"pk_{name}"
            assert {key["name"] for key in found.get_foreign_keys(name)} == {
                each.name for each in table.foreign_key_constraints
            }
            actions = {key["name"]: key["options"].get("ondelete") for key in found.get_foreign_keys(name)}
            assert actions == {each.name: each.ondelete for each in table.foreign_key_constraints}
    engine.dispose()


def test_every_revision_is_listed_in_order() -> None:
    scripts = ScriptDirectory.from_config(migrations.configuration())
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS
    assert scripts.get_current_head() == HEAD


def set_revision(url: str, revision: str | None) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {VERSION_TABLE}"))
        if revision:
            connection.execute(
                text(f"INSERT INTO {VERSION_TABLE} VALUES (:revision)"), {"revision": revision}
            )
    engine.dispose()


def test_a_newer_store_is_left_alone(store_url: str) -> None:
    open_store(store_url).close()
    set_revision(store_url, "9999")
    with pytest.raises(StoreError) as raised:
        open_store(store_url)
    assert raised.value.code == "store_newer"
    assert "9999" in str(raised.value)
    assert "Update qa_pipeline" in str(raised.value)


def test_tables_of_another_program_are_left_alone(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE calls (number INTEGER)"))
    with pytest.raises(StoreError) as raised:
        open_store(store_url)
    assert raised.value.code == "store_foreign"
    assert "calls" in str(raised.value)
    assert inspect(engine).get_table_names() == ["calls"]
    engine.dispose()


def test_a_failed_migration_leaves_nothing_behind(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = migrations.upgrade

    def upgrade_and_stop(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "upgrade", upgrade_and_stop)
        with pytest.raises(StoreError, match="store_full"):
            open_store(store_url)
    engine = create_engine(store_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    with open_store(store_url) as store:
        assert store.runs() == ()


def test_an_open_store_needs_no_alembic(
    store_url: str, run_script: Callable[..., subprocess.Popen[str]]
) -> None:
    code = OPEN + "print('alembic' in sys.modules)"
    answers = [run_script(code, store_url).communicate()[0].strip() for _ in ("blank", "ready")]
    assert answers == ["True", "False"]


def test_many_processes_may_meet_a_blank_store(
    store_url: str, run_script: Callable[..., subprocess.Popen[str]]
) -> None:
    processes = [run_script(OPEN, store_url) for _ in range(3)]
    assert [(each.communicate()[1], each.returncode) for each in processes] == [("", 0)] * 3


def test_only_one_of_two_makes_the_schema(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = migrations.upgrade
    meeting = threading.Barrier(2, timeout=1.0)
    made: list[object] = []

    def upgrade_together(connection: object) -> None:
        made.append(connection)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait()
        upgrade(connection)  # type: ignore[arg-type]

    monkeypatch.setattr(migrations, "upgrade", upgrade_together)
    with ThreadPoolExecutor(2) as pool:
        for store in pool.map(open_store, [store_url] * 2):
            store.close()
    assert len(made) == 1
