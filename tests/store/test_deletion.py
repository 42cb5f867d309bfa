"""What docs/privacy.md says about deletion: afterwards no word of a call is left in a file of SQLite."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from textwrap import dedent

from qa_pipeline.review.listing import listing_of
from qa_pipeline.store.repository import open_store
from tests.builders import threatening_call

EVERYTHING = "2999-01-01"


def test_the_statements_leave_no_word(tmp_path: Path, repository: Path) -> None:
    page = (repository / "docs" / "privacy.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"^    PRAGMA foreign_keys = ON;\n(?: {4}.+;\n)+", page, re.MULTILINE)
    statements = re.sub(r"'\d{4}-\d\d-\d\d'", f"'{EVERYTHING}'", dedent(written))
    file, call = tmp_path / "qa.db", threatening_call()
    assert call.transcript is not None
    assert call.recording is not None
    with open_store(f"sqlite:///{file}") as store:
        store.save_transcript(call.recording.sound_id, call.transcript)
        store.save(call, fingerprint="f", listing=listing_of(call))
    word = call.transcript.utterances[0].text.encode()
    assert word in file.read_bytes()

    connection = sqlite3.connect(file)
    connection.executescript(statements)
    left = {table for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    kept = {table for table in left if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]}
    connection.close()

    assert word not in file.read_bytes()
    assert kept <= {"qa_schema_version", "call_words_index_config", "call_words_index_data"}
    with open_store(f"sqlite:///{file}") as store:
        assert store.inspection(call.call.call_id) is None
