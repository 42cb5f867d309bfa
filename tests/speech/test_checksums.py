"""Checksums are remembered no longer than the file stays the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from qa_pipeline.speech.checksums import ChecksumMemory, sha256_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(b"weights" * 300_000)
    return path


def test_sha256(file: Path) -> None:
    assert sha256_of(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_did_not_change_is_not_read_again(file: Path, tmp_path: Path) -> None:
    memory = ChecksumMemory(tmp_path / "memory")
    first = memory.sha256(file)
    status = file.stat()
    file.write_bytes(b"WEIGHTS" * 300_000)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert ChecksumMemory(tmp_path / "memory").sha256(file) == first
    assert sha256_of(file) != first


@pytest.mark.parametrize("change", ["bytes", "time", "place"])
def test_a_change_is_noticed(file: Path, tmp_path: Path, change: str) -> None:
    memory = ChecksumMemory(tmp_path / "memory")
    memory.sha256(file)
    if change == "bytes":
        file.write_bytes(b"other")
    elif change == "time":
        file.write_bytes(b"WEIGHTS" * 300_000)
        os.utime(file, ns=(1, 1))
    else:
        file = file.rename(tmp_path / "moved.bin")
        file.write_bytes(b"WEIGHTS" * 300_000)
    assert memory.sha256(file) == sha256_of(file)


@pytest.mark.parametrize("record", ["", "{", "[]", '{"path": 1}'])
def test_a_broken_record_is_replaced(file: Path, tmp_path: Path, record: str) -> None:
    memory = ChecksumMemory(tmp_path / "memory")
    memory.sha256(file)
    (path,) = (tmp_path / "memory").iterdir()
    path.write_text(record, encoding="utf-8")
    assert memory.sha256(file) == sha256_of(file)
    assert len(list((tmp_path / "memory").iterdir())) == 1


def test_a_folder_that_cannot_be_written_only_costs_time(file: Path, tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file, not a folder", encoding="utf-8")
    assert ChecksumMemory(tmp_path / "memory").sha256(file) == sha256_of(file)
